package social

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// YouTube reads channels.list?part=statistics of the YouTube Data API v3
// (developers.google.com/youtube/v3/docs/channels, fields checked in November
// 2026): one unit of the 10,000 that a key has a day. Counts are JSON strings;
// above 1,000 the number of subscribers is rounded down to three digits. A
// channel that isn't there is an answer without items.
type YouTube struct{}

const youtubeAPI = "https://www.googleapis.com/youtube/v3"

var (
	youtubeID     = regexp.MustCompile(`^UC[A-Za-z0-9_-]{22}$`)
	youtubeHandle = regexp.MustCompile(`^@[\p{L}\p{M}\p{N}_.·-]{2,60}$`)
)

// Network is "youtube".
func (YouTube) Network() string { return "youtube" }

// About is for people.
func (YouTube) About() About {
	return About{
		Name: "YouTube", Example: "@alice",
		Handle: metric.Text{EN: "The channel’s handle, its ID (UC…), or its address.", FR: "Le nom de la chaîne, son identifiant (UC…) ou son adresse."},
		Secret: Required, SecretName: metric.Text{EN: "API key", FR: "Clé d’API"},
		SecretHelp: metric.Text{
			EN: "Google Cloud console → APIs & Services → enable YouTube Data API v3 → Credentials → API key. Free.",
			FR: "Console Google Cloud → API et services → activer YouTube Data API v3 → Identifiants → Clé d’API. Gratuit.",
		},
		Rounded: metric.Text{EN: "YouTube rounds counts above 1,000 down to three digits.", FR: "YouTube arrondit les nombres au-delà de 1 000 à trois chiffres, vers le bas."},
	}
}

// Parse takes @handle, handle, a channel's ID, and addresses with them.
func (YouTube) Parse(input string) (Account, bool) {
	name := strings.TrimSpace(input)
	if path, ok := inAddress(name, "youtube.com"); ok {
		name, _ = strings.CutPrefix(path, "channel/")
		name, _, _ = strings.Cut(name, "/")
		if !strings.HasPrefix(name, "@") && !youtubeID.MatchString(name) {
			return Account{}, false // …/c/name and …/user/name are not handles
		}
	}
	if youtubeID.MatchString(name) {
		return Account{Handle: name}, true
	}
	name = "@" + strings.ToLower(strings.TrimPrefix(name, "@"))
	return Account{Handle: name}, youtubeHandle.MatchString(name)
}

// Host is Google's.
func (YouTube) Host(a Account) string { return hostOf(a.base(youtubeAPI)) }

// Read asks for the channel's statistics.
func (YouTube) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	which := "forHandle"
	if youtubeID.MatchString(a.Handle) {
		which = "id"
	}
	var answer struct {
		Items []struct {
			Statistics struct {
				Subscribers *uint64 `json:"subscriberCount,string"`
				Hidden      bool    `json:"hiddenSubscriberCount"`
				Videos      *uint64 `json:"videoCount,string"`
			} `json:"statistics"`
		} `json:"items"`
	}
	pause, err := askJSON(ctx, client, request{
		url:    a.base(youtubeAPI) + "/channels?part=statistics&" + which + "=" + url.QueryEscape(a.Handle),
		header: map[string]string{"X-Goog-Api-Key": strings.TrimSpace(a.Secret)},
	}, &answer)
	if status, body := refusal(err); status == http.StatusBadRequest && strings.Contains(body, "API_KEY_INVALID") {
		return Reading{}, instead(err, Unauthorized, 0)
	} else if status == http.StatusForbidden && (strings.Contains(body, "quotaExceeded") || strings.Contains(body, "rateLimitExceeded")) {
		return Reading{}, instead(err, RateLimited, time.Hour) // the quota comes back at midnight in California
	}
	if err != nil {
		return Reading{}, err
	}
	if len(answer.Items) == 0 {
		return Reading{}, &Error{Problem: NotFound, Err: errors.New("the answer has no channel")}
	}
	s := answer.Items[0].Statistics
	if s.Hidden {
		return Reading{}, &Error{Problem: Hidden, Err: errors.New("the channel hides its subscribers")}
	}
	r, err := reading(s.Subscribers, nil, s.Videos, pause)
	r.Rounded = r.Followers >= 1000
	return r, err
}
