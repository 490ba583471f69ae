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

// X reads GET /2/users/by/username/:username?user.fields=public_metrics of the
// X API v2 (docs.x.com/x-api/users/lookup, read in November 2026) with an
// app's bearer token, which X sells. An account that isn't there, or is
// suspended, is a 200 with "errors" and no "data". Limits come as
// x-rate-limit-remaining and x-rate-limit-reset (seconds since 1970).
type X struct{}

const xAPI = "https://api.x.com"

var xName = regexp.MustCompile(`^[a-z0-9_]{1,15}$`)

// Network is "x".
func (X) Network() string { return "x" }

// About is for people.
func (X) About() About {
	return About{
		Name: "X", Example: "@alice", Secret: Required, SecretName: metric.Text{EN: "Bearer token", FR: "Jeton « Bearer »"},
		SecretHelp: metric.Text{
			EN: "developer.x.com → your app → Keys and tokens. X charges for its API.",
			FR: "developer.x.com → votre application → Keys and tokens. L’API de X est payante.",
		},
	}
}

// Parse takes @name, name and the profile's address.
func (X) Parse(input string) (Account, bool) { return nameOn(input, xName, "x.com", "twitter.com") }

// Host is X's.
func (X) Host(a Account) string { return hostOf(a.base(xAPI)) }

// Read asks for the user's public metrics.
func (X) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var answer struct {
		Data *struct {
			Metrics struct {
				Followers *uint64 `json:"followers_count"`
				Following *uint64 `json:"following_count"`
				Posts     *uint64 `json:"tweet_count"`
			} `json:"public_metrics"`
		} `json:"data"`
		Errors []struct {
			Type  string `json:"type"`
			Title string `json:"title"`
		} `json:"errors"`
	}
	pause, err := getJSON(ctx, client, a.base(xAPI)+"/2/users/by/username/"+url.PathEscape(a.Handle)+"?user.fields=public_metrics", strings.TrimSpace(a.Secret), &answer)
	if _, body := refusal(err); strings.Contains(body, "usage-capped") || strings.Contains(body, "credits") {
		return Reading{}, instead(err, RateLimited, 6*time.Hour) // what was paid for is used up
	}
	if err != nil {
		return Reading{}, err
	}
	if answer.Data == nil {
		for _, e := range answer.Errors {
			if strings.HasSuffix(e.Type, "/resource-not-found") || e.Title == "Forbidden" { // suspended
				return Reading{}, &Error{Problem: NotFound, Err: errors.New(e.Title)}
			}
		}
		return Reading{}, &Error{Problem: Unreadable, Err: errors.New("the answer has no user")}
	}
	m := answer.Data.Metrics
	return reading(m.Followers, m.Following, m.Posts, pause)
}
