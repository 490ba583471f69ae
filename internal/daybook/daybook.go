// Package daybook closes days: once a site's day is over, its figures by source,
// page, country and so on are put into closed_values, where internal/query finds
// them without a look at events. It says which days are closed, and closes a day
// again if something of it came in late.
//
// How it stays exact: a row of closed_days makes the figures of a day count. It
// has the number of rows of events that they rest on: those of the day and of the
// days around it that bear on it. Whoever asks compares that with the numbers of
// now, of totals_hourly. Events are only ever added, so equal numbers are equal
// rows; a day with others counts as open until it is closed again, and is asked
// of events. A closing that was cut off, or that rows came in between, has no row
// in closed_days, and is as if it had never been; so is one by a version of the
// program that computed something else.
package daybook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Of the rows that bear on a day, some are of the days before it: a visitor, known
// for event.VisitDays days of UTC, may have been there on as many days of the site,
// and a visit may have begun there. Rows are counted by hours of UTC, each of the
// day on which it starts; where zones are off by half an hour, that is one earlier.
const (
	happenedBefore = event.VisitDays + 1
	begunBefore    = event.VisitDays
)

// weight is how many rows of events bear on a day.
type weight struct {
	happened uint64 // on it or on happenedBefore days before
	begun    uint64 // of visits that began on it or on begunBefore days before
}

// entry is a row of closed_days.
type entry struct {
	closing uint64
	weight
}

// book is what is known of a site's days, by date.
type book struct {
	happened, begun map[time.Time]uint64 // rows of that date alone
	closed          map[time.Time]entry
}

// date is a date of any zone.
func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func dateOf(t time.Time) time.Time { y, m, d := t.Date(); return date(y, m, d) }

// weight is a date's as the rows are now.
func (b *book) weight(day time.Time) (w weight) {
	for i := range happenedBefore + 1 {
		w.happened += b.happened[day.AddDate(0, 0, -i)]
	}
	for i := range begunBefore + 1 {
		w.begun += b.begun[day.AddDate(0, 0, -i)]
	}
	return w
}

// empty says that nothing happened on a date, nor in an hour that reaches into it.
func (b *book) empty(day time.Time) bool {
	before := day.AddDate(0, 0, -1)
	return b.happened[day]+b.begun[day]+b.happened[before]+b.begun[before] == 0
}

// span are the first date on which something happened and the last that it bears
// on; not ok where nothing did.
func (b *book) span() (first, last time.Time, ok bool) {
	for _, of := range []map[time.Time]uint64{b.happened, b.begun} {
		for day := range of {
			if !ok || day.Before(first) {
				first = day
			}
			if !ok || day.After(last) {
				last = day
			}
			ok = true
		}
	}
	return first, last.AddDate(0, 0, 1), ok
}

// booksSQL has the numbers of rows, and the closings, of all dates of sites of one
// zone.
const booksSQL = `SELECT site_id, toDate(at.1, {tz:String}) AS date, false AS closed, sum(at.2) AS happened, sum(at.3) AS begun, toUInt64(0) AS closing
FROM totals_hourly
ARRAY JOIN [(hour, total, 0), (visit_hour, 0, total)] AS at
WHERE site_id IN {sites:Array(UInt32)} AND hour >= {since:DateTime('UTC')}
GROUP BY site_id, date
UNION ALL
SELECT site_id, day, true, happened, begun, closing
FROM closed_days FINAL
WHERE site_id IN {sites:Array(UInt32)} AND zone = {tz:String} AND layout = {layout:UInt64} AND day >= toDate({since:DateTime('UTC')})`

// books reads what is known of sites of one zone since a time.
func books(ctx context.Context, r rows.Runner, zone *time.Location, sites []uint32, since time.Time) (map[uint32]*book, error) {
	all := map[uint32]*book{}
	args := []rows.Arg{rows.Bind("tz", zone.String()), rows.Bind("sites", sites), rows.Bind("since", since.UTC().Format(time.DateTime)), rows.Bind("layout", query.ClosedLayout())}
	err := r.Select(ctx, booksSQL, args, func(row *rows.Row) error {
		site := uint32(row.Uint("site_id"))
		b := all[site]
		if b == nil {
			b = &book{happened: map[time.Time]uint64{}, begun: map[time.Time]uint64{}, closed: map[time.Time]entry{}}
			all[site] = b
		}
		day, w := dateOf(row.Time("date")), weight{row.Uint("happened"), row.Uint("begun")}
		if row.Bool("closed") {
			b.closed[day] = entry{row.Uint("closing"), w}
		} else {
			b.happened[day], b.begun[day] = w.happened, w.begun
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find the closed days: %w", err)
	}
	return all, nil
}

// Closed finds the closed days of a site, by its zone. nil = there are none.
func Closed(ctx context.Context, r rows.Runner, site query.Site) (*query.Closed, error) {
	zone := site.Location
	if zone == nil {
		zone = time.UTC
	}
	all, err := books(ctx, r, zone, []uint32{site.ID}, time.Unix(0, 0))
	if err != nil || all[site.ID] == nil {
		return nil, err
	}
	b := all[site.ID]
	first, last, ok := b.span()
	if !ok {
		return nil, nil
	}
	c := &query.Closed{First: query.StartOfDay(first, zone)}
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		e, closed := b.closed[day]
		switch {
		case b.empty(day):
			e.closing = 0
		case !closed || e.weight != b.weight(day):
			continue
		}
		start := query.StartOfDay(day, zone)
		if n := len(c.Days); n == 0 || c.Days[n-1].Start.Before(start) {
			c.Days = append(c.Days, query.ClosedDay{Start: start, Closing: e.closing})
		}
	}
	return c, nil
}

// due are the dates before end that are to be closed, the last first: they are
// looked at most.
func (b *book) due(end time.Time) (days []time.Time) {
	first, last, ok := b.span()
	for day := first; ok && !day.After(last) && day.Before(end); day = day.AddDate(0, 0, 1) {
		if e, closed := b.closed[day]; !b.empty(day) && (!closed || e.weight != b.weight(day)) {
			days = append(days, day)
		}
	}
	slices.Reverse(days)
	return days
}
