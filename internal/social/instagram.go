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

// Instagram reads professional accounts from the Instagram Platform, v25.0
// (developers.facebook.com/docs/instagram-platform, read in November 2026). A
// token of Instagram Login answers for its own account alone (GET /me). A
// token of Facebook Login ("EAA…") answers for any professional account, one's
// own or a competitor's: business_discovery, asked of the account that the
// token's Page is tied to. Posts are the media of either (…/reference/
// instagram-media, of June 2026): a count of likes that its owner hides is left
// out, and views are in insights, which want a permission more: they are left
// alone.
type Instagram struct{}

const instagramAPI = "https://graph.instagram.com"

var instagramName = regexp.MustCompile(`^[a-z0-9_.]{1,30}$`)

// Network is "instagram".
func (Instagram) Network() string { return "instagram" }

// About is for people.
func (Instagram) About() About {
	return About{
		Name: "Instagram", Example: "@alice", Secret: Required, SecretName: metric.Text{EN: "Access token", FR: "Jeton d’accès"},
		SecretHelp: metric.Text{
			EN: "developers.facebook.com → your app → Instagram → Generate token, for a professional account of yours. With a token of Facebook Login (EAA…) other professional accounts can be read too. Tokens last 60 days.",
			FR: "developers.facebook.com → votre application → Instagram → Générer un jeton, pour un compte professionnel à vous. Avec un jeton Facebook Login (EAA…), d’autres comptes professionnels sont lisibles aussi. Un jeton dure 60 jours.",
		},
	}
}

// Parse takes @name, name and the profile's address.
func (Instagram) Parse(input string) (Account, bool) {
	return nameOn(input, instagramName, "instagram.com")
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
	Username  string  `json:"username"`
	Followers *uint64 `json:"followers_count"`
	Following *uint64 `json:"follows_count"`
	Posts     *uint64 `json:"media_count"`

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
	var me instagramUser
	pause, err := getJSON(ctx, client, i.api(a)+"/"+graphVersion+"/me?fields=username,followers_count,follows_count,media_count", a.Secret, &me)
	if err != nil {
		return Reading{}, graphError(err)
	}
	if !sameName(me.Username, a.Handle) {
		return Reading{}, &Error{Problem: OtherAccount, Err: fmt.Errorf("the token is %q's", me.Username)}
	}
	return reading(me.Followers, me.Following, me.Posts, pause)
}

func (i Instagram) discover(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	var pages struct {
		Data []struct {
			Account *struct {
				ID string `json:"id"`
			} `json:"instagram_business_account"`
		} `json:"data"`
	}
	api := i.api(a) + "/" + graphVersion
	if _, err := getJSON(ctx, client, api+"/me/accounts?fields=instagram_business_account", a.Secret, &pages); err != nil {
		return Reading{}, graphError(err)
	}
	for _, p := range pages.Data {
		if p.Account == nil {
			continue
		}
		found, pause, err := i.discovered(ctx, client, a, p.Account.ID, "username,followers_count,follows_count,media_count")
		if err != nil {
			return Reading{}, err
		}
		r, err := reading(found.Followers, found.Following, found.Posts, pause)
		r.found = p.Account.ID
		return r, err
	}
	return Reading{}, &Error{Problem: Unauthorized, Err: errors.New("no Page of the token is tied to an Instagram account")}
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
	Data []struct {
		ID       string  `json:"id"`
		Created  moment  `json:"timestamp"`
		Address  string  `json:"permalink"`
		Caption  string  `json:"caption"`
		Likes    *uint64 `json:"like_count"`
		Comments *uint64 `json:"comments_count"`
	} `json:"data"`
}

// Posts asks for the account's media in the way that Read found.
func (i Instagram) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	const fields = "id,timestamp,permalink,caption,like_count,comments_count"
	var media instagramMedia
	var pause time.Duration
	var err error
	if r.found != "" {
		var user instagramUser
		user, pause, err = i.discovered(ctx, client, a, r.found, "media.limit(40){"+fields+"}")
		media = user.Media
	} else {
		pause, err = getJSON(ctx, client, i.api(a)+"/"+graphVersion+"/me/media?limit=40&fields="+fields, strings.TrimSpace(a.Secret), &media)
		err = graphError(err)
	}
	var posts []Post
	for _, m := range media.Data {
		posts = append(posts, Post{
			ID: m.ID, Published: m.Created.Time, URL: m.Address, Text: m.Caption, Links: inText(m.Caption), Likes: m.Likes, Comments: m.Comments,
		})
	}
	return posts, pause, err
}
