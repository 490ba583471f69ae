package write

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// The state of live visits is read back from the rows that they left: every
// row has the visit's attributes, and increments add up to where it stands.
// What rows don't say is anything older than visitHorizon.

const visitHorizon = 24 * time.Hour

const liveVisits = `WITH
	fromUnixTimestamp64Milli({since:Int64}, 'UTC') AS since,
	fromUnixTimestamp64Milli({horizon:Int64}, 'UTC') AS horizon,
	live AS (SELECT DISTINCT site_id, visit FROM events WHERE ts >= since)
`

// Of more visits than are kept, the latest.
const visitsSQL = liveVisits + `SELECT * FROM (SELECT site_id, visit, any(visitor), toUnixTimestamp64Milli(min(ts)), toUnixTimestamp64Milli(max(ts)) AS last,
	any(entry_path), toUInt64(countIf(name = 'pageview') > 0),
	toUInt64(if(max(entry) > 0, sum(toInt64(bounce)) <= 0, countIf(name != 'engagement' AND passive = 0) > 0)) AS active,
	any((referrer, source, medium, channel, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
		country, device, browser, browser_version, os, os_version, via_share)) AS s,
	s.1, s.2, s.3, s.4, s.5, s.6, s.7, s.8, s.9, s.10, s.11, s.12, s.13, s.14, s.15, s.16
FROM events
WHERE ts >= horizon AND (site_id, visit) IN live
GROUP BY site_id, visit
ORDER BY last DESC, visit
LIMIT {most:UInt64})
ORDER BY last`

// A path's state is what was reported since its last page view.
const viewsSQL = liveVisits + `SELECT site_id, visit, hostname, path, toUnixTimestamp64Milli(maxIf(ts, name = 'pageview') AS viewed) AS at,
	groupArrayIf((ts, engaged_ms, scroll, scrolled, read), name = 'engagement') AS reports,
	arrayFilter(r -> r.1 >= viewed, reports) AS own,
	arraySum(r -> r.2, own), arraySum(r -> r.3, own), arraySum(r -> r.4, own), arraySum(r -> r.5, own)
FROM events
WHERE ts >= horizon AND (site_id, visit) IN live
GROUP BY site_id, visit, hostname, path
HAVING countIf(name = 'pageview') > 0
ORDER BY at`

// loadVisits fills v with the visits that had an event since a time; they may
// go on for half an hour from now.
func loadVisits(ctx context.Context, db query.Runner, v *visits, since, now time.Time) error {
	args := []query.Arg{
		{Name: "since", Value: since.UnixMilli()},
		{Name: "horizon", Value: since.Add(-visitHorizon).UnixMilli()},
		{Name: "most", Value: uint64(v.max)},
	}
	type ref struct {
		site  uint32
		visit uint64
	}
	found := map[ref]*visit{}
	err := db.Select(ctx, visitsSQL, args, func(row []any) error {
		c := cells{row: row}
		site := uint32(c.uint())
		vis := &visit{id: c.uint(), visitor: c.uint(), first: c.int(), last: c.int()}
		vis.heard = now.UnixMilli()
		entry := c.text()
		vis.viewed = c.uint() > 0
		vis.active = c.uint() > 0
		c.skip() // the attributes together
		attributes := stampOf(&event.Event{
			Referrer: c.text(), Source: c.text(), Medium: c.text(), Channel: c.text(),
			UTMSource: c.text(), UTMMedium: c.text(), UTMCampaign: c.text(), UTMContent: c.text(), UTMTerm: c.text(),
			Country: c.text(), Device: c.text(), Browser: c.text(), BrowserVersion: c.text(), OS: c.text(), OSVersion: c.text(),
			ViaShare: c.text(),
		})
		if c.err != nil {
			return c.err
		}
		vis.stamp, vis.entry = v.stamps.hold(attributes), v.entries.hold(entry)
		vis.keys[0] = visitKey{site: site, visitor: vis.visitor}
		// Ordered by their last event: of several by one visitor, the last two live.
		if old := v.live[vis.keys[0]]; old != nil {
			v.makeLate(old)
		}
		v.insert(vis)
		found[ref{site, vis.id}] = vis
		return nil
	})
	if err == nil {
		err = db.Select(ctx, viewsSQL, args, func(row []any) error {
			c := cells{row: row}
			vis := found[ref{uint32(c.uint()), c.uint()}]
			page := v.pageHash(c.text(), c.text())
			c.skip() // when it was viewed
			c.skip() // the reports
			c.skip()
			w := view{page: page, engaged: uint32(c.uint()), depth: uint8(c.uint()), scrolled: c.uint() > 0, read: c.uint() > 0}
			if c.err == nil && vis != nil {
				v.open(vis, page)
				vis.views[len(vis.views)-1] = w
			}
			return c.err
		})
	}
	if err != nil {
		return fmt.Errorf("read live visits: %w", err)
	}
	return nil
}

const visitorsSQL = `SELECT toUInt64(site_id), visitor, toUnixTimestamp64Milli(max(ts)) FROM events
WHERE ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY site_id, visitor`

// Visitors gives those who were on a visit since a time, and when their last
// event was.
func Visitors(ctx context.Context, db query.Runner, since time.Time, heard func(site uint32, visitor uint64, last time.Time)) error {
	err := db.Select(ctx, visitorsSQL, []query.Arg{{Name: "since", Value: since.UnixMilli()}}, func(row []any) error {
		c := cells{row: row}
		site, visitor, last := uint32(c.uint()), c.uint(), c.int()
		if c.err == nil {
			heard(site, visitor, time.UnixMilli(last))
		}
		return c.err
	})
	if err != nil {
		return fmt.Errorf("read visitors: %w", err)
	}
	return nil
}

const lastEventSQL = `SELECT toUnixTimestamp64Milli(max(ts)) FROM events`

// lastEvent is when the newest event of all sites happened; zero where there
// is none.
func lastEvent(ctx context.Context, db query.Runner) (last time.Time, err error) {
	err = db.Select(ctx, lastEventSQL, nil, func(row []any) error {
		c := cells{row: row}
		if ms := c.int(); ms > 0 {
			last = time.UnixMilli(ms).UTC()
		}
		return c.err
	})
	if err != nil {
		return last, fmt.Errorf("read the last event's time: %w", err)
	}
	return last, nil
}

// cells takes a row's values in order; err is set by the first that is not of
// the type asked for.
type cells struct {
	row []any
	at  int
	err error
}

func cell[T any](c *cells) (v T) {
	if c.err == nil && c.at < len(c.row) {
		var ok bool
		if v, ok = c.row[c.at].(T); !ok {
			c.err = fmt.Errorf("column %d is a %T, not a %T", c.at, c.row[c.at], v)
		}
	} else if c.err == nil {
		c.err = fmt.Errorf("only %d columns", len(c.row))
	}
	c.at++
	return v
}

func (c *cells) uint() uint64 { return cell[uint64](c) }
func (c *cells) int() int64   { return cell[int64](c) }
func (c *cells) text() string { return cell[string](c) }
func (c *cells) skip()        { c.at++ }
