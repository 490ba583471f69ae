package imports

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/social"
)

// figureColumns are the figures of a post, as PostFigures has them.
var figureColumns = []string{"likes", "comments", "reposts", "views"}

// A file of posts has the columns network, account, post (its ID), date (of
// the reading) or published or both, one figure at least, and, where known,
// url, text, page and share_id. Networks' own files often say when a post was
// published and what its figures are now: such a reading has the time of the
// publication, so that a later file of the same post replaces it.
var postsForm = fileForm[event.PostFigures]{
	help: "The file has the columns network, account, post (the network's ID of it), date (of the reading) or published or both, " +
		"and one at least of likes, comments, reposts and views; it may have url, text, page (of the site that the post leads to) and share_id:\n" +
		"  published,network,account,post,page,likes,views\n  2026-01-31,linkedin,1234567,7290000000000000000,/my-page/,41,2950",
	kind:  event.Posts.Name,
	need:  [][]string{{"date", "published"}, {"network"}, {"account"}, {"post", "url"}, figureColumns},
	also:  []string{"text", "page", "share_id"},
	dates: []string{"published", "date"},
	lines: func(t *table, o options) (parser[event.PostFigures], []Question, []LineError) {
		if _, dated := t.place["date"]; dated && t.youtube() { // what came that day, not what there is
			return nil, nil, []LineError{{Line: t.header, Key: DaysOfPosts, Text: strings.Join(t.columns, "; ")}}
		}
		decimal, asked := t.wholeSign(figureColumns, o)
		owners, wrong := t.owners(o)
		return oneEach(func(l fileLine, o options) (event.PostFigures, *LineError) {
			l.decimal = decimal
			return parsePost(l, o)
		}), append(asked, owners...), wrong
	},
	made: func(t *table) func(record) (time.Time, bool) {
		return func(r record) (time.Time, bool) {
			return instantOf("", t.cell(r, "post"), cmp.Or(t.cell(r, "url"), networkAddress(t.cell(r, "network"))))
		}
	},
	when: func(p event.PostFigures) time.Time {
		if p.Published.IsZero() {
			return p.Time
		}
		return p.Published
	},
}

// networkAddress is some address of a network, for instantOf.
func networkAddress(network string) string {
	for host, key := range networkOf {
		if strings.EqualFold(key, network) {
			return "https://" + host + "/"
		}
	}
	return ""
}

// postID is the post's ID, or where the file has none what its address says.
func (l fileLine) postID() string {
	if id := l.cell("post"); id != "" {
		return id
	}
	address := l.cell("url")
	switch host, path := hostAndPath(address); host {
	case "x.com", "twitter.com", "tiktok.com", "linkedin.com":
		if id := lastNumber(path); id != "" {
			return id
		}
	case "youtu.be":
		return strings.Trim(path, "/")
	}
	return address
}

// inExponents is how spreadsheets write the long numbers that networks call
// posts by.
var inExponents = regexp.MustCompile(`^[0-9]([.,][0-9]+)?E\+[0-9]+$`)

// parsePost leaves Published zero where the file doesn't say it.
func parsePost(l fileLine, o options) (event.PostFigures, *LineError) {
	p := event.PostFigures{Site: o.Site.ID, Origin: event.OriginImport}
	var bad *LineError
	if l.cell("date") != "" || l.cell("published") == "" {
		if p.Time, bad = l.time("date", o); bad != nil {
			return p, bad
		}
	}
	if l.cell("published") != "" {
		if p.Published, bad = l.time("published", o); bad != nil {
			return p, bad
		}
		if p.Time.IsZero() || p.Time.Before(p.Published) && p.Time.Equal(noon(p.Published.In(l.calendar.zone))) {
			p.Time = p.Published // read on the day of its publication
		}
		if p.Time.Before(p.Published.Add(-time.Hour)) { // a network's clock may be ahead
			return p, l.bad("date", TooEarly)
		}
	}
	if p.Network, p.Account, bad = l.whose(o); bad != nil {
		return p, bad
	}
	id := l.postID()
	if p.Post = social.PlainText(id, social.MaxPostID); p.Post == "" || len([]rune(id)) > social.MaxPostID {
		return p, l.bad("post", BadPost)
	}
	if inExponents.MatchString(id) {
		return p, l.bad("post", Spreadsheet) // many posts would become one
	}
	if bad = l.counts(figureColumns, &p.Likes, &p.Comments, &p.Reposts, &p.Views); bad != nil {
		return p, bad
	}
	if p.Likes == nil && p.Comments == nil && p.Reposts == nil && p.Views == nil {
		return p, &LineError{Line: l.record.line, Key: NoFigures}
	}
	if p.URL = social.WebAddress(l.cell("url")); p.URL == "" && l.cell("url") != "" {
		return p, l.bad("url", BadURL)
	}
	text, links := l.cell("text"), []string(nil)
	if !l.has("page") { // a network's own file: as the poller finds it
		title := l.cell("title") // Facebook has the words here or there, or in both
		links = social.LinksInText(title + " " + text)
		if len(title) > len(text) {
			text = title
		}
	}
	p.Text = social.PlainText(text, event.MaxPostText)
	for _, link := range links {
		if page, share, ok := o.Pages.Landing(link, o.Site.Domain, o.Site.Pages()); ok {
			p.Page, p.ShareID = page, share
			break
		}
	}
	if page := l.cell("page"); page != "" {
		if strings.HasPrefix(page, "/") {
			page = "https://" + o.Site.Domain + page
		}
		var ok bool
		if p.Page, p.ShareID, ok = o.Pages.Landing(page, o.Site.Domain, o.Site.Pages()); !ok {
			return p, l.bad("page", BadPage)
		}
	}
	if id := l.cell("share_id"); id != "" {
		if !enrich.ValidShareID(id) {
			return p, l.bad("share_id", BadShare)
		}
		p.ShareID = id
	}
	return p, nil
}

var postReadings = readingKind[event.PostFigures]{
	fact: event.Posts, form: postsForm,

	key:       func(p event.PostFigures) readingKey { return readingKey{p.Network, p.Account, p.Post, p.Time.Unix()} },
	origin:    func(p *event.PostFigures) *string { return &p.Origin },
	completed: completedPost,
	sum:       sumOfPosts,
}

// completedPost: a network's several files have some figures each, and few
// have the text. An empty cell says nothing, so it takes nothing away.
func completedPost(p event.PostFigures, old *event.PostFigures) event.PostFigures {
	if old == nil {
		if p.Published.IsZero() {
			p.Published = p.Time // as far as one knows
		}
		return p
	}
	if p.Published.IsZero() {
		p.Published = old.Published
	}
	p.URL, p.Text = cmp.Or(p.URL, old.URL), cmp.Or(p.Text, old.Text)
	if p.Page == "" && p.ShareID == "" {
		p.Page, p.ShareID = old.Page, old.ShareID
	}
	p.Likes, p.Comments = cmp.Or(p.Likes, old.Likes), cmp.Or(p.Comments, old.Comments)
	p.Reposts, p.Views = cmp.Or(p.Reposts, old.Reposts), cmp.Or(p.Views, old.Views)
	return p
}

// sumOfPosts adds up what two lines have of one post.
func sumOfPosts(a, b event.PostFigures) (event.PostFigures, bool) {
	add := func(x, y *uint64) *uint64 {
		if x == nil || y == nil {
			return cmp.Or(x, y)
		}
		sum := *x + *y
		return &sum
	}
	a.Likes, a.Comments, a.Reposts, a.Views = add(a.Likes, b.Likes), add(a.Comments, b.Comments), add(a.Reposts, b.Reposts), add(a.Views, b.Views)
	return a, true
}
