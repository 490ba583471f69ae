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

// Facebook reads a Page's followers_count from the Graph API v25.0
// (developers.facebook.com/docs/graph-api/reference/page, read in November
// 2026; v25.0 and its fields in Meta's Python SDK 25.0.2 of June 2026) with the
// Page's access token. Personal profiles have no count there. Posts are
// /{page}/published_posts (…/reference/page/published_posts), without Reels:
// they are in an edge of their own (…/reference/pagepost). Reactions of every
// kind are its likes, and a post that nobody shared has no count of shares.
// Views are the insights' post_media_view, which took the place of
// post_impressions in November 2025 (…/docs/pages-api/changelog), asked for in
// the same request. They want read_insights and a Page with 100 likes
// (…/reference/insights); that insights may be asked for within published_posts
// is from projects that do, not from the reference.
type Facebook struct{}

const facebookAPI = "https://graph.facebook.com"

var facebookPage = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,74}$`)
var facebookProfiles = profiles{[]string{"facebook.com", "fb.com"}, "groups events watch marketplace hashtag sharer sharer.php share share.php permalink.php story.php photo.php photo l.php login help business gaming reel"}

// Network is "facebook".
func (Facebook) Network() string { return "facebook" }

// About is for people.
func (Facebook) About() About {
	return About{
		Name: "Facebook", Example: "alicewrites",
		Handle: text.Text{EN: "The Page’s name in its address, or its number.", FR: "Le nom de la Page dans son adresse, ou son numéro."},
		Secret: Required, SecretName: text.Text{EN: "Page access token", FR: "Jeton d’accès de la Page"},
		SecretHelp: text.Text{
			EN: "developers.facebook.com → Graph API Explorer → your Page, permissions pages_read_engagement and, for posts, pages_read_user_content, for their views read_insights; then extend it, or it lasts an hour.",
			FR: "developers.facebook.com → Explorateur de l’API Graph → votre Page, autorisations pages_read_engagement et, pour les publications, pages_read_user_content, pour leurs vues read_insights ; prolongez-le, sinon il expire après une heure.",
		},
	}
}

// Parse takes a Page's name, its number and its address.
func (Facebook) Parse(input string) (Account, bool) {
	if u, err := url.Parse(strings.TrimSpace(input)); err == nil && strings.HasSuffix(u.Path, "/profile.php") {
		input = u.Query().Get("id")
	} else if path, ok := inAddress(input, facebookProfiles.hosts...); ok {
		parts := strings.Split(path, "/")
		switch {
		case parts[0] == "pages" && len(parts) > 2: // /pages/Name/123
			input = parts[2]
		case parts[0] == "people" && len(parts) > 2: // /people/Name/123
			input = parts[2]
		case parts[0] == "p" && len(parts) > 1: // /p/Name-123
			input = parts[1][strings.LastIndex(parts[1], "-")+1:]
		}
	}
	return nameOn(input, facebookPage, facebookProfiles)
}

// Host is Meta's.
func (Facebook) Host(a Account) string { return hostOf(a.base(facebookAPI)) }

// Read asks for the Page.
func (Facebook) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var answer struct {
		ID        string `json:"id"` // there unasked
		Followers count  `json:"followers_count"`
	}
	pause, err := getJSON(ctx, client, a.base(facebookAPI)+"/"+graphVersion+"/"+url.PathEscape(a.Handle)+"?fields=followers_count", strings.TrimSpace(a.Secret), &answer)
	if err != nil {
		return Reading{}, graphError(err)
	}
	r, err := reading(answer.Followers.n, nil, nil, pause)
	r.ID = answer.ID
	return r, err
}

// Posts asks for what the Page published.
func (Facebook) Posts(ctx context.Context, client *http.Client, a Account, _ Reading) ([]Post, time.Duration, error) {
	var answer struct {
		Data tolerant[struct {
			ID          string `json:"id"`
			Created     moment `json:"created_time"`
			Address     string `json:"permalink_url"`
			Message     string `json:"message"`
			Attachments struct {
				Data []struct {
					URL string `json:"unshimmed_url"` // "url" leads through l.facebook.com
				} `json:"data"`
			} `json:"attachments"`
			Shares struct {
				Count count `json:"count"`
			} `json:"shares"`
			Reactions graphTotal    `json:"reactions"`
			Comments  graphTotal    `json:"comments"`
			Insights  graphInsights `json:"insights"`
		}] `json:"data"`
	}
	const fields = "id,created_time,permalink_url,message,attachments{unshimmed_url},shares,reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count)"
	pause, err := withViews(fields, "insights.metric(post_media_view).period(lifetime)", func(fields string) (time.Duration, error) {
		pause, err := getJSON(ctx, client, a.base(facebookAPI)+"/"+graphVersion+"/"+url.PathEscape(a.Handle)+"/published_posts?limit=40&fields="+url.QueryEscape(fields), strings.TrimSpace(a.Secret), &answer)
		return pause, graphError(err)
	})
	var posts []Post
	for _, p := range answer.Data {
		var links []string
		for _, at := range p.Attachments.Data {
			links = append(links, linksOf(at.URL)...)
		}
		posts = append(posts, Post{
			ID: p.ID, Published: p.Created.Time, URL: p.Address, Text: p.Message, Links: append(links, LinksInText(p.Message)...),
			Likes: p.Reactions.Summary.Total.n, Comments: p.Comments.Summary.Total.n, Reposts: p.Shares.Count.n,
			Views: p.Insights.count("post_media_view"),
		})
	}
	return posts, pause, err
}
