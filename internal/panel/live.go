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

// Pages that are watched ask who reads now and whether there is something new.
// Deps.Pulse knows, without a question. Where it isn't there or doesn't know all
// visitors (this program doesn't write, or others write too), one statement
// finds it for all sites that are watched: every LiveEvery, and earlier where
// Deps.Pulse knows of something new. Whoever was heard of within LiveWindow reads
// now.
const (
	LiveEvery  = 3 * time.Second
	LiveWindow = 5 * time.Minute

	// watched is how long a site is taken for watched after a page has asked.
	watched = 3 * LiveEvery
)

// Live tells a site's state now.
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

// LiveChanged is closed when Live may have something new to say of a site before
// LiveEvery has passed; nil = never.
func (e *Engine) LiveChanged(site uint32) <-chan struct{} {
	if e.Pulse == nil {
		return nil
	}
	return e.Pulse.Changed(site)
}

// day is a day's number in a time zone: with the next one, "today" is new.
func day(at time.Time, zone *time.Location) int64 {
	_, offset := at.In(zone).Zone()
	return (at.Unix() + int64(offset)) / (24 * 60 * 60)
}

// pulses are what a statement has found, and what Deps.Pulse said of events
// then, by site.
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
		// It is everybody's, so it waits in nobody's line.
		ctx = turn.With(ctx, turn.Asker{Class: class, Key: "live"})
		var err error
		// The collector's clock may be a little ahead of ours.
		p.found, err = query.AskPulses(ctx, e.Runner, sites, now.Add(-LiveWindow), now.Add(time.Minute))
		return p, err
	})
	return all.found[site], err
}

// watch knows the sites that are watched, by the class of who does.
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

// sites are those that one class watches; the others are forgotten.
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
