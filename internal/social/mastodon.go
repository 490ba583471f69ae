package social

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// Mastodon reads Mastodon and the servers that speak its API (GoToSocial,
// Pleroma, Pixelfed and others): GET /api/v1/accounts/lookup?acct=, documented
// for Mastodon 3.4 and later (docs.joinmastodon.org/methods/accounts, read in
// November 2026). Most servers answer without a token; the others answer 401
// until the account has one. The limit is 300 requests in five minutes, told
// by X-RateLimit-Remaining and X-RateLimit-Reset (an ISO 8601 time).
type Mastodon struct{}

var fediverseHandle = regexp.MustCompile(`^@?([A-Za-z0-9_][A-Za-z0-9_.-]*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?)$`)

// Network is "mastodon".
func (Mastodon) Network() string { return "mastodon" }

// About is for people.
func (Mastodon) About() About {
	return About{
		Name: "Mastodon", Example: "@alice@mastodon.social", Server: Optional, Secret: Optional,
		SecretName: metric.Text{EN: "Access token", FR: "Jeton d’accès"},
		SecretHelp: metric.Text{
			EN: "Only where the server asks for one: Preferences → Development → New application, scope read:accounts.",
			FR: "Seulement si le serveur en demande un : Préférences → Développement → Nouvelle application, portée read:accounts.",
		},
	}
}

// Parse takes @user@host and https://host/@user.
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
	return Account{Handle: "@" + m[1] + "@" + strings.ToLower(m[2])}, true
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
		Followers *uint64 `json:"followers_count"`
		Following *uint64 `json:"following_count"`
		Posts     *uint64 `json:"statuses_count"`
	}
	pause, err := getJSON(ctx, client, m.server(a)+"/api/v1/accounts/lookup?acct="+url.QueryEscape(user), a.Secret, &answer)
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Followers, answer.Following, answer.Posts, pause)
}
