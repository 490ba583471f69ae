package collect

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	accepted prometheus.Counter
	refused  *prometheus.CounterVec
	leftOut  *prometheus.CounterVec
	lastLog  *atomic.Int64 // Unix time of the last line about refusals
}

func newMetrics(r prometheus.Registerer) metrics {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "earshot", Subsystem: "collect", Name: name, Help: help}
	}
	m := metrics{
		accepted: prometheus.NewCounter(opts("accepted_events_total", "Events that are on disk and acknowledged, for each of their sites.")),
		refused:  prometheus.NewCounterVec(opts("refused_requests_total", "Requests refused, by the field that was wrong, or unavailable, or limited."), []string{"reason"}),
		leftOut:  prometheus.NewCounterVec(opts("left_out_events_total", "Events left out on purpose."), []string{"reason"}),
		lastLog:  new(atomic.Int64),
	}
	if r != nil {
		r.MustRegister(m.accepted, m.refused, m.leftOut)
	}
	return m
}
