package social

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// LinkedIn reads networkSizes/urn:li:organization:N?edgeType=
// COMPANY_FOLLOWED_BY_MEMBER of the Community Management API
// (learn.microsoft.com/linkedin/marketing/community-management/organizations,
// version 202607, read in November 2026) with an administrator's token. A
// version lives a year at least (…/marketing/versioning); then LinkedIn answers
// 426. Posts are /rest/posts of the page as author (…/shares/posts-api, scope
// r_organization_social), and their figures /rest/
// organizationalEntityShareStatistics (…/organizations/share-statistics, scope
// rw_organization_admin): those of the last twelve months without what was paid
// for, with impressions as views. The pages of versions 202411 to 202603 were
// read: that 202607 has the same fields is unverified, and so are the texts of
// errors.
type LinkedIn struct{}

const (
	linkedinAPI     = "https://api.linkedin.com"
	linkedinVersion = "202607"
)

var linkedinNumber = regexp.MustCompile(`^[0-9]{1,15}$`)

// Network is "linkedin".
func (LinkedIn) Network() string { return "linkedin" }

// About is for people.
func (LinkedIn) About() About {
	return About{
		Name: "LinkedIn", Example: "1234567",
		Handle: text.Text{
			EN: "The company page’s number: it stands in the address of the page’s admin view.",
			FR: "Le numéro de la page d’entreprise : il figure dans l’adresse de sa vue administrateur.",
		},
		Secret: Required, SecretName: accessToken,
		SecretHelp: text.Text{
			EN: "linkedin.com/developers → your app with Community Management API → token of a page administrator, scopes rw_organization_admin and, for posts, r_organization_social. Lasts 60 days.",
			FR: "linkedin.com/developers → votre application avec Community Management API → jeton d’un administrateur de la page, portées rw_organization_admin et, pour les publications, r_organization_social. Dure 60 jours.",
		},
	}
}

// Parse takes a number, its URN and the address of the page's admin view.
func (LinkedIn) Parse(input string) (Account, bool) {
	name := strings.TrimPrefix(strings.TrimSpace(input), "urn:li:organization:")
	if path, ok := inAddress(name, "linkedin.com"); ok {
		name, _ = strings.CutPrefix(path, "company/")
		name, _, _ = strings.Cut(name, "/")
	}
	return Account{Handle: name}, linkedinNumber.MatchString(name)
}

// Host is LinkedIn's.
func (LinkedIn) Host(a Account) string { return hostOf(a.base(linkedinAPI)) }

// Read asks for the size of the page's following.
func (l LinkedIn) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var answer struct {
		Followers count `json:"firstDegreeSize"`
	}
	pause, err := l.ask(ctx, client, a, "networkSizes/"+l.page(a)+"?edgeType=COMPANY_FOLLOWED_BY_MEMBER", &answer)
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Followers.n, nil, nil, pause)
}

// page is the page's URN as addresses have it.
func (LinkedIn) page(a Account) string { return url.QueryEscape("urn:li:organization:" + a.Handle) }

func (LinkedIn) ask(ctx context.Context, client *http.Client, a Account, query string, into any) (time.Duration, error) {
	pause, err := askJSON(ctx, client, request{
		url: a.base(linkedinAPI) + "/rest/" + query,
		header: map[string]string{
			"Authorization": "Bearer " + strings.TrimSpace(a.Secret), "LinkedIn-Version": linkedinVersion, "X-Restli-Protocol-Version": "2.0.0",
		},
	}, into)
	if _, body := refusal(err); strings.Contains(body, "EXPIRED_ACCESS_TOKEN") {
		return 0, instead(err, Expired, 0)
	}
	return pause, err
}

// Posts asks for the page's posts, then for the figures of all of them.
func (l LinkedIn) Posts(ctx context.Context, client *http.Client, a Account, _ Reading) ([]Post, time.Duration, error) {
	var answer struct {
		Elements tolerant[struct {
			ID        string `json:"id"` // urn:li:share:… or urn:li:ugcPost:…
			Published moment `json:"publishedAt"`
			State     string `json:"lifecycleState"`
			Text      string `json:"commentary"`
			Content   struct {
				Article struct {
					Link string `json:"source"`
				} `json:"article"`
			} `json:"content"`
			Reshare *struct{} `json:"reshareContext"`
		}] `json:"elements"`
	}
	pause, err := l.ask(ctx, client, a, "posts?q=author&author="+l.page(a)+"&count=40&sortBy=CREATED", &answer)
	lists := map[string][]Post{} // by the parameter that takes their IDs
	for _, p := range answer.Elements {
		if p.Reshare != nil || (p.State != "" && p.State != "PUBLISHED") {
			continue
		}
		list := "shares"
		if strings.HasPrefix(p.ID, "urn:li:ugcPost:") {
			list = "ugcPosts"
		}
		text := littleText(p.Text)
		lists[list] = append(lists[list], Post{
			ID: p.ID, Published: p.Published.Time, URL: "https://www.linkedin.com/feed/update/" + url.PathEscape(p.ID) + "/",
			Text: text, Links: append(linksOf(p.Content.Article.Link), LinksInText(text)...),
		})
	}
	var posts []Post
	for _, list := range []string{"shares", "ugcPosts"} {
		if len(lists[list]) == 0 || err != nil || pause > 0 {
			continue
		}
		if pause, err = l.figures(ctx, client, a, list, lists[list]); err == nil {
			posts = append(posts, lists[list]...)
		}
	}
	return posts, pause, err
}

// figures fills in what LinkedIn says of posts, whose IDs the parameter list
// takes.
func (l LinkedIn) figures(ctx context.Context, client *http.Client, a Account, list string, posts []Post) (time.Duration, error) {
	ids := make([]string, len(posts))
	for i, p := range posts {
		ids[i] = url.QueryEscape(p.ID)
	}
	var answer struct {
		Elements tolerant[struct {
			Share      string `json:"share"`
			UGC        string `json:"ugcPost"`
			Statistics struct {
				Likes    count `json:"likeCount"`
				Comments count `json:"commentCount"`
				Shares   count `json:"shareCount"`
				Views    count `json:"impressionCount"`
			} `json:"totalShareStatistics"`
		}] `json:"elements"`
	}
	pause, err := l.ask(ctx, client, a, "organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="+l.page(a)+"&"+list+"=List("+strings.Join(ids, ",")+")", &answer)
	for _, e := range answer.Elements {
		for i, p := range posts {
			if p.ID == e.Share || p.ID == e.UGC {
				s := e.Statistics
				posts[i].Likes, posts[i].Comments, posts[i].Reposts, posts[i].Views = s.Likes.n, s.Comments.n, s.Shares.n, s.Views.n
			}
		}
	}
	return pause, err
}

var (
	littleMention = regexp.MustCompile(`@\[((?:[^\]\\]|\\.)*)\]\([^)]*\)`)
	littleHashtag = regexp.MustCompile(`\{hashtag\|\\?([#＃])\|([^}]*)\}`)
	littleEscape  = regexp.MustCompile(`\\([|{}@\[\]()<>#\\*_~])`)
)

// littleText reads LinkedIn's "little text format" (…/shares/little-text-format
// of version 202411): mentions, hashtags and escapes.
func littleText(s string) string {
	s = littleHashtag.ReplaceAllString(littleMention.ReplaceAllString(s, "$1"), "$1$2")
	return littleEscape.ReplaceAllString(s, "$1")
}
