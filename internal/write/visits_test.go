package write

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// sums are the figures that dashboards compute from rows.
type sums struct {
	Rows, Visits, Bounces, Duration, Scroll, Scrolled, Read, Engaged int64
	VisitIDs, Visitors                                               int
}

func sumOf(rows []event.Row) sums {
	var s sums
	ids, visitors := map[uint64]bool{}, map[uint64]bool{}
	for _, r := range rows {
		s.Rows++
		s.Visits += int64(r.Entry)
		s.Bounces += int64(r.Bounce)
		s.Duration += int64(r.GapMS)
		s.Scroll += int64(r.Scroll)
		s.Scrolled += int64(r.Scrolled)
		s.Read += int64(r.Read)
		s.Engaged += int64(r.EngagedMS)
		ids[r.Visit], visitors[r.Visitor] = true, true
	}
	s.VisitIDs, s.Visitors = len(ids), len(visitors)
	return s
}

func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

func pv(minutes float64, path string) event.Event {
	return event.Event{Site: 1, Visitor: 10, Time: at(minutes), Name: event.Pageview, Hostname: "e.com", Path: path}
}

func engaged(minutes float64, path string, seconds uint32, depth int) event.Event {
	e := event.Event{Site: 1, Visitor: 10, Time: at(minutes), Name: event.Engagement, Hostname: "e.com", Path: path, EngagedMS: seconds * 1000}
	if depth >= 0 {
		e.HasScroll, e.ScrollDepth = true, uint8(depth)
	}
	return e
}

func named(minutes float64, name string, passive bool) event.Event {
	e := pv(minutes, "/")
	e.Name, e.Passive = name, passive
	return e
}

func by(visitor, before uint64, e event.Event) event.Event {
	e.Visitor, e.VisitorBefore = visitor, before
	return e
}

// late is an event that was taken at that minute.
func late(minute float64, e event.Event) event.Event {
	e.Late = uint32(noon.Add(time.Duration(minute * float64(time.Minute))).Sub(e.Time).Milliseconds())
	return e
}

func placeAll(v *visits, events []event.Event) []event.Row {
	var rows []event.Row
	for i := range events {
		if row, ok := v.place(&events[i], uint64(i)); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

func TestVisits(t *testing.T) {
	const minute = 60_000
	for _, c := range []struct {
		name   string
		events []event.Event
		want   sums
	}{
		{"one page view is a bounce", []event.Event{pv(0, "/")},
			sums{Rows: 1, Visits: 1, Bounces: 1, VisitIDs: 1, Visitors: 1}},
		{"a second one ends it", []event.Event{pv(0, "/"), pv(2, "/b"), pv(3, "/c")},
			sums{Rows: 3, Visits: 1, Duration: 3 * minute, VisitIDs: 1, Visitors: 1}},
		{"29 minutes are one visit, also over a full hour", []event.Event{pv(50, "/"), pv(79, "/")},
			sums{Rows: 2, Visits: 1, Duration: 29 * minute, VisitIDs: 1, Visitors: 1}},
		{"31 minutes are two", []event.Event{pv(0, "/"), pv(31, "/")},
			sums{Rows: 2, Visits: 2, Bounces: 2, VisitIDs: 2, Visitors: 1}},
		{"engagement keeps a visit alive and doesn't end a bounce", []event.Event{pv(0, "/"), engaged(20, "/", 30, -1), engaged(45, "/", 5, -1)},
			sums{Rows: 3, Visits: 1, Bounces: 1, Duration: 45 * minute, Engaged: 35_000, VisitIDs: 1, Visitors: 1}},
		{"engagement without a visit is dropped", []event.Event{engaged(0, "/", 30, 100), pv(1, "/"), engaged(40, "/", 30, 100)},
			sums{Rows: 1, Visits: 1, Bounces: 1, VisitIDs: 1, Visitors: 1}},
		{"a custom event ends a bounce", []event.Event{pv(0, "/"), named(1, "signup", false)},
			sums{Rows: 2, Visits: 1, Duration: minute, VisitIDs: 1, Visitors: 1}},
		{"a passive one doesn't", []event.Event{pv(0, "/"), named(1, "seen", true)},
			sums{Rows: 2, Visits: 1, Bounces: 1, Duration: minute, VisitIDs: 1, Visitors: 1}},
		{"a share ends a bounce", []event.Event{pv(0, "/"), named(1, event.Share, false)},
			sums{Rows: 2, Visits: 1, Duration: minute, VisitIDs: 1, Visitors: 1}},
		{"a visit may begin with a custom event, and is no bounce then", []event.Event{named(0, "signup", false), pv(1, "/")},
			sums{Rows: 2, Visits: 1, Duration: minute, VisitIDs: 1, Visitors: 1}},
		{"a visit without a page view counts", []event.Event{named(0, "signup", false), named(1, "signup", false)},
			sums{Rows: 2, Visits: 1, Duration: minute, VisitIDs: 1, Visitors: 1}},
		{"one of passive events alone is a bounce", []event.Event{named(0, "seen", true), named(1, "seen", true)},
			sums{Rows: 2, Visits: 1, Bounces: 1, Duration: minute, VisitIDs: 1, Visitors: 1}},
		{"a first page view after passive events doesn't end a bounce, a second does", []event.Event{named(0, "seen", true), pv(1, "/"), by(11, 0, named(0, "seen", true)), by(11, 0, pv(1, "/")), by(11, 0, pv(2, "/b"))},
			sums{Rows: 5, Visits: 2, Bounces: 1, Duration: 3 * minute, VisitIDs: 2, Visitors: 2}},
		{"a share an hour after the last event is a visit", []event.Event{pv(0, "/"), named(60, event.Share, false)},
			sums{Rows: 2, Visits: 2, Bounces: 1, VisitIDs: 2, Visitors: 1}},
		{"late events join their visit", []event.Event{pv(10, "/"), pv(9, "/a"), pv(12, "/b"), pv(11, "/c")},
			sums{Rows: 4, Visits: 1, Duration: 3 * minute, VisitIDs: 1, Visitors: 1}},
		{"an event of a visit long gone leaves the live one alone", []event.Event{pv(100, "/"), pv(10, "/a"), pv(101, "/b")},
			sums{Rows: 3, Visits: 2, Bounces: 1, Duration: minute, VisitIDs: 2, Visitors: 1}},
		{"the clock is set back for a while", []event.Event{pv(200, "/"), pv(80, "/a"), engaged(81, "/a", 5, 40), pv(90, "/b"), by(11, 0, pv(91, "/")), by(11, 0, pv(92, "/c")), by(11, 0, pv(93, "/c")), pv(201, "/d")},
			sums{Rows: 8, Visits: 3, Duration: 13 * minute, Scroll: 40, Scrolled: 1, Engaged: 5_000, VisitIDs: 3, Visitors: 2}},
		{"the visits of a log that comes hours late, beside readers of now", []event.Event{
			by(11, 0, pv(300, "/")), late(300, pv(0, "/")), late(300, pv(5, "/a")), by(11, 0, pv(301, "/b")), late(301, pv(50, "/")), late(301, pv(60, "/a"))},
			sums{Rows: 6, Visits: 3, Duration: 16 * minute, VisitIDs: 3, Visitors: 2}},
		{"the same of a reader who is here again", []event.Event{
			pv(300, "/"), late(300, pv(0, "/")), late(300, pv(5, "/a")), pv(301, "/b"), late(301, pv(50, "/")), late(301, pv(60, "/a"))},
			sums{Rows: 6, Visits: 3, Duration: 16 * minute, VisitIDs: 3, Visitors: 1}},
		{"depth counts once a view", []event.Event{pv(0, "/"), engaged(1, "/", 5, 30), engaged(2, "/", 5, 80), engaged(3, "/", 5, 60)},
			sums{Rows: 4, Visits: 1, Bounces: 1, Duration: 3 * minute, Scroll: 80, Scrolled: 1, Read: 1, Engaged: 15_000, VisitIDs: 1, Visitors: 1}},
		{"a depth of nothing is a depth", []event.Event{pv(0, "/"), engaged(1, "/", 5, 0)},
			sums{Rows: 2, Visits: 1, Bounces: 1, Duration: minute, Scrolled: 1, Engaged: 5_000, VisitIDs: 1, Visitors: 1}},
		{"14 seconds are not read", []event.Event{pv(0, "/"), engaged(1, "/", 14, 100)},
			sums{Rows: 2, Visits: 1, Bounces: 1, Duration: minute, Scroll: 100, Scrolled: 1, Engaged: 14_000, VisitIDs: 1, Visitors: 1}},
		{"the same page again is a new view", []event.Event{pv(0, "/"), engaged(1, "/", 20, 90), pv(2, "/"), engaged(3, "/", 20, 90)},
			sums{Rows: 4, Visits: 1, Duration: 3 * minute, Scroll: 180, Scrolled: 2, Read: 2, Engaged: 40_000, VisitIDs: 1, Visitors: 1}},
		{"two tabs", []event.Event{pv(0, "/a"), pv(0, "/b"), engaged(1, "/a", 20, 90), engaged(1, "/b", 1, 10)},
			sums{Rows: 4, Visits: 1, Duration: minute, Scroll: 100, Scrolled: 2, Read: 1, Engaged: 21_000, VisitIDs: 1, Visitors: 1}},
		{"engagement of a page not seen in this visit adds time only", []event.Event{pv(0, "/a"), engaged(1, "/other", 20, 90)},
			sums{Rows: 2, Visits: 1, Bounces: 1, Duration: minute, Engaged: 20_000, VisitIDs: 1, Visitors: 1}},
		{"a visit goes on over the change of the salt, under its first visitor", []event.Event{pv(0, "/"), by(20, 10, pv(5, "/b")), by(20, 10, pv(6, "/c")), pv(4.9, "/late")},
			sums{Rows: 4, Visits: 1, Duration: 6 * minute, VisitIDs: 1, Visitors: 1}},
		{"not when it was over", []event.Event{pv(0, "/"), by(20, 10, pv(35, "/b"))},
			sums{Rows: 2, Visits: 2, Bounces: 2, VisitIDs: 2, Visitors: 2}},
		{"two visitors", []event.Event{pv(0, "/"), by(11, 0, pv(0, "/"))},
			sums{Rows: 2, Visits: 2, Bounces: 2, VisitIDs: 2, Visitors: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := sumOf(placeAll(newVisits(100, visitsRoom), c.events))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVisitAttributesAreTheFirstEventsOnEveryRow(t *testing.T) {
	for _, name := range []string{event.Pageview, "signup", event.Share} {
		entry := pv(1, "/entry")
		entry.Name, entry.Source, entry.Channel, entry.ViaShare, entry.Referrer = name, "Mastodon", "Organic Social", "1aaaaaaaaa", "mastodon.social"
		second := pv(2, "/second")
		second.Source, second.Country = "Google", "FR"
		rows := placeAll(newVisits(10, visitsRoom), []event.Event{entry, second, named(3, "signup", false)})
		for i, r := range rows {
			if r.Source != "Mastodon" || r.Channel != "Organic Social" || r.ViaShare != "1aaaaaaaaa" || r.Referrer != "mastodon.social" || r.Country != "" || r.EntryPath != "/entry" {
				t.Errorf("a visit that begins with %s: row %d: %+v", name, i, r)
			}
			if want := i == 0; (r.Entry == 1) != want {
				t.Errorf("a visit that begins with %s: row %d has entry %d", name, i, r.Entry)
			}
		}
		if rows[1].Path != "/second" {
			t.Errorf("a row's own page is %q", rows[1].Path)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	v := newVisits(50, visitsRoom)
	for i := range 1000 {
		e := by(uint64(i+1), 0, pv(0, "/"))
		v.place(&e, uint64(i))
		for p := range 100 {
			e.Path = fmt.Sprint("/", p)
			v.place(&e, 0)
		}
	}
	if len(v.live) != 50 || v.n != 50 || v.evicted != 950 {
		t.Errorf("%d live, %d counted, %d evicted", len(v.live), v.n, v.evicted)
	}
	for _, vis := range v.live {
		if len(vis.views) > maxViews {
			t.Fatalf("%d views", len(vis.views))
		}
	}
	e := by(5000, 0, pv(32, "/"))
	v.place(&e, 1)
	if len(v.live) != 1 {
		t.Errorf("%d live after all but one have ended", len(v.live))
	}
}

// randomStream makes events of a few people over some hours, slightly out of
// order, over a change of the salt.
func randomStream(rng *rand.Rand, n int) []event.Event {
	midnight := noon.Add(12 * time.Hour)
	now := midnight.Add(-3 * time.Hour)
	names := []string{event.Pageview, event.Pageview, event.Engagement, event.Engagement, event.Share, "signup"}
	var events []event.Event
	for range n {
		now = now.Add(time.Duration(rng.ExpFloat64() * float64(2*time.Minute)))
		t := now
		if rng.IntN(5) == 0 {
			t = t.Add(-time.Duration(rng.IntN(20_000)) * time.Millisecond)
		}
		t = t.Truncate(time.Millisecond)
		person := uint64(1 + rng.IntN(8))
		e := event.Event{Site: uint32(1 + rng.IntN(2)), Time: t, Name: names[rng.IntN(len(names))],
			Hostname: "e.com", Path: fmt.Sprint("/", rng.IntN(4)), Visitor: person, Passive: rng.IntN(6) == 0}
		if !t.Before(midnight) {
			e.Visitor, e.VisitorBefore = person+1000, person
		}
		if e.Name == event.Engagement {
			e.EngagedMS, e.HasScroll, e.ScrollDepth = uint32(rng.IntN(20_000)), rng.IntN(4) > 0, uint8(rng.IntN(101))
		}
		if !e.HasScroll {
			e.ScrollDepth = 0
		}
		events = append(events, e)
	}
	return events
}

// naive keeps every visit's events and computes its figures at the end.
func naive(events []event.Event) sums {
	type person struct {
		site uint32
		id   uint64
	}
	open := map[person][]event.Event{}
	var s sums
	end := func(es []event.Event) {
		s.VisitIDs++
		first, last := es[0].Time, es[0].Time
		type seen struct {
			engaged  uint32
			depth    int
			scrolled bool
			read     bool
		}
		views := map[string]*seen{}
		var done []*seen
		active, viewed := 0, false
		for _, e := range es {
			s.Rows++
			first, last = minTime(first, e.Time), maxTime(last, e.Time)
			switch {
			case e.Name == event.Pageview:
				views[e.Path] = &seen{}
				done = append(done, views[e.Path])
				if viewed && !e.Passive {
					active++
				}
				viewed = true
			case e.Name == event.Engagement:
				s.Engaged += int64(e.EngagedMS)
				if w := views[e.Path]; w != nil {
					w.engaged += e.EngagedMS
					if e.HasScroll {
						w.scrolled = true
						w.depth = max(w.depth, int(e.ScrollDepth))
					}
					w.read = w.read || w.engaged >= 15000 && w.depth >= 75
				}
			case !e.Passive:
				active++
			}
		}
		s.Duration += last.Sub(first).Milliseconds()
		s.Visits++
		if active == 0 {
			s.Bounces++
		}
		for _, w := range done {
			s.Scroll += int64(w.depth)
			if w.scrolled {
				s.Scrolled++
			}
			if w.read {
				s.Read++
			}
		}
	}
	for _, e := range events {
		p := person{e.Site, e.Visitor % 1000}
		es := open[p]
		if len(es) > 0 {
			last := es[0].Time
			for _, o := range es {
				last = maxTime(last, o.Time)
			}
			if e.Time.Sub(last) > event.VisitTimeout {
				end(es)
				es = nil
			}
		}
		if len(es) > 0 || e.Name != event.Engagement {
			es = append(es, e)
		}
		open[p] = es
	}
	for _, es := range open {
		if len(es) > 0 {
			end(es)
		}
	}
	return s
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Whatever comes in: the increments on the rows add up to what a visit is.
func TestIncrementsAddUp(t *testing.T) {
	for seed := range uint64(150) {
		events := randomStream(rand.New(rand.NewPCG(seed, 1)), 300)
		want := naive(events)
		got := sumOf(placeAll(newVisits(1000, visitsRoom), events))
		got.Visitors = 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	events := make([]event.Event, 100_000)
	for i := range events {
		e := by(uint64(i/4+1), 0, pv(float64(i)/50_000, "/"+strings.Repeat("p", i%7)))
		e.Source, e.Country, e.Browser = []string{"Google", "X", ""}[i%3], "FR", "Firefox"
		events[i] = e
	}
	v := newVisits(1<<20, visitsRoom)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v.place(&events[i%len(events)], uint64(i))
	}
}

// A visit stays within event.VisitDays UTC days, the first being the day it
// began on: sums by day rely on that.
func TestAVisitKeepsToItsDays(t *testing.T) {
	const day = 24 * 60 // minutes; at(0) is noon
	v := newVisits(100, visitsRoom)
	place := func(e event.Event) event.Row {
		t.Helper()
		row, ok := v.place(&e, uint64(e.Time.UnixNano()))
		if !ok {
			t.Fatal("dropped")
		}
		return row
	}
	entry := place(pv(day/2-5, "/"))
	over := place(by(11, 10, pv(day/2+5, "/b")))
	if over.Visit != entry.Visit || over.Visitor != 10 || !over.Began.Equal(entry.Time) || !entry.Began.Equal(entry.Time) {
		t.Errorf("after midnight: visit %d began at %v, not %d at %v", over.Visit, over.Began, entry.Visit, entry.Time)
	}
	for m := day/2. + 25; m < 3*day/2.; m += 25 {
		if row := place(by(11, 10, pv(m, "/b"))); row.Visit != entry.Visit {
			t.Fatalf("ended at minute %v", m)
		}
	}
	if third := place(by(11, 10, pv(3*day/2+5, "/b"))); third.Visit == entry.Visit || third.Entry != 1 {
		t.Error("goes on on a third day")
	}
	// A clock that is set back over midnight.
	now := place(by(12, 0, pv(day/2+1, "/")))
	if before := place(by(12, 0, pv(day/2-1, "/a"))); before.Visit == now.Visit || before.Time.Before(before.Began) {
		t.Error("an event of the day before joined a visit of the day after")
	}
}
