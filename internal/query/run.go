package query

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// exactUpTo is where ClickHouse's uniq begins to estimate.
const exactUpTo = 65_000

// maxRead bounds the rows that Run holds in memory; StreamCSV has no bound.
const maxRead = 500_000

// Run asks a query and returns the answer with every bucket of time in it:
// where nothing was recorded, counts are 0 and ratios and followers nil; in
// the future and before recording began (Site.Recorded) everything is nil.
func Run(ctx context.Context, r rows.Runner, q Query) (*Result, error) {
	st, err := Build(q)
	if err != nil {
		return nil, err
	}
	res := &Result{Query: q, Columns: st.Columns, SQL: st.SQL}
	read, err := newReader(q, st)
	if err != nil {
		return nil, err
	}
	res.Buckets, res.record = read.buckets, read.record
	err = r.Select(ctx, st.SQL, st.Args, func(row *rows.Row) error {
		if len(res.Rows) == maxRead {
			return invalid("dimensions", "the answer has more than %d rows; ask for fewer by a limit or a filter", "la réponse a plus de %d lignes ; demandez-en moins par une limite ou un filtre", maxRead)
		}
		res.Rows = append(res.Rows, read.row(row.Cells()))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Site.Domain, err)
	}
	res.Estimated = read.distinct > exactUpTo
	if fills(q, st.Columns) {
		res.fill()
	} else {
		res.TotalRows = read.rows
		if q.CountRows && len(res.Rows) == 0 && q.Offset > 0 {
			// Past the end there is no row to carry the number.
			q.Offset, q.Limit = 0, 1
			first, err := Run(ctx, r, q)
			if err != nil {
				return nil, err
			}
			res.TotalRows = first.TotalRows
		}
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
		list, err := buckets(q.Range, c.Bucket, r.loc, q.Now)
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

// decimal is a figure as a number; an amount of money is one where it is in
// one currency.
func decimal(v any) (float64, bool) {
	if m, ok := v.(Money); ok && len(m) == 1 {
		return m[0].Value, true
	}
	return rows.Float(v)
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

// Since finds the first fact on record of a site, for Site.Since. It is the
// zero time where there is none.
func Since(ctx context.Context, r rows.Runner, site Site) (time.Time, error) {
	const sql = `SELECT nullIf(min(first), toDateTime(0, 'UTC')) AS since
FROM
(
    SELECT min(hour) AS first FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0
    UNION ALL
    SELECT min(ts) AS first FROM follower_counts WHERE site_id = {site:UInt32} AND NOT ` + metric.OthersAccount + ` HAVING count() > 0
    UNION ALL
    SELECT min(published) AS first FROM post_figures WHERE site_id = {site:UInt32} AND NOT ` + metric.OthersAccount + ` HAVING count() > 0
    UNION ALL
    SELECT toDateTime(min(day), {tz:String}) AS first FROM account_insights WHERE site_id = {site:UInt32} AND NOT ` + metric.OthersAccount + ` HAVING count() > 0
)`
	var since time.Time
	err := r.Select(ctx, sql, []rows.Arg{rows.Bind("site", site.ID), rows.Bind("tz", site.location().String()), othersOf(site)}, func(row *rows.Row) error {
		since, _ = row.MaybeTime("since")
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("find a site's first fact: %w", err)
	}
	return since.UTC(), nil
}
