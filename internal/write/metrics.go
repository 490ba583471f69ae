package write

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	rows                *prometheus.CounterVec
	batches, retries    prometheus.Counter
	unreadable, noVisit prometheus.Counter
	evicted             prometheus.Counter
	live, liveBytes     prometheus.Gauge
	size, took          prometheus.Histogram

	seenNoVisit, seenEvicted uint64
}

// newMetrics takes the seconds that the writer is behind from lag.
func newMetrics(r prometheus.Registerer, lag func() float64) metrics {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "earshot", Subsystem: "write", Name: name, Help: help}
	}
	m := metrics{
		rows:       prometheus.NewCounterVec(opts("rows_total", "Rows that ClickHouse has confirmed."), []string{"table"}),
		batches:    prometheus.NewCounter(opts("batches_total", "Batches that ClickHouse has confirmed.")),
		retries:    prometheus.NewCounter(opts("retries_total", "Attempts that failed and were made again.")),
		unreadable: prometheus.NewCounter(opts("unreadable_records_total", "Spooled records that could not be read.")),
		noVisit:    prometheus.NewCounter(opts("engagement_without_visit_total", "Engagement dropped because its visit was over.")),
		evicted:    prometheus.NewCounter(opts("visits_evicted_total", "Visits forgotten early for want of memory.")),
		live:       prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "earshot", Subsystem: "write", Name: "live_visits", Help: "Visits that may go on."}),
		liveBytes:  prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "earshot", Subsystem: "write", Name: "live_visits_bytes", Help: "Memory that they take."}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "earshot", Subsystem: "write", Name: "batch_records",
			Help: "Records in a batch.", Buckets: prometheus.ExponentialBuckets(1, 4, 9)}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "earshot", Subsystem: "write", Name: "batch_seconds",
			Help: "Time to send a batch, retries included.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 14)}),
	}
	if r != nil {
		r.MustRegister(m.rows, m.batches, m.retries, m.unreadable, m.noVisit, m.evicted, m.live, m.liveBytes, m.size, m.took,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "earshot", Subsystem: "write", Name: "lag_seconds",
				Help: "Age of the oldest event that is not confirmed, of those read from the spool."},
				lag))
	}
	return m
}

func (m *metrics) visits(v *visits) {
	m.live.Set(float64(v.n))
	m.liveBytes.Set(float64(v.bytes()))
	m.noVisit.Add(float64(v.noVisit - min(m.seenNoVisit, v.noVisit)))
	m.evicted.Add(float64(v.evicted - min(m.seenEvicted, v.evicted)))
	m.seenNoVisit, m.seenEvicted = v.noVisit, v.evicted
}

func (m *metrics) delivered(b *batch, took time.Duration) {
	m.batches.Inc()
	m.size.Observe(float64(b.records()))
	m.took.Observe(took.Seconds())
}
