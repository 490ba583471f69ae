package query

import (
	"context"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Readings of accounts, posts and other facts that have nothing to do with
// visits are few. ClickHouse takes longer to analyse what is asked of them than
// to read them, and would analyse it twice for a comparison. So a range and an
// earlier one are read as one, and a column more says which of the two a row is
// of.

// earlierPeriod is that column's name.
const earlierPeriod = "earlier"

// mostBetween bounds the time between two ranges that are read as one.
const mostBetween = 31 * 24 * time.Hour

// inOneRead says that a question can be answered together with the same of an
// earlier range by one read.
func inOneRead(now, before *answering) bool {
	q, earlier := now.res.Query, before.res.Query
	if gap := q.Range.From.Sub(earlier.Range.To); gap < 0 || gap > mostBetween || q.lists != nil {
		return false
	}
	for i, c := range before.Columns {
		if c.Bucket != now.Columns[i].Bucket {
			return false
		}
		if c.Bucket != metric.NoBucket && !fills(q, now.Columns) {
			return false // whole buckets without a row would be missing
		}
	}
	return !slices.ContainsFunc(q.Metrics, func(name string) bool {
		m, _ := metric.Lookup(name)
		return m.OfEvents() || slices.ContainsFunc(m.Parts, func(name string) bool {
			p, _ := metric.LookupPart(name)
			return p.Scope != metric.Account && p.Scope != metric.Apart
		})
	})
}

// runInOneRead fills both answers.
func runInOneRead(ctx context.Context, r rows.Runner, now, before *answering) error {
	q := now.res.Query
	one := q
	one.beside = &before.res.Query.Range
	one.Limit, one.Offset, one.CountRows = 0, 0, false
	st, err := Build(one)
	if err != nil {
		return err
	}
	now.SQL, now.res.SQL, before.res.SQL = st.SQL, st.SQL, st.SQL
	which := len(q.Dimensions) // the column behind the dimensions
	err = r.Select(ctx, st.SQL, st.Args, func(row *rows.Row) error {
		cells := row.Cells()
		of := now
		if earlier, _ := rows.Int(cells[which]); earlier == 1 {
			of = before
		}
		cells = slices.Concat(cells[:which], cells[which+1:])
		values, hidden := cells[:len(of.Columns)], cells[len(now.Columns):]
		if len(hidden) < len(of.Hidden) {
			hidden = append(slices.Clone(hidden), int64(0)) // the number of rows, counted below
		}
		return of.add(slices.Concat(values, hidden))
	})
	if err != nil {
		return err
	}
	now.total()
	before.total()
	now.cut()
	if len(q.Dimensions) > 0 && !now.timed() {
		before.res.Rows = before.rowsOf(now)
	}
	return nil
}

// total adds the row of an answer without dimensions that there is none of, as
// there is no fact.
func (a *answering) total() {
	if len(a.res.Query.Dimensions) == 0 && len(a.res.Rows) == 0 {
		a.res.Rows = [][]any{a.res.empty(nil, nil, nil, nil)}
	}
}

// cut counts the rows, and leaves as many as are asked for.
func (a *answering) cut() {
	q := a.res.Query
	if q.CountRows {
		a.rows = len(a.res.Rows)
	}
	if !fills(q, a.Columns) {
		a.res.Rows = cutPage(a.res.Rows, q.Limit, q.Offset)
	}
}

// rowsOf are the rows of the groups that another answer has, in its order.
func (a *answering) rowsOf(o *answering) (list [][]any) {
	dims := len(o.res.Query.Dimensions)
	byKey := make(map[string][]any, len(a.res.Rows))
	for _, row := range a.res.Rows {
		byKey[keyOf(row[:dims])] = row
	}
	for _, row := range o.res.Rows {
		if same, ok := byKey[keyOf(row[:dims])]; ok {
			list = append(list, same)
		}
	}
	return list
}

// byPeriod makes the rows of the range and those of the earlier one different
// groups.
func (b *builder) byPeriod() {
	if b.q.beside != nil {
		b.dims = append(b.dims, resolvedDimension{asked: earlierPeriod, Dimension: metric.Dimension{
			Name: earlierPeriod, Kind: metric.OfTime, SQL: "ts < {range_from:DateTime64(3, 'UTC')}",
		}})
	}
}

// span is all that is read.
func (b *builder) span() Range {
	r := b.q.Range
	if b.q.beside != nil {
		r.From = b.q.beside.From
	}
	return r
}

// inRanges holds for rows of the range, or of either.
func (b *builder) inRanges() string {
	const within = "ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}"
	if b.q.beside == nil {
		return within
	}
	return within + " AND (ts < {earlier_to:DateTime64(3, 'UTC')} OR ts >= {range_from:DateTime64(3, 'UTC')})"
}
