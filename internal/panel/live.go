package panel

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Open pages ask how many visitors there are now, and whether anything is new.
// Deps.Pulse knows that without a query. If it is nil, or doesn't know of all
// visitors (because this process doesn't write events, or others write too), one
// statement finds it for all sites with open pages: every LiveEvery, and earlier
// if Deps.Pulse knows of new events. A visitor counts as current for LiveWindow
// after their last event.
const (
	LiveEvery  = 3 * time.Second
	LiveWindow = 5 * time.Minute

	// watched is how long a site counts as watched after an open page has asked.
	watched = 3 * LiveEvery
)

// Live returns a site's current state.
func (e *Engine) Live(ctx context.Context, of meta.Site) (Pulse, error) {
	now := e.Now()
	var known Pulse
	complete := false
	if e.Pulse != nil {
		known.Readers, known.Seen, complete = e.Pulse.Now(of.ID)
	}
	if !complete {
		found, err := e.askedPulse(ctx, of.ID, known.Seen, now)
		if err != nil {
			return Pulse{}, err
		}
		known = Pulse{Readers: found.Visitors, Seen: found.Events}
	}
	known.Seen += day(now, of.Location())
	return known, nil
}

// LiveChanged returns a channel that is closed when Live may have a new answer
// for a site before LiveEvery has passed; nil = never.
func (e *Engine) LiveChanged(site uint32) <-chan struct{} {
	if e.Pulse == nil {
		return nil
	}
	return e.Pulse.Changed(site)
}

// day numbers the days in a time zone: when it changes, "today" begins anew.
func day(at time.Time, zone *time.Location) int64 {
	_, offset := at.In(zone).Zone()
	return (at.Unix() + int64(offset)) / (24 * 60 * 60)
}

// pulses are a statement's results by site, and Deps.Pulse's number of events
// for each site at that time.
type pulses struct {
	found map[uint32]query.Pulse
	heard map[uint32]int64
}

func (e *Engine) askedPulse(ctx context.Context, site uint32, heard int64, now time.Time) (query.Pulse, error) {
	class := turn.Of(ctx).Class
	e.watch.note(askedBy(ctx, site), now)
	good := func(age time.Duration, p pulses) bool {
		was, ok := p.heard[site]
		return ok && age < LiveEvery && was == heard
	}
	all, err := e.pulses.get(ctx, askedKey{class: class}, now, good, func(ctx context.Context) (pulses, error) {
		sites := e.watch.sites(class, now)
		p := pulses{heard: map[uint32]int64{}}
		for _, id := range sites {
			p.heard[id] = 0
			if e.Pulse != nil {
				_, p.heard[id], _ = e.Pulse.Now(id)
			}
		}
		// All askers share it, so it must not wait in the queue of one of them.
		ctx = turn.With(ctx, turn.Asker{Class: class, Key: "live"})
		var err error
		// The collector's clock may be a little ahead of ours.
		p.found, err = query.AskPulses(ctx, e.Runner, sites, now.Add(-LiveWindow), now.Add(time.Minute))
		return p, err
	})
	return all.found[site], err
}

// watch keeps which sites are watched, by the class of those who watch.
type watch struct {
	mu   sync.Mutex
	last map[askedKey]time.Time
}

func (w *watch) note(who askedKey, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last = map[askedKey]time.Time{}
	}
	w.last[who] = now
}

// sites returns the sites that one class watches now, and forgets those that
// it no longer does.
func (w *watch) sites(class turn.Class, now time.Time) []uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sites []uint32
	for who, last := range w.last {
		if now.Sub(last) > watched {
			delete(w.last, who)
		} else if who.class == class {
			sites = append(sites, who.site)
		}
	}
	slices.Sort(sites)
	return sites
}
