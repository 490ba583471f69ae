package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// hit is an event of a visit, at a time after its start.
type hit struct {
	at      time.Duration
	name    string // "" = pageview
	path    string
	engaged uint32
	scroll  uint8 // of an engagement; one a view at most, in these tests
	passive bool
	props   []event.Prop
	share   event.Event // its Share… fields
}

func (h hit) kind() string {
	if h.name == "" {
		return event.Pageview
	}
	return h.name
}

func (h hit) read() bool {
	return h.engaged >= uint32(event.ReadEngaged/time.Millisecond) && h.scroll >= event.ReadScroll
}

// visit is one visit as a test tells it.
type visit struct {
	id, visitor uint64
	start       time.Time
	stamp       event.Event // attributes
	hits        []hit
}

func (v visit) entry() string { return v.hits[0].path }

// exit is the last page viewed; without one, where the visit began.
func (v visit) exit() string {
	last := v.entry()
	for _, h := range v.hits {
		if h.kind() == event.Pageview {
			last = h.path
		}
	}
	return last
}

// bounced says it without the increments: no more than one page view, nothing
// else of interest.
func (v visit) bounced() bool {
	views := 0
	for _, h := range v.hits {
		switch h.kind() {
		case event.Pageview:
			views++
		case event.Engagement:
		default:
			if !h.passive {
				return false
			}
		}
	}
	return views < 2
}

func (v visit) duration() time.Duration { return v.hits[len(v.hits)-1].at - v.hits[0].at }

// rows makes the rows that the writer would, with their increments.
func (v visit) rows(site uint32) []event.Row {
	var rows []event.Row
	viewed, ended := false, false
	for i, h := range v.hits {
		r := event.Row{Event: v.stamp, Visit: v.id, Began: v.start, EntryPath: v.entry()}
		r.Site, r.Visitor, r.Time, r.Name, r.Path = site, v.visitor, v.start.Add(h.at), h.kind(), h.path
		r.EngagedMS, r.Props = h.engaged, h.props
		r.ShareID, r.ShareNetwork, r.ShareKind, r.ShareParent = h.share.ShareID, h.share.ShareNetwork, h.share.ShareKind, h.share.ShareParent
		if i > 0 {
			r.GapMS = uint32((h.at - v.hits[i-1].at) / time.Millisecond)
		}
		if h.kind() == event.Engagement && h.scroll > 0 {
			r.Scroll, r.Scrolled = h.scroll, 1
		}
		if h.read() {
			r.Read = 1
		}
		view := h.kind() == event.Pageview
		interesting := h.kind() != event.Engagement && !h.passive && (viewed || !view)
		viewed = viewed || view
		switch {
		case i == 0:
			r.Entry = 1
			if !interesting {
				r.Bounce = 1
			}
		case interesting && !ended:
			r.Bounce = -1
		}
		ended = ended || interesting
		rows = append(rows, r)
	}
	return rows
}

func insert(t testing.TB, db *clickhouse.DB, site uint32, visits []visit) {
	t.Helper()
	var rows []event.Row
	for _, v := range visits {
		rows = append(rows, v.rows(site)...)
	}
	know(rows)
	if err := db.Insert(t.Context(), fmt.Sprintf("%s-%d", t.Name(), site), event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
}

// know stamps rows with what the writer would know of their shares.
func know(rows []event.Row) {
	made := map[string]*event.Row{}
	for i := range rows {
		if r := &rows[i]; r.Name == event.Share {
			made[r.ShareID] = r
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.Name == event.Share {
			r.ShareGeneration, r.ShareRoot = r.ShareID[0]-'0', r.ShareID
			if r.ShareParent != "" {
				r.ShareRoot = r.ShareParent
			}
		}
		via := made[r.ViaShare]
		if via == nil {
			continue
		}
		r.ViaNetwork, r.ViaKind, r.ViaGeneration = via.ShareNetwork, via.ShareKind, via.ShareID[0]-'0'
		if age := r.Time.Sub(via.Time); r.Entry == 1 && age > 0 {
			r.ViaAge = uint32(age / time.Second)
		}
	}
}

func at(s string) time.Time {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		panic(err)
	}
	return t
}

// small is a set of four visits whose figures are easily told by hand.
//
//	visit  visitor  came by            what it did
//	11     1        Google, FR         /a (20 s, read to 80 %), /b, shared /b to mastodon; 120 s
//	22     2        direct, DE         /a (10 s, to 40 %); 30 s; a bounce
//	33     3        that share, DE     /b, Signup, reshared /b by copy; 60 s
//	44     1        direct, FR         /b, the next day; a bounce of no length
func small() []visit {
	const first, second = "1aaaaaaaaa", "2bbbbbbbbb"
	return []visit{
		{id: 11, visitor: 1, start: at("2026-03-10 09:00:00"), stamp: event.Event{Source: "Google", Channel: "Organic Search", Country: "FR"}, hits: []hit{
			{path: "/a"},
			{at: 20 * time.Second, name: event.Engagement, path: "/a", engaged: 20_000, scroll: 80},
			{at: 60 * time.Second, path: "/b"},
			{at: 120 * time.Second, name: event.Share, path: "/b", share: event.Event{ShareID: first, ShareNetwork: "mastodon", ShareKind: "link"}},
		}},
		{id: 22, visitor: 2, start: at("2026-03-10 10:00:00"), stamp: event.Event{Channel: "Direct", Country: "DE"}, hits: []hit{
			{path: "/a"},
			{at: 30 * time.Second, name: event.Engagement, path: "/a", engaged: 10_000, scroll: 40},
		}},
		{id: 33, visitor: 3, start: at("2026-03-10 11:00:00"), stamp: event.Event{Source: "Mastodon", Channel: "Organic Social", Country: "DE", ViaShare: first}, hits: []hit{
			{path: "/b"},
			{at: 30 * time.Second, name: "Signup", path: "/b", props: []event.Prop{{Key: "plan", Value: "pro"}}},
			{at: 60 * time.Second, name: event.Share, path: "/b", share: event.Event{ShareID: second, ShareNetwork: "copy", ShareKind: "copy", ShareParent: first}},
		}},
		{id: 44, visitor: 1, start: at("2026-03-11 12:00:00"), stamp: event.Event{Channel: "Direct", Country: "FR"}, hits: []hit{
			{path: "/b"},
		}},
	}
}

// seeded is a database with the small set as site 1.
func seeded(t testing.TB) *clickhouse.DB {
	db := chtest.New(t)
	insert(t, db, 1, small())
	return db
}

// twoDays is the range of the small set.
func twoDays() query.Range {
	return query.Range{From: at("2026-03-10 00:00:00"), To: at("2026-03-12 00:00:00")}
}
