package query

import (
	"context"
	"fmt"
	"time"
)

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
