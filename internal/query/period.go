package query

import (
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// DefaultPeriod is the period of a URL that names none.
const DefaultPeriod = "28d"

// Periods are the names that a URL's period takes, in the order of a picker.
func Periods() []string {
	return []string{"today", "yesterday", "7d", "28d", "91d", "month", "12mo", "all", "custom"}
}

// ParsePeriod turns a period's name into a range, as seen at now in the site's
// time zone. Days and months are whole and include the current one:
//
//	today, yesterday   the day
//	7d, 28d, 91d       as many days, today the last of them
//	month              this calendar month
//	12mo               this calendar month and the eleven before it
//	all                from the day of the first fact (or 12mo) to today
//	custom             from and to, dates as 2006-01-02, both included
func ParsePeriod(site Site, name, from, to string, now time.Time) (Range, error) {
	loc := site.location()
	now = now.In(loc)
	y, m, d := now.Date()
	days := func(back, n int) Range {
		return Range{startOfDay(y, m, d-back, loc), startOfDay(y, m, d-back+n, loc), name}
	}
	switch name {
	case "today":
		return days(0, 1), nil
	case "yesterday":
		return days(1, 1), nil
	case "7d":
		return days(6, 7), nil
	case "28d":
		return days(27, 28), nil
	case "91d":
		return days(90, 91), nil
	case "month":
		return Range{startOfDay(y, m, 1, loc), startOfDay(y, m+1, 1, loc), name}, nil
	case "12mo":
		return Range{startOfDay(y, m-11, 1, loc), startOfDay(y, m+1, 1, loc), name}, nil
	case "all":
		if site.Since.IsZero() || site.Since.After(now) {
			return Range{startOfDay(y, m-11, 1, loc), startOfDay(y, m, d+1, loc), name}, nil
		}
		return Range{floor(site.Since.In(loc), metric.Day), startOfDay(y, m, d+1, loc), name}, nil
	case "custom":
		return customPeriod(from, to, loc)
	}
	return Range{}, invalid("period", "unknown period %q", "période %q inconnue", name)
}

func customPeriod(from, to string, loc *time.Location) (Range, error) {
	first, err := parseDate("from", from, loc)
	if err != nil {
		return Range{}, err
	}
	last, err := parseDate("to", to, loc)
	if err != nil {
		return Range{}, err
	}
	if last.Before(first) {
		return Range{}, invalid("to", "%s is before %s", "%s précède %s", to, from)
	}
	return Range{first, next(last, metric.Day), "custom"}, nil
}

// parseDate reads a date as the first instant of that day. The years are those
// that the database's times can hold.
func parseDate(field, s string, loc *time.Location) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, invalid(field, "%q is not a date such as 2026-01-31", "%q n’est pas une date comme 2026-01-31", s)
	}
	if t.Year() < 1971 || t.Year() > 2104 {
		return time.Time{}, invalid(field, "%s is out of range", "%s est hors limites", s)
	}
	return startOfDay(t.Year(), t.Month(), t.Day(), loc), nil
}
