package social

import (
	"cmp"
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// X reads GET /2/users/by/username/:username?user.fields=public_metrics of the
// X API v2 (docs.x.com/x-api/users/lookup) with an app's bearer token, which X
// sells. An account that isn't there, or is suspended, is a 200 with "errors"
// and no "data"; so are the posts of a protected one (…/fundamentals/
// response-codes-and-errors). Limits come as x-rate-limit-remaining and
// x-rate-limit-reset (seconds since 1970). Posts are GET /2/users/:id/tweets
// (…/users/get-posts), 5 to 100 a page. Each user and post that is read is
// charged for (…/getting-started/pricing), so posts are read once a day. A text
// names its links as t.co/…; where they lead stands in entities, and t.co is
// never asked. All read as of August 2026, when the guides and the changelog
// had tweet.fields, retweet_count, tweet_count and note_tweet, and the API's
// OpenAPI file (2.167) post.fields, repost_count, post_count and note_post: the
// former are asked for, both are understood. What X answers where its credits
// are used up (402) is from reports of users.
type X struct{}

const xAPI = "https://api.x.com"

var xProfiles = profiles{[]string{"x.com", "twitter.com"}, "i intent share home search explore hashtag messages notifications settings login signup tos privacy"}
var xName = regexp.MustCompile(`^[a-z0-9_]{1,15}$`)

// Network is "x".
func (X) Network() string { return "x" }

// About is for people.
func (X) About() About {
	return About{
		Name: "X", Example: "@alice", Secret: Required, SecretName: text.Text{EN: "Bearer token", FR: "Jeton « Bearer »"},
		SecretHelp: text.Text{
			EN: "developer.x.com → your app → Keys and tokens. X charges for its API.",
			FR: "developer.x.com → votre application → Keys and tokens. L’API de X est payante.",
		},
		PostsEvery: 20 * time.Hour, // with every fourth poll
	}
}

// Parse takes @name, name and the profile's address.
func (X) Parse(input string) (Account, bool) {
	if u, ok := address(input); ok && u.Query().Get("screen_name") != "" { // a follow button's
		if _, ok := inAddress(input, xProfiles.hosts...); ok {
			input = u.Query().Get("screen_name")
		}
	}
	return nameOn(input, xName, xProfiles)
}

// Host is X's.
func (X) Host(a Account) string { return hostOf(a.base(xAPI)) }

// Read asks for the user's public metrics.
func (x X) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var answer struct {
		Data *struct {
			ID      string `json:"id"`
			Metrics struct {
				Followers count `json:"followers_count"`
				Following count `json:"following_count"`
				Tweets    count `json:"tweet_count"`
				Posts     count `json:"post_count"`
			} `json:"public_metrics"`
		} `json:"data"`
		Errors xErrors `json:"errors"`
	}
	pause, err := x.ask(ctx, client, a, "by/username/"+url.PathEscape(a.Handle)+"?user.fields=public_metrics", &answer)
	if err != nil {
		return Reading{}, err
	}
	if answer.Data == nil {
		return Reading{}, answer.Errors.err()
	}
	m := answer.Data.Metrics
	r, err := reading(m.Followers.n, m.Following.n, cmp.Or(m.Tweets.n, m.Posts.n), pause)
	r.ID, r.found = answer.Data.ID, answer.Data.ID
	return r, err
}

func (X) ask(ctx context.Context, client *http.Client, a Account, query string, into any) (time.Duration, error) {
	pause, err := getJSON(ctx, client, a.base(xAPI)+"/2/users/"+query, strings.TrimSpace(a.Secret), into)
	if _, body := refusal(err); strings.Contains(body, "usage-capped") || strings.Contains(body, "credits") {
		return 0, instead(err, RateLimited, 6*time.Hour) // what was paid for is used up
	}
	return pause, err
}

// xErrors say why an answer has no data.
type xErrors []struct {
	Type  string `json:"type"`
	Title string `json:"title"`
}

func (list xErrors) err() error {
	for _, e := range list {
		switch {
		case strings.HasSuffix(e.Type, "/resource-not-found"), e.Title == "Forbidden": // suspended
			return &Error{Problem: NotFound, Err: errors.New(e.Title)}
		case strings.HasSuffix(e.Type, "/not-authorized-for-resource"): // protected
			return &Error{Problem: Hidden, Err: errors.New(e.Title)}
		}
	}
	return &Error{Problem: Unreadable, Err: errors.New("the answer has no data")}
}

// xText is a post's text and where the links in it lead. Long posts have it
// twice: cut, and whole in their note.
type xText struct {
	Text     string `json:"text"`
	Entities struct {
		URLs []struct {
			Short    string `json:"url"`
			Expanded string `json:"expanded_url"`
			Unwound  string `json:"unwound_url"` // where a shortener behind t.co ends
		} `json:"urls"`
	} `json:"entities"`
}

// Posts asks for the account's timeline.
func (x X) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	var answer struct {
		Data tolerant[struct {
			ID      string `json:"id"`
			Created moment `json:"created_at"`
			xText
			NoteTweet *xText `json:"note_tweet"`
			NotePost  *xText `json:"note_post"`
			Metrics   struct {
				Likes    count `json:"like_count"`
				Replies  count `json:"reply_count"`
				Retweets count `json:"retweet_count"`
				Reposts  count `json:"repost_count"`
				Views    count `json:"impression_count"`
			} `json:"public_metrics"`
		}] `json:"data"`
		Errors xErrors `json:"errors"`
	}
	pause, err := x.ask(ctx, client, a, url.PathEscape(r.found)+"/tweets?max_results=40&exclude=retweets,replies&tweet.fields=created_at,entities,note_tweet,public_metrics", &answer)
	if err == nil && answer.Data == nil && len(answer.Errors) > 0 {
		err = answer.Errors.err()
	}
	var posts []Post
	for _, t := range answer.Data {
		p := Post{
			ID: t.ID, Published: t.Created.Time, URL: "https://x.com/" + url.PathEscape(a.Handle) + "/status/" + url.PathEscape(t.ID),
			Likes: t.Metrics.Likes.n, Comments: t.Metrics.Replies.n, Reposts: cmp.Or(t.Metrics.Retweets.n, t.Metrics.Reposts.n), Views: t.Metrics.Views.n,
		}
		text := t.xText
		if t.NoteTweet != nil {
			text = *t.NoteTweet
		} else if t.NotePost != nil {
			text = *t.NotePost
		}
		p.Text = html.UnescapeString(text.Text) // X escapes & < >
		for _, u := range text.Entities.URLs {
			p.Text = strings.ReplaceAll(p.Text, u.Short, u.Expanded)
			p.Links = append(p.Links, linksOf(u.Expanded, u.Unwound)...)
		}
		posts = append(posts, p)
	}
	return posts, pause, err
}
