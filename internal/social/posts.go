package social

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Recent posts are the maxPosts newest of the last postAge. After that hardly
// any figure changes, and the last reading stays.
const (
	maxPosts = 40
	postAge  = 90 * 24 * time.Hour

	MaxPostID = 500 // characters

	maxPages = 3 // of posts, where a network gives fewer at once
)

// Post is what a network says of one post now.
type Post struct {
	ID        string // the network's own
	Published time.Time
	URL       string   // its address; "" = unknown
	Text      string   // without markup
	Links     []string // where its text and its card lead, as far as the network tells

	Likes    *uint64 // nil = the network doesn't say, here and below
	Comments *uint64
	Reposts  *uint64 // shared unchanged, without a comment
	Views    *uint64 // times that it was shown or played
}

// PostReader is a Connector whose network also says how recent posts do. To
// give a network posts is to give its type this method, and nothing else.
type PostReader interface {
	Connector
	// Posts asks for the account's recent posts, right after Read gave r: its
	// own posts, not what it passed on or answered, and none that only some may
	// see. What it read before an error comes beside the *Error. pause is as
	// Reading has it.
	Posts(ctx context.Context, client *http.Client, a Account, r Reading) (posts []Post, pause time.Duration, err error)
}

// recent are the posts worth keeping, each once, without those dated further in
// the future than a network's wrong clock explains.
func recent(posts []Post, now time.Time) []Post {
	var out []Post
	seen := map[string]bool{}
	for _, p := range posts {
		if p.ID == "" || seen[p.ID] || p.Published.Before(now.Add(-postAge)) || p.Published.After(now.Add(time.Hour)) || len(out) == maxPosts {
			continue
		}
		seen[p.ID] = true
		out = append(out, p)
	}
	return out
}

// PlainText is text on one line, its first limit characters.
func PlainText(text string, limit int) string {
	words := strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	cut := []rune(strings.Join(words, " "))
	if len(cut) > limit {
		cut = cut[:limit]
	}
	const joiner = "\u200d" // what it would join may be cut off
	return strings.TrimRight(string(cut), " "+joiner)
}

// inHTML is the text of a post in HTML, and where its links lead.
func inHTML(source string) (text string, links []string) {
	var b strings.Builder
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String()), links
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			switch t.Data {
			case "p", "br", "li", "blockquote", "h1", "h2", "h3", "pre":
				b.WriteByte(' ')
			case "script", "style":
				if t.Type == html.StartTagToken {
					z.Next() // its text is not the author's
				}
			}
			for _, a := range t.Attr {
				if t.Data == "a" && a.Key == "href" {
					links = append(links, a.Val)
				}
			}
		}
	}
}

var linkInText = regexp.MustCompile(`https?://[^\s<>"\x60]+`)

// LinksInText are the links in a plain text, without what only ends a sentence.
func LinksInText(text string) []string {
	links := linkInText.FindAllString(text, -1)
	for i, l := range links {
		l = strings.TrimRight(l, ".,;:!?'’»”*_~…")
		for strings.HasSuffix(l, ")") && strings.Count(l, ")") > strings.Count(l, "(") {
			l = strings.TrimRight(l[:len(l)-1], ".,;:!?")
		}
		links[i] = l
	}
	return links
}

// linksOf gathers links, without the empty ones.
func linksOf(list ...string) []string {
	var out []string
	for _, l := range list {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

// moment is a time as the networks write it: a text with or without a zone, or
// seconds or milliseconds since 1970. Zero = none, or none that can be read.
type moment struct{ time.Time }

// UnmarshalJSON never fails: a post without a time is left out, the others
// count.
func (m *moment) UnmarshalJSON(data []byte) error {
	var n float64
	var s string
	switch {
	case json.Unmarshal(data, &n) == nil && n > 0:
		if n < 1e11 { // milliseconds before 1973, seconds until the year 5138
			n *= 1000
		}
		m.Time = time.UnixMilli(int64(n)).UTC()
	case json.Unmarshal(data, &s) == nil:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, s); err == nil {
				m.Time = t.UTC()
				return nil
			}
		}
	}
	return nil
}

// postPages asks for one page after the other until it has maxPosts posts, the
// network has no more or asks for a pause, or maxPages are read. ask gives
// where the next page begins; "" = there is none.
func postPages(ask func(from string) (posts []Post, next string, pause time.Duration, err error)) (all []Post, pause time.Duration, err error) {
	from := ""
	for range maxPages {
		var posts []Post
		posts, from, pause, err = ask(from)
		all = append(all, posts...)
		if err != nil || from == "" || pause > 0 || len(all) >= maxPosts {
			break
		}
	}
	return all, pause, err
}

// figures makes of a post what is kept. page finds the page of the site that
// one of its links leads to.
func (p Post) figures(site uint32, network, account string, now time.Time, page func(link string) (path, shareID string, ok bool)) event.PostFigures {
	f := event.PostFigures{
		Site: site, Time: now, Network: network, Account: account,
		Post: PlainText(p.ID, MaxPostID), Published: p.Published, URL: WebAddress(p.URL), Text: PlainText(p.Text, event.MaxPostText),
		Likes: p.Likes, Comments: p.Comments, Reposts: p.Reposts, Views: p.Views, Origin: event.OriginPoll,
	}
	for _, link := range p.Links {
		if path, shareID, ok := page(link); ok {
			f.Page, f.ShareID = path, shareID
			break
		}
	}
	return f
}

// WebAddress is address where it is one that a page may link to.
func WebAddress(address string) string {
	if host, _, ok := profileURL(address); !ok || host == "" || !strings.Contains(address, "://") || len(address) > event.MaxURL {
		return ""
	}
	return address
}

// isGone says that what was asked for isn't there.
func isGone(err error) bool { return err != nil && ProblemOf(err) == NotFound }
