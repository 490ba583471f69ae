package social

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Instagram reads professional accounts from the Instagram Platform, v25.0
// (developers.facebook.com/docs/instagram-platform, read in November 2026). A
// token of Instagram Login answers for its own account alone (GET /me). A
// token of Facebook Login ("EAA…") answers for any professional account, one's
// own or a competitor's: business_discovery, asked of the account that the
// token's Page is tied to. Posts are the media of either (…/reference/
// instagram-media, of 22 June 2026): a count of likes that its owner hides is
// left out. Views of one's own are the insights' views (…/reference/
// instagram-media/insights, of 18 June 2026), asked for in the same request;
// they want instagram_business_manage_insights, or instagram_manage_insights
// with Facebook Login, and refuse the request where a post is older than the
// account is professional. Views of another's are view_count, which reels have
// (a field of Meta's Python SDK 25.0.2; which posts have it is unverified).
type Instagram struct{}

const (
	instagramAPI    = "https://graph.instagram.com"
	instagramFields = "username,followers_count,follows_count,media_count"
	instagramAs     = "as:" // before the account in whose name another's is asked for
)

var instagramProfiles = profiles{[]string{"instagram.com"}, "p reel reels tv explore accounts direct about stories share"}
var instagramName = regexp.MustCompile(`^[a-z0-9_.]{1,30}$`)

// Network is "instagram".
func (Instagram) Network() string { return "instagram" }

// About is for people.
func (Instagram) About() About {
	return About{
		Name: "Instagram", Example: "@alice", Secret: Required, SecretName: accessToken,
		SecretHelp: text.Text{
			EN: "developers.facebook.com → your app → Instagram → Generate token, for a professional account of yours; views of posts want instagram_business_manage_insights. With a token of Facebook Login (EAA…; instagram_manage_insights) other professional accounts can be read too; that one lasts 60 days, the other is renewed by itself.",
			FR: "developers.facebook.com → votre application → Instagram → Générer un jeton, pour un compte professionnel à vous ; les vues des publications demandent instagram_business_manage_insights. Avec un jeton Facebook Login (EAA… ; instagram_manage_insights), d’autres comptes professionnels sont lisibles aussi ; celui-là dure 60 jours, l’autre se renouvelle tout seul.",
		},
	}
}

// Parse takes @name, name and the profile's address.
func (Instagram) Parse(input string) (Account, bool) {
	if path, ok := inAddress(input, instagramProfiles.hosts...); ok {
		if rest, ok := strings.CutPrefix(path, "stories/"); ok {
			input, _, _ = strings.Cut(rest, "/")
		}
	}
	return nameOn(input, instagramName, instagramProfiles)
}

// Host is Meta's, one of two.
func (i Instagram) Host(a Account) string { return hostOf(i.api(a)) }

func (Instagram) api(a Account) string {
	if strings.HasPrefix(a.Secret, "EAA") {
		return a.base(facebookAPI)
	}
	return a.base(instagramAPI)
}

type instagramUser struct {
	Username  string `json:"username"`
	Followers count  `json:"followers_count"`
	Following count  `json:"follows_count"`
	Posts     count  `json:"media_count"`

	Media instagramMedia `json:"media"`
}

// Read asks for the account in the way that the token allows.
func (i Instagram) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	a.Secret = strings.TrimSpace(a.Secret)
	if strings.HasPrefix(a.Secret, "EAA") {
		return i.discover(ctx, client, a)
	}
	return i.own(ctx, client, a, "me")
}

// Renew renews a token of Instagram Login (…/reference/refresh_access_token, of
// 17 July 2025). One of Facebook Login wants its app's secret for that, which
// nobody is asked for.
func (i Instagram) Renew(ctx context.Context, client *http.Client, a Account) (string, error) {
	if strings.HasPrefix(strings.TrimSpace(a.Secret), "EAA") {
		return "", nil
	}
	return renewedToken(ctx, client, i.api(a), "ig_refresh_token", a.Secret)
}

// own asks for the token's own account, which node stands for.
func (i Instagram) own(ctx context.Context, client *http.Client, a Account, node string) (Reading, error) {
	var me instagramUser
	pause, err := getJSON(ctx, client, i.api(a)+"/"+graphVersion+"/"+url.PathEscape(node)+"?fields="+instagramFields, a.Secret, &me)
	if err != nil {
		return Reading{}, graphError(err)
	}
	if !sameName(me.Username, a.Handle) {
		return Reading{}, &Error{Problem: OtherAccount, Err: fmt.Errorf("the token is %q's", me.Username)}
	}
	r, err := reading(me.Followers.n, me.Following.n, me.Posts.n, pause)
	r.found = node
	return r, err
}

func (i Instagram) discover(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	var pages struct {
		Data []struct {
			Account *struct {
				ID       string `json:"id"`
				Username string `json:"username"`
			} `json:"instagram_business_account"`
		} `json:"data"`
	}
	api := i.api(a) + "/" + graphVersion
	if _, err := getJSON(ctx, client, api+"/me/accounts?fields="+url.QueryEscape("instagram_business_account{id,username}"), a.Secret, &pages); err != nil {
		return Reading{}, graphError(err)
	}
	as := ""
	for _, p := range pages.Data {
		if p.Account != nil && sameName(p.Account.Username, a.Handle) {
			return i.own(ctx, client, a, p.Account.ID)
		}
		if p.Account != nil && as == "" {
			as = p.Account.ID
		}
	}
	if as == "" {
		return Reading{}, &Error{Problem: Unauthorized, Err: errors.New("no Page of the token is tied to an Instagram account")}
	}
	found, pause, err := i.discovered(ctx, client, a, as, instagramFields)
	if err != nil {
		return Reading{}, err
	}
	r, err := reading(found.Followers.n, found.Following.n, found.Posts.n, pause)
	r.found = instagramAs + as
	return r, err
}

// discovered asks for another account's fields, in the name of the account as.
func (i Instagram) discovered(ctx context.Context, client *http.Client, a Account, as, fields string) (instagramUser, time.Duration, error) {
	var answer struct {
		Found instagramUser `json:"business_discovery"`
	}
	fields = "business_discovery.username(" + a.Handle + "){" + fields + "}"
	pause, err := getJSON(ctx, client, i.api(a)+"/"+graphVersion+"/"+url.PathEscape(as)+"?fields="+url.QueryEscape(fields), strings.TrimSpace(a.Secret), &answer)
	return answer.Found, pause, graphError(err)
}

// instagramMedia is a list of posts.
type instagramMedia struct {
	Data tolerant[struct {
		ID       string        `json:"id"`
		Created  moment        `json:"timestamp"`
		Address  string        `json:"permalink"`
		Caption  string        `json:"caption"`
		Likes    count         `json:"like_count"`
		Comments count         `json:"comments_count"`
		Plays    count         `json:"view_count"` // of another's reels
		Insights graphInsights `json:"insights"`
	}] `json:"data"`
}

// Posts asks for the account's media in the way that Read found.
func (i Instagram) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	const fields = "id,timestamp,permalink,caption,like_count,comments_count"
	var media instagramMedia
	var pause time.Duration
	var err error
	if as, others := strings.CutPrefix(r.found, instagramAs); others {
		pause, err = withViews(fields, "view_count", func(fields string) (time.Duration, error) {
			user, pause, err := i.discovered(ctx, client, a, as, "media.limit(40){"+fields+"}")
			media = user.Media
			return pause, err
		})
	} else {
		pause, err = withViews(fields, "insights.metric(views)", func(fields string) (time.Duration, error) {
			pause, err := getJSON(ctx, client, i.api(a)+"/"+graphVersion+"/"+url.PathEscape(r.found)+"/media?limit=40&fields="+url.QueryEscape(fields), strings.TrimSpace(a.Secret), &media)
			return pause, graphError(err)
		})
	}
	var posts []Post
	for _, m := range media.Data {
		posts = append(posts, Post{
			ID: m.ID, Published: m.Created.Time, URL: m.Address, Text: m.Caption, Links: LinksInText(m.Caption),
			Likes: m.Likes.n, Comments: m.Comments.n, Views: cmp.Or(m.Insights.count("views"), m.Plays.n),
		})
	}
	return posts, pause, err
}
