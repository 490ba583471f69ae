package query_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// The oracle answers the same questions from the visits themselves, the slow
// and plain way: no increments, no SQL. Random questions must get the same
// answers from both.

// seen is one event beside its visit.
type seen struct {
	v *visit
	h *hit
}

type oracle struct {
	visits []visit
	shares map[string]event.Event // acts of sharing by ID
}

func pickOne[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func randomVisits(r *rand.Rand, days int) []visit {
	var visits []visit
	var shared []string
	for i := range 150 {
		v := visit{id: uint64(i + 1), visitor: uint64(1 + r.IntN(40)), start: day.AddDate(0, 0, r.IntN(days)).Add(time.Duration(r.IntN(24*60)) * time.Minute)}
		v.stamp = event.Event{Source: pickOne(r, "", "Google", "Bing"), Country: pickOne(r, "", "FR", "DE"), Device: pickOne(r, "Desktop", "Mobile")}
		if len(shared) > 0 && r.IntN(3) == 0 {
			v.stamp.ViaShare = pickOne(r, shared...)
		}
		v.hits = append(v.hits, hit{path: pickOne(r, "/", "/a", "/b"), name: pickOne(r, "", "", "", "", "Signup", "Download"), passive: r.IntN(4) == 0})
		scrolled := map[string]bool{}
		for range r.IntN(5) {
			last := v.hits[len(v.hits)-1]
			h := hit{at: last.at + time.Duration(1+r.IntN(600))*time.Second, path: last.path}
			switch r.IntN(5) {
			case 0, 1:
				h.path = pickOne(r, "/", "/a", "/b", "/c")
			case 2:
				h.name, h.engaged = event.Engagement, uint32(r.IntN(30_000))
				if !scrolled[h.path] { // one depth a page keeps the oracle plain
					h.scroll = uint8(1 + r.IntN(100))
					scrolled[h.path] = true
				}
			case 3:
				h.name, h.passive = pickOne(r, "Signup", "Download"), r.IntN(4) == 0
				h.props = []event.Prop{{Key: "plan", Value: pickOne(r, "free", "pro")}}
			case 4:
				id := fmt.Sprintf("%d%09d", 1+r.IntN(3), len(visits)*10+len(v.hits))
				h.name = event.Share
				h.share = event.Event{ShareID: id, ShareNetwork: pickOne(r, "mastodon", "copy", "bluesky"), ShareKind: pickOne(r, "link", "copy"), ShareParent: v.stamp.ViaShare}
				shared = append(shared, id)
			}
			if h.name == event.Engagement && h.scroll == 0 && h.engaged == 0 {
				h.engaged = 1
			}
			v.hits = append(v.hits, h)
		}
		for i := range v.hits {
			v.hits[i].passive = v.hits[i].passive && v.hits[i].name != ""
		}
		visits = append(visits, v)
	}
	return visits
}

// value is a dimension of an event; not ok where it has none.
func (o *oracle) value(s seen, dimension string) (string, bool) {
	st := s.v.stamp
	isShare := s.h.kind() == event.Share
	switch dimension {
	case "event:page":
		return s.h.path, true
	case "event:goal":
		return s.h.kind(), s.h.kind() != event.Pageview && s.h.kind() != event.Engagement
	case "event:props:plan":
		if len(s.h.props) > 0 {
			return s.h.props[0].Value, true
		}
		return "", true
	case "share:network":
		return s.h.share.ShareNetwork, isShare
	case "visit:entry_page":
		return s.v.entry(), true
	case "visit:exit_page":
		return s.v.exit(), true
	case "visit:source":
		return st.Source, true
	case "visit:country":
		return st.Country, true
	case "visit:share_network":
		return o.shares[st.ViaShare].ShareNetwork, st.ViaShare != ""
	}
	panic(dimension)
}

func (o *oracle) holds(f query.Filter, s seen) bool {
	switch f.Op {
	case query.And:
		return !slices.ContainsFunc(f.Filters, func(f query.Filter) bool { return !o.holds(f, s) })
	case query.Or:
		return slices.ContainsFunc(f.Filters, func(f query.Filter) bool { return o.holds(f, s) })
	case query.Not:
		return !o.holds(f.Filters[0], s)
	case query.HasDone, query.HasNotDone:
		did := slices.ContainsFunc(s.v.hits, func(h hit) bool { return o.holds(f.Filters[0], seen{s.v, &h}) })
		return did == (f.Op == query.HasDone)
	}
	v, ok := o.value(s, f.Dimension)
	if f.Dimension == "visit:share_network" { // a filter takes visits without one, too
		ok = true
	}
	return ok && slices.Contains(f.Values, v) == (f.Op == query.Is)
}

func (o *oracle) all(filters []query.Filter, s seen) bool {
	return !slices.ContainsFunc(filters, func(f query.Filter) bool { return !o.holds(f, s) })
}

// ofEvents says that a filter asks something of single events.
func ofEvents(f query.Filter) bool {
	if f.Op == query.HasDone || f.Op == query.HasNotDone {
		return false
	}
	return strings.HasPrefix(f.Dimension, "event:") || slices.ContainsFunc(f.Filters, ofEvents)
}

// in says whether a time lies in the question's range.
func in(q query.Query, t time.Time) bool { return !t.Before(q.Range.From) && t.Before(q.Range.To) }

// groupOf is the group of an event, by time at that one.
func (o *oracle) groupOf(s seen, by string, at time.Time) (string, bool) {
	switch by {
	case "":
		return "", true
	case "time:day":
		return at.Format(time.DateOnly), true
	case "time:hour":
		return at.Format("2006-01-02 15:00"), true
	}
	return o.value(s, by)
}

// isOf says whether an event belongs to a group, by time at that one.
func (o *oracle) isOf(s seen, by, group string, at time.Time) bool {
	g, ok := o.groupOf(s, by, at)
	return ok && g == group
}

// figures computes the metrics of one group.
func (o *oracle) figures(q query.Query, group string) map[string]float64 {
	by := ""
	if len(q.Dimensions) > 0 {
		by = q.Dimensions[0]
	}
	eventful := by == "event:page" || by == "event:goal" || by == "share:network"
	for _, f := range q.Filter {
		eventful = eventful || ofEvents(f)
	}
	visitors, sharers, visits := map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
	n := map[string]float64{}
	for i := range o.visits {
		v := &o.visits[i]
		for j := range v.hits {
			s := seen{v, &v.hits[j]}
			if !o.all(q.Filter, s) {
				continue
			}
			// What a visit did counts where it began.
			if in(q, v.start) && o.isOf(s, by, group, v.start) {
				visits[v.id] = true
				n["engaged"] += float64(s.h.engaged)
				if s.h.scroll > 0 {
					n["depth"] += float64(s.h.scroll)
					n["depths"]++
				}
				if s.h.read() {
					n["reads"]++
				}
				if s.h.kind() == event.Pageview {
					n["visit_pageviews"]++
				}
			}
			at := v.start.Add(s.h.at)
			if !in(q, at) || !o.isOf(s, by, group, at) {
				continue
			}
			visitors[v.visitor] = true
			switch s.h.kind() {
			case event.Engagement:
				continue
			case event.Pageview:
				n["pageviews"]++
			case event.Share:
				n["shares"]++
				sharers[v.visitor] = true
				if s.h.share.ShareParent != "" {
					n["reshares"]++
				}
			}
			n["events"]++
		}
		if !in(q, v.start) {
			continue
		}
		if o.counts(q, by, group, v, false) {
			n["entries"]++
			n["seconds"] += v.duration().Seconds()
			if v.bounced() {
				n["bounces"]++
			}
		}
		if v.stamp.ViaShare != "" && o.counts(q, by, group, v, true) {
			n["share_visits"]++
		}
	}
	n["visitors"], n["sharers"] = float64(len(visitors)), float64(len(sharers))
	n["visits"] = n["entries"]
	if eventful {
		n["visits"] = float64(len(visits))
	}
	return n
}

// counts says whether a visit belongs to a group as a whole: by its entry page,
// or by the share it came through.
func (o *oracle) counts(q query.Query, by, group string, v *visit, via bool) bool {
	first := seen{v, &v.hits[0]}
	mapped := by
	switch {
	case by == "event:page":
		mapped = "visit:entry_page"
	case by == "share:network" && via:
		mapped = "visit:share_network"
	case by == "share:network", by == "event:goal":
		return false // not asked of whole visits
	}
	return o.isOf(first, mapped, group, v.start) && o.allOfVisit(q.Filter, v, via)
}

// allOfVisit says whether filters hold for a visit: a page stands for its entry
// page, those on single events hold all for one of its events.
func (o *oracle) allOfVisit(filters []query.Filter, v *visit, via bool) bool {
	var onEvents []query.Filter
	for _, f := range filters {
		switch {
		case f.Dimension == "event:page":
			f.Dimension = "visit:entry_page"
		case f.Dimension == "share:network" && via:
			f.Dimension = "visit:share_network"
			if v.stamp.ViaShare == "" {
				return false
			}
		case f.Op == query.Or:
			if !slices.ContainsFunc(f.Filters, func(f query.Filter) bool { return o.allOfVisit([]query.Filter{f}, v, via) }) {
				return false
			}
			continue
		case f.Op == query.Not && f.Filters[0].Dimension == "event:page":
			f = query.Filter{Op: query.Not, Filters: []query.Filter{is("visit:entry_page", f.Filters[0].Values...)}}
		}
		onEvents = append(onEvents, f)
	}
	return slices.ContainsFunc(v.hits, func(h hit) bool { return o.all(onEvents, seen{v, &h}) })
}

func (o *oracle) metric(name string, n map[string]float64) (float64, bool) {
	ratio := func(a, b, scale float64) (float64, bool) { return a / b * scale, b > 0 }
	switch name {
	case "bounce_rate":
		return ratio(n["bounces"], n["entries"], 100)
	case "visit_duration":
		return ratio(n["seconds"], n["entries"], 1)
	case "views_per_visit":
		return ratio(n["visit_pageviews"], n["visits"], 1)
	case "scroll_depth":
		return ratio(n["depth"], n["depths"], 1)
	case "engaged_time":
		return ratio(n["engaged"]/1000, n["visit_pageviews"], 1)
	case "read_rate":
		return ratio(n["reads"], n["visit_pageviews"], 100)
	case "share_rate":
		return ratio(n["sharers"], n["visitors"], 100)
	case "visits_per_share":
		return ratio(n["share_visits"], n["shares"], 1)
	}
	return n[name], true
}

func TestRandomQuestionsAgreeWithTheOracle(t *testing.T) {
	db := chtest.New(t)
	r := rand.New(rand.NewPCG(1, 2))
	const days = 4
	o := &oracle{visits: randomVisits(r, days), shares: map[string]event.Event{}}
	for _, v := range o.visits {
		for _, h := range v.hits {
			if h.name == event.Share {
				o.shares[h.share.ShareID] = h.share
			}
		}
	}
	insert(t, db, 1, o.visits)
	metrics := []string{"visitors", "visits", "pageviews", "events", "bounce_rate", "visit_duration", "views_per_visit", "scroll_depth",
		"engaged_time", "read_rate", "shares", "sharers", "share_rate", "share_visits", "visits_per_share", "reshares"}
	dims := []string{"", "event:page", "event:goal", "share:network", "time:day", "time:hour", "visit:entry_page", "visit:exit_page", "visit:source", "visit:country", "visit:share_network"}
	leaf := func() query.Filter {
		op := pickOne(r, query.Is, query.Is, query.IsNot)
		return pickOne(r,
			query.Filter{Op: op, Dimension: "visit:source", Values: []string{pickOne(r, "", "Google", "Bing")}},
			query.Filter{Op: op, Dimension: "visit:country", Values: []string{"FR", "DE"}},
			query.Filter{Op: op, Dimension: "visit:exit_page", Values: []string{"/a"}},
			query.Filter{Op: op, Dimension: "visit:share_network", Values: []string{"mastodon"}},
			query.Filter{Op: query.Is, Dimension: "event:page", Values: []string{pickOne(r, "/", "/a", "/c")}},
			query.Filter{Op: query.Is, Dimension: "event:goal", Values: []string{"Signup"}},
			query.Filter{Op: query.Is, Dimension: "event:props:plan", Values: []string{"pro"}},
			query.Filter{Op: pickOne(r, query.HasDone, query.HasNotDone), Filters: []query.Filter{is("event:goal", "Download")}},
			query.Filter{Op: query.Or, Filters: []query.Filter{is("visit:source", "Google"), is("visit:country", "DE")}},
			query.Filter{Op: query.Not, Filters: []query.Filter{is("visit:entry_page", "/a")}},
			query.Filter{Op: query.Not, Filters: []query.Filter{is("event:page", "/a")}},
			query.Filter{Op: query.Or, Filters: []query.Filter{is("event:page", "/b"), is("event:goal", "Signup")}},
			query.Filter{Op: query.Or, Filters: []query.Filter{is("event:page", "/b"), is("visit:source", "Google")}},
		)
	}
	for i := range 150 {
		q := query.Query{Site: query.Site{ID: 1}, Metrics: slices.Clone(metrics), Range: query.Range{From: day, To: day.AddDate(0, 0, days)}, Sparse: true}
		if r.IntN(2) == 0 {
			q.Range.From = day.Add(time.Duration(r.IntN(48*60)) * time.Minute)
			q.Range.To = q.Range.From.Add(time.Duration(1+r.IntN(60*60)) * time.Minute)
		}
		for range r.IntN(3) {
			q.Filter = append(q.Filter, leaf())
		}
		if d := pickOne(r, dims...); d != "" {
			q.Dimensions = []string{d}
			q.Metrics = slices.DeleteFunc(q.Metrics, func(m string) bool { return !canBeAsked(m, q.Dimensions) })
		}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, row := range res.Rows {
			group := ""
			if at, ok := row[0].(time.Time); ok && len(q.Dimensions) > 0 {
				group, _ = o.groupOf(seen{}, q.Dimensions[0], at)
			} else if len(q.Dimensions) > 0 {
				group = fmt.Sprint(row[0])
			}
			found[group] = true
			n := o.figures(q, group)
			for j, name := range q.Metrics {
				want, known := o.metric(name, n)
				got := row[len(q.Dimensions)+j]
				if known != (got != nil) || known && math.Abs(number(got)-want) > rounding(name) {
					t.Fatalf("question %d, %s of %q: got %v, want %v (%v)\n%+v\n%s", i, name, group, got, want, known, q.Filter, res.SQL)
				}
			}
		}
		for _, v := range o.visits {
			for _, h := range v.hits {
				s, at, by := seen{&v, &h}, v.start.Add(h.at), ""
				if len(q.Dimensions) > 0 {
					by = q.Dimensions[0]
				}
				if group, ok := o.groupOf(s, by, at); ok && in(q, at) && o.all(q.Filter, s) && !found[group] {
					t.Fatalf("question %d: no row for %q\n%+v\n%s", i, group, q.Filter, res.SQL)
				}
			}
		}
	}
}

// rounding is how far a figure may be from the oracle's, which doesn't round.
func rounding(name string) float64 {
	switch name {
	case "bounce_rate", "visit_duration", "scroll_depth", "engaged_time":
		return 0.501
	case "read_rate":
		return 0.0501
	}
	return 0.00501
}

func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return math.NaN()
}
