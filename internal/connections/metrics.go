package connections

import "github.com/prometheus/client_golang/prometheus"

// Metrics are those of all ports together.
type Metrics struct {
	open              *prometheus.GaugeVec
	rejected, gaveWay *prometheus.CounterVec
}

// NewMetrics makes and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	const namespace, subsystem = "earshot", "http"
	m := &Metrics{
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Subsystem: subsystem, Name: "connections",
			Help: "Open connections."}, []string{"port"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Subsystem: subsystem, Name: "rejected_connections_total",
			Help: "Connections closed because a bound was met and none waited that could give way."}, []string{"port", "reason"}),
		gaveWay: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Subsystem: subsystem, Name: "evicted_connections_total",
			Help: "Waiting connections closed to let another in."}, []string{"port", "reason"}),
	}
	if r != nil {
		r.MustRegister(m.open, m.rejected, m.gaveWay)
	}
	return m
}

// ports are the metrics of one port.
type ports struct {
	open                                       prometheus.Gauge
	rejectedAll, rejectedAddress, rejectedHead prometheus.Counter
	gaveWayAll, gaveWayAddress                 prometheus.Counter
}

func (m *Metrics) of(port string) ports {
	if m == nil {
		m = NewMetrics(nil)
	}
	return ports{
		open:            m.open.WithLabelValues(port),
		rejectedAll:     m.rejected.WithLabelValues(port, "all"),
		rejectedAddress: m.rejected.WithLabelValues(port, "address"),
		rejectedHead:    m.rejected.WithLabelValues(port, "memory"),
		gaveWayAll:      m.gaveWay.WithLabelValues(port, "all"),
		gaveWayAddress:  m.gaveWay.WithLabelValues(port, "address"),
	}
}
