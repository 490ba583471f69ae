package query

import (
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// maxBuckets bounds what a chart or a file of time buckets may hold.
const maxBuckets = 20_000

// location is the site's zone, UTC where it has none.
func (s Site) location() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}

// startOfDay returns the first instant of a date in a zone. Where clocks go
// forward at midnight that is one o'clock; where they go back to before it,
// the first of the two.
func startOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, loc)
	want := time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Day()
	const step = 15 * time.Minute // every change of clocks in use is a multiple
	for range 16 {
		if t.Day() == want {
			break
		}
		t = t.Add(step)
	}
	for range 16 {
		before := t.Add(-step)
		if before.Day() != want {
			break
		}
		t = before
	}
	return t
}

// floor returns the start of the bucket that holds t, in t's zone.
func floor(t time.Time, b metric.Bucket) time.Time {
	y, m, d := t.Date()
	switch b {
	case metric.Hour:
		return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case metric.Week:
		d -= (int(t.Weekday()) + 6) % 7
	case metric.Month:
		d = 1
	case metric.Year:
		m, d = time.January, 1
	}
	return startOfDay(y, m, d, t.Location())
}

// next returns the start of the bucket after the one that starts at t.
func next(t time.Time, b metric.Bucket) time.Time {
	y, m, d := t.Date()
	switch b {
	case metric.Hour:
		return floor(t.Add(time.Hour), metric.Hour)
	case metric.Week:
		d += 7
	case metric.Month:
		m++
	case metric.Year:
		y++
	default:
		d++
	}
	return startOfDay(y, m, d, t.Location())
}

// buckets cuts a range into calendar buckets of a zone.
func buckets(r Range, b metric.Bucket, loc *time.Location, now time.Time) ([]Bucket, error) {
	var list []Bucket
	for start := floor(r.From.In(loc), b); start.Before(r.To); {
		end := next(start, b)
		if len(list) == maxBuckets {
			return nil, invalid("dimensions", "the range has more than %d buckets of time:%s; take a longer one or a shorter range", maxBuckets, b)
		}
		one := Bucket{Start: start, From: later(start, r.From), To: earlier(end, r.To)}
		if !now.IsZero() {
			one.Future = !one.From.Before(now)
			one.Incomplete = end.After(now)
		}
		one.Incomplete = one.Incomplete || one.From.After(start) || one.To.Before(end)
		list = append(list, one)
		start = end
	}
	return list, nil
}

// DefaultInterval is the bucket that suits a range's length: hours up to 2
// days, days up to 100, weeks up to half a year, months beyond.
func DefaultInterval(r Range) metric.Bucket {
	const day = 24 * time.Hour
	switch length := r.To.Sub(r.From); { // an hour more where clocks went back
	case length <= 2*day+time.Hour:
		return metric.Hour
	case length <= 100*day+time.Hour:
		return metric.Day
	case length <= 26*7*day+time.Hour:
		return metric.Week
	}
	return metric.Month
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// wholeHours says that a zone's offset from UTC is whole hours throughout a
// range, so that local hours are those of totals_hourly.
func wholeHours(r Range, loc *time.Location) bool {
	for t := r.From.In(loc); ; {
		if _, offset := t.Zone(); offset%3600 != 0 {
			return false
		}
		_, end := t.ZoneBounds()
		if end.IsZero() || !end.Before(r.To) {
			return true
		}
		t = end
	}
}
