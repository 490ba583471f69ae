package app

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/pulse"
)

// requestsLimit is how long running requests have to finish at a stop.
const requestsLimit = 2 * time.Second

// start brings the parts up in the order in which they need each other; they
// stop in the opposite one. Events are taken as soon as the spool is open,
// long before ClickHouse answers.
func (s *Server) start(ctx context.Context, p *parts) error {
	b := &build{Server: s, ctx: ctx, p: p, db: &lateDB{}, reg: prometheus.NewRegistry()}
	if s.Roles.has(roleWrite) {
		// A ClickHouse server may have other writers.
		b.pulse = pulse.New(panel.LiveWindow, s.ClickHouseDSN == "", s.Now)
	}
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
	if s.Roles.has(roleCollect) && s.Roles.has(roleWrite, roleWeb) {
		steps = append(steps, b.recall)
	}
	if s.Roles.has(roleWrite) && !s.EventsAlone {
		steps = append(steps, b.closeDays)
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
	// Added last, so stopped first: no new requests come in.
	p.onStop("requests", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), requestsLimit)
		defer cancel()
		err := b.lane.Shutdown(ctx)
		if b.http.Shutdown(ctx) != nil {
			return errors.Join(err, b.http.Close()) // long downloads and live views
		}
		return err
	})
	b.health.started()
	s.say("ready after %s", s.Now().Sub(began).Round(10*time.Millisecond))
	return b.sayWhere()
}
