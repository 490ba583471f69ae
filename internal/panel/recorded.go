package panel

import (
	"context"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Before a site's first event its readers' figures are unknown, not 0: they
// are drawn as a gap, nothing is compared with that time, and "all" doesn't
// reach into it. Followers have a history of their own.

// A first event that is known only moves when history is imported; one that is
// awaited is asked for anew.
const (
	firstKnown   = time.Minute
	firstAwaited = time.Second
)

// recorded tells a site when its recording began. Who asks about readers by
// time, or compares, needs it.
func (e *Engine) recorded(ctx context.Context, site *query.Site) error {
	good := func(age time.Duration, r query.Recorded) bool {
		if r.Events.IsZero() {
			return age < firstAwaited
		}
		return age < firstKnown
	}
	r, err := e.firsts.get(ctx, askedBy(ctx, site.ID), e.Now(), good, func(ctx context.Context) (query.Recorded, error) {
		return query.AskRecorded(ctx, e.Runner, site.ID)
	})
	if err != nil {
		return err
	}
	site.Recorded = &r
	return nil
}

// startOf is the start of the day of a moment in a site's time zone; zero
// where there is no such moment.
func startOf(site query.Site, at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	day, err := query.ParsePeriod(site, "today", "", "", at)
	if err != nil {
		return at // "today" is always a period
	}
	return day.From
}

// ofReaders says that a metric comes from events, not from readings of the
// accounts.
func ofReaders(name string) bool {
	m, ok := metric.Lookup(name)
	return ok && !m.Gauge() && (m.Facts() == nil || m.Facts().Counted)
}
