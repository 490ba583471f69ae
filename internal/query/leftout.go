package query

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// LeftOutSince gives the reasons for which hits of a site were left out since
// a time, the most frequent first.
func LeftOutSince(ctx context.Context, r rows.Runner, site uint32, since time.Time, each func(reason string, hits uint64)) error {
	const sql = "SELECT toString(reason) AS why, sum(hits) AS n FROM left_out WHERE site_id = {site:UInt32} AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY reason ORDER BY n DESC, reason"
	err := r.Select(ctx, sql, []rows.Arg{rows.Bind("site", site), rows.Bind("since", since.UnixMilli())}, func(row *rows.Row) error {
		why, hits := row.Text("why"), row.Uint("n")
		if row.Err() == nil {
			each(why, hits)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count hits left out: %w", err)
	}
	return nil
}
