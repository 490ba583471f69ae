package query

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Comparison is an answer beside that of an earlier period.
type Comparison struct {
	*Result
	// Before is the earlier period's answer; nil for NoComparison.
	Before *Result
	// BeforeRows has the earlier row for each row: of the same dimensions,
	// or of the bucket in the same place. nil where there is none.
	BeforeRows [][]any
	// Change has, for each row and column, the change in percent since then;
	// nil for dimensions, and where either value is unknown or the earlier
	// one is not above 0.
	Change [][]*float64
	// Cut says that the earlier period reaches back to before recording began,
	// so that some of it is unknown.
	Cut bool
}

// Compare asks a query for its range and for an earlier one, in one statement,
// and joins the rows. While the range is not over yet, totals are compared with
// as much of the earlier one; buckets of time with all of its buckets.
func Compare(ctx context.Context, r rows.Runner, q Query, mode CompareMode) (*Comparison, error) {
	if mode == NoComparison || mode == "" {
		res, err := Run(ctx, r, q)
		if err != nil {
			return nil, err
		}
		return uncompared(res), nil
	}
	now, err := begin(q)
	if err != nil {
		return nil, err
	}
	before, err := begin(q.earlier(mode, len(now.buckets) > 0))
	if err != nil {
		return nil, err
	}
	run := runBoth
	if inOneRead(now, before) {
		run = runInOneRead
	}
	if err := run(ctx, r, now, before); err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Site.Domain, err)
	}
	return compared(ctx, r, now, before)
}

func uncompared(res *Result) *Comparison {
	return &Comparison{Result: res, BeforeRows: make([][]any, len(res.Rows)), Change: make([][]*float64, len(res.Rows))}
}

// compared joins the rows of two answers.
func compared(ctx context.Context, r rows.Runner, now, before *answering) (c *Comparison, err error) {
	c = &Comparison{}
	if c.Result, err = now.end(ctx, r); err != nil {
		return nil, err
	}
	if c.Before, err = before.end(ctx, r); err != nil {
		return nil, err
	}
	c.BeforeRows, c.Change = make([][]any, len(c.Rows)), make([][]*float64, len(c.Rows))
	c.join()
	c.dropUncomparable()
	return c, nil
}

// First is the comparison's first rows; 0 = all.
func (c *Comparison) First(n int) *Comparison {
	if n == 0 || n >= len(c.Rows) {
		return c
	}
	first, res := *c, *c.Result
	res.Rows, res.Query.Limit = c.Rows[:n], n
	first.Result, first.BeforeRows, first.Change = &res, c.BeforeRows[:n], c.Change[:n]
	return &first
}

// earlier is the question of the period to compare with.
func (q Query) earlier(mode CompareMode, bucketed bool) Query {
	before := q
	before.Range = q.Range.Earlier(mode, q.Site.location())
	if !bucketed && q.Now.After(q.Range.From) && q.Now.Before(q.Range.To) {
		before.Range = before.Range.asMuchAs(q.Range, q.Now, q.Site.location())
	}
	before.Limit, before.Offset, before.CountRows = 0, 0, false
	before.Marks, before.Project = false, false
	before.lists = slices.Clone(q.lists)
	for i := range before.lists {
		before.lists[i].limit = 0
	}
	return before
}

// join finds each row's earlier one.
func (c *Comparison) join() {
	dims := len(c.Query.Dimensions)
	byKey := make(map[string][]any, len(c.Before.Rows))
	for _, row := range c.Before.Rows {
		byKey[c.Before.placeOf(row[:dims])] = row
	}
	for i, row := range c.Rows {
		earlier, ok := byKey[c.placeOf(row[:dims])]
		if !ok {
			continue
		}
		c.BeforeRows[i] = earlier
		c.Change[i] = make([]*float64, len(row))
		for j := dims; j < len(earlier); j++ { // it has no columns beside the metrics
			if m, _ := metric.Lookup(c.Columns[j].Key); !m.NoChange {
				c.Change[i][j] = change(row[j], earlier[j])
			}
		}
	}
}

// placeOf names a row by its dimensions, a bucket by its place in the range.
func (res *Result) placeOf(values []any) string {
	values = slices.Clone(values)
	for i, v := range values {
		if t, ok := rows.Time(v); ok {
			values[i], _ = slices.BinarySearchFunc(res.Buckets, t, func(b Bucket, t time.Time) int { return b.Start.Compare(t) })
		}
	}
	return keyOf(values)
}

// change is the change from was to is in percent, to one decimal.
func change(is, was any) *float64 {
	if now, ok := is.(Money); ok && !now.sameCurrency(was) {
		return nil
	}
	a, ok := decimal(is)
	b, ok2 := decimal(was)
	rate, ok3 := growth.Rate(b, a)
	if !ok || !ok2 || !ok3 {
		return nil
	}
	p := math.Round(rate*1000)/10 + 0 // + 0: never −0
	return &p
}

// dropUncomparable removes what can't be compared, because recording began after
// the earlier time: totals of a range that is partly unknown, and changes since a
// bucket that is.
func (c *Comparison) dropUncomparable() {
	rec, loc := c.Before.record, c.Query.Site.location()
	for j, since := range rec.since {
		recorded := func(t time.Time) bool {
			return !since.IsZero() && !t.Before(floor(since.In(loc), metric.Day))
		}
		c.Cut = c.Cut || !recorded(c.Before.Query.Range.From)
		for i, row := range c.BeforeRows {
			if row != nil && !recorded(c.Before.begin(row)) {
				c.Change[i][j] = nil
			}
		}
		if len(c.Before.Buckets) > 0 || recorded(c.Before.Query.Range.From) {
			continue
		}
		for _, row := range c.Before.Rows {
			row[j] = nil
		}
	}
}

// begin is when the time of a row begins.
func (res *Result) begin(row []any) time.Time {
	for _, b := range res.Buckets {
		for _, i := range res.record.timed {
			if t, ok := rows.Time(row[i]); ok && t.Equal(b.Start) {
				return b.From
			}
		}
	}
	return res.Query.Range.From
}
