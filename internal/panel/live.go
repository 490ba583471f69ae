package panel

import (
	"context"
	"sync"
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

// Pulse is a site's state at a moment.
type Pulse struct {
	Readers int64 `json:"readers"` // visitors of the last five minutes
	Seen    int64 `json:"seen"`    // events today; another number means something new
}

// pulses holds the latest pulse of each site that is watched, apart for each
// class of askers: nobody waits for an answer that waits for a stranger's turn.
type pulses struct {
	mu  sync.Mutex
	all map[watched]*sitePulse
}

type watched struct {
	site  uint32
	class turn.Class
}

type sitePulse struct {
	asking chan struct{} // holds something while somebody asks
	at     time.Time
	Pulse
}

// of returns the site's slot. Slots are few words and there are few a site.
func (p *pulses) of(w watched) *sitePulse {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[watched]*sitePulse{}
	}
	if p.all[w] == nil {
		p.all[w] = &sitePulse{asking: make(chan struct{}, 1)}
	}
	return p.all[w]
}

// Live tells a site's state now.
func (e *Engine) Live(ctx context.Context, of meta.Site) (Pulse, error) {
	site, err := e.Site(ctx, of)
	if err != nil {
		return Pulse{}, err
	}
	class := turn.Of(ctx).Class
	slot := e.pulses.of(watched{site.ID, class})
	select {
	case slot.asking <- struct{}{}: // who asks meanwhile waits for the same answer
		defer func() { <-slot.asking }()
	case <-ctx.Done():
		return Pulse{}, ctx.Err()
	}
	// It is everybody's, so it waits in nobody's line.
	ctx = turn.With(ctx, turn.Asker{Class: class, Key: "live"})
	now := e.Now()
	if age := now.Sub(slot.at); age >= 0 && age < LiveFresh {
		return slot.Pulse, nil
	}
	// The collector's clock may be a little ahead of ours.
	recent := query.Range{From: now.Add(-LiveWindow), To: now.Add(time.Minute)}
	readers, err := e.count(ctx, site, "visitors", recent)
	if err != nil {
		return Pulse{}, err
	}
	today, err := query.Period(site, "today", "", "", now)
	if err != nil {
		return Pulse{}, err
	}
	seen, err := e.count(ctx, site, "events", today)
	if err != nil {
		return Pulse{}, err
	}
	slot.at, slot.Pulse = now, Pulse{Readers: readers, Seen: seen}
	return slot.Pulse, nil
}

// count asks for one figure without dimensions.
func (e *Engine) count(ctx context.Context, site query.Site, metric string, r query.Range) (int64, error) {
	res, err := query.Run(ctx, e.Runner, query.Query{Site: site, Metrics: []string{metric}, Range: r})
	if err != nil {
		return 0, err
	}
	if len(res.Rows) == 0 {
		return 0, nil
	}
	n, _ := res.Rows[0][0].(int64)
	return n, nil
}
