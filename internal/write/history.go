package write

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
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

// If there are more visits than are kept, the latest.
const visitsSQL = liveVisits + `SELECT site_id, visit, who, entry_at, first, last, entered, viewed, active,
	s.1 AS referrer, s.2 AS source, s.3 AS medium, s.4 AS channel, s.5 AS utm_source, s.6 AS utm_medium, s.7 AS utm_campaign, s.8 AS utm_content, s.9 AS utm_term,
	s.10 AS country, s.11 AS device, s.12 AS browser, s.13 AS browser_version, s.14 AS os, s.15 AS os_version, s.16 AS via_share
FROM (SELECT site_id, visit, any(visitor) AS who, toUnixTimestamp64Milli(any(began)) AS entry_at, toUnixTimestamp64Milli(min(ts)) AS first, toUnixTimestamp64Milli(max(ts)) AS last,
	any(entry_path) AS entered, toUInt64(countIf(name = 'pageview') > 0) AS viewed,
	toUInt64(if(max(entry) > 0, sum(toInt64(bounce)) <= 0, countIf(name != 'engagement' AND passive = 0) > 0)) AS active,
	any((referrer, source, medium, channel, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
		country, device, browser, browser_version, os, os_version, via_share)) AS s
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
	arraySum(r -> r.2, own) AS engaged, arraySum(r -> r.3, own) AS depth, arraySum(r -> r.4, own) AS scrolls, arraySum(r -> r.5, own) AS reads
FROM events
WHERE ts >= horizon AND (site_id, visit) IN live
GROUP BY site_id, visit, hostname, path
HAVING countIf(name = 'pageview') > 0
ORDER BY at`

// loadVisits fills v with the visits that had an event since a time; they may
// go on for half an hour from now.
func loadVisits(ctx context.Context, db rows.Runner, v *visits, since, now time.Time) error {
	args := []rows.Arg{
		rows.Bind("since", since.UnixMilli()),
		rows.Bind("horizon", since.Add(-visitHorizon).UnixMilli()),
		rows.Bind("most", uint64(v.max)),
	}
	type ref struct {
		site  uint32
		visit uint64
	}
	found := map[ref]*visit{}
	err := db.Select(ctx, visitsSQL, args, func(row *rows.Row) error {
		site := uint32(row.Uint("site_id"))
		vis := &visit{id: row.Uint("visit"), visitor: row.Uint("who"), began: row.Int("entry_at"), first: row.Int("first"), last: row.Int("last")}
		vis.heard = now.UnixMilli()
		entry := row.Text("entered")
		vis.viewed, vis.active = row.Uint("viewed") > 0, row.Uint("active") > 0
		attributes := stampOf(&event.Event{
			Referrer: row.Text("referrer"), Source: row.Text("source"), Medium: row.Text("medium"), Channel: row.Text("channel"),
			UTMSource: row.Text("utm_source"), UTMMedium: row.Text("utm_medium"), UTMCampaign: row.Text("utm_campaign"),
			UTMContent: row.Text("utm_content"), UTMTerm: row.Text("utm_term"),
			Country: row.Text("country"), Device: row.Text("device"), Browser: row.Text("browser"), BrowserVersion: row.Text("browser_version"),
			OS: row.Text("os"), OSVersion: row.Text("os_version"), ViaShare: row.Text("via_share"),
		})
		if err := row.Err(); err != nil {
			return err
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
		err = db.Select(ctx, viewsSQL, args, func(row *rows.Row) error {
			vis := found[ref{uint32(row.Uint("site_id")), row.Uint("visit")}]
			page := v.pageHash(row.Text("hostname"), row.Text("path"))
			w := view{
				page: page, engaged: uint32(row.Uint("engaged")), depth: uint8(row.Uint("depth")),
				scrolled: row.Uint("scrolls") > 0, read: row.Uint("reads") > 0,
			}
			if row.Err() == nil && vis != nil {
				v.open(vis, page)
				vis.views[len(vis.views)-1] = w
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read live visits: %w", err)
	}
	return nil
}

const visitorsSQL = `SELECT site_id, visitor, toUnixTimestamp64Milli(max(ts)) AS last FROM events
WHERE ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY site_id, visitor`

// Visitors gives those who were on a visit since a time, and when their last
// event was.
func Visitors(ctx context.Context, db rows.Runner, since time.Time, heard func(site uint32, visitor uint64, last time.Time)) error {
	err := db.Select(ctx, visitorsSQL, []rows.Arg{rows.Bind("since", since.UnixMilli())}, func(row *rows.Row) error {
		site, visitor, last := uint32(row.Uint("site_id")), row.Uint("visitor"), row.Int("last")
		if row.Err() == nil {
			heard(site, visitor, time.UnixMilli(last))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read visitors: %w", err)
	}
	return nil
}

const lastEventSQL = `SELECT toUnixTimestamp64Milli(max(ts)) AS last FROM events`

// latestEvent is when the newest event of all sites happened; zero where there
// is none.
func latestEvent(ctx context.Context, db rows.Runner) (last time.Time, err error) {
	err = db.Select(ctx, lastEventSQL, nil, func(row *rows.Row) error {
		if ms := row.Int("last"); ms > 0 {
			last = time.UnixMilli(ms).UTC()
		}
		return nil
	})
	if err != nil {
		return last, fmt.Errorf("read the last event's time: %w", err)
	}
	return last, nil
}
