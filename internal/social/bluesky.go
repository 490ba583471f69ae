package social

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Bluesky reads the public AppView: app.bsky.actor.getProfile, which wants no
// token (docs.bsky.app/docs/api/app-bsky-actor-get-profile, read in November
// 2026). An account that isn't there is a 400 "InvalidRequest" whose message
// says "Profile not found", one that is gone for now a 400 "AccountTakedown" or
// "AccountDeactivated" (the AppView's source, of August 2026). Posts are
// app.bsky.feed.getAuthorFeed (docs.bsky.app/docs/api/app-bsky-feed-get-author-
// feed, lexicon read in November 2026): a feed with what the account reposted
// in it, 100 at most a page, a cursor to the next one.
type Bluesky struct{}

const blueskyAPI = "https://public.api.bsky.app"

var blueskyHandle = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$`)
var blueskyGone = regexp.MustCompile(`not found|"AccountTakedown"|"AccountDeactivated"`)
var did = regexp.MustCompile(`^did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.:%-]+)$`)

// Network is "bluesky".
func (Bluesky) Network() string { return "bluesky" }

// About is for people.
func (Bluesky) About() About {
	return About{Name: "Bluesky", Example: "alice.bsky.social", Server: Optional}
}

// Parse takes alice.bsky.social, @alice.bsky.social, a DID, and at:// or
// https://bsky.app/profile/ with any of them.
func (Bluesky) Parse(input string) (Account, bool) {
	handle := strings.TrimSpace(input)
	if rest, ok := strings.CutPrefix(handle, "at://"); ok {
		handle, _, _ = strings.Cut(rest, "/")
	} else if host, path, ok := profileURL(input); ok {
		rest, found := strings.CutPrefix(path, "profile/")
		if host != "bsky.app" || !found {
			return Account{}, false
		}
		handle, _, _ = strings.Cut(rest, "/")
	}
	handle = strings.ToLower(strings.TrimPrefix(handle, "@"))
	if !blueskyHandle.MatchString(handle) && !did.MatchString(handle) {
		return Account{}, false
	}
	return Account{Handle: handle}, true
}

// Host is the AppView.
func (Bluesky) Host(a Account) string { return hostOf(a.base(blueskyAPI)) }

// Read asks for the profile.
func (b Bluesky) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	var answer struct {
		DID       string `json:"did"`
		Followers count  `json:"followersCount"`
		Following count  `json:"followsCount"`
		Posts     count  `json:"postsCount"`
	}
	pause, err := b.ask(ctx, client, a, "app.bsky.actor.getProfile?actor="+url.QueryEscape(a.Handle), &answer)
	if err != nil {
		return Reading{}, err
	}
	r, err := reading(answer.Followers.n, answer.Following.n, answer.Posts.n, pause)
	r.ID = answer.DID
	return r, err
}

func (Bluesky) ask(ctx context.Context, client *http.Client, a Account, query string, into any) (time.Duration, error) {
	pause, err := getJSON(ctx, client, a.base(blueskyAPI)+"/xrpc/"+query, a.Secret, into)
	if status, body := refusal(err); status == http.StatusBadRequest && blueskyGone.MatchString(body) {
		return 0, instead(err, NotFound, 0)
	}
	return pause, err
}

// blueskyEmbed is what a post carries: a card, or a card beside a quote.
type blueskyEmbed struct {
	External struct {
		URI string `json:"uri"`
	} `json:"external"`
	Media *blueskyEmbed `json:"media"`
}

func (e *blueskyEmbed) links() []string {
	if e == nil {
		return nil
	}
	return append(linksOf(e.External.URI), e.Media.links()...)
}

// blueskyItem is an entry of an author's feed.
type blueskyItem struct {
	Post struct {
		URI     string `json:"uri"`
		Indexed moment `json:"indexedAt"`
		Likes   count  `json:"likeCount"`
		Replies count  `json:"replyCount"`
		Reposts count  `json:"repostCount"`
		Record  struct {
			Text    string `json:"text"`
			Created moment `json:"createdAt"`
			Facets  []struct {
				Features []struct {
					URI string `json:"uri"`
				} `json:"features"`
			} `json:"facets"`
			Embed *blueskyEmbed `json:"embed"`
		} `json:"record"`
	} `json:"post"`
	Reason *struct { // it is here by a repost, or pinned
		Type string `json:"$type"`
	} `json:"reason"`
}

// Posts asks for the feed, page by page where reposts fill it.
func (b Bluesky) Posts(ctx context.Context, client *http.Client, a Account, _ Reading) ([]Post, time.Duration, error) {
	return postPages(func(cursor string) (posts []Post, next string, pause time.Duration, err error) {
		var answer struct {
			Cursor string                `json:"cursor"`
			Feed   tolerant[blueskyItem] `json:"feed"`
		}
		query := "app.bsky.feed.getAuthorFeed?actor=" + url.QueryEscape(a.Handle) + "&filter=posts_no_replies&limit=50"
		if cursor != "" {
			query += "&cursor=" + url.QueryEscape(cursor)
		}
		pause, err = b.ask(ctx, client, a, query, &answer)
		for _, item := range answer.Feed {
			if item.Reason == nil || !strings.HasSuffix(item.Reason.Type, "#reasonRepost") {
				posts = append(posts, item.post())
			}
		}
		return posts, answer.Cursor, pause, err
	})
}

func (i blueskyItem) post() Post {
	p, r := i.Post, i.Post.Record
	out := Post{ID: p.URI, Published: r.Created.Time, Text: r.Text, Likes: p.Likes.n, Comments: p.Replies.n, Reposts: p.Reposts.n}
	// Authors write the time of a post themselves; Bluesky sorts by the earlier.
	if r.Created.IsZero() || (!p.Indexed.IsZero() && p.Indexed.Before(r.Created.Time)) {
		out.Published = p.Indexed.Time
	}
	author, key, ok := strings.Cut(strings.TrimPrefix(p.URI, "at://"), "/app.bsky.feed.post/")
	if ok {
		out.URL = "https://bsky.app/profile/" + author + "/post/" + key
	}
	for _, f := range r.Facets {
		for _, feature := range f.Features {
			out.Links = append(out.Links, linksOf(feature.URI)...)
		}
	}
	out.Links = append(out.Links, r.Embed.links()...)
	return out
}
