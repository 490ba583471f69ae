package query

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// events makes the selection of rows of events of a range for a part.
func (b *builder) events(p metric.Part, r span) *selection {
	s, scope := &selection{table: "events", in: b.happened(r), began: p.Began}, p.Scope
	if p.Began {
		s.in = b.begun(r)
	}
	grouped := scope != metric.Overall && scope != metric.OverallBase
	for _, d := range b.dims {
		if !grouped {
			break
		}
		sql, join, where := d.SQL, d.Join, d.Where
		if mapped, j, w, ok := mapped(scope, d.Dimension); ok {
			sql, join, where = mapped, j, w
		}
		if p.Began && d.Began != "" {
			sql = d.Began
		}
		sql = b.keyed(sql, d.key)
		s.ofEvents = s.ofEvents || d.Kind == metric.OfEvent
		s.join(join)
		s.and(where)
		s.dims = append(s.dims, sql)
	}
	b.filter(s, scope)
	s.ofEvents = s.ofEvents || b.eventful
	for i, sql := range s.joins {
		s.joins[i] = r.of(sql)
	}
	return s
}

// facts is the selection of the rows of a kind of fact that has nothing to do
// with visits.
func (b *builder) facts(f *metric.Facts) *selection {
	for _, s := range b.apart {
		if s.facts == f {
			return s
		}
	}
	if f.Sources {
		sources := slices.Sorted(maps.Keys(b.q.Site.Sources))
		networks := make([]string, len(sources))
		for i, source := range sources {
			networks[i] = b.q.Site.Sources[source]
		}
		b.args = append(b.args, rows.Bind("networks", networks), rows.Bind("sources", append([]string{}, sources...)))
	}
	table, where := f.From()
	if b.q.facts != nil {
		s := b.ofLists(f, table, where)
		b.apart = append(b.apart, s)
		return s
	}
	s := &selection{facts: f, table: table, where: append(where, b.inRanges())}
	for _, d := range b.dims {
		s.and(d.Where)
		s.dims = append(s.dims, d.SQL)
	}
	for _, f := range b.q.Filter {
		s.and(b.condition(f, s, rowExpression))
	}
	if f.Accounts {
		b.ownAccounts(s)
	}
	b.apart = append(b.apart, s)
	return s
}

// filter adds the query's filters to a selection.
func (b *builder) filter(s *selection, scope metric.Scope) {
	if scope == metric.Visit || scope == metric.Via {
		for _, sql := range b.ofVisits(b.q.Filter, s, scope) {
			s.and(sql)
		}
		return
	}
	for _, f := range b.q.Filter {
		if goals := scope == metric.Base || scope == metric.OverallBase; goals && f.any(func(_ string, d metric.Dimension) bool { return d.Goal }) {
			continue
		}
		s.and(b.condition(f, s, rowExpression))
	}
}

// rollable says that totals_hourly has the same numbers: nothing but time to
// group by, local hours that are UTC's, and a range worth it.
func (b *builder) rollable(s *selection) bool {
	if len(b.q.Filter) > 0 || b.q.Range.To.Sub(b.q.Range.From) <= 48*time.Hour {
		return false
	}
	for _, d := range b.dims {
		if d.Rollup == "" {
			return false
		}
	}
	for _, p := range s.parts {
		if p.Rollup == "" {
			return false
		}
	}
	onHour := func(t time.Time) bool { return t.Equal(t.Truncate(time.Hour)) }
	return onHour(b.q.Range.From) && onHour(b.q.Range.To) && (len(b.dims) == 0 || wholeHours(b.q.Range, b.loc))
}

func (b *builder) rollUp(s *selection) {
	s.table = "totals_hourly AS t"
	s.in, s.where = nil, []string{
		ofSite,
		"hour >= toDateTime(" + fromTime + ") AND hour < toDateTime(" + toTime + ")",
	}
	if s.began {
		s.where[1] = fmt.Sprintf("hour >= toDateTime(%s) AND hour < toDateTime(%s) + INTERVAL %d DAY", fromTime, toTime, event.VisitDays)
		s.where = append(s.where, "visit_hour >= toDateTime("+fromTime+") AND visit_hour < toDateTime("+toTime+")")
	}
	for i, d := range b.dims {
		if s.dims[i] = d.Rollup; s.began {
			s.dims[i] = d.BegunRollup
		}
	}
	for i, p := range s.parts {
		s.parts[i].SQL = p.Rollup
	}
}

// onlyEntries reads only entry rows where every part can be computed from them,
// because each row must be joined with its visit: a third of the rows. A visit
// that began before the range and continues in it has an event there before its
// timeout.
func (b *builder) onlyEntries(s *selection) {
	timed := slices.ContainsFunc(b.dims, func(d resolvedDimension) bool { return d.Kind == metric.OfTime })
	more := slices.ContainsFunc(s.parts, func(p metric.Part) bool { return !p.ByEntry })
	if len(s.joins) > 0 && !b.eventful && !timed && !more {
		s.and(fmt.Sprintf("(entry = 1 OR ts < {from:DateTime64(3, 'UTC')} + INTERVAL %d MINUTE)", int(event.VisitTimeout.Minutes())))
	}
}
