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

	"github.com/earshot-analytics/earshot/internal/text"
)

// Reddit reads GET /r/x/about (subscribers) and /user/x/about (followers of a
// profile, kept there as a subreddit) of the Data API (reddit.com/dev/api;
// github.com/reddit-archive/reddit/wiki/API and /OAuth2, read in November
// 2026), with an app's own token of client credentials: 100 requests a minute,
// told by X-Ratelimit-Remaining and X-Ratelimit-Reset (seconds). The fields are
// those of the answers recorded in the tests of PRAW, of August 2026. A closed
// subreddit is 403 "private", a banned one 404 "banned" (both from memory).
// Since November 2025 Reddit approves each new app (its Responsible Builder
// Policy). Posts are GET /r/x/new and /user/x/submitted: likes are the score,
// votes for it less votes against it, which subreddits may hide for a while; a
// subreddit's posts are everybody's there. Posts can be long: 25 of them stay
// below the bound of an answer.
type Reddit struct{}

const (
	redditAPI  = "https://oauth.reddit.com"
	redditSite = "https://www.reddit.com"

	redditPosts = 25
)

var redditPlace = regexp.MustCompile(`^(r|u)/[a-z0-9_-]{2,21}$`)

// Network is "reddit".
func (Reddit) Network() string { return "reddit" }

// About is for people.
func (Reddit) About() About {
	return About{
		Name: "Reddit", Example: "r/example",
		Handle: text.Text{EN: "A subreddit (r/name) or a profile (u/name).", FR: "Un subreddit (r/nom) ou un profil (u/nom)."},
		Secret: Required, SecretName: text.Text{EN: "Client ID:secret", FR: "Identifiant client:secret"},
		SecretHelp: text.Text{
			EN: "reddit.com/prefs/apps → an app of type “script”: the ID under its name, a colon, its secret. Reddit approves new apps first, on request.",
			FR: "reddit.com/prefs/apps → une application de type « script » : l’identifiant sous son nom, deux-points, son secret. Reddit approuve d’abord les nouvelles applications, sur demande.",
		},
	}
}

// Parse takes r/name, u/name, their addresses, and name for a subreddit.
func (Reddit) Parse(input string) (Account, bool) {
	name := strings.TrimSpace(input)
	if path, ok := inAddress(name, "reddit.com", "old.reddit.com", "new.reddit.com"); ok {
		name = path
	}
	name = strings.ToLower(strings.Trim(name, "/"))
	if rest, ok := strings.CutPrefix(name, "user/"); ok {
		name = "u/" + rest
	}
	if parts := strings.Split(name, "/"); len(parts) > 2 {
		name = parts[0] + "/" + parts[1]
	} else if len(parts) == 1 {
		name = "r/" + name
	}
	return Account{Handle: name}, redditPlace.MatchString(name)
}

// Host is Reddit's.
func (Reddit) Host(a Account) string { return hostOf(a.base(redditAPI)) }

// Read gets a token and asks for the place.
func (r Reddit) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	token, err := clientToken(ctx, client, a, a.base(redditSite)+"/api/v1/access_token", true)
	if err != nil {
		return Reading{}, err
	}
	type place struct {
		ID          string `json:"id"`
		Subscribers count  `json:"subscribers"`
	}
	var answer struct {
		Data struct {
			place
			Profile   *place `json:"subreddit"`
			Suspended bool   `json:"is_suspended"`
		} `json:"data"`
	}
	pause, err := r.ask(ctx, client, a, "/about?raw_json=1", token, &answer)
	if err != nil {
		return Reading{}, err
	}
	if answer.Data.Suspended {
		return Reading{}, &Error{Problem: NotFound, Err: errors.New("the profile is suspended")}
	}
	subscribers := answer.Data.Subscribers
	if answer.Data.Profile != nil {
		subscribers = answer.Data.Profile.Subscribers
	}
	out, err := reading(subscribers.n, nil, nil, pause)
	out.ID, out.found = answer.Data.ID, token
	return out, err
}

// ask asks for what is below the account's own path.
func (Reddit) ask(ctx context.Context, client *http.Client, a Account, below, token string, into any) (time.Duration, error) {
	path := a.Handle
	if name, ok := strings.CutPrefix(path, "u/"); ok {
		path = "user/" + name
	}
	pause, err := getJSON(ctx, client, a.base(redditAPI)+"/"+path+below, token, into)
	if status, body := refusal(err); status == http.StatusForbidden && strings.Contains(body, `"private"`) {
		return 0, instead(err, Hidden, 0)
	}
	return pause, err
}

// Posts asks for the newest, with the token that Read got.
func (r Reddit) Posts(ctx context.Context, client *http.Client, a Account, found Reading) ([]Post, time.Duration, error) {
	var answer struct {
		Data struct {
			Children tolerant[struct {
				Data struct {
					ID         string  `json:"name"` // t3_…
					Created    moment  `json:"created_utc"`
					Path       string  `json:"permalink"`
					Link       string  `json:"url"`
					Title      string  `json:"title"`
					Text       string  `json:"selftext"`
					Score      *int64  `json:"score"`
					Hidden     bool    `json:"hide_score"`
					Comments   count   `json:"num_comments"`
					Crossposts count   `json:"num_crossposts"`
					Removed    *string `json:"removed_by_category"`
				} `json:"data"`
			}] `json:"children"`
		} `json:"data"`
	}
	below := fmt.Sprintf("/new?limit=%d&raw_json=1", redditPosts)
	if strings.HasPrefix(a.Handle, "u/") {
		below = fmt.Sprintf("/submitted?sort=new&limit=%d&raw_json=1", redditPosts)
	}
	pause, err := r.ask(ctx, client, a, below, found.found, &answer)
	var posts []Post
	for _, c := range answer.Data.Children {
		p := c.Data
		if p.Removed != nil {
			continue
		}
		post := Post{
			ID: p.ID, Published: p.Created.Time, URL: redditSite + p.Path, Text: p.Title, Links: append(linksOf(p.Link), LinksInText(p.Text)...),
			Comments: p.Comments.n, Reposts: p.Crossposts.n,
		}
		if p.Score != nil && *p.Score >= 0 && !p.Hidden {
			likes := uint64(*p.Score)
			post.Likes = &likes
		}
		posts = append(posts, post)
	}
	return posts, pause, err
}

// clientToken gets an app's own token for "id:secret" (OAuth 2.0, RFC 6749
// section 4.4): with Basic authentication, or in the form.
func clientToken(ctx context.Context, client *http.Client, a Account, address string, basic bool) (string, error) {
	parts, err := a.secretParts(2)
	if err != nil {
		return "", err
	}
	r := request{url: address, form: url.Values{"grant_type": {"client_credentials"}}}
	if basic {
		r.header = map[string]string{"Authorization": basicAuth(parts[0], parts[1])}
	} else {
		r.form.Set("client_id", parts[0])
		r.form.Set("client_secret", parts[1])
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	_, err = askJSON(ctx, client, r, &answer)
	if status, _ := refusal(err); status == http.StatusBadRequest {
		return "", instead(err, Unauthorized, 0) // Twitch's "invalid client"
	}
	if err == nil && answer.Token == "" {
		err = &Error{Problem: Unauthorized, Err: errors.New("the answer has no token")}
	}
	return answer.Token, err
}
