package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/text"
)

// gather groups each selection by one dimension at a time: what it is grouped by
// becomes (list, value).
func (b *builder) gather() {
	for _, s := range b.selections {
		if s.byDay {
			continue // it has the name of each row's dimension
		}
		var which, value []string
		for i, sql := range s.dims {
			which = append(which, fmt.Sprintf("grouping(%s) = 0, %d", sql, i))
			value = append(value, fmt.Sprintf("grouping(%s) = 0, toString(%s)", sql, sql))
		}
		s.sets = s.dims
		s.dims = []string{"multiIf(" + strings.Join(which, ", ") + ", 255)", "multiIf(" + strings.Join(value, ", ") + ", '')"}
	}
	b.dims = []resolvedDimension{{asked: "list"}, {asked: "value"}}
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
		by = append(by, fmt.Sprintf("d0 = %d, toFloat64(%s)", i, b.sortKey(slices.Index(b.q.Metrics, l.first))))
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
