package social

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Twitch reads helix/users?login= and helix/channels/followers?broadcaster_id=
// (dev.twitch.tv/docs/api/reference#get-channel-followers, checked in November
// 2026 against client libraries that quote it) with an app's own token of
// client credentials: without moderator:read:followers the answer has the total
// alone, which is what is wanted. Limits come as Ratelimit-Remaining and
// Ratelimit-Reset (seconds since 1970; …/docs/api/guide, from memory).
type Twitch struct{}

const (
	twitchAPI    = "https://api.twitch.tv"
	twitchTokens = "https://id.twitch.tv"
)

var twitchName = regexp.MustCompile(`^[a-z0-9][a-z0-9_]{2,24}$`)

// Network is "twitch".
func (Twitch) Network() string { return "twitch" }

// About is for people.
func (Twitch) About() About {
	return About{
		Name: "Twitch", Example: "alice", Secret: Required, SecretName: text.Text{EN: "Client ID:secret", FR: "Identifiant client:secret"},
		SecretHelp: text.Text{
			EN: "dev.twitch.tv/console → Register your application: its client ID, a colon, its secret. Free.",
			FR: "dev.twitch.tv/console → enregistrez une application : son identifiant client, deux-points, son secret. Gratuit.",
		},
	}
}

// Parse takes a name and the channel's address.
func (Twitch) Parse(input string) (Account, bool) {
	return nameOn(input, twitchName, profiles{[]string{"twitch.tv"}, "directory videos search settings downloads login p"})
}

// Host is Twitch's.
func (Twitch) Host(a Account) string { return hostOf(a.base(twitchAPI)) }

// Read gets a token, finds the channel's number and asks for its followers.
func (Twitch) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	token, err := clientToken(ctx, client, a, a.base(twitchTokens)+"/oauth2/token", false)
	if err != nil {
		return Reading{}, err
	}
	id, _, _ := strings.Cut(strings.TrimSpace(a.Secret), ":")
	header := map[string]string{"Authorization": "Bearer " + token, "Client-Id": id}
	var users struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if _, err := askJSON(ctx, client, request{url: a.base(twitchAPI) + "/helix/users?login=" + url.QueryEscape(a.Handle), header: header}, &users); err != nil {
		return Reading{}, err
	}
	if len(users.Data) == 0 {
		return Reading{}, &Error{Problem: NotFound, Err: errors.New("the answer has no user")}
	}
	var answer struct {
		Total count `json:"total"`
	}
	pause, err := askJSON(ctx, client, request{url: a.base(twitchAPI) + "/helix/channels/followers?first=1&broadcaster_id=" + url.QueryEscape(users.Data[0].ID), header: header}, &answer)
	if err != nil {
		return Reading{}, err
	}
	r, err := reading(answer.Total.n, nil, nil, pause)
	r.ID = users.Data[0].ID
	return r, err
}
