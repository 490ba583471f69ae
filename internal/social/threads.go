package social

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// Threads reads /me/threads_insights?metric=followers_count of the Threads API
// v1.0 (developers.facebook.com/docs/threads/insights, of 30 January 2026),
// which says it of the token's own account alone. The token goes in the query:
// the documentation knows no header.
type Threads struct{}

const threadsAPI = "https://graph.threads.net"

// Network is "threads".
func (Threads) Network() string { return "threads" }

// About is for people.
func (Threads) About() About {
	return About{
		Name: "Threads", Example: "@alice", Secret: Required, SecretName: metric.Text{EN: "Access token", FR: "Jeton d’accès"},
		SecretHelp: metric.Text{
			EN: "developers.facebook.com → your app → Threads → User token generator, permissions threads_basic and threads_manage_insights. Lasts 60 days.",
			FR: "developers.facebook.com → votre application → Threads → générateur de jetons, autorisations threads_basic et threads_manage_insights. Dure 60 jours.",
		},
	}
}

var threadsName = regexp.MustCompile(`^[a-z0-9_.]{1,30}$`)

// Parse takes @name, name and the profile's address.
func (Threads) Parse(input string) (Account, bool) {
	return nameOn(input, threadsName, "threads.com", "threads.net")
}

// Host is Meta's.
func (Threads) Host(a Account) string { return hostOf(a.base(threadsAPI)) }

// Read asks whose the token is, then for the count.
func (Threads) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	ask := func(path string, q url.Values, into any) (Reading, error) {
		q.Set("access_token", strings.TrimSpace(a.Secret))
		pause, err := getJSON(ctx, client, a.base(threadsAPI)+"/v1.0"+path+"?"+q.Encode(), "", into)
		if err != nil {
			return Reading{}, graphError(err)
		}
		return Reading{Pause: pause}, nil
	}
	var me struct {
		Username string `json:"username"`
	}
	if _, err := ask("/me", url.Values{"fields": {"id,username"}}, &me); err != nil {
		return Reading{}, err
	}
	if !sameName(me.Username, a.Handle) {
		return Reading{}, &Error{Problem: OtherAccount, Err: fmt.Errorf("the token is %q's", me.Username)}
	}
	var insights struct {
		Data []struct {
			Name  string `json:"name"`
			Total struct {
				Value *uint64 `json:"value"`
			} `json:"total_value"`
		} `json:"data"`
	}
	r, err := ask("/me/threads_insights", url.Values{"metric": {"followers_count"}}, &insights)
	if err != nil {
		return Reading{}, err
	}
	for _, d := range insights.Data {
		if d.Name == "followers_count" {
			return reading(d.Total.Value, nil, nil, r.Pause)
		}
	}
	return Reading{}, &Error{Problem: Unreadable, Err: errors.New("the answer has no followers_count")}
}
