package spool

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	groups, records, failures prometheus.Counter
	commit, size              prometheus.Histogram
}

func newMetrics(s *Spool, r prometheus.Registerer) metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "earshot", Subsystem: "spool", Name: name, Help: help})
	}
	m := metrics{
		groups:   counter("groups_total", "Commits to the spool."),
		records:  counter("records_total", "Records committed to the spool."),
		failures: counter("failures_total", "Commits that failed; nothing in them was acknowledged."),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "earshot", Subsystem: "spool", Name: "commit_seconds",
			Help: "Time to put a group on disk.", Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14)}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "earshot", Subsystem: "spool", Name: "group_records",
			Help: "Records that shared a commit.", Buckets: prometheus.ExponentialBuckets(1, 4, 8)}),
	}
	if r == nil {
		return m
	}
	gauge := func(name, help string, f func(Health) uint64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "earshot", Subsystem: "spool", Name: name, Help: help},
			func() float64 { return float64(f(s.Health())) })
	}
	r.MustRegister(m.groups, m.records, m.failures, m.commit, m.size,
		gauge("waiting_records", "Records on disk that ClickHouse doesn't have yet.", func(h Health) uint64 { return h.WaitingRecords }),
		gauge("waiting_bytes", "Bytes on disk that ClickHouse doesn't have yet.", func(h Health) uint64 { return h.WaitingBytes }),
		gauge("damaged_groups", "Groups found damaged since the start, and left out.", func(h Health) uint64 { return h.DamagedGroups }),
		gauge("lost_records", "Records that were taken and are in no whole group any more, found since the start.", func(h Health) uint64 { return h.LostRecords }))
	return m
}

func (m *metrics) committed(b *batch, took time.Duration) {
	m.groups.Inc()
	m.records.Add(float64(b.count))
	m.commit.Observe(took.Seconds())
	m.size.Observe(float64(b.count))
}
