package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/daybook"
	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/install"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/spool/receipts"
	"github.com/earshot-analytics/earshot/internal/turn"
	"github.com/earshot-analytics/earshot/internal/write"
)

// The steps of a start, from the spool to the pages; start.go has their order.

func (b *build) openSpool() (err error) {
	b.spool, err = spool.Open(filepath.Join(b.Data, "spool"), spool.Options{Files: b.Faults.Files, Log: b.Log, Registerer: b.reg})
	if errors.Is(err, spool.ErrInUse) {
		return &embedded.LockedError{Dir: b.Data} // the engine's sentence, for roles without one too
	}
	if err != nil {
		return fmt.Errorf("open spool: %w", err)
	}
	b.p.onStop("spool's files", b.spool.Close)
	b.p.run("spool", b.spool.Run)
	b.health.setSpool(b.spool)
	b.receipts = receipts.New(receipts.Options{
		Log: b.spool, Dir: filepath.Join(b.Data, "receipts"), Now: b.Now, Logger: b.Log, Registerer: b.reg,
	})
	b.p.run("idempotency keys", b.receipts.Run)
	return nil
}

func (b *build) openLists() (err error) {
	b.lists, err = enrich.New(enrich.Options{GeoIP: b.GeoIP, DataDir: b.Data, AllowHeadless: b.AllowHeadless, Log: b.Log})
	if err != nil {
		return fmt.Errorf("open enrichment lists: %w", err)
	}
	b.p.onStop("lists", b.lists.Close)
	if g := b.lists.Geo(); g.Reason != "" {
		b.Log.Info("countries come from the browsers' time zones", "reason", g.Reason)
	}
	return nil
}

func (b *build) collect() error {
	var queue collect.Spool = b.spool
	if b.Faults.Spool != nil {
		queue = b.Faults.Spool(queue)
	}
	c := collect.New(collect.Options{
		Sites: newSiteCache(b.meta, b.Log, b.Now), Salts: b.meta, Spool: queue, Enricher: b.lists,
		Tokens: ingestTokens{b.meta}, Receipts: b.receipts,
		Behind:         func() uint64 { return b.spool.Health().WaitingRecords },
		TrustedProxies: b.TrustedProxies, Limits: b.Limits, Now: b.Now, Log: b.Log, Registerer: b.reg,
	})
	b.collector = c
	b.p.run("collector", c.Run)
	b.p.run("salts", b.turnSalts)
	h := c.Handler()
	b.front.events.Store(&h)
	return nil
}

// recall tells the collector of the visitors before this start: first those in the
// spool, then those in ClickHouse, so that events that move from one to the other
// meanwhile aren't missed. Pages count only visitors in ClickHouse.
func (b *build) recall() error {
	ctx, cancel := context.WithTimeout(b.ctx, recallTimeout)
	defer cancel()
	err := b.collector.Recall(ctx, func(ctx context.Context, since time.Time, heard func(site uint32, visitor uint64, last time.Time)) error {
		err := b.spool.Each(b.spool.Acked()+1, func(g spool.Group) {
			for _, rec := range g.Records {
				var e event.Event
				if event.RecordKind(rec) == event.KindEvent && event.DecodeEvent(rec, &e) == nil && e.Time.After(since) {
					heard(e.Site, e.Visitor, e.Time)
				}
			}
		})
		if err != nil {
			return err
		}
		if b.pulse == nil {
			return write.Visitors(ctx, b.db, since, heard)
		}
		err = write.Visitors(ctx, b.db, since, func(site uint32, visitor uint64, last time.Time) {
			heard(site, visitor, last)
			b.pulse.Heard(site, visitor, last)
		})
		if err == nil {
			b.pulse.Recalled()
		}
		return err
	})
	if err != nil && b.ctx.Err() == nil {
		b.Log.Warn("engagement without a visit is told from half an hour on", "err", err)
	}
	return b.ctx.Err()
}

// turnSalts deletes old salts in time even if no event comes that would need a new
// one.
func (b *build) turnSalts(ctx context.Context) error {
	for {
		if _, _, err := b.meta.Salts(ctx, b.Now()); err != nil && ctx.Err() == nil {
			b.Log.Error("turn salts", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(saltsEvery):
		}
	}
}

// openClickHouse returns when the schema is right. It waits for a server that
// doesn't answer yet; the spool keeps the events that arrive meanwhile.
func (b *build) openClickHouse() error {
	o := clickhouse.Options{DSN: b.ClickHouseDSN, Turns: turn.New("queries", clickhouse.DefaultTurns(), b.reg)}
	if b.ClickHouseDSN == "" {
		b.stage(server.StageEngine, "starting the embedded ClickHouse")
		engine := embedded.New(embedded.Options{
			DataDir: b.Data, Library: b.LibCHDB, MemoryLimit: b.ClickHouseMemory, Log: b.Log,
			Progress: func(stage string) { b.Log.Debug("engine", "stage", stage) },
		})
		if err := engine.Start(b.ctx); err != nil {
			return err
		}
		b.p.run("engine", engine.Run)
		o.DSN, o.Dial = engine.DSN(), engine.Dial
	}
	db, err := b.connect(o)
	if err != nil {
		return err
	}
	b.p.onStop("ClickHouse", db.Close)
	b.stage(server.StageSchema, "checking the schema")
	if b.Roles.has(roleWrite) {
		err = db.Migrate(b.ctx)
	} else {
		err = db.CheckSchema(b.ctx) // only the role write changes the schema
	}
	if err != nil {
		return err
	}
	b.db.set(db)
	return nil
}

func (b *build) connect(o clickhouse.Options) (*store, error) {
	const firstPause, lastPause = 250 * time.Millisecond, 5 * time.Second
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		db, err := clickhouse.Open(b.ctx, o)
		if !errors.Is(err, clickhouse.ErrUnavailable) {
			return db, err
		}
		if pause == firstPause {
			b.stage(server.StageAway, "waiting for ClickHouse: "+err.Error())
		}
		select {
		case <-b.ctx.Done():
			return nil, b.ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (b *build) write() error {
	db, _ := b.db.get()
	var sink write.Sink = db
	if b.Faults.Sink != nil {
		sink = b.Faults.Sink(sink)
	}
	w := write.New(write.Options{
		Source: b.receipts.Source(), Sink: sink, History: db, Dir: filepath.Join(b.Data, "outbox"), Stored: b.pulse.Stored, Log: b.Log, Registerer: b.reg,
	})
	b.p.run("writer", w.Run)
	b.health.setWriter(w)
	return nil
}

// closeDays closes the days that are over, in the background.
func (b *build) closeDays() error {
	db, _ := b.db.get()
	c := daybook.New(daybook.Options{Store: db, Sites: b.sitesOfDays, Now: b.Now, Log: b.Log})
	b.p.run("closed days", c.Run)
	return nil
}

func (b *build) sitesOfDays(ctx context.Context) (list []daybook.Site, err error) {
	sites, err := b.meta.Sites(ctx)
	for _, s := range sites {
		list = append(list, daybook.Site{ID: s.ID, Zone: s.Location()})
	}
	return list, err
}

func (b *build) fillDemo() error {
	db, ok := b.db.get()
	if !ok {
		return errors.New("--demo needs the role write or web")
	}
	last := -1
	err := fillDemo(b.ctx, b.meta, db, b.Now(), func(f float64) {
		percent := int(f * 100)
		b.health.setStart(server.Start{Stage: server.StageDemo, Percent: percent})
		if percent/10 > last {
			last = percent / 10
			b.say("writing demo history: %d %%", last*10)
		}
	})
	return err
}

func (b *build) poll() error {
	p := &social.Poller{
		Accounts: b.meta, Sink: readingSink{b.spool}, Pages: b.lists, Client: social.NewHTTPClient(b.AllowPrivate), Log: b.Log, Now: b.Now,
	}
	b.p.run("poller", p.Run)
	return nil
}

// pages makes the web side; it is shown by showStart and showPages.
func (b *build) pages() (*server.Server, error) {
	d := server.Deps{
		Meta:     webMeta{b.meta},
		Sessions: b.meta.Sessions(),
		Runner:   b.db,
		Prober:   prober{social.NewHTTPClient(b.AllowPrivate)},
		Checker: install.Checker{Client: social.NewHTTPClient(b.AllowPrivate),
			Private: func(err error) bool { return errors.Is(err, social.ErrPrivate) }},
		Importer: webImporter{&imports.Importer{Readings: b.db, Book: b.meta, Network: networkKey(b.lists), Pages: b.lists, Now: b.Now, Limit: importLimit}, b.meta, turn.New("imports", importTurns(), b.reg)},
		Eraser:   b.db,
		Health:   b.health,
		TempDir:  filepath.Join(b.Data, "answers"), Registerer: b.reg,
		Networks: readable(), NetworkNames: networkNames(b.lists), SourceNamed: b.lists.SourceNamed,
		BaseURL: b.BaseURL, TrustedProxies: b.TrustedProxies, Version: Version(), Stopping: b.ctx.Done(), Log: b.Log, Now: b.Now,
		EventsAlone: b.EventsAlone,
	}
	if b.Demo {
		h, err := blog.Handler(b.Now, b.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("read the demo blog: %w", err)
		}
		d.Demo = h
	}
	if b.pulse != nil {
		d.Pulse = b.pulse
	}
	if b.collector != nil {
		d.ProxyTrouble = b.collector.ProxyTrouble
	}
	return server.New(d)
}

func (b *build) showStart() error {
	web, err := b.pages()
	if err != nil {
		return err
	}
	h := web.Starting(b.health.start)
	b.front.pages.Store(&h)
	b.web = web
	return nil
}

func (b *build) showPages() error {
	h := b.web.Handler()
	b.front.pages.Store(&h)
	return nil
}

// recallTimeout bounds recall's query.
const recallTimeout = 5 * time.Second

// saltsEvery is how often salts are checked: none lives longer than 48 hours plus
// this.
const saltsEvery = time.Minute
