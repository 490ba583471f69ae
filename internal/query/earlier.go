package query

import (
	"regexp"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// CompareMode says what a period is compared with.
type CompareMode string

// Modes of comparison.
const (
	NoComparison CompareMode = "none"
	Previous     CompareMode = "previous" // the period of the same length before
	YearBefore   CompareMode = "year"     // the period of the same length that ends a year before
)

// Earlier returns the range to compare with, by the calendar of a zone:
//
//   - whole months, and so whole years, with as many whole months;
//   - other whole days, and periods named by their days (28d), with as many
//     days: those that end the day before, or a year before the last day, of
//     which 29 February becomes the 28th;
//   - any other span with one of the same length.
func (r Range) Earlier(mode CompareMode, loc *time.Location) Range {
	if loc == nil {
		loc = time.UTC
	}
	from, to := r.From.In(loc), r.To.In(loc)
	whole := func(b metric.Bucket) bool { return from.Equal(floor(from, b)) && to.Equal(floor(to, b)) }
	e := Range{Period: "custom"}
	switch {
	case whole(metric.Month) && !byDays.MatchString(r.Period):
		back := 12
		if mode != YearBefore {
			back = (to.Year()-from.Year())*12 + int(to.Month()-from.Month())
		}
		e.From = startOfDay(from.Year(), from.Month()-time.Month(back), 1, loc)
		e.To = startOfDay(to.Year(), to.Month()-time.Month(back), 1, loc)
	case whole(metric.Day):
		e.To = from
		if mode == YearBefore {
			y, m, d := yearBefore(to.Add(-1).Date())
			e.To = startOfDay(y, m, d+1, loc)
		}
		e.From = daysBack(e.To, daysBetween(from, to))
	default:
		e.To = from
		if mode == YearBefore {
			y, m, d := yearBefore(to.Date())
			e.To = atClockOf(y, m, d, to)
		}
		e.From = e.To.Add(-to.Sub(from))
	}
	return e
}

// byDays are the names of periods that are a number of days, whatever months
// these make up.
var byDays = regexp.MustCompile(`^[0-9]+d$`)

// asMuchAs cuts an earlier range to what r, which is not over, has had by now:
// as many days and as much of the last.
func (e Range) asMuchAs(r Range, now time.Time, loc *time.Location) Range {
	from, now := r.From.In(loc), now.In(loc)
	until := e.From.Add(now.Sub(from))
	if from.Equal(floor(from, metric.Day)) {
		y, m, d := daysOn(e.From.In(loc), daysBetween(from, now)).Date()
		until = atClockOf(y, m, d, now)
	}
	e.To = later(e.From.Add(time.Second), earlier(e.To, until))
	return e
}

// yearBefore is the same date a year before; 29 February becomes the 28th.
func yearBefore(y int, m time.Month, d int) (int, time.Month, int) {
	if m == time.February && d == 29 {
		d = 28
	}
	return y - 1, m, d
}

// atClockOf is a date at the time of day that the clocks show at t.
func atClockOf(y int, m time.Month, d int, t time.Time) time.Time {
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// daysBetween counts the days of a zone from the one of a to that of b, which
// is in the same zone and not before a. Dates that the zone skipped are none.
func daysBetween(a, b time.Time) int {
	n := dayNumber(b) - dayNumber(a)
	const dateLine = 12 * 60 * 60 // no other change of clocks is as long
	for t := a; ; {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.After(b) {
			return n
		}
		_, was := end.Add(-1).Zone()
		_, is := end.Zone()
		if is-was > dateLine {
			n--
		}
		t = end
	}
}

// daysBack is the start of the day that n days of the zone lie between and t,
// the start of one.
func daysBack(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	for back := n; ; back++ {
		if start := startOfDay(y, m, d-back, t.Location()); daysBetween(start, t) >= n {
			return start
		}
	}
}

// daysOn is the start of the day n days after that of t.
func daysOn(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	for on := n; ; on++ {
		if start := startOfDay(y, m, d+on, t.Location()); daysBetween(t, start) >= n {
			return start
		}
	}
}
