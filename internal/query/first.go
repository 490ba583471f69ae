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
