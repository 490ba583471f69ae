package query

import (
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

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

// blank removes a row's unknown figures.
func (r *record) blank(row []any) {
	for i := range r.since {
		if r.unknown(i, row) {
			row[i] = nil
		}
	}
}

// hasUnrecorded says that a row has a figure from before recording began.
func (r *record) hasUnrecorded(row []any) bool {
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
