package statsapi

import (
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
		Now: now, Sparse: true, CountRows: r.Include.TotalRows,
	}, nil
}

func (r Request) dateRange(site query.Site, now time.Time) (query.Range, error) {
	loc := site.Location
	if loc == nil {
		loc = time.UTC
	}
	today := now.In(loc)
	back := func(years, months, days int) (query.Range, error) {
		// From the start of that day, month or year to the end of this one.
		first := time.Date(today.Year()-years, today.Month(), today.Day()-days, 12, 0, 0, 0, loc)
		last := today
		if months > 0 {
			first = time.Date(today.Year(), today.Month()-time.Month(months)+1, 1, 12, 0, 0, 0, loc)
			last = time.Date(today.Year(), today.Month()+1, 0, 12, 0, 0, 0, loc)
		}
		return r.dates(site, first.Format(time.DateOnly), last.Format(time.DateOnly), now)
	}
	switch r.period {
	case "":
		return r.custom(site, loc, now)
	case "day":
		return back(0, 0, 0)
	case "24h":
		return query.Range{From: now.Add(-24 * time.Hour), To: now, Period: r.period}, nil
	case "7d":
		return back(0, 0, 6)
	case "28d":
		return back(0, 0, 27)
	case "30d":
		return back(0, 0, 29)
	case "91d":
		return back(0, 0, 90)
	case "month":
		return back(0, 1, 0)
	case "6mo":
		return back(0, 6, 0)
	case "12mo":
		return back(0, 12, 0)
	case "year":
		return r.dates(site, today.Format("2006")+"-01-01", today.Format("2006")+"-12-31", now)
	case "all":
		return query.Period(site, "all", "", "", now)
	}
	return query.Range{}, invalid("date_range", "unknown range %q; there are day, 24h, 7d, 28d, 30d, 91d, month, 6mo, 12mo, year, all and [from, to]", r.period)
}

// dates is a range of whole days, both included.
func (r Request) dates(site query.Site, from, to string, now time.Time) (query.Range, error) {
	span, err := query.Period(site, "custom", from, to, now)
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
