package query

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Run asks a query and returns the answer with every bucket of time in it:
// where nothing was recorded, counts are 0 and ratios and followers nil; in
// the future and before recording began (Site.Recorded) everything is nil.
func Run(ctx context.Context, r rows.Runner, q Query) (*Result, error) {
	a, err := begin(q)
	if err != nil {
		return nil, err
	}
	if err := r.Select(ctx, a.SQL, a.Args, func(row *rows.Row) error { return a.add(row.Cells()) }); err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Site.Domain, err)
	}
	return a.end(ctx, r)
}

// answering is an answer while its rows come in.
type answering struct {
	Statement
	*reader
	res *Result
}

func begin(q Query) (*answering, error) {
	st, err := Build(q)
	if err != nil {
		return nil, err
	}
	read, err := newReader(q, st)
	if err != nil {
		return nil, err
	}
	if q.lists != nil {
		q.Dimensions = []string{"list", "value"}
	}
	return &answering{st, read, &Result{Query: q, Columns: st.Columns, SQL: st.SQL, Buckets: read.buckets, record: read.record}}, nil
}

// width is how many cells a row of the statement has.
func (a *answering) width() int { return len(a.Columns) + len(a.Hidden) }

func (a *answering) add(cells []any) error {
	if len(a.res.Rows) == maxRead {
		return invalid("dimensions", "the answer has more than %d rows; ask for fewer by a limit or a filter", "la réponse a plus de %d lignes ; demandez-en moins par une limite ou un filtre", maxRead)
	}
	a.res.Rows = append(a.res.Rows, a.row(cells))
	return nil
}

func (a *answering) end(ctx context.Context, r rows.Runner) (*Result, error) {
	res, q := a.res, a.res.Query
	res.Estimated = a.distinct > exactUpTo
	if fills(q, a.Columns) {
		res.fill()
		return res, nil
	}
	res.TotalRows = a.rows
	if q.CountRows && len(res.Rows) == 0 && q.Offset > 0 {
		// Past the end there is no row to carry the number.
		q.Offset, q.Limit = 0, 1
		first, err := Run(ctx, r, q)
		if err != nil {
			return nil, err
		}
		res.TotalRows = first.TotalRows
	}
	return res, nil
}

// reader turns a statement's rows into a Result's.
type reader struct {
	columns  []Column
	hidden   []string
	loc      *time.Location
	sparse   bool
	buckets  []Bucket
	running  time.Time      // start of the bucket that is not over, for projections
	byKey    map[string]int // buckets
	distinct int64
	rows     int
	record   *record
}

func newReader(q Query, st Statement) (*reader, error) {
	r := &reader{columns: st.Columns, hidden: st.Hidden, loc: q.Site.location(), sparse: q.Sparse}
	for _, c := range st.Columns {
		if c.Bucket == metric.NoBucket {
			continue
		}
		list, err := cutBuckets(q.Range, c.Bucket, r.loc, q.Now)
		if err != nil {
			return nil, err
		}
		r.buckets, r.byKey = list, make(map[string]int, len(list))
		if at, _, ok := running(list, c.Bucket, q.Now); ok {
			r.running = list[at].Start
		}
		for i, b := range list {
			r.byKey[bucketKey(b.Start, c.Bucket)] = i
		}
	}
	r.record = newRecord(q, st.Columns, r.buckets)
	return r, nil
}

// bucketKey names a bucket as the database does: hours by their instant, the
// others by their date.
func bucketKey(t time.Time, b metric.Bucket) string {
	if b == metric.Hour {
		return t.UTC().Format("2006-01-02T15:04")
	}
	return t.Format(time.DateOnly)
}

func (r *reader) row(values []any) []any {
	row := make([]any, len(r.columns))
	for i, c := range r.columns {
		row[i] = r.value(c, values[i])
	}
	r.onlyRunning(row)
	r.record.blank(row)
	for i, name := range r.hidden {
		n, _ := integer(values[len(r.columns)+i])
		if name == hiddenDistinct {
			r.distinct = max(r.distinct, n)
		} else {
			r.rows = int(n)
		}
	}
	return row
}

func (r *reader) value(c Column, v any) any {
	if v == nil {
		return nil
	}
	if t, ok := rows.Time(v); ok {
		if c.Bucket == metric.Hour {
			t = t.UTC()
		}
		if i, ok := r.byKey[bucketKey(t, c.Bucket)]; ok {
			if r.sparse {
				return r.buckets[i].Label(c.Bucket)
			}
			return r.buckets[i].Start
		}
		return t.In(r.loc)
	}
	if s, ok := rows.Text(v); ok {
		if c.Unit == metric.Money {
			return readMoney(s)
		}
		return s
	}
	if !c.Metric || c.Unit == metric.Count {
		if n, ok := integer(v); ok {
			return n
		}
	}
	if f, ok := rows.Float(v); ok {
		return f
	}
	return nil
}

// integer is a count, which some statements give as a decimal.
func integer(v any) (int64, bool) {
	if n, ok := rows.Int(v); ok {
		return n, true
	}
	f, ok := rows.Float(v)
	return int64(f), ok
}

// onlyRunning removes projections from the rows of other buckets.
func (r *reader) onlyRunning(row []any) {
	for i, c := range r.columns {
		if c.Projects == "" {
			continue
		}
		for j, of := range r.columns {
			if t, ok := rows.Time(row[j]); ok && of.Bucket != metric.NoBucket && !t.Equal(r.running) {
				row[i] = nil
			}
		}
	}
}
