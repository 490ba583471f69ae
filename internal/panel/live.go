package panel

import (
	"context"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Pages that are watched ask, more than once a second, who reads now and
// whether anything happened today. One answer per site serves all who ask
// within LiveFresh, so a wall of screens costs no more than one. Whoever was
// heard of within LiveWindow reads now.
const (
	LiveFresh  = 250 * time.Millisecond
	LiveWindow = 5 * time.Minute
)

// Live tells a site's state now.
func (e *Engine) Live(ctx context.Context, of meta.Site) (Pulse, error) {
	site, err := e.Site(ctx, of)
	if err != nil {
		return Pulse{}, err
	}
	good := func(age time.Duration, _ Pulse) bool { return age < LiveFresh }
	return e.pulses.get(ctx, askedBy(ctx, site.ID), e.Now(), good, func(ctx context.Context) (Pulse, error) {
		// It is everybody's, so it waits in nobody's line.
		ctx = turn.With(ctx, turn.Asker{Class: turn.Of(ctx).Class, Key: "live"})
		return e.pulse(ctx, site)
	})
}

func (e *Engine) pulse(ctx context.Context, site query.Site) (Pulse, error) {
	now := e.Now()
	// The collector's clock may be a little ahead of ours.
	recent := query.Range{From: now.Add(-LiveWindow), To: now.Add(time.Minute)}
	readers, err := e.count(ctx, site, "visitors", recent)
	if err != nil {
		return Pulse{}, err
	}
	today, err := query.ParsePeriod(site, "today", "", "", now)
	if err != nil {
		return Pulse{}, err
	}
	seen, err := e.count(ctx, site, "events", today)
	if err != nil {
		return Pulse{}, err
	}
	return Pulse{Readers: readers, Seen: seen}, nil
}

// count asks for one figure without dimensions.
func (e *Engine) count(ctx context.Context, site query.Site, metric string, r query.Range) (int64, error) {
	res, err := query.Run(ctx, e.Runner, query.Query{Site: site, Metrics: []string{metric}, Range: r})
	if err != nil {
		return 0, err
	}
	return res.Count(metric), nil
}
