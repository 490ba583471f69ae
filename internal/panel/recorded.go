package panel

import (
	"context"
	"time"

	"github.com/earshot-analytics/earshot/internal/daybook"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Before a site's first event, figures about readers are unknown, not 0: charts
// have a gap there, nothing is compared with that time, and the period "all"
// begins after it. Follower counts may be older.

// A known first event changes only when history is imported, so it is kept for
// long; while there is none, the database is asked again soon.
const (
	firstKnown   = time.Minute
	firstAwaited = time.Second
)

// recorded sets when the site's recording began. Queries about readers over
// time, and comparisons, need it.
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

// closed tells a site its closed days, so that figures are read from them.
func (e *Engine) closed(ctx context.Context, site *query.Site) (err error) {
	if !e.EventsAlone {
		site.Closed, err = daybook.Closed(ctx, e.Runner, *site)
	}
	return err
}

// startOf is the start of the day of at in the site's time zone; zero if at is
// zero.
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
