package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// The figures of closed days are in closed_values, by day, dimension and value.
// A question whose range begins with such days takes theirs from there, and
// computes the rest of the range from events, as it would the whole: the same
// selections, of less. All is added up. What doesn't add up is visitors: who was
// there on a day and on the next would count twice. Closed days have them as
// carried; of the rest, those who were there before it are counted off.

// Closed are the days of a site whose figures closed_values has (internal/daybook).
type Closed struct {
	First time.Time   // start of the first day on record; before it, nothing happened
	Days  []ClosedDay // in their order
}

// ClosedDay is a closed day.
type ClosedDay struct {
	Start   time.Time // in the site's zone
	Closing uint64    // of its rows; 0 = it has none, as nothing happened
}

// closing finds the closing of the day that starts at a time.
func (c *Closed) closing(start time.Time) (closing uint64, ok bool) {
	if start.Before(c.First) {
		return 0, true
	}
	i, ok := slices.BinarySearchFunc(c.Days, start, func(d ClosedDay, t time.Time) int { return d.Start.Compare(t) })
	if !ok {
		return 0, false
	}
	return c.Days[i].Closing, true
}

// Has says that the day that starts at a time is closed.
func (c *Closed) Has(start time.Time) bool {
	_, ok := c.closing(start)
	return ok
}

// closedRun are the closed days that the range begins with, and the rest of it.
// nil = closed_values can't answer the question.
func (b *builder) closedRun() (run []ClosedDay, rest Range) {
	rest = b.q.Range
	at := rest.From.In(b.loc)
	if b.q.Site.Closed == nil || !at.Equal(floor(at, metric.Day)) || !b.closable() {
		return nil, rest
	}
	for end := next(at, metric.Day); !end.After(rest.To); at, end = end, next(end, metric.Day) {
		closing, ok := b.q.Site.Closed.closing(at)
		if !ok {
			break
		}
		run = append(run, ClosedDay{at, closing})
		rest.From = end
	}
	return run, rest
}

// cutRange finds what of the range is closed and what is open.
func (b *builder) cutRange() {
	b.open = b.whole()
	if run, rest := b.closedRun(); len(run) > 0 {
		b.run, b.open = run, b.part(rest)
	}
}

// closable says that closed_values has rows by the query's dimensions and
// filters: by one dimension, or several lists by one each, and by days.
func (b *builder) closable() bool {
	others := 0
	for _, d := range b.dims {
		if d.Closed == "" {
			return false
		}
		if d.Kind != metric.OfTime {
			others++
		}
	}
	if b.q.lists != nil {
		return len(b.q.Filter) == 0
	}
	if len(b.q.Filter) == 0 {
		return others < 2
	}
	_, ok := b.closedFilter()
	return others == 0 && ok
}

// closedFilter is the query's filter if it is one value of a dimension that
// closed_values has.
func (b *builder) closedFilter() (f Filter, ok bool) {
	all := conjuncts(b.q.Filter)
	if len(all) != 1 || all[0].Op != Is || all[0].IgnoreCase {
		return f, false
	}
	f = all[0]
	d, _, _ := metric.LookupDimension(f.Dimension)
	f.Values = b.q.Site.alsoNamed(f)
	// A filter by what some rows don't have finds these by "".
	return f, d.Closed != "" && d.Where == "" && d.Kind != metric.OfTime && len(f.Values) == 1
}

// fromClosed says that a part is read from the closed days.
func (b *builder) fromClosed(p metric.Part) bool { return b.run != nil && adds(p) }

// adds says that a part of one span and that of the next can be added up, unless
// it is visitors.
func adds(p metric.Part) bool {
	return p.Closed && (p.Scope == metric.Row || p.Scope == metric.Visit || p.Scope == metric.Via)
}

// addDaily adds a part to the selections of the open rest. Those of the same
// groups are one, whether rows count when they happened or when their visit began.
func (b *builder) addDaily(p metric.Part) {
	if b.run != nil {
		p = exact(p)
	}
	s := b.events(p, b.open)
	for _, have := range b.daily {
		if have.sameGroups(s) {
			have.parts, have.scopes = append(have.parts, p), append(have.scopes, p.Scope)
			return
		}
	}
	s.parts, s.scopes = []metric.Part{p}, []metric.Scope{p.Scope}
	b.daily = append(b.daily, s)
}

// exact is a part without estimates.
func exact(p metric.Part) metric.Part {
	p.SQL, p.Distinct = p.Exact(), false
	return p
}

// finishDaily bounds the selections of the open rest to their rows.
func (b *builder) finishDaily() {
	for _, s := range b.daily {
		s.exists = existence(s)
		if !slices.ContainsFunc(s.parts, func(p metric.Part) bool { return !p.Sharing }) {
			s.table = "sharing"
			s.narrow()
		}
		s.known = slices.Clone(s.parts)
		if s.left = !b.open.From.Before(b.open.To); !s.left {
			b.bound(s, b.open)
		}
	}
}

// withClosed are the selections of the open rest, and that of the closed days.
func (b *builder) withClosed(groups []listGroup) (list []*selection) {
	for _, g := range groups {
		list = append(list, g.daily...)
	}
	if b.run != nil && len(list) > 0 {
		list = append([]*selection{b.closed(groups)}, list...)
	}
	return list
}

// bound has a selection read the rows of a span: those that happened in it, and
// those of visits that began in it.
func (b *builder) bound(s *selection, open span) {
	var happened, began bool
	for _, p := range s.parts {
		happened, began = happened || !p.Began, began || p.Began
	}
	rows, byEntry := open, b.byEntry(s)
	since := b.knownSince(s)
	met := "" // holds for rows of visitors who weren't there before
	switch {
	case !since.Before(open.From):
	case open.From.Equal(dayOf(open.From)) && !s.ofEvents:
		// Who was there before is in a visit that began before: the same one,
		// of which all rows are in the same group.
		met = "began >= " + open.from
	default:
		rows = b.part(Range{From: since, To: open.To})
	}
	s.began = !happened
	switch {
	case !happened:
		s.in = b.begun(open)
	case !began && rows == open:
		s.in = b.happened(open)
	default:
		last := dayOf(open.To.Add(-1))
		if began {
			last = addDays(last, event.VisitDays-1)
		}
		s.in = &bounds{all: []string{ofSite, b.days(dayOf(rows.From), addDays(last, 1))}}
		s.happened = b.within("ts", rows)
		in := []string{s.happened}
		if began {
			in = append(in, b.within("began", open))
		}
		s.and("(" + strings.Join(in, " OR ") + ")")
	}
	for i := range s.parts {
		p := &s.parts[i]
		mixed := s.happened != ""
		switch {
		case p.Name == visitors && met != "" && mixed:
			p.SQL = p.If(b.within("ts", open) + " AND " + met)
		case p.Name == visitors && met != "":
			p.SQL = p.If(met)
		case p.Name == visitors && rows != open:
			p.SQL = "toUInt64(" + p.If(s.happened) + " - " + p.If("ts >= "+rows.from+" AND ts < "+open.from) + ")"
		case mixed && p.Began:
			p.SQL = p.If(b.within("began", open))
		case mixed:
			p.SQL = p.If(b.within("ts", open))
		}
	}
	if byEntry {
		// Other rows tell no more, but those of visits from before.
		s.and("(entry = 1 OR began < " + rows.from + ")")
	}
}

// within holds for rows whose time is in a span.
func (b *builder) within(column string, r span) string {
	if column == "ts" && r.From.Equal(dayOf(r.From)) && r.To.Equal(dayOf(r.To)) {
		return b.days(r.From, r.To) // which costs less
	}
	return column + " >= " + r.from + " AND " + column + " < " + r.to
}

// byEntry says that entry rows tell all parts of a selection.
func (b *builder) byEntry(s *selection) bool {
	if b.eventful || slices.ContainsFunc(s.parts, func(p metric.Part) bool { return !p.ByEntry }) {
		return false
	}
	// A visit that reaches into the next bucket is seen there by other rows.
	return b.bucket() == metric.NoBucket || !next(floor(b.open.From.In(b.loc), b.bucket()), b.bucket()).Before(b.open.To)
}

// knownSince is from when on a visitor of the open rest may have been seen whom
// the closed days count. Nobody is known from before the UTC day before.
func (b *builder) knownSince(s *selection) time.Time {
	since := b.open.From
	if b.run != nil && slices.ContainsFunc(s.parts, func(p metric.Part) bool { return p.Name == visitors }) {
		since = later(b.q.Range.From, addDays(dayOf(since), 1-event.VisitDays))
		if b.bucket() != metric.NoBucket {
			since = later(since, floor(b.open.From.In(b.loc), b.bucket()))
		}
	}
	return since
}

// closed is the selection of the closed days.
func (b *builder) closed(groups []listGroup) *selection {
	s := &selection{table: "closed_values AS t", byDay: true}
	first := b.arg("Date", inDate(localDate(b.run[0].Start, b.loc)))
	last := b.arg("Date", inDate(localDate(b.run[len(b.run)-1].Start, b.loc)))
	closings := []uint64{}
	for _, d := range b.run {
		if d.Closing != 0 {
			closings = append(closings, d.Closing)
		}
	}
	b.args = append(b.args, rows.Bind("closings", closings))

	names, bucket := []string{}, ""
	for _, d := range groups[0].dims {
		s.dims = append(s.dims, d.Closed)
		if d.Kind == metric.OfTime {
			bucket = d.Closed
		} else {
			names = append(names, d.Name)
		}
	}
	s.where = []string{ofSite, "", "day >= " + first + " AND day <= " + last, "closing IN {closings:Array(UInt64)}"}
	f, filtered := b.closedFilter()
	switch {
	case b.q.lists != nil:
		b.args = append(b.args, rows.Bind("lists", b.q.Dimensions))
		s.where[1] = "has({lists:Array(String)}, dimension)"
		s.dims = []string{"toUInt8(indexOf({lists:Array(String)}, t.dimension) - 1)", "t.value"}
	case len(names) == 1:
		s.where[1] = "dimension = " + b.arg("String", names[0])
	case filtered:
		s.where[1] = "dimension = " + b.arg("String", f.Dimension)
		s.and("value = " + b.arg("String", f.Values[0]))
	default:
		s.where[1] = "dimension = ''"
	}
	var exist []string // by group
	for _, g := range groups {
		var own []string
		for _, o := range g.daily {
			for _, sql := range o.exists {
				if !slices.Contains(own, sql) {
					own = append(own, sql)
				}
			}
			for _, p := range o.known {
				if slices.ContainsFunc(s.parts, func(have metric.Part) bool { return have.Name == p.Name }) {
					continue
				}
				p.SQL = "sum(t." + p.Name + ")"
				if p.Name == visitors && bucket != "t.day" {
					since := first
					if bucket != "" {
						since = "greatest(" + first + ", " + bucket + ")"
					}
					p.SQL = fmt.Sprintf("toUInt64(sum(t.visitors) - sumIf(t.%s, t.day > %s) - sumIf(t.%s, t.day > %s + 1))",
						metric.Carried, since, metric.CarriedFar, since)
				}
				s.parts = append(s.parts, p)
			}
		}
		sql := strings.Join(own, " OR ")
		if len(groups) > 1 && len(g.dims) == 1 {
			sql = "dimension = " + b.arg("String", g.dims[0].Name) + " AND (" + sql + ")"
		} else if len(groups) > 1 {
			sql = "(" + sql + ") AND dimension NOT IN (" + b.singles(groups) + ")"
		}
		exist = append(exist, sql)
	}
	if len(b.dims) > 0 {
		s.and("(" + strings.Join(exist, " OR ") + ")")
	}
	return s
}

// singles are the names of the dimensions whose lists share their selections with
// none.
func (b *builder) singles(groups []listGroup) string {
	var names []string
	for _, g := range groups {
		if len(g.dims) == 1 {
			names = append(names, b.arg("String", g.dims[0].Name))
		}
	}
	return strings.Join(names, ", ")
}

const visitors = "visitors" // the part that doesn't add up

// existence are conditions of which one holds for a row of closed_values where
// events has rows of a selection.
func existence(s *selection) (list []string) {
	for i, p := range s.parts {
		sql := "t.visitors > 0"
		switch {
		case p.Only == metric.IsShare:
			sql = "t.shares > 0"
		case p.Only == metric.ViaShare:
			sql = "t.share_visits > 0"
		case p.Began && s.scopes[i] == metric.Visit:
			sql = "t.entries > 0"
		case p.Began:
			sql = "t.visits > 0"
		}
		if !slices.Contains(list, sql) {
			list = append(list, sql)
		}
	}
	return list
}

// known are the rows since a time of those visitors of a span who were there
// between that time and the span.
func (b *builder) known(since time.Time, with span) *selection {
	p, _ := metric.LookupPart(visitors)
	s := b.events(p, b.part(Range{From: since, To: with.To}))
	// Whoever was there before has a visit of a UTC day that began before.
	known := "SELECT visitor\n" + b.rows(with) + "\n    AND began < " + b.instant(dayUp(with.From))
	s.and("visitor IN\n(\n" + indent("SELECT visitor\n"+b.rows(b.part(Range{From: since, To: with.From}))+
		"\n    AND visitor IN\n    (\n"+indent(indent(known))+"\n    )") + "\n)")
	return s
}

// count adds a part that is a number of visitors.
func (s *selection) count(name, sql string) {
	s.parts, s.scopes = append(s.parts, metric.Part{Name: name, SQL: sql, Closed: true}), append(s.scopes, metric.Row)
}

// inBoth counts the visitors for whom each of two conditions holds in some row.
func inBoth(a, b string) string {
	return fmt.Sprintf("toUInt64(uniqExactIf(visitor, %s) + uniqExactIf(visitor, %s) - uniqExactIf(visitor, %[1]s OR %[2]s))", a, b)
}

// rows are all rows of events of a span.
func (b *builder) rows(r span) string {
	return (&selection{table: "events", in: &bounds{all: b.happened(r).where()}}).from()
}

// localDate is the date that a time is on in a zone.
func localDate(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
