package query

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// AskRecorded finds when a site's recording began.
func AskRecorded(ctx context.Context, r rows.Runner, site uint32) (Recorded, error) {
	// The hour is known for ever, the event for as long as events are kept.
	const sql = `WITH (SELECT minOrNull(hour) FROM totals_hourly WHERE site_id = {site:UInt32}) AS began
SELECT
    toDateTime64(began, 3, 'UTC') AS began_hour,
    (SELECT minOrNull(ts) FROM events WHERE site_id = {site:UInt32} AND toDate(ts) = toDate(began) AND ts >= began AND ts < began + 3600) AS first_event,
    (SELECT minOrNull(ts) FROM left_out WHERE site_id = {site:UInt32}) AS first_left_out`
	var found Recorded
	err := r.Select(ctx, sql, []rows.Arg{rows.Bind("site", site)}, func(row *rows.Row) error {
		hour, _ := row.MaybeTime("began_hour")
		first, ok := row.MaybeTime("first_event")
		if !ok {
			first = hour
		}
		found.Events, found.LeftOut = first.UTC(), first.UTC()
		if out, ok := row.MaybeTime("first_left_out"); ok && (first.IsZero() || out.Before(first)) {
			found.LeftOut = out.UTC()
		}
		return nil
	})
	if err != nil {
		return Recorded{}, fmt.Errorf("find when recording began: %w", err)
	}
	return found, nil
}

// since is when recording of what a metric counts began; it is not bounded
// where the metric says itself what it doesn't know.
func (r *Recorded) since(m metric.Metric) (since time.Time, bounded bool) {
	switch {
	case r == nil, m.Gauge(), m.OfPosts(), m.OfInsights():
		return time.Time{}, false
	case m.OfLeftOut(), r.Events.IsZero(): // hits left out show that readers would have been seen
		return r.LeftOut, true
	}
	return r.Events, true
}

// AskSince finds the first fact on record of a site, for Site.Since. It is the
// zero time where there is none.
func AskSince(ctx context.Context, r rows.Runner, site Site) (time.Time, error) {
	const sql = `SELECT nullIf(min(first), toDateTime(0, 'UTC')) AS since
FROM
(
    SELECT min(hour) AS first FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0
    UNION ALL
    SELECT min(ts) AS first FROM follower_counts WHERE site_id = {site:UInt32} AND NOT ` + metric.OthersAccount + ` HAVING count() > 0
    UNION ALL
    SELECT min(published) AS first FROM post_figures WHERE site_id = {site:UInt32} AND NOT ` + metric.OthersAccount + ` HAVING count() > 0
    UNION ALL
    SELECT toDateTime(min(day), {tz:String}) AS first FROM account_insights WHERE site_id = {site:UInt32} AND NOT ` + metric.OthersAccount + ` HAVING count() > 0
)`
	var since time.Time
	err := r.Select(ctx, sql, []rows.Arg{rows.Bind("site", site.ID), rows.Bind("tz", site.location().String()), othersOf(site)}, func(row *rows.Row) error {
		since, _ = row.MaybeTime("since")
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("find a site's first fact: %w", err)
	}
	return since.UTC(), nil
}
