package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/pprof"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/connections"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/lane"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/pulse"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/spool/receipts"
)

// build is the state of a start: what its steps have made and later steps need.
type build struct {
	*Server
	ctx  context.Context
	p    *parts
	meta *meta.Store
	reg  *prometheus.Registry
	http *http.Server
	lane *lane.Listener // in front of http: posts of single events end here

	pulse     *pulse.Book // nil where this process doesn't write
	lists     *enrich.Enricher
	spool     *spool.Spool
	collector *collect.Collector
	receipts  *receipts.Book
	db        *lateDB
	health    *healthReporter
	web       *server.Server
}

func (b *build) openMeta() (err error) {
	if b.meta, err = meta.Open(filepath.Join(b.Data, meta.FileName)); err != nil {
		return err
	}
	b.p.onStop("settings", b.meta.Close)
	if err := b.addOwner(); err != nil {
		return err
	}
	b.health = &healthReporter{roles: b.Roles, meta: b.meta, db: b.db, now: b.Now}
	b.front.health = b.health.ServeHTTP
	return nil
}

// addOwner makes the first account from the settings, before the port takes
// requests. If there is an account already, the settings are ignored.
func (b *build) addOwner() error {
	if b.Owner.Email == "" || !b.Roles.has(roleWeb) {
		return nil
	}
	if n, err := b.meta.CountUsers(b.ctx); err != nil || n > 0 {
		return err
	}
	password, err := b.Owner.Password()
	if err != nil {
		return fmt.Errorf("make the owner's account: %w", err)
	}
	u, err := b.meta.AddFirst(b.ctx, meta.User{Email: b.Owner.Email}, password)
	if errors.Is(err, meta.ErrHasOwner) {
		return nil // another server on this folder was faster
	}
	if err != nil {
		return fmt.Errorf("make the owner's account: %w", err)
	}
	b.say("made the account of %s", u.Email)
	return nil
}

func (b *build) openPorts() error {
	l, err := listen(b.ctx, b.Listen, "listen")
	if err != nil {
		return err
	}
	b.addr = l.Addr()
	bounds := connections.NewMetrics(b.reg)
	l = connections.Bound(l, connections.Options{Limits: b.connections(), Spared: b.TrustedProxies, Metrics: bounds, Port: "pages"})
	b.lane = lane.New(l, lane.Options{Handler: b.front, Paths: eventPaths(b.BaseURL), Log: b.Log})
	b.http = serveHTTP(b.lane, b.front, b.Log, b.p.fail)
	b.p.onStop("port", b.http.Close)
	if b.MetricsListen == "off" {
		return nil
	}
	l, err = listen(b.ctx, b.MetricsListen, "metrics-listen")
	if err != nil && b.MetricsListen == defaultMetricsListen {
		b.say("metrics are not served: %v", err) // the port is only a default: no reason to fail
		return nil
	}
	if err != nil {
		return err
	}
	l = connections.Bound(l, connections.Options{Limits: connections.Limits{All: metricsConnections}, Metrics: bounds, Port: "metrics"})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.reg, promhttp.HandlerOpts{Registry: b.reg}))
	if b.Profile {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	b.say("metrics at %s/metrics", localURL(l.Addr()))
	b.p.onStop("metrics", serveHTTP(l, onlyKnownHosts(mux, b.MetricsListen, b.MetricsHosts), b.Log, b.p.fail).Close)
	return nil
}

// connections is how many connections there may be: enough file descriptors must
// be left for the spool, the settings and ClickHouse.
func (b *build) connections() connections.Limits {
	limits := b.Connections
	if most := maxFiles() / 4 * 3; limits.All == 0 || limits.All > most {
		if limits.All > 0 {
			b.Log.Warn("fewer connections than --limit-connections says: the process may not open more files", "connections", most)
		}
		limits.All = most
	}
	return limits
}

// stage shows the stage of the start in the terminal and on the page.
func (b *build) stage(stage, text string) {
	b.health.setStart(server.Start{Stage: stage})
	b.say("%s", text)
}

// sayWhere prints the address to open and, if there is no account yet, the link
// that makes the owner.
func (b *build) sayWhere() error {
	base := b.BaseURL.String()
	if base == "" {
		base = localURL(b.addr)
	}
	if b.Roles.has(roleCollect) {
		b.say("events at %s/api/event", base)
	}
	if b.Roles.has(roleCollect, rolePoll) && !b.Roles.has(roleWrite) {
		const what = "nobody here writes to ClickHouse: what comes in waits in the spool, up to 4 GiB, until a server with the role write runs on this data folder"
		b.say("%s", what)
		b.Log.Warn(what, "folder", b.Data)
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

// metricsConnections are open at once on the port of the metrics.
const metricsConnections = 100
