package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/text"
)

// listGroup are lists that share their selections: those by what is known of
// visits, or a single other one.
type listGroup struct {
	dims  []resolvedDimension
	at    []int // of each, the number of its list
	daily []*selection
}

// listGroups takes the query's lists apart.
func (b *builder) listGroups() []listGroup {
	var known listGroup
	var others []listGroup
	for i, d := range b.dims {
		if isListed(d.Dimension) {
			known.dims, known.at = append(known.dims, d), append(known.at, i)
		} else {
			others = append(others, listGroup{dims: []resolvedDimension{d}, at: []int{i}})
		}
	}
	if known.dims == nil {
		return others
	}
	return append([]listGroup{known}, others...)
}

// planLists is plan for a statement of lists. A list has a metric of another's as
// well if they share their selections; nobody asks for it.
func (b *builder) planLists() {
	ofEvents := slices.ContainsFunc(b.q.Filter, func(f Filter) bool { return f.any(ofEvent) })
	groups := b.listGroups()
	for i := range groups {
		g := &groups[i]
		b.dims, b.daily = g.dims, nil
		b.eventful = ofEvents || g.dims[0].Kind == metric.OfEvent
		for _, at := range g.at {
			for _, name := range b.q.lists[at].metrics {
				m, _ := metric.Lookup(name)
				for _, name := range m.Parts {
					b.addOnce(name)
				}
			}
		}
		b.finishDaily()
		g.daily = b.daily
	}
	b.selections = b.withClosed(groups)
	for _, g := range groups {
		for _, s := range g.daily {
			s.gather(g.at)
		}
	}
	b.dims = []resolvedDimension{{asked: "list"}, {asked: "value"}}
}

// addOnce adds a part that no selection has yet.
func (b *builder) addOnce(name string) {
	for _, s := range b.daily {
		if slices.ContainsFunc(s.parts, func(p metric.Part) bool { return p.Name == name }) {
			return
		}
	}
	p, _ := metric.LookupPart(name)
	b.addDaily(wholeVisits(p, b.eventful))
}

// gather groups a selection by one dimension at a time: what it is grouped by
// becomes (list, value), with these numbers of lists.
func (s *selection) gather(at []int) {
	if len(at) == 1 {
		s.dims = []string{fmt.Sprintf("toUInt8(%d)", at[0]), "toString(" + s.dims[0] + ")"}
		return
	}
	var which, value []string
	for i, sql := range s.dims {
		which = append(which, fmt.Sprintf("grouping(%s) = 0, %d", sql, at[i]))
		value = append(value, fmt.Sprintf("grouping(%s) = 0, toString(%s)", sql, sql))
	}
	s.sets = s.dims
	s.dims = []string{"multiIf(" + strings.Join(which, ", ") + ", 255)", "multiIf(" + strings.Join(value, ", ") + ", '')"}
}

// ofList is the window of a row's list.
func (b *builder) ofList() string {
	if b.q.lists == nil {
		return ""
	}
	return "PARTITION BY d0"
}

// orderOfLists has list after list, each by its first metric.
func (b *builder) orderOfLists() string {
	var by []string
	for i, l := range b.q.lists {
		by = append(by, fmt.Sprintf("d0 = %d, toFloat64(%s)", i, b.sortKey(slices.Index(b.q.Metrics, l.metrics[0]))))
	}
	return "d0, multiIf(" + strings.Join(by, ", ") + ", NULL) DESC NULLS LAST, d1"
}

// cutLists leaves each list as many rows as it may have.
func (b *builder) cutLists(order string) string {
	limits, bounded := make([]string, len(b.q.lists)), false
	for i, l := range b.q.lists {
		n := l.limit
		if bounded = bounded || n > 0; n == 0 {
			n = maxRead
		}
		limits[i] = strconv.Itoa(n)
	}
	if !bounded {
		return ""
	}
	return "\nQUALIFY row_number() OVER (" + b.ofList() + " ORDER BY " + strings.TrimPrefix(order, "d0, ") + ") <= [" + strings.Join(limits, ", ") + "][d0 + 1]"
}

// listColumns are those of a statement of lists: what is hidden of one answer
// is a column here, as it is of a list.
func listColumns(columns []Column, hidden []string) []Column {
	columns[0].Title, columns[1].Title = text.Text{EN: "List"}, text.Text{EN: "Value"}
	for _, name := range hidden {
		columns = append(columns, Column{Key: name, Metric: true, Unit: metric.Count})
	}
	return columns
}
