package query

import (
	"context"
	"fmt"
	"time"
)

// FirstEvent finds when a site's readers were first recorded, to the hour; the
// zero time where none was. Before it, their figures are not 0 but unknown.
func FirstEvent(ctx context.Context, r Runner, site uint32) (time.Time, error) {
	const sql = "SELECT min(hour) FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0"
	var first time.Time
	err := r.Select(ctx, sql, []Arg{{"site", site}}, func(values []any) error {
		first, _ = values[0].(time.Time)
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("find a site's first event: %w", err)
	}
	return first.UTC(), nil
}

// LeftOutSince gives the reasons for which hits of a site were left out since
// a time, the most frequent first.
func LeftOutSince(ctx context.Context, r Runner, site uint32, since time.Time, each func(reason string, hits uint64)) error {
	const sql = "SELECT toString(reason), sum(hits) AS n FROM left_out WHERE site_id = {site:UInt32} AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY reason ORDER BY n DESC, reason"
	err := r.Select(ctx, sql, []Arg{{"site", site}, {"since", since.UnixMilli()}}, func(values []any) error {
		reason, _ := values[0].(string)
		hits, _ := values[1].(uint64)
		each(reason, hits)
		return nil
	})
	if err != nil {
		return fmt.Errorf("count hits left out: %w", err)
	}
	return nil
}
