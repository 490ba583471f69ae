package query

import (
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// maxBuckets bounds what a chart or a file of time buckets may hold.
const maxBuckets = 20_000

// startOfDay returns the first instant of a date in a zone. Where clocks skip
// midnight, that is a later hour; where midnight comes twice, the first; where
// the zone skipped the whole date, the start of the next.
func startOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	want := dayNumber(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	begun := func(t time.Time) bool { return dayNumber(t) >= want }
	const step = 15 * time.Minute // every change of clocks in use is a multiple
	t := time.Date(year, month, day, 0, 0, 0, 0, loc)
	for !begun(t) {
		t = t.Add(step)
	}
	for begun(t.Add(-step)) {
		t = t.Add(-step)
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

// next returns the first instant of the bucket after the one that holds t.
func next(t time.Time, b metric.Bucket) time.Time {
	y, m, d := t.Date()
	switch b {
	case metric.Hour:
		// Hours are not all of sixty minutes: where clocks go back by half
		// an hour, the one that is cut off goes on in another of its name.
		start, end := floor(t, b), t
		for start.Equal(floor(end, b)) {
			end = end.Add(15 * time.Minute)
		}
		return end.Add(-time.Duration(end.Minute()%15)*time.Minute - time.Duration(end.Second())*time.Second - time.Duration(end.Nanosecond()))
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

// Label is the time by which a sparse answer names the bucket: a week that the
// range cuts begins with the range, so that no name lies outside of it.
func (b Bucket) Label(length metric.Bucket) time.Time {
	if length == metric.Week {
		return b.From.In(b.Start.Location())
	}
	return b.Start
}

// cutBuckets cuts a range into calendar buckets of a zone.
func cutBuckets(r Range, b metric.Bucket, loc *time.Location, now time.Time) ([]Bucket, error) {
	var list []Bucket
	for at := floor(r.From.In(loc), b); at.Before(r.To); {
		start, end := floor(at, b), next(at, b)
		if len(list) == maxBuckets {
			return nil, invalid("dimensions", "the range has more than %d buckets of time:%s; take a longer one or a shorter range", "la période compte plus de %d intervalles time:%s ; prenez-en de plus longs ou une période plus courte", maxBuckets, b)
		}
		one := Bucket{Start: start, From: later(at, r.From), To: earlier(end, r.To)}
		if !now.IsZero() {
			one.Future = !one.From.Before(now)
			one.Incomplete = end.After(now)
		}
		one.Incomplete = one.Incomplete || one.From.After(at) || one.To.Before(end)
		list = append(list, one)
		at = end
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

// dayNumber numbers dates.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// StartOfDay is the first instant of a date, of which the clock is not read, in a
// zone.
func StartOfDay(date time.Time, loc *time.Location) time.Time {
	return startOfDay(date.Year(), date.Month(), date.Day(), loc)
}
