package social

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// Mastodon reads Mastodon and the servers that speak its API (GoToSocial,
// Pleroma, Pixelfed and others): GET /api/v1/accounts/lookup?acct=, documented
// for Mastodon 3.4 and later (docs.joinmastodon.org/methods/accounts, read in
// November 2026). Most servers answer without a token; the others answer 401
// until the account has one. A moved account keeps the followers who didn't
// come along, and a suspended one may show none (…/entities/Account): neither
// is a reading. The limit is 300 requests in five minutes, told by
// X-RateLimit-Remaining and X-RateLimit-Reset (an ISO 8601 time;
// …/api/rate-limits). Posts are GET /api/v1/accounts/:id/statuses of the same
// documentation, 40 at most.
type Mastodon struct{}

var fediverseHandle = regexp.MustCompile(`^@?([A-Za-z0-9_][A-Za-z0-9_.-]*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?)$`)

// Network is "mastodon".
func (Mastodon) Network() string { return "mastodon" }

// About is for people.
func (Mastodon) About() About {
	return About{
		Name: "Mastodon", Example: "@alice@mastodon.social", Server: Optional, Secret: Optional,
		SecretName: accessToken,
		SecretHelp: metric.Text{
			EN: "Only where the server asks for one: Preferences → Development → New application, scopes read:accounts and read:statuses.",
			FR: "Seulement si le serveur en demande un : Préférences → Développement → Nouvelle application, portées read:accounts et read:statuses.",
		},
	}
}

// Parse takes @user@host and https://host/@user. Servers find a user whatever
// the case of the name.
func (Mastodon) Parse(input string) (Account, bool) {
	input = strings.TrimSpace(input)
	if host, path, ok := profileURL(input); ok {
		if user, found := strings.CutPrefix(path, "@"); found && user != "" && !strings.ContainsAny(user, "/") {
			input = user
			if !strings.Contains(user, "@") { // https://host/@user@elsewhere is elsewhere's
				input = user + "@" + host
			}
		}
	}
	m := fediverseHandle.FindStringSubmatch(input)
	if m == nil {
		return Account{}, false
	}
	return Account{Handle: strings.ToLower("@" + m[1] + "@" + m[2])}, true
}

// Host is the account's server.
func (m Mastodon) Host(a Account) string { return hostOf(m.server(a)) }

func (Mastodon) server(a Account) string {
	_, host, _ := strings.Cut(strings.TrimPrefix(a.Handle, "@"), "@")
	return a.base("https://" + host)
}

// Read asks the account's own server: others may have old counts.
func (m Mastodon) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	user, _, _ := strings.Cut(strings.TrimPrefix(a.Handle, "@"), "@")
	var answer struct {
		ID        string  `json:"id"`
		Followers *uint64 `json:"followers_count"`
		Following *uint64 `json:"following_count"`
		Posts     *uint64 `json:"statuses_count"`
		Suspended bool    `json:"suspended"`
		Moved     *struct {
			Account string `json:"acct"`
		} `json:"moved"`
	}
	pause, err := getJSON(ctx, client, m.server(a)+"/api/v1/accounts/lookup?acct="+url.QueryEscape(user), a.Secret, &answer)
	if err != nil {
		return Reading{}, err
	}
	if answer.Suspended {
		return Reading{}, &Error{Problem: NotFound, Err: errors.New("the account is suspended")}
	}
	if answer.Moved != nil {
		return Reading{}, &Error{Problem: NotFound, Err: fmt.Errorf("the account has moved to %q", answer.Moved.Account)}
	}
	r, err := reading(answer.Followers, answer.Following, answer.Posts, pause)
	r.found = answer.ID
	return r, err
}

// Posts asks for statuses. With a token of the account's own the answer has
// its private ones too: they are left out.
func (m Mastodon) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	var answer []struct {
		ID         string  `json:"id"`
		Created    moment  `json:"created_at"`
		URL        string  `json:"url"`
		Visibility string  `json:"visibility"`
		Warning    string  `json:"spoiler_text"`
		Content    string  `json:"content"`
		Replies    *uint64 `json:"replies_count"`
		Reblogs    *uint64 `json:"reblogs_count"`
		Favourites *uint64 `json:"favourites_count"`
		Card       *struct {
			URL string `json:"url"`
		} `json:"card"`
	}
	pause, err := getJSON(ctx, client, m.server(a)+"/api/v1/accounts/"+url.PathEscape(r.found)+"/statuses?limit=40&exclude_reblogs=true&exclude_replies=true", a.Secret, &answer)
	if status, body := refusal(err); status == http.StatusUnprocessableEntity && strings.Contains(body, "authenticated user") {
		err = instead(err, Unauthorized, 0)
	}
	var posts []Post
	for _, s := range answer {
		if s.Visibility != "public" && s.Visibility != "unlisted" {
			continue
		}
		text, links := inHTML(s.Content)
		if s.Card != nil {
			links = append(links, s.Card.URL)
		}
		posts = append(posts, Post{
			ID: s.ID, Published: s.Created.Time, URL: s.URL, Text: strings.TrimSpace(s.Warning + " " + text), Links: links,
			Likes: s.Favourites, Comments: s.Replies, Reposts: s.Reblogs,
		})
	}
	return posts, pause, err
}
