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

// Instagram reads professional accounts from the Instagram Platform, v25.0
// (developers.facebook.com/docs/instagram-platform, read in November 2026). A
// token of Instagram Login answers for its own account alone (GET /me). A
// token of Facebook Login ("EAA…") answers for any professional account, one's
// own or a competitor's: business_discovery, asked of the account that the
// token's Page is tied to.
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
		var answer struct {
			Found instagramUser `json:"business_discovery"`
		}
		fields := "business_discovery.username(" + a.Handle + "){username,followers_count,follows_count,media_count}"
		pause, err := getJSON(ctx, client, api+"/"+url.PathEscape(p.Account.ID)+"?fields="+url.QueryEscape(fields), a.Secret, &answer)
		if err != nil {
			return Reading{}, graphError(err)
		}
		return reading(answer.Found.Followers, answer.Found.Following, answer.Found.Posts, pause)
	}
	return Reading{}, &Error{Problem: Unauthorized, Err: errors.New("no Page of the token is tied to an Instagram account")}
}
