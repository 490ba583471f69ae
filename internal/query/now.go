package query

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Pulse is what goes on at a site: the visitors of a range, and the events
// since the start of the UTC day that the range begins on.
type Pulse struct{ Visitors, Events int64 }

// The day's rows are read for its visitors in any case, as that is what rows
// are sorted by.
const pulsesSQL = `WITH
	fromUnixTimestamp64Milli({since:Int64}, 'UTC') AS since,
	fromUnixTimestamp64Milli({until:Int64}, 'UTC') AS until
SELECT site_id, uniqIf(visitor, ts >= since) AS visitors, countIf(name != 'engagement') AS events
FROM events
WHERE site_id IN {sites:Array(UInt32)} AND toDate(ts) >= toDate(since) AND ts < until
GROUP BY site_id`

// AskPulses finds what goes on at several sites, by their IDs. A site without
// anything is not among them.
func AskPulses(ctx context.Context, r rows.Runner, sites []uint32, since, until time.Time) (map[uint32]Pulse, error) {
	all := map[uint32]Pulse{}
	args := []rows.Arg{rows.Bind("sites", sites), rows.Bind("since", since.UnixMilli()), rows.Bind("until", until.UnixMilli())}
	err := r.Select(ctx, pulsesSQL, args, func(row *rows.Row) error {
		all[uint32(row.Uint("site_id"))] = Pulse{Visitors: int64(row.Uint("visitors")), Events: int64(row.Uint("events"))}
		return row.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("find what goes on now: %w", err)
	}
	return all, nil
}
