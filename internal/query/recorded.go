package query

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// AskRecorded finds when a site's recording began.
func AskRecorded(ctx context.Context, r rows.Runner, site uint32) (Recorded, error) {
	// The hour is known for ever, the event for as long as events are kept.
	sql := `WITH (SELECT minOrNull(hour) FROM totals_hourly WHERE site_id = {site:UInt32}) AS began
SELECT
    toDateTime64(began, 3, 'UTC') AS began_hour,
    (SELECT minOrNull(ts) FROM events WHERE site_id = {site:UInt32} AND day = toDate(began) AND ts >= began AND ts < began + 3600) AS first_event`
	counted := metric.CountedFacts()
	for i, f := range counted {
		sql += fmt.Sprintf(",\n    (SELECT minOrNull(ts) FROM %s WHERE site_id = {site:UInt32}) AS first_%d", f.Table, i)
	}
	found := Recorded{Facts: map[string]time.Time{}}
	err := r.Select(ctx, sql, []rows.Arg{rows.Bind("site", site)}, func(row *rows.Row) error {
		hour, _ := row.MaybeTime("began_hour")
		first, ok := row.MaybeTime("first_event")
		if !ok {
			first = hour
		}
		found.Events = first.UTC()
		for i, f := range counted {
			if at, ok := row.MaybeTime(fmt.Sprint("first_", i)); ok {
				found.Facts[f.Name] = at.UTC()
			}
		}
		if out, ok := found.Facts[event.LeftOuts.Name]; !first.IsZero() && (!ok || first.Before(out)) {
			found.Facts[event.LeftOuts.Name] = first.UTC()
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
	f := m.Facts()
	switch {
	case r == nil, m.Gauge(), f != nil && !f.Counted:
		return time.Time{}, false
	case f != nil:
		return r.Facts[f.Name], true
	case r.Events.IsZero(): // hits left out show that readers would have been seen
		return r.Facts[event.LeftOuts.Name], true
	}
	return r.Events, true
}

// AskSince finds the first fact on record of a site, for Site.Since. It is the
// zero time where there is none.
func AskSince(ctx context.Context, r rows.Runner, site Site) (time.Time, error) {
	firsts := []string{"SELECT min(hour) AS first FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0"}
	for _, e := range event.Entries() {
		if e.First == "" {
			continue
		}
		own := ""
		if e.Accounts {
			own = " AND NOT " + metric.OthersAccount
		}
		firsts = append(firsts, "SELECT "+e.First+" AS first FROM "+e.Table+" WHERE site_id = {site:UInt32}"+own+" HAVING count() > 0")
	}
	sql := "SELECT nullIf(min(first), toDateTime(0, 'UTC')) AS since\nFROM\n(\n    " + strings.Join(firsts, "\n    UNION ALL\n    ") + "\n)"
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
