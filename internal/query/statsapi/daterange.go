package statsapi

import (
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/query"
)

// NeedsSince says that the range begins with the first fact on record, so that
// the site's Since is needed.
func (r Request) NeedsSince() bool { return r.period == "all" }

// Query makes the question ready to run for a site at a time.
func (r Request) Query(site query.Site, now time.Time) (query.Query, error) {
	span, err := r.dateRange(site, now)
	if err != nil {
		return query.Query{}, err
	}
	return query.Query{
		Site: site, Metrics: r.Metrics, Dimensions: r.Dimensions, Filter: r.Filters, Range: span,
		Order: r.Order, Limit: r.Pagination.Limit, Offset: r.Pagination.Offset,
		Now: now, Sparse: true, TellUnknown: r.Include.TimeLabels, CountRows: r.Include.TotalRows,
	}, nil
}

// dateRange reads the range as Plausible does: last days and months are whole
// and over, so that a script has the same figures all day long.
func (r Request) dateRange(site query.Site, now time.Time) (query.Range, error) {
	loc := site.Location
	if loc == nil {
		loc = time.UTC
	}
	y, m, d := now.In(loc).Date()
	// On these days of the calendar, both included.
	span := func(fromMonth time.Month, fromDay int, toMonth time.Month, toDay int) (query.Range, error) {
		first := time.Date(y, fromMonth, fromDay, 0, 0, 0, 0, time.UTC)
		last := time.Date(y, toMonth, toDay, 0, 0, 0, 0, time.UTC)
		return r.dates(site, first.Format(time.DateOnly), last.Format(time.DateOnly), now)
	}
	trimmed := r.Include.TrimRelativeDateRange
	switch r.period {
	case "":
		return r.custom(site, loc, now)
	case "day":
		day, err := span(m, d, m, d)
		if trimmed && err == nil && now.After(day.From) {
			day.To = now.Truncate(time.Second)
		}
		return day, err
	case "24h":
		return query.Range{From: now.Add(-24 * time.Hour), To: now, Period: r.period}, nil
	case "month":
		if trimmed {
			return span(m, 1, m, d)
		}
		return span(m, 1, m+1, 0)
	case "year":
		if trimmed {
			return span(time.January, 1, m, d)
		}
		return span(time.January, 1, time.December, 31)
	case "all":
		if site.Since.IsZero() || site.Since.After(now) {
			return span(m, d, m, d)
		}
		return query.ParsePeriod(site, "all", "", "", now)
	}
	if n, ok := count(r.period, "d"); ok {
		return span(m, d-n, m, d-1)
	}
	if n, ok := count(r.period, "mo"); ok {
		return span(m-time.Month(n), 1, m, 0)
	}
	return query.Range{}, invalid("date_range", "unknown range %q; there are day, 24h, month, year, all, days such as 28d (up to %dd), months such as 12mo (up to %dmo), and [from, to]", r.period, maxDays, maxMonths)
}

// The longest relative ranges.
const (
	maxDays   = 9999
	maxMonths = 600
)

// count reads how many days or months a range such as "28d" has.
func count(period, unit string) (n int, ok bool) {
	number, ok := strings.CutSuffix(period, unit)
	if !ok || strings.Trim(number, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(number)
	most := map[string]int{"d": maxDays, "mo": maxMonths}[unit]
	return n, err == nil && n >= 1 && n <= most
}

// dates is a range of whole days, both included.
func (r Request) dates(site query.Site, from, to string, now time.Time) (query.Range, error) {
	span, err := query.ParsePeriod(site, "custom", from, to, now)
	if err != nil {
		return query.Range{}, invalid("date_range", "%s", reason(err))
	}
	return span, nil
}

// custom is a range of two dates or of two times, both included.
func (r Request) custom(site query.Site, loc *time.Location, now time.Time) (query.Range, error) {
	from, ok := instant(r.from, loc)
	to, ok2 := instant(r.to, loc)
	if !ok || !ok2 {
		return r.dates(site, r.from, r.to, now)
	}
	if to.Before(from) || from.Year() < 1971 || to.Year() > 2104 {
		return query.Range{}, invalid("date_range", "%s is before %s, or out of range", r.to, r.from)
	}
	return query.Range{From: from, To: to.Add(time.Second), Period: "custom"}, nil
}

// instant reads a time with an offset, or one in the site's zone.
func instant(s string, loc *time.Location) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Truncate(time.Second), true
	}
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func reason(err error) string {
	if e, ok := err.(*query.InvalidError); ok {
		return e.Reason.EN
	}
	return err.Error()
}
