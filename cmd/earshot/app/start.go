package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/write"
)

// requestsLimit is how long requests under way have to end at a stop.
const requestsLimit = 2 * time.Second

// saltsEvery is how often salts are looked after: one is at most so much older
// than 48 hours.
const saltsEvery = time.Minute

// build is what start makes, step by step: what a later step needs of an
// earlier one.
type build struct {
	*Server
	ctx  context.Context
	p    *parts
	meta *meta.Store
	reg  *prometheus.Registry
	http *http.Server

	lists  *enrich.Enricher
	spool  *spool.Spool
	db     *lateDB
	health *healthReporter
	web    *server.Server
}

// start brings the parts up in the order in which they need each other; they
// stop in the opposite one. Events are taken as soon as the spool is open,
// long before ClickHouse answers.
func (s *Server) start(ctx context.Context, p *parts) error {
	b := &build{Server: s, ctx: ctx, p: p, db: &lateDB{}, reg: prometheus.NewRegistry()}
	b.reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	began := s.Now()
	s.say("Earshot %s, data in %s", Version(), s.Data)
	steps := []func() error{b.openMeta, b.openPorts}
	if s.Roles.has(roleCollect, roleWrite, rolePoll) {
		steps = append(steps, b.openSpool)
	}
	steps = append(steps, b.openLists)
	if s.Roles.has(roleCollect) {
		steps = append(steps, b.collect)
	}
	if s.Roles.has(roleWeb) {
		steps = append(steps, b.showStart)
	}
	if s.Roles.has(roleWrite, roleWeb) {
		steps = append(steps, b.openClickHouse)
	}
	if s.Roles.has(roleWrite) {
		steps = append(steps, b.write)
	}
	if s.Roles.has(rolePoll) {
		steps = append(steps, b.poll)
	}
	if s.Demo {
		steps = append(steps, b.fillDemo)
	}
	if s.Roles.has(roleWeb) {
		steps = append(steps, b.showPages)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	// Pushed last, so the first to stop: nothing new comes in.
	p.onStop("requests", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), requestsLimit)
		defer cancel()
		if b.http.Shutdown(ctx) != nil {
			return b.http.Close() // long downloads and live views
		}
		return nil
	})
	b.health.started()
	s.say("ready after %s", s.Now().Sub(began).Round(10*time.Millisecond))
	return b.sayWhere()
}

func (b *build) openMeta() (err error) {
	if b.meta, err = meta.Open(filepath.Join(b.Data, meta.FileName)); err != nil {
		return err
	}
	b.p.onStop("settings", b.meta.Close)
	b.health = &healthReporter{roles: b.Roles, meta: b.meta, db: b.db, now: b.Now}
	b.front.health = b.health.ServeHTTP
	return nil
}

func (b *build) openPorts() error {
	l, err := listen(b.ctx, b.Listen, "listen")
	if err != nil {
		return err
	}
	b.addr = l.Addr()
	b.http = serveHTTP(l, b.front, b.Log, b.p.fail)
	b.p.onStop("port", b.http.Close)
	if b.MetricsListen == "off" {
		return nil
	}
	l, err = listen(b.ctx, b.MetricsListen, "metrics-listen")
	if err != nil && b.MetricsListen == defaultMetricsListen {
		b.say("metrics are not served: %v", err) // nobody asked for them
		return nil
	}
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.reg, promhttp.HandlerOpts{Registry: b.reg}))
	b.p.onStop("metrics", serveHTTP(l, mux, b.Log, b.p.fail).Close)
	return nil
}

func (b *build) openSpool() (err error) {
	b.spool, err = spool.Open(filepath.Join(b.Data, "spool"), spool.Options{Log: b.Log, Registerer: b.reg})
	if errors.Is(err, spool.ErrInUse) {
		return &embedded.LockedError{Dir: b.Data} // the engine's sentence, for roles without one too
	}
	if err != nil {
		return fmt.Errorf("open spool: %w", err)
	}
	b.p.onStop("spool's files", b.spool.Close)
	b.p.run("spool", b.spool.Run)
	b.health.setSpool(b.spool)
	return nil
}

func (b *build) openLists() (err error) {
	b.lists, err = enrich.New(enrich.Options{GeoIP: b.GeoIP, DataDir: b.Data, AllowHeadless: b.AllowHeadless})
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
	c := collect.New(collect.Options{
		Sites: newSiteCache(b.meta, b.Log, b.Now), Salts: b.meta, Spool: b.spool, Enricher: b.lists,
		TrustedProxies: b.TrustedProxies, Now: b.Now, Log: b.Log, Registerer: b.reg,
	})
	b.p.run("collector", c.Run)
	b.p.run("salts", b.turnSalts)
	h := c.Handler()
	b.front.events.Store(&h)
	return nil
}

// turnSalts has old salts thrown away in time where no event comes to ask for
// a new one.
func (b *build) turnSalts(ctx context.Context) error {
	for {
		if _, _, err := b.meta.Salts(ctx, b.Now()); err != nil && ctx.Err() == nil {
			b.Log.Error("turn salts", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(saltsEvery):
		}
	}
}

// openClickHouse returns when the schema fits. A server that doesn't answer
// yet is waited for: the spool keeps what comes in meanwhile.
func (b *build) openClickHouse() error {
	o := clickhouse.Options{DSN: b.ClickHouseDSN}
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
		err = db.CheckSchema(b.ctx) // the role write owns it
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
	w := write.New(write.Options{
		Source: b.spool, Sink: db, History: db, Dir: filepath.Join(b.Data, "outbox"), Log: b.Log, Registerer: b.reg,
	})
	b.p.run("writer", w.Run)
	b.health.setWriter(w)
	return nil
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
		Accounts: b.meta, Sink: followerSink{b.spool}, Client: social.NewHTTPClient(b.AllowPrivate), Log: b.Log, Now: b.Now,
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
		Importer: &importer{db: b.db, network: b.lists.NormalizeNetwork, now: b.Now},
		Eraser:   b.db,
		Health:   b.health,
		Networks: readable(b.lists), NetworkNames: networkNames(b.lists),
		BaseURL: b.BaseURL, TrustedProxies: b.TrustedProxies, Version: Version(), Log: b.Log, Now: b.Now,
	}
	if b.Demo {
		h, err := blog.Handler(b.Now)
		if err != nil {
			return nil, fmt.Errorf("read the demo blog: %w", err)
		}
		d.Demo = h
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

// stage tells the terminal and the page what goes on.
func (b *build) stage(stage, text string) {
	b.health.setStart(server.Start{Stage: stage})
	b.say("%s", text)
}

// sayWhere ends the start with the address to open, and with the link that
// makes the owner where there is none.
func (b *build) sayWhere() error {
	base := b.BaseURL
	if base == "" {
		base = localURL(b.addr)
	}
	if b.Roles.has(roleCollect) {
		b.say("events at %s/api/event", base)
	}
	if !b.Roles.has(roleWeb) {
		return nil
	}
	b.say("open %s", base)
	token, err := b.meta.SetupToken(b.ctx)
	if errors.Is(err, meta.ErrHasOwner) {
		return nil
	}
	if err != nil {
		return err
	}
	b.say("make your account: %s/setup?token=%s", base, token)
	return nil
}
