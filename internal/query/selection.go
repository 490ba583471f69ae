package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// selection is one sub-select: rows of a table, grouped by the query's
// dimensions, and the parts to compute over them.
type selection struct {
	table  string
	joins  []string
	where  []string
	dims   []string // expressions, one a dimension
	parts  []metric.Part
	scopes []metric.Scope // of parts
}

func (s *selection) join(sql string) {
	if sql != "" && !slices.Contains(s.joins, sql) {
		s.joins = append(s.joins, sql)
	}
}

func (s *selection) and(sql string) {
	if sql != "" && !slices.Contains(s.where, sql) {
		s.where = append(s.where, sql)
	}
}

// same says that two selections have the same rows and groups.
func (s *selection) same(o *selection) bool {
	return s.table == o.table && slices.Equal(s.joins, o.joins) && slices.Equal(s.where, o.where) && slices.Equal(s.dims, o.dims)
}

// from renders everything from FROM to WHERE.
func (s *selection) from() string {
	text := "FROM " + s.table
	for _, j := range s.joins {
		text += "\n" + j
	}
	return text + "\nWHERE " + strings.ReplaceAll(s.conditions(), "\n", "\n    ")
}

func (s *selection) conditions() string { return strings.Join(s.where, "\nAND ") }

// inRange bounds rows of events. The bounds on toDate(ts) are those of the
// table's key.
func inRange() []string {
	const from, to = "{from:DateTime64(3, 'UTC')}", "{to:DateTime64(3, 'UTC')}"
	return []string{
		"site_id = {site:UInt32}",
		"toDate(ts) >= toDate(" + from + ") AND toDate(ts) <= toDate(" + to + ")",
		"ts >= " + from + " AND ts < " + to,
	}
}

func rowExpression(_ string, d metric.Dimension) (sql, join, where string) {
	return d.SQL, d.Join, d.Where
}

func ofEvent(_ string, d metric.Dimension) bool { return d.Kind == metric.OfEvent }

// events makes the selection of rows of events for a scope.
func (b *builder) events(scope metric.Scope) *selection {
	s := &selection{table: "events", where: inRange()}
	grouped := scope != metric.Overall && scope != metric.OverallBase
	for i, d := range b.dims {
		if !grouped {
			break
		}
		sql, join, where := d.SQL, d.Join, d.Where
		if mapped, j, w, ok := mapped(scope, d.Dimension); ok {
			sql, join, where = mapped, j, w
		}
		sql = b.keyed(sql, d.key)
		s.join(join)
		s.and(where)
		s.dims = append(s.dims, sql)
		s.and(b.restriction(i, sql))
	}
	b.filter(s, scope)
	return s
}

// leftOut makes the selection of hits left out.
func (b *builder) leftOut() *selection {
	return b.apart("left_out", "site_id = {site:UInt32}")
}

// published makes the selection of posts.
func (b *builder) published() *selection {
	sources := slices.Sorted(maps.Keys(b.q.Site.Sources))
	networks := make([]string, len(sources))
	for i, source := range sources {
		networks[i] = b.q.Site.Sources[source]
	}
	b.args = append(b.args, rows.Bind("networks", networks), rows.Bind("sources", append([]string{}, sources...)))
	s := b.apart(metric.PostRows + " AS post_rows")
	b.ownAccounts(s)
	return s
}

// apart makes the selection of rows of a table that has nothing to do with
// events, where also holds.
func (b *builder) apart(table string, also ...string) *selection {
	s := &selection{table: table, where: append(also, "ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}")}
	for i, d := range b.dims {
		s.and(d.Where)
		s.dims = append(s.dims, d.SQL)
		s.and(b.restriction(i, d.SQL))
	}
	for _, f := range b.q.Filter {
		s.and(b.condition(f, s, rowExpression))
	}
	return s
}

// mapped returns what the scopes of whole visits read for a dimension. It is
// not ok for one of single events that visits don't have as well.
func mapped(scope metric.Scope, d metric.Dimension) (sql, join, where string, ok bool) {
	switch {
	case scope != metric.Visit && scope != metric.Via:
		return "", "", "", false
	case d.Kind != metric.OfEvent:
		return d.SQL, d.Join, d.Where, true
	case scope == metric.Via && d.Via != "":
		return d.Via, d.ViaJoin, d.ViaWhere, true
	case d.Visit != "":
		return d.Visit, "", "", true
	}
	return "", "", "", false
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

// restriction keeps the groups that Query.only names.
func (b *builder) restriction(i int, sql string) string {
	if i >= len(b.q.only) || b.q.only[i] == nil {
		return ""
	}
	list := make([]string, len(b.q.only[i]))
	for j, v := range b.q.only[i] {
		list[j] = b.arg("String", v)
	}
	return sql + " IN (" + strings.Join(list, ", ") + ")"
}

// rollable says that totals_hourly has the same numbers: nothing but time to
// group by, local hours that are UTC's, and a range worth it.
func (b *builder) rollable(s *selection) bool {
	if len(b.q.Filter) > 0 || len(b.q.only) > 0 || b.q.Range.To.Sub(b.q.Range.From) <= 48*time.Hour {
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
	s.where = []string{
		"site_id = {site:UInt32}",
		"hour >= toDateTime({from:DateTime64(3, 'UTC')}) AND hour < toDateTime({to:DateTime64(3, 'UTC')})",
	}
	for i, d := range b.dims {
		s.dims[i] = d.Rollup
	}
	for i, p := range s.parts {
		s.parts[i].SQL = p.Rollup
	}
}

// split gives the selection of the parts that the table sharing knows, and
// that of the others; nil where there are none.
func (s *selection) split() (rest, sharing *selection) {
	if s.table != "events" {
		return s, nil
	}
	for i, p := range s.parts {
		to, table := &rest, "events"
		if p.Sharing {
			to, table = &sharing, "sharing"
		}
		if *to == nil {
			*to = &selection{table: table, joins: s.joins, where: slices.Clone(s.where), dims: slices.Clone(s.dims)}
		}
		(*to).parts, (*to).scopes = append((*to).parts, p), append((*to).scopes, s.scopes[i])
	}
	return rest, sharing
}

// narrow reads no rows that none of the parts counts.
func (s *selection) narrow() {
	only := s.parts[0].Only
	for _, p := range s.parts {
		if p.Only != only || s.table != "events" && s.table != "sharing" {
			return
		}
	}
	s.and(only)
}

// enter reads the entries alone where each row has to be joined with what is
// known of its visit, and the entries tell all: a third of the rows. A visit
// from before the range that goes on in it has an event before its timeout.
func (b *builder) enter(s *selection) {
	timed := slices.ContainsFunc(b.dims, func(d dimension) bool { return d.Kind == metric.OfTime })
	more := slices.ContainsFunc(s.parts, func(p metric.Part) bool { return !p.ByEntry })
	if len(s.joins) > 0 && !b.eventful && !timed && !more {
		s.and(fmt.Sprintf("(entry = 1 OR ts < {from:DateTime64(3, 'UTC')} + INTERVAL %d MINUTE)", int(event.VisitTimeout.Minutes())))
	}
}

// render writes a selection as a SELECT with the columns d0, d1, … and those
// of all, NULL where they are another selection's. anchor is "" or the value
// of a column of that name.
func (s *selection) render(all []metric.Part, anchor string) string {
	var columns, groups []string
	for i, sql := range s.dims {
		columns = append(columns, fmt.Sprintf("%s AS d%d", sql, i))
		groups = append(groups, fmt.Sprintf("d%d", i))
	}
	columns = append(columns, s.partColumns(all)...)
	if anchor != "" {
		columns = append(columns, anchor+" AS anchor")
	}
	text := "SELECT\n" + indent(strings.Join(columns, ",\n")) + "\n" + s.from()
	if len(groups) > 0 {
		text += "\nGROUP BY " + strings.Join(groups, ", ")
	}
	return text
}

func (s *selection) partColumns(all []metric.Part) []string {
	var columns []string
	for _, p := range all {
		sql := "NULL"
		for _, own := range s.parts {
			if own.Name == p.Name {
				sql = own.SQL
			}
		}
		columns = append(columns, sql+" AS "+p.Name)
	}
	return columns
}

func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }
