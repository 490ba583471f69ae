package query

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// CloseDay is the statement that puts the figures of a site's day, as events has
// them, into closed_values: by each dimension that says so, and all together.
// The day is any time in it. The rows count once closed_days names the closing.
func CloseDay(site Site, day time.Time, closing uint64) (sql string, args []rows.Arg) {
	loc := site.location()
	start := floor(day.In(loc), metric.Day)
	b := &builder{q: Query{Site: site, Range: Range{From: start, To: next(start, metric.Day)}}, loc: loc, names: map[rows.Arg]string{}}
	b.fixed()
	b.args = append(b.args, rows.Bind("closing", closing))

	columns := []string{"site_id", "dimension", "day", "closing", "value", metric.Carried, metric.CarriedFar}
	for _, p := range metric.ClosedParts() {
		columns = append(columns, p.Name)
	}
	selects := []string{b.dayBy("''")}
	var names []string
	var lists []resolvedDimension
	for _, d := range metric.Dimensions() {
		switch by := (resolvedDimension{asked: d.Name, Dimension: d}); {
		case d.Kind == metric.OfTime || d.Closed == "":
		case isListed(d):
			names, lists = append(names, d.Name), append(lists, by)
		default:
			selects = append(selects, b.dayBy(b.arg("String", d.Name), by))
		}
	}
	b.args = append(b.args, rows.Bind("lists", names))
	b.q.lists = []pageList{}
	selects = append(selects, b.dayBy("{lists:Array(String)}[u.d0 + 1]", lists...))
	return "INSERT INTO closed_values (" + strings.Join(columns, ", ") + ")\n" + strings.Join(selects, "\nUNION ALL\n"), b.args
}

// ClosedLayout is a number for what CloseDay computes: rows of another one lack
// something, or have it otherwise.
var ClosedLayout = sync.OnceValue(func() uint64 {
	sql, _ := CloseDay(Site{}, time.Unix(0, 0), 0)
	h := fnv.New64a()
	h.Write([]byte(sql))
	return h.Sum64()
})

// dayBy renders the day's rows by one dimension, or as lists by several.
func (b *builder) dayBy(name string, dims ...resolvedDimension) string {
	b.dims, b.daily = dims, nil
	b.eventful = len(dims) == 1 && dims[0].Kind == metric.OfEvent
	day := b.whole()
	b.open = day
	for _, p := range metric.ClosedParts() {
		b.addDaily(exact(wholeVisits(p, b.eventful)))
	}
	for _, s := range b.daily {
		if b.bound(s, day); len(dims) > 1 {
			s.byVisit()
		}
	}
	dayBefore := floor(day.From.Add(-time.Hour).In(b.loc), metric.Day)
	since := later(floor(dayBefore.Add(-time.Hour), metric.Day), addDays(dayOf(day.From), 1-event.VisitDays))
	dayBefore = later(dayBefore, since)
	far, near, own := "ts < "+day.from, "ts < "+day.from+" AND ts >= "+b.instant(dayBefore), "ts >= "+day.from
	s := b.known(since, day)
	s.count(metric.Carried, inBoth(near, own))
	s.count(metric.CarriedFar, "toUInt64("+inBoth(far, own)+" - "+inBoth(near, own)+")")
	b.selections = append(b.daily, s)
	value, groups := "''", ""
	switch {
	case b.q.lists != nil:
		for _, s := range b.selections {
			s.gather(numbers(len(dims)))
		}
		value, groups = "u.d1", "\nGROUP BY u.d0, u.d1"
	case len(dims) == 1:
		value, groups = "toString(u.d0)", "\nGROUP BY u.d0"
	}
	all := b.parts()
	columns := []string{"{site:UInt32}", name, b.arg("Date", inDate(localDate(day.From, b.loc))), "{closing:UInt64}", value}
	for _, column := range append([]string{metric.Carried, metric.CarriedFar}, partNames(metric.ClosedParts())...) {
		columns = append(columns, fmt.Sprintf("ifNull(sum(u.%s), 0)", column))
	}
	var from []string
	for _, s := range b.selections {
		from = append(from, s.render(all, ""))
	}
	return "SELECT " + strings.Join(columns, ", ") + "\nFROM\n(\n" + indent(strings.Join(from, "\nUNION ALL\n")) + "\n) AS u" + groups
}

// byVisit has a selection by what is known of visits add up each visit first:
// many lists then read a quarter of the rows.
func (s *selection) byVisit() {
	columns := []string{"visit", "any(visitor) AS visitor"}
	for i, sql := range s.dims {
		columns = append(columns, fmt.Sprintf("any(%s) AS of%d", sql, i))
	}
	happened := cmp.Or(s.happened, "1")
	columns = append(columns, "countIf("+happened+") > 0 AS happened")
	for i := range s.parts {
		p := &s.parts[i]
		if p.Name == visitors {
			p.SQL = "uniqExactIf(visitor, happened)"
			continue
		}
		columns = append(columns, p.SQL+" AS of_"+p.Name)
		p.SQL = "sum(of_" + p.Name + ")"
	}
	sql := "SELECT\n" + indent(strings.Join(columns, ",\n")) + "\n" + s.from() + "\nGROUP BY visit"
	s.table, s.joins, s.where, s.in = "(\n"+indent(sql)+"\n) AS of_visits", nil, nil, nil
	for i := range s.dims {
		s.dims[i] = fmt.Sprintf("of%d", i)
	}
}

// numbers are those from 0 to before n.
func numbers(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

func partNames(parts []metric.Part) (names []string) {
	for _, p := range parts {
		names = append(names, p.Name)
	}
	return names
}
