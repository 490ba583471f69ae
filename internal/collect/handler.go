package collect

import (
	"net/http"
	"time"
)

const (
	slowest      = 10 * time.Second // for an event to come, and its answer to go
	slowestBatch = 60 * time.Second
)

// Handler answers the Paths above.
func (c *Collector) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		switch r.URL.Path {
		case PathEvent:
			setDeadlines(w, slowest)
			c.serveEvent(w, r)
			c.m.tookEvent.Observe(time.Since(start).Seconds())
		case PathPixel:
			setDeadlines(w, slowest)
			c.servePixel(w, r)
			c.m.tookPixel.Observe(time.Since(start).Seconds())
		case PathEvents:
			setDeadlines(w, slowestBatch)
			c.serveBatch(w, r)
			c.m.tookBatch.Observe(time.Since(start).Seconds())
		default:
			http.NotFound(w, r)
		}
	})
}

// setDeadlines ends the connection of a client that takes longer than limit. The
// server lifts the deadlines for the next request.
func setDeadlines(w http.ResponseWriter, limit time.Duration) {
	conn, ok := w.(interface {
		SetReadDeadline(time.Time) error
		SetWriteDeadline(time.Time) error
	})
	if !ok {
		return // internal/lane sees to it itself
	}
	until := time.Now().Add(limit)
	_ = conn.SetReadDeadline(until) // a connection that is gone says so when it is read
	_ = conn.SetWriteDeadline(until.Add(slowest))
}
