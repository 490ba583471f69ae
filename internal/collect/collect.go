// Package collect is the HTTP side of ingestion: it takes events in
// Plausible's wire format and page views by pixel, checks and enriches them,
// and answers when they are in the spool, on disk. cmd/earshot mounts its
// Handler.
//
// What it must never do: keep an address (it ends in the visitor's hash and
// the country), answer 202 for an event that is not durable or not left out
// on purpose, or look at cookies. Bots, spam and readers who opted out are counted,
// not recorded.
package collect

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
)

// Spool takes records and returns when they are on disk.
type Spool interface {
	Append(ctx context.Context, records ...[]byte) error
}

// Enricher understands User-Agents, addresses, referrers and URLs.
type Enricher interface {
	Page(enrich.Hit) (enrich.Page, error)
	NormalizeNetwork(name string) (key string, ok bool)
}

// Options of a Collector. Sites, Salts, Spool and Enricher are needed.
type Options struct {
	Sites    Sites
	Salts    Salts
	Spool    Spool
	Enricher Enricher

	Tokens   Tokens        // of those who send batches; nil = no batches
	Receipts Receipts      // of batches with an idempotency key; nil = no such keys
	Behind   func() uint64 // how many records wait to be written; nil = none ever do

	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	Limits         Limits
	Now            func() time.Time
	Log            *slog.Logger
	Registerer     prometheus.Registerer
}

// Collector takes events in.
type Collector struct {
	o      Options
	m      metrics
	salts  daySalts
	left   leftOuts
	limits limiters

	visitors *visitors
	proxies  proxies
	bodies   budget
	batches  chan struct{} // a place for each batch that is worked on

	batchWait time.Duration // for such a place
	paceWait  time.Duration // at most, for a writer that is behind
	buffers   sync.Pool
}

const (
	maxBatches = 4               // worked on at once; what each needs is some 20 MB at most
	batchWait  = 5 * time.Second // for a place among them
	paceWait   = time.Second     // for a writer that is behind
)

// New gives a collector; its Handler works at once, Run spools what was left
// out.
func New(o Options) *Collector {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Collector{o: o, m: newMetrics(o.Registerer), salts: daySalts{salts: o.Salts},
		limits: newLimiters(o.Limits), visitors: newVisitors(o.Now()), batches: make(chan struct{}, maxBatches), batchWait: batchWait, paceWait: paceWait}
	c.bodies.left.Store(maxBodies)
	c.buffers.New = func() any { return new(buffers) }
	return c
}

// Run spools the counts of what was left out until ctx ends, and the last of
// them then: end it after the HTTP server and before the spool.
func (c *Collector) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := c.left.flush(ctx, c.o.Spool.Append); err != nil && ctx.Err() == nil {
				c.o.Log.Warn("spool the counts of what was left out", "err", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushEvery)
			defer cancel()
			if err := c.left.flush(last, c.o.Spool.Append); err != nil {
				return fmt.Errorf("spool the last counts of what was left out: %w", err)
			}
			return nil
		}
	}
}

func (c *Collector) buffer() *buffers {
	b := c.buffers.Get().(*buffers)
	b.body, b.recs, b.ends, b.list = b.body[:0], b.recs[:0], b.ends[:0], b.list[:0]
	return b
}

func (c *Collector) release(b *buffers) {
	c.bodies.give(b.held, b.who)
	b.held, b.who = 0, netip.Prefix{}
	if cap(b.body) > freeBody {
		b.body = nil
	}
	if cap(b.recs) > keepBuffer {
		b.recs, b.ends, b.list = nil, nil, nil
	}
	c.buffers.Put(b)
}

// ProxyTrouble is one of the Proxy constants, "" while addresses come as they
// should, and the address of the proxy that it is about where that is known.
func (c *Collector) ProxyTrouble() (trouble string, proxy netip.Addr) {
	c.proxies.mu.Lock()
	defer c.proxies.mu.Unlock()
	return c.proxies.trouble(c.o.Now())
}

// Recall reads who was heard of before this collector began. From then on it
// can tell an engagement without a visit; without Recall, once it has run for
// as long as a visit may be silent.
func (c *Collector) Recall(ctx context.Context, from Heard) error {
	now := c.o.Now()
	heard := func(site uint32, visitor uint64, last time.Time) {
		// Where the clock was set back, last may be still to come, and would
		// end the time of those who are here now.
		if last.After(now) {
			last = now
		}
		c.visitors.heard(site, visitor, last)
	}
	if err := from(ctx, now.Add(-event.VisitTimeout), heard); err != nil {
		return fmt.Errorf("read who was heard of before: %w", err)
	}
	c.visitors.know()
	return nil
}
