package query

import (
	"context"
	"reflect"
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// A page lists visits by source, by device and by country. Such lists are of the
// same rows, grouped by one thing each: as one statement (GROUPING SETS) they are
// read once. Its rows are (list, value, metrics); each list is in its own order
// and has its own limit.

// MaxLists is how many questions CompareAll takes.
const MaxLists = maxDimensions

// Alike says that two questions can be asked by CompareAll as one.
func (q Query) Alike(o Query) bool {
	return q.isList() && o.isList() && q.listOn(o) && o.listOn(q) && q.counts() == o.counts() &&
		q.Site.ID == o.Site.ID && q.Range == o.Range && q.Now.Equal(o.Now) && q.CountRows == o.CountRows &&
		len(q.Metrics)+len(o.Metrics) <= maxMetrics && reflect.DeepEqual(q.Filter, o.Filter)
}

// isList says that a question lists visits by one thing that is known of them.
func (q Query) isList() bool {
	if len(q.Dimensions) != 1 || len(q.Order) > 0 || q.Offset > 0 || q.Sparse || q.TellUnknown || len(q.Metrics) == 0 || q.lists != nil {
		return false
	}
	d, _, ok := metric.LookupDimension(q.Dimensions[0])
	if !ok || isListed(d) {
		return ok
	}
	if d.Closed == "" || d.Kind == metric.OfTime {
		return false
	}
	// A list by page of more than what happened leaves out what began there alone.
	return d.Kind != metric.OfEvent || q.counts() == counts{happened: true}
}

// counts are the kinds of rows that a list has groups of. Lists of other kinds
// would have each other's groups.
type counts struct{ happened, began, entered bool }

func (q Query) counts() (c counts) {
	eventful := slices.ContainsFunc(q.Filter, func(f Filter) bool { return f.any(ofEvent) })
	for _, name := range q.Dimensions {
		d, _, _ := metric.LookupDimension(name)
		eventful = eventful || d.Kind == metric.OfEvent
	}
	for _, name := range q.Metrics {
		m, _ := metric.Lookup(name)
		for _, name := range m.Parts {
			switch p, _ := metric.LookupPart(name); {
			case !wholeVisits(p, eventful).Began:
				c.happened = true
			case p.Scope == metric.Visit:
				c.entered = true
			default:
				c.began = true
			}
		}
	}
	return c
}

// isListed says that rows grouped by the dimension alone can stand beside others.
func isListed(d metric.Dimension) bool {
	return d.Kind == metric.OfVisit && d.Join == "" && d.Where == "" && !d.Keyed()
}

// listOn says that a list's metrics can be asked by another's dimension, too.
func (q Query) listOn(o Query) bool {
	own, _, _ := metric.LookupDimension(q.Dimensions[0])
	d, _, _ := metric.LookupDimension(o.Dimensions[0])
	return own.SQL != d.SQL && !slices.ContainsFunc(q.Metrics, func(name string) bool {
		m, ok := metric.Lookup(name)
		if !ok || len(m.Parts) == 0 || m.MarkedBy != "" || m.Unit == metric.Money || m.Stands(metric.Place{By: []metric.By{{Name: o.Dimensions[0], Dimension: d}}}) != nil {
			return true
		}
		return slices.ContainsFunc(m.Parts, func(name string) bool {
			p, _ := metric.LookupPart(name)
			return !adds(p) || p.Sharing
		})
	})
}

// CompareAll is Compare for several questions, each Alike to each other and of
// another dimension, in one statement.
func CompareAll(ctx context.Context, r rows.Runner, questions []Query, mode CompareMode) ([]*Comparison, error) {
	all := questions[0]
	all.Dimensions, all.Metrics, all.Limit, all.Marks, all.Project = nil, nil, 0, false, false
	for _, q := range questions {
		all.Dimensions = append(all.Dimensions, q.Dimensions[0])
		all.lists = append(all.lists, pageList{q.Metrics, q.Limit})
		for _, name := range q.Metrics {
			if !slices.Contains(all.Metrics, name) {
				all.Metrics = append(all.Metrics, name)
			}
		}
	}
	c, err := Compare(ctx, r, all, mode)
	if err != nil {
		return nil, err
	}
	out := make([]*Comparison, len(questions))
	for i, q := range questions {
		if out[i], err = c.takeOut(i, q); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// takeOut takes one of the lists out, as if it had been asked alone.
func (c *Comparison) takeOut(i int, q Query) (*Comparison, error) {
	now, err := begin(q)
	if err != nil {
		return nil, err
	}
	out := &Comparison{Result: now.res, Cut: c.Cut}
	out.SQL = c.SQL
	places := []int{1}
	for _, name := range q.Metrics {
		places = append(places, slices.IndexFunc(c.Columns, func(col Column) bool { return col.Key == name }))
	}
	total, distinct := len(c.Columns), len(c.Columns)
	for j, col := range c.Columns {
		switch col.Key {
		case hiddenRows:
			total = j
		case hiddenDistinct:
			distinct = j
		}
	}
	for k, row := range c.Rows {
		if n, _ := rows.Int(row[0]); n != int64(i) {
			continue
		}
		out.Rows = append(out.Rows, pick(row, places))
		if total < len(row) {
			n, _ := rows.Int(row[total])
			out.TotalRows = int(n)
		}
		if distinct < len(row) {
			n, _ := rows.Int(row[distinct])
			out.Estimated = out.Estimated || n > exactUpTo
		}
		var before []any
		if c.BeforeRows[k] != nil {
			before = pick(c.BeforeRows[k], places)
		}
		out.BeforeRows = append(out.BeforeRows, before)
		var changes []*float64
		if c.Change[k] != nil {
			for _, at := range places {
				changes = append(changes, c.Change[k][at])
			}
		}
		out.Change = append(out.Change, changes)
	}
	if c.Before == nil {
		return out, nil
	}
	earlier := q
	earlier.Range, earlier.Limit, earlier.CountRows, earlier.Marks, earlier.Project = c.Before.Query.Range, 0, false, false, false
	before, err := begin(earlier)
	if err != nil {
		return nil, err
	}
	out.Before = before.res
	for _, row := range c.Before.Rows {
		if n, _ := rows.Int(row[0]); n == int64(i) {
			out.Before.Rows = append(out.Before.Rows, pick(row, places))
		}
	}
	return out, nil
}
