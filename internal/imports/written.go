package imports

import (
	"cmp"
	"strconv"
	"time"
)

// written is a date as a file has it.
type written struct {
	year, month, day int // year 0 = none is written
	// numbers are three whose order isn't told, of two digits each but the year
	// where long holds, which stands last.
	numbers    [3]int
	open, long bool
	points     bool // stand between the numbers
	timed      bool
	clock      time.Duration
	offset     int // seconds east of UTC
	zoned      bool
}

// in is w's date where its numbers have that order; false = there is no such day.
func (w written) in(order string) (year, month, day int, ok bool) {
	year, month, day = w.year, w.month, w.day
	if w.open {
		n := w.numbers
		switch order {
		case DayFirst:
			day, month, year = n[0], n[1], n[2]
		case MonthFirst:
			month, day, year = n[0], n[1], n[2]
		case YearFirst:
			year, month, day = n[0], n[1], n[2]
			if w.long {
				return 0, 0, 0, false
			}
		default:
			return 0, 0, 0, false
		}
		if !w.long {
			year += 2000 // networks have no figures of the century before
		}
	}
	return year, month, day, month >= 1 && month <= 12 && day >= 1 && day <= daysIn(cmp.Or(year, 2000), month)
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// at is the instant of w, whose numbers have that order and which lies in that
// year where it has none of its own; a day without a time has noon.
func (w written) at(order string, year int, zone *time.Location) time.Time {
	y, m, d, _ := w.in(order)
	switch {
	case w.zoned && w.offset == 0:
		zone = time.UTC
	case w.zoned:
		zone = time.FixedZone("", w.offset)
	}
	clock := w.clock
	if !w.timed {
		clock = 12 * time.Hour
	}
	return time.Date(cmp.Or(y, year), time.Month(m), d, int(clock/time.Hour), int(clock/time.Minute)%60, int(clock/time.Second)%60, 0, zone)
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func digitsValue(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// digits2 is the number that s begins with, of two digits; negative = it doesn't.
func digits2(s string) int {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return -10_000
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, t.Location())
}
