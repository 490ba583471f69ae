package main

import (
	"context"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/daybook"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// closedDays checks that the days that the program closed, and then all days, say
// what events say.
func (c *test) closedDays(ctx context.Context, db *clickhouse.DB) error {
	var sites []daybook.Site
	var last time.Time
	err := db.Select(ctx, "SELECT site_id, max(ts) AS last FROM events GROUP BY site_id", nil, func(row *rows.Row) error {
		sites = append(sites, daybook.Site{ID: uint32(row.Uint("site_id")), Zone: time.UTC})
		if at := row.Time("last"); at.After(last) {
			last = at
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list sites: %w", err)
	}
	closer := daybook.New(daybook.Options{Store: db,
		Sites: func(context.Context) ([]daybook.Site, error) { return sites, nil },
		Now:   func() time.Time { return last.AddDate(0, 0, 1) },
	})
	for _, closing := range []bool{false, true} {
		if closing {
			if err := closer.CloseAll(ctx); err != nil {
				return err
			}
		}
		for _, s := range sites {
			until := time.Time{} // all days before must be closed
			if closing {
				until = last.Truncate(24 * time.Hour)
			}
			if err := c.closedDaysOf(ctx, db, query.Site{ID: s.ID, Location: s.Zone}, until); err != nil {
				return err
			}
		}
	}
	return nil
}

// closedDaysOf compares a site's closed days with events, and says which of those
// before a time are not closed.
func (c *test) closedDaysOf(ctx context.Context, db *clickhouse.DB, site query.Site, until time.Time) error {
	closed, err := daybook.Closed(ctx, db, site)
	if err != nil || closed == nil {
		return err
	}
	for start := closed.First; start.Before(until); start = start.AddDate(0, 0, 1) {
		if !closed.Has(start) {
			c.r.wrong("%s of site %d can't be closed", start.Format(time.DateOnly), site.ID)
		}
	}
	for _, day := range closed.Days {
		for _, by := range [][]string{nil, {"event:page"}, {"visit:source"}} {
			q := query.Query{Site: site, Dimensions: by, Metrics: []string{"visitors", "visits", "pageviews", "events", "shares", "bounce_rate", "visit_duration"},
				Range: query.Range{From: day.Start, To: day.Start.AddDate(0, 0, 1)}}
			want, err := query.Run(ctx, db, q)
			if err != nil {
				return err
			}
			q.Site.Closed = closed
			got, err := query.Run(ctx, db, q)
			if err != nil {
				return err
			}
			if a, b := fmt.Sprint(want.Rows), fmt.Sprint(got.Rows); a != b {
				c.r.wrong("%s of site %d by %v: closed as %.300s, events have %.300s", day.Start.Format(time.DateOnly), site.ID, by, b, a)
			}
		}
	}
	return nil
}
