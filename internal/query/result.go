package query

import (
	"fmt"
	"iter"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Result is the answer. A row has a value a column: of a dimension a string,
// an int64 (cycles of time) or a time.Time (see Buckets); of a metric an int64
// (counts), a float64 or Money, nil where there is no such number.
type Result struct {
	Query     Query
	Columns   []Column
	Rows      [][]any
	TotalRows int  // without limit and offset; 0 unless Query.CountRows
	Estimated bool // a distinct count passed 65,000: within 1 %, not exact
	// Buckets are all buckets of the range where a dimension is one of time,
	// in order. A row's time is its bucket's Start.
	Buckets []Bucket
	SQL     string

	record *record
}

// All gives the rows one after the other, with cells by their columns' keys. A
// row is valid until the next. To ask for a column that the answer doesn't
// have, or for another type than it is of, is the program's mistake and panics,
// as an index out of range does.
func (res *Result) All() iter.Seq[*rows.Row] {
	names := make([]string, len(res.Columns))
	for i, c := range res.Columns {
		names[i] = c.Key
	}
	return func(yield func(*rows.Row) bool) {
		row := rows.New(names)
		for _, cells := range res.Rows {
			more := false
			err := row.Give(cells, func(r *rows.Row) error { more = yield(r); return nil })
			if err != nil {
				panic(fmt.Errorf("read an answer: %w", err))
			}
			if !more {
				return
			}
		}
	}
}

// Count is a figure of an answer without dimensions; 0 where it is unknown.
func (res *Result) Count(metric string) (n int64) {
	for row := range res.All() {
		n, _ = row.MaybeInt(metric)
	}
	return n
}

// Order returns the order of the rows: as asked, or the default.
func (res *Result) Order() []Order {
	if len(res.Query.Order) > 0 {
		return res.Query.Order
	}
	var list []Order
	for _, c := range res.Columns {
		if !c.Metric && ofTime(c) {
			list = append(list, Order{Key: c.Key})
		}
	}
	return append(list, Order{Key: res.Query.Metrics[0], Desc: true})
}

// maxRead bounds the rows that Run holds in memory; StreamCSV has no bound.
const maxRead = 500_000

// exactUpTo is where ClickHouse's uniq begins to estimate.
const exactUpTo = 65_000
