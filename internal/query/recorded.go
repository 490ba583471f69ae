package query

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Recorded is since when those facts of a site are on record whose absence
// means 0. Before, their figures are not 0 but unknown. Readings of accounts,
// posts and networks' statistics need no such bound: where there are none, the
// figure is unknown anyway.
type Recorded struct {
	Events  time.Time // the readers' first event; zero = none yet
	LeftOut time.Time // the first hit, counted or left out
}

// AskRecorded finds when a site's recording began.
func AskRecorded(ctx context.Context, r rows.Runner, site uint32) (Recorded, error) {
	// The hour is known for ever, the event for as long as events are kept.
	const sql = `WITH (SELECT minOrNull(hour) FROM totals_hourly WHERE site_id = {site:UInt32}) AS began
SELECT
    toDateTime64(began, 3, 'UTC') AS began_hour,
    (SELECT minOrNull(ts) FROM events WHERE site_id = {site:UInt32} AND toDate(ts) = toDate(began) AND ts >= began AND ts < began + 3600) AS first_event,
    (SELECT minOrNull(ts) FROM left_out WHERE site_id = {site:UInt32}) AS first_left_out`
	var found Recorded
	err := r.Select(ctx, sql, []rows.Arg{rows.Bind("site", site)}, func(row *rows.Row) error {
		hour, _ := row.MaybeTime("began_hour")
		first, ok := row.MaybeTime("first_event")
		if !ok {
			first = hour
		}
		found.Events, found.LeftOut = first.UTC(), first.UTC()
		if out, ok := row.MaybeTime("first_left_out"); ok && (first.IsZero() || out.Before(first)) {
			found.LeftOut = out.UTC()
		}
		return nil
	})
	if err != nil {
		return Recorded{}, fmt.Errorf("find when recording began: %w", err)
	}
	return found, nil
}

// since is when recording of what a metric counts began; it is not bounded
// where the metric says itself what it doesn't know.
func (r *Recorded) since(m metric.Metric) (since time.Time, bounded bool) {
	switch {
	case r == nil, m.Gauge(), m.OfPosts(), m.OfInsights():
		return time.Time{}, false
	case m.OfLeftOut(), r.Events.IsZero(): // hits left out show that readers would have been seen
		return r.LeftOut, true
	}
	return r.Events, true
}

// record tells which figures of an answer are of a time that nobody recorded.
type record struct {
	q       Query
	columns []Column
	timed   []int             // columns of time
	cyclic  bool              // some of them come round
	since   map[int]time.Time // by column, of those that are bounded
	ends    map[int64]time.Time
	cells   map[time.Time]map[string]bool // by since
}

func newRecord(q Query, columns []Column, buckets []Bucket) *record {
	r := &record{q: q, columns: columns, since: map[int]time.Time{}, ends: map[int64]time.Time{}, cells: map[time.Time]map[string]bool{}}
	for i, c := range columns {
		if !c.Metric && ofTime(c) {
			r.timed = append(r.timed, i)
			r.cyclic = r.cyclic || c.Bucket == metric.NoBucket
		}
		name := c.Key
		if c.Projects != "" {
			name = c.Projects
		}
		if m, ok := metric.Lookup(name); ok && c.Metric {
			if since, bounded := q.Site.Recorded.since(m); bounded {
				r.since[i] = since
			}
		}
	}
	for _, b := range buckets {
		r.ends[b.Start.Unix()] = b.To
	}
	return r
}

// unknown says that nothing of a row's time is on record for a column.
func (r *record) unknown(column int, row []any) bool {
	since, bounded := r.since[column]
	switch {
	case !bounded:
		return false
	case since.IsZero():
		return true
	case r.cyclic:
		return !r.has(since)[keyOf(pick(row, r.timed))]
	}
	until := r.q.Range.To
	if len(r.timed) > 0 {
		start, ok := rows.Time(row[r.timed[0]])
		if until = r.ends[start.Unix()]; !ok || until.IsZero() {
			return false
		}
	}
	return !until.After(since)
}

// blank takes the figures away from a row that are unknown.
func (r *record) blank(row []any) {
	for i := range r.since {
		if r.unknown(i, row) {
			row[i] = nil
		}
	}
}

// untold says that a row has a figure of before recording began.
func (r *record) untold(row []any) bool {
	for i := range r.since {
		if r.unknown(i, row) {
			return true
		}
	}
	return false
}

// has lists the hours of the day, days of the week or both, each with its
// bucket where there are buckets, that have been since recording began.
func (r *record) has(since time.Time) map[string]bool {
	if cells, ok := r.cells[since]; ok {
		return cells
	}
	loc := r.q.Site.location()
	t, until := later(since, r.q.Range.From).In(loc), r.q.Range.To
	if !r.q.Now.IsZero() {
		until = earlier(until, r.q.Now)
	}
	if len(r.ends) == 0 {
		// Every hour of a week comes in two weeks, whatever clocks do.
		until = earlier(until, t.AddDate(0, 0, 15))
	}
	cells := map[string]bool{}
	for ; t.Before(until); t = next(t, metric.Hour) {
		values := make([]any, len(r.timed))
		for k, i := range r.timed {
			switch c := r.columns[i]; {
			case c.Bucket != metric.NoBucket:
				values[k] = floor(t, c.Bucket)
			case c.Key == "time:hour_of_day":
				values[k] = int64(t.Hour())
			default:
				values[k] = int64(t.Weekday()+6)%7 + 1
			}
		}
		cells[keyOf(values)] = true
	}
	r.cells[since] = cells
	return cells
}

// forget takes away what can't be compared, as recording began after the
// earlier time: totals of a range of which a part is unknown, and changes
// since a bucket of which a part is.
func (c *Comparison) forget() {
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
