package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Before a site's first event its readers' figures are unknown, not 0: nothing
// is compared with that time, and "all" doesn't reach into it. Followers have a
// history of their own.

// firsts remembers when sites' recording began.
type firsts struct {
	mu    sync.Mutex
	sites map[uint32]firstEvent
}

type firstEvent struct{ at, asked time.Time }

// A first event that is known only moves when history is imported; one that is
// awaited is asked for anew.
const (
	firstKnown   = time.Minute
	firstAwaited = time.Second
)

// firstEvent is the start of the day of the site's first event, in its time
// zone; zero where nothing was recorded.
func (s *Server) firstEvent(ctx context.Context, site query.Site) (time.Time, error) {
	now := s.Now()
	s.firsts.mu.Lock()
	f, ok := s.firsts.sites[site.ID]
	s.firsts.mu.Unlock()
	fresh := firstKnown
	if f.at.IsZero() {
		fresh = firstAwaited
	}
	if age := now.Sub(f.asked); ok && age >= 0 && age < fresh {
		return f.at, nil
	}
	at, err := query.FirstEvent(ctx, s.Runner, site.ID)
	if err != nil {
		return time.Time{}, err
	}
	if !at.IsZero() {
		day, err := query.Period(site, "today", "", "", at)
		if err != nil {
			return time.Time{}, err
		}
		at = day.From
	}
	s.firsts.mu.Lock()
	defer s.firsts.mu.Unlock()
	if s.firsts.sites == nil {
		s.firsts.sites = map[uint32]firstEvent{}
	}
	s.firsts.sites[site.ID] = firstEvent{at, now}
	return at, nil
}

// ofReaders says that a metric comes from events, not from readings of the
// accounts.
func ofReaders(name string) bool {
	m, ok := metric.Lookup(name)
	return ok && !m.Gauge() && !m.OfPosts() && !m.OfInsights()
}

// forget takes the earlier values of readers' figures away where they stand
// for time before the first event, and says whether there were any.
func forget(res *query.Comparison, first time.Time) (found bool) {
	if res.Before == nil {
		return false
	}
	unrecorded := func(t time.Time) bool { return first.IsZero() || t.Before(first) }
	when := slices.IndexFunc(res.Columns, func(c query.Column) bool { return c.Bucket != metric.NoBucket })
	blank := func(row []any) bool {
		if when < 0 {
			return unrecorded(res.Before.Query.Range.From)
		}
		t, ok := row[when].(time.Time)
		return ok && unrecorded(t)
	}
	for j, c := range res.Columns {
		if !c.Metric || !ofReaders(c.Key) {
			continue
		}
		// Rows of BeforeRows are those of Before: look before blanking.
		for i, row := range res.BeforeRows {
			if row != nil && blank(row) {
				res.Change[i][j] = nil
			}
		}
		for _, row := range res.Before.Rows {
			if blank(row) {
				row[j], found = nil, true
			}
		}
	}
	return found
}
