package social

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Pinterest reads GET /v5/user_account (developers.pinterest.com/docs/api/v5,
// its OpenAPI file 5.23.0 of December 2025), which says it of the token's own
// account alone. A token lasts 30 days. Posts are the account's own pins, GET
// /v5/pins with pin_metrics (scopes boards:read and pins:read): their figures
// since they were made, which Pinterest has of pins from 20 March 2023 on, and
// of older ones where they are videos or ideas. The file names impression,
// reaction and comment among them; that saves are there, as "save", is
// unverified, as are the headers of the limits (…/docs/reference/rate-limits,
// read in November 2026, has their numbers).
type Pinterest struct{}

const pinterestAPI = "https://api.pinterest.com"

var (
	pinterestName = regexp.MustCompile(`^[a-z0-9_]{3,30}$`)
	pinterestHost = regexp.MustCompile(`^(?:[a-z]{2}\.)?pinterest\.(?:com|fr|de|es|it|pt|ch|at|ca|ie|nz|co\.uk|com\.au|com\.mx)$`)
)

// Network is "pinterest".
func (Pinterest) Network() string { return "pinterest" }

// About is for people.
func (Pinterest) About() About {
	return About{
		Name: "Pinterest", Example: "alice", Secret: Required, SecretName: accessToken,
		SecretHelp: text.Text{
			EN: "developers.pinterest.com → your app → Generate access token, scopes user_accounts:read and, for posts, boards:read and pins:read. Lasts 30 days.",
			FR: "developers.pinterest.com → votre application → Generate access token, portées user_accounts:read et, pour les publications, boards:read et pins:read. Dure 30 jours.",
		},
	}
}

// Parse takes a name and the profile's address in any country.
func (Pinterest) Parse(input string) (Account, bool) {
	if host, path, ok := profileURL(input); ok && pinterestHost.MatchString(strings.TrimPrefix(host, "www.")) {
		if input, _, _ = strings.Cut(path, "/"); slices.Contains([]string{"pin", "ideas", "search", "today"}, input) {
			return Account{}, false
		}
	}
	return nameOn(input, pinterestName, profiles{})
}

// Host is Pinterest's.
func (Pinterest) Host(a Account) string { return hostOf(a.base(pinterestAPI)) }

// Read asks for the token's account.
func (Pinterest) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var me struct {
		Username  string `json:"username"`
		Followers count  `json:"follower_count"`
		Following count  `json:"following_count"`
		Pins      count  `json:"pin_count"`
	}
	pause, err := getJSON(ctx, client, a.base(pinterestAPI)+"/v5/user_account", strings.TrimSpace(a.Secret), &me)
	if err != nil {
		return Reading{}, err
	}
	if !sameName(me.Username, a.Handle) {
		return Reading{}, &Error{Problem: OtherAccount, Err: fmt.Errorf("the token is %q's", me.Username)}
	}
	return reading(me.Followers.n, me.Following.n, me.Pins.n, pause)
}

// Posts asks for the newest pins, without those that were saved from others.
func (Pinterest) Posts(ctx context.Context, client *http.Client, a Account, _ Reading) ([]Post, time.Duration, error) {
	var answer struct {
		Items tolerant[struct {
			ID          string `json:"id"`
			Created     moment `json:"created_at"`
			Link        string `json:"link"`
			Title       string `json:"title"`
			Description string `json:"description"`
			Metrics     struct {
				Lifetime struct {
					Impressions count `json:"impression"`
					Reactions   count `json:"reaction"`
					Comments    count `json:"comment"`
					Saves       count `json:"save"`
				} `json:"lifetime_metrics"`
			} `json:"pin_metrics"`
		}] `json:"items"`
	}
	pause, err := getJSON(ctx, client, a.base(pinterestAPI)+"/v5/pins?page_size=40&pin_filter=exclude_repins&pin_metrics=true", strings.TrimSpace(a.Secret), &answer)
	var posts []Post
	for _, p := range answer.Items {
		m := p.Metrics.Lifetime
		posts = append(posts, Post{
			ID: p.ID, Published: p.Created.Time, URL: "https://www.pinterest.com/pin/" + url.PathEscape(p.ID) + "/",
			Text: strings.TrimSpace(p.Title + " " + p.Description), Links: append(linksOf(p.Link), LinksInText(p.Description)...),
			Likes: m.Reactions.n, Comments: m.Comments.n, Reposts: m.Saves.n, Views: m.Impressions.n,
		})
	}
	return posts, pause, err
}
