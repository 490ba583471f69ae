package query

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// fills says that Run completes the answer with empty buckets: it has a
// dimension of time and is in order of time.
func fills(q Query, columns []Column) bool {
	if q.Sparse && !q.TellUnknown {
		return false
	}
	timed := func(c Column) bool { return !c.Metric && ofTime(c) }
	for _, o := range q.Order {
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Key == o.Key })
		if o.Desc || i < 0 || !timed(columns[i]) {
			return false
		}
	}
	return slices.ContainsFunc(columns, timed)
}

// fill completes the answer: for every group of the other dimensions a row for
// every bucket (or hour of the day, or day of the week), then limit and offset
// of groups, or of rows where there are no other dimensions.
func (res *Result) fill() {
	dims := slices.IndexFunc(res.Columns, func(c Column) bool { return c.Metric })
	var timed, others []int
	for i, c := range res.Columns[:dims] {
		if ofTime(c) {
			timed = append(timed, i)
		} else {
			others = append(others, i)
		}
	}
	groups := res.groups(others, timed, dims)
	res.TotalRows = 0
	spans := res.spans(timed)
	var rows [][]any
	for _, span := range spans {
		for _, g := range groups {
			row, ok := g.rows[keyOf(span)]
			if !ok {
				row = res.empty(g, span, timed, others)
			}
			if ok || !res.Query.Sparse || res.record.hasUnrecorded(row) {
				rows = append(rows, row)
			}
		}
	}
	if res.Query.CountRows {
		res.TotalRows = len(rows)
	}
	if len(others) == 0 || res.Query.Sparse {
		rows = cutPage(rows, res.Query.Limit, res.Query.Offset)
	}
	res.Rows = rows
}

// group is all rows of one combination of the dimensions that aren't time.
type group struct {
	values []any
	rows   map[string][]any // by span
	size   float64
}

// groups gathers the rows by their other dimensions, the largest group first,
// and keeps those that limit and offset ask for.
func (res *Result) groups(others, timed []int, dims int) []*group {
	var list []*group
	byKey := map[string]*group{}
	if len(others) == 0 {
		byKey[""] = &group{rows: map[string][]any{}}
		list = append(list, byKey[""])
	}
	first, _ := metric.Lookup(res.Columns[dims].Key)
	for _, row := range res.Rows {
		values := pick(row, others)
		key := keyOf(values)
		g := byKey[key]
		if g == nil {
			g = &group{values: values, rows: map[string][]any{}}
			byKey[key] = g
			list = append(list, g)
		}
		g.rows[keyOf(pick(row, timed))] = row
		if size, ok := decimal(row[dims]); ok && first.Gauge() {
			g.size = size // rows come in order of time
		} else if ok {
			g.size += size
		}
	}
	if len(others) == 0 || res.Query.Sparse {
		return list // rows are what limit and offset count
	}
	slices.SortStableFunc(list, func(a, b *group) int {
		switch {
		case a.size > b.size:
			return -1
		case a.size < b.size:
			return 1
		}
		return 0
	})
	return cutPage(list, res.Query.Limit, res.Query.Offset)
}

// spans lists all values of the dimensions of time.
func (res *Result) spans(timed []int) [][]any {
	list := [][]any{nil}
	for _, i := range timed {
		var values []any
		if c := res.Columns[i]; c.Bucket != metric.NoBucket {
			for _, b := range res.Buckets {
				values = append(values, b.Start)
			}
		} else {
			for _, n := range cycle(c) {
				values = append(values, int64(n))
			}
		}
		var longer [][]any
		for _, have := range list {
			for _, v := range values {
				longer = append(longer, append(slices.Clone(have), v))
			}
		}
		list = longer
	}
	return list
}

// empty is the row of a bucket in which a group has nothing.
func (res *Result) empty(g *group, span []any, timed, others []int) []any {
	row := make([]any, len(res.Columns))
	future := false
	for k, i := range timed {
		row[i] = span[k]
		if t, ok := rows.Time(span[k]); ok && !res.Query.Now.IsZero() {
			future = !t.Before(res.Query.Now)
		}
	}
	for k, i := range others {
		row[i] = g.values[k]
	}
	for i, c := range res.Columns {
		m, ok := metric.Lookup(c.Key)
		if c.Metric && ok && m.Empty == metric.Zero && !future && c.Missing.EN == "" {
			row[i] = int64(0)
		}
	}
	res.record.blank(row)
	return row
}

func cutPage[T any](list []T, limit, offset int) []T {
	list = list[min(offset, len(list)):]
	if limit > 0 && limit < len(list) {
		list = list[:limit]
	}
	return list
}
