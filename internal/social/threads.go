package social

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Threads reads /me/threads_insights?metric=followers_count of the Threads API
// v1.0 (developers.facebook.com/docs/threads/insights, of 30 January 2026),
// which says it of the token's own account alone. The token goes in the query:
// the documentation knows no header. Posts are /me/threads, and each one's
// figures /{id}/insights of the same documentation, which is empty for what was
// passed on (REPOST_FACADE): a request a post, so the 20 newest are read. That
// insights could be asked for within the list is nowhere documented.
type Threads struct{}

const (
	threadsAPI   = "https://graph.threads.net"
	threadsPosts = 20
)

// Network is "threads".
func (Threads) Network() string { return "threads" }

// About is for people.
func (Threads) About() About {
	return About{
		Name: "Threads", Example: "@alice", Secret: Required, SecretName: accessToken,
		SecretHelp: text.Text{
			EN: "developers.facebook.com → your app → Threads → User token generator, permissions threads_basic and threads_manage_insights. It is renewed by itself.",
			FR: "developers.facebook.com → votre application → Threads → générateur de jetons, autorisations threads_basic et threads_manage_insights. Il se renouvelle tout seul.",
		},
	}
}

var threadsName = regexp.MustCompile(`^[a-z0-9_.]{1,30}$`)

// Parse takes @name, name and the profile's address.
func (Threads) Parse(input string) (Account, bool) {
	return nameOn(input, threadsName, profiles{[]string{"threads.com", "threads.net"}, "t intent search login"})
}

// Host is Meta's.
func (Threads) Host(a Account) string { return hostOf(a.base(threadsAPI)) }

// Read asks whose the token is, then for the count.
func (t Threads) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var me struct {
		Username string `json:"username"`
	}
	if _, err := t.ask(ctx, client, a, "/me", url.Values{"fields": {"id,username"}}, &me); err != nil {
		return Reading{}, err
	}
	if !sameName(me.Username, a.Handle) {
		return Reading{}, &Error{Problem: OtherAccount, Err: fmt.Errorf("the token is %q's", me.Username)}
	}
	var insights graphInsights
	pause, err := t.ask(ctx, client, a, "/me/threads_insights", url.Values{"metric": {"followers_count"}}, &insights)
	if err != nil {
		return Reading{}, err
	}
	return reading(insights.count("followers_count"), nil, nil, pause)
}

// Renew renews the token (…/docs/threads/get-started/long-lived-tokens, read in
// November 2026).
func (Threads) Renew(ctx context.Context, client *http.Client, a Account) (string, error) {
	return renewedToken(ctx, client, a.base(threadsAPI), "th_refresh_token", a.Secret)
}

func (Threads) ask(ctx context.Context, client *http.Client, a Account, path string, q url.Values, into any) (time.Duration, error) {
	q.Set("access_token", strings.TrimSpace(a.Secret))
	pause, err := getJSON(ctx, client, a.base(threadsAPI)+"/v1.0"+path+"?"+q.Encode(), "", into)
	return pause, graphError(err)
}

// Posts asks for the posts, then for the figures of each.
func (t Threads) Posts(ctx context.Context, client *http.Client, a Account, _ Reading) (posts []Post, pause time.Duration, err error) {
	var answer struct {
		Data tolerant[struct {
			ID      string `json:"id"`
			Created moment `json:"timestamp"`
			Address string `json:"permalink"`
			Text    string `json:"text"`
			Link    string `json:"link_attachment_url"`
			Kind    string `json:"media_type"`
		}] `json:"data"`
	}
	pause, err = t.ask(ctx, client, a, "/me/threads", url.Values{"fields": {"id,timestamp,permalink,text,link_attachment_url,media_type"}, "limit": {strconv.Itoa(threadsPosts)}}, &answer)
	for _, p := range answer.Data {
		if err != nil || pause > 0 {
			break
		}
		if p.Kind == "REPOST_FACADE" { // another's post, passed on
			continue
		}
		var figures graphInsights
		pause, err = t.ask(ctx, client, a, "/"+url.PathEscape(p.ID)+"/insights", url.Values{"metric": {"views,likes,replies,reposts"}}, &figures)
		if isGone(err) || err != nil && ProblemOf(err) == Unreadable { // deleted since, or without sense
			err = nil
			continue
		}
		if err != nil {
			break
		}
		posts = append(posts, Post{
			ID: p.ID, Published: p.Created.Time, URL: p.Address, Text: p.Text, Links: append(linksOf(p.Link), LinksInText(p.Text)...),
			Likes: figures.count("likes"), Comments: figures.count("replies"), Reposts: figures.count("reposts"), Views: figures.count("views"),
		})
	}
	return posts, pause, err
}
