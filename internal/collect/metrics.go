package collect

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	accepted prometheus.Counter
	refused  *prometheus.CounterVec
	leftOut  *prometheus.CounterVec
	batches  *prometheus.CounterVec
	size     prometheus.Histogram
	lastLog  *atomic.Int64 // Unix time of the last line about refusals

	tookEvent, tookPixel, tookBatch prometheus.Observer
}

func newMetrics(r prometheus.Registerer) metrics {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "earshot", Subsystem: "collect", Name: name, Help: help}
	}
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "earshot", Subsystem: "collect", Name: "request_seconds",
		Help: "Time from a request's headers to its answer, its body and the disk included.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15)}, []string{"path"})
	m := metrics{
		accepted: prometheus.NewCounter(opts("accepted_events_total", "Events that are on disk and acknowledged, for each of their sites.")),
		refused:  prometheus.NewCounterVec(opts("refused_requests_total", "Requests, and events of batches, that were refused: by the field that was wrong, the limit that was met, or why they can't be taken now."), []string{"reason"}),
		leftOut:  prometheus.NewCounterVec(opts("left_out_events_total", "Events left out on purpose."), []string{"reason"}),
		batches:  prometheus.NewCounterVec(opts("batches_total", "Batches answered: taken, or repeated under an idempotency key."), []string{"outcome"}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "earshot", Subsystem: "collect", Name: "batch_events",
			Help: "Events in a batch that was taken.", Buckets: prometheus.ExponentialBuckets(1, 4, 8)}),
		lastLog:   new(atomic.Int64),
		tookEvent: took.WithLabelValues(PathEvent),
		tookPixel: took.WithLabelValues(PathPixel),
		tookBatch: took.WithLabelValues(PathEvents),
	}
	if r != nil {
		r.MustRegister(m.accepted, m.refused, m.leftOut, m.batches, m.size, took)
	}
	return m
}
