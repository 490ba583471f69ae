package app

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/write"
)

// How often ClickHouse is pinged: once per second at most, however many pages and load
// balancers ask for health.
const (
	pingEvery   = time.Second
	pingTimeout = 2 * time.Second

	behind = 30 * time.Second // a writer whose events wait longer is behind
)

// healthReporter knows the health of this process's parts: server.HealthReporter.
type healthReporter struct {
	roles roles
	meta  *meta.Store
	db    *lateDB
	now   func() time.Time

	mu      sync.Mutex
	begin   server.Start
	ready   bool
	spool   *spool.Spool
	writer  *write.Writer
	pinged  time.Time
	pingErr error
	since   map[string]time.Time // by part: when its state began
	states  map[string]string
}

func (h *healthReporter) setStart(s server.Start)   { h.mu.Lock(); h.begin = s; h.mu.Unlock() }
func (h *healthReporter) setSpool(s *spool.Spool)   { h.mu.Lock(); h.spool = s; h.mu.Unlock() }
func (h *healthReporter) setWriter(w *write.Writer) { h.mu.Lock(); h.writer = w; h.mu.Unlock() }
func (h *healthReporter) started()                  { h.mu.Lock(); h.ready = true; h.mu.Unlock() }

func (h *healthReporter) start() server.Start {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.begin
}

// ServeHTTP is /healthz of every role.
func (h *healthReporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	store := server.Part{Name: "store", State: server.PartOK}
	if err := h.meta.Ping(r.Context()); err != nil {
		store.State = server.PartFailing
	}
	server.WriteHealth(w, append(h.Health(r.Context()), store))
}

// Health is server.HealthReporter's.
func (h *healthReporter) Health(ctx context.Context) []server.Part {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []server.Part
	if h.roles.has(roleWrite, roleWeb) {
		all = append(all, h.engine(ctx))
	}
	if h.spool != nil {
		s := h.spool.Health()
		part := server.Part{Name: "spool", State: server.PartOK, Waiting: int64(s.WaitingRecords), Detail: s.Reason}
		if !s.Ready {
			part.State = server.PartFailing
		} else if s.DamagedGroups+s.LostRecords > 0 {
			part.Detail = fmt.Sprintf("files of the spool were damaged: %d records are lost; what is left of them is kept in spool/damaged", s.LostRecords)
		}
		all = append(all, part)
	}
	if h.writer != nil {
		w := h.writer.Health()
		part := server.Part{Name: "writer", State: server.PartOK, Waiting: -1, Detail: w.Reason, LastEvent: w.LastEvent}
		if !w.Ready {
			part.State = server.PartFailing
		} else if w.Lag > behind {
			part.State, part.Detail = server.PartBusy, "oldest event waits for "+w.Lag.Round(time.Second).String()
		}
		all = append(all, part)
	}
	for i := range all {
		h.stamp(&all[i])
	}
	return all
}

// engine needs mu.
func (h *healthReporter) engine(ctx context.Context) server.Part {
	part := server.Part{Name: "engine", State: server.PartOK, Waiting: -1}
	if !h.ready {
		part.State = server.PartStarting
		return part
	}
	if now := h.now(); now.Sub(h.pinged) >= pingEvery {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
		defer cancel()
		h.pingErr = h.db.with(func(db *store) error { return db.Ping(ctx) })
		h.pinged = now
	}
	if h.pingErr != nil {
		part.State, part.Detail = server.PartFailing, h.pingErr.Error()
	}
	return part
}

// stamp notes since when a part has been in its state. It needs mu.
func (h *healthReporter) stamp(p *server.Part) {
	if h.states == nil {
		h.states, h.since = map[string]string{}, map[string]time.Time{}
	}
	if h.states[p.Name] != p.State {
		h.states[p.Name], h.since[p.Name] = p.State, h.now()
	}
	p.Since = h.since[p.Name]
}
