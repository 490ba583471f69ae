package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// parts are the program's parts, with the store that the pages themselves
// need among them.
func (s *Server) parts(ctx context.Context) []Part {
	store := Part{Name: "store", State: PartOK, Waiting: -1}
	if err := s.Meta.Ping(ctx); err != nil {
		store.State, store.Detail = PartFailing, err.Error()
	}
	all := []Part{store}
	if s.Health != nil {
		all = append(s.Health.Health(ctx), store)
	}
	return all
}

// healthz says whether the program is ready to take events and to show pages.
func (s *Server) healthz(c *gin.Context) error {
	WriteHealth(c.Writer, s.parts(c.Request.Context()))
	return nil
}

// WriteHealth answers /healthz: 200 with the status "ready", or "degraded" if a
// part is only behind; 503 with "starting", or with "degraded" if a part doesn't
// work at all. Anybody may ask, so the answer names parts and never a cause.
func WriteHealth(w http.ResponseWriter, parts []Part) {
	answer := struct {
		Status  string   `json:"status"`
		Reasons []string `json:"reasons"`
	}{"ready", []string{}}
	code := http.StatusOK
	for _, p := range parts {
		if p.State == PartOK {
			continue
		}
		answer.Reasons = append(answer.Reasons, p.Name+" "+p.State)
		if p.State == PartStarting && answer.Status != "degraded" {
			answer.Status = "starting"
		} else if p.State != PartStarting {
			answer.Status = "degraded"
		}
		if p.State != PartBusy {
			code = http.StatusServiceUnavailable
		}
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json; charset=utf-8")
	if code != http.StatusOK {
		h.Set("Retry-After", "2")
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // the asker is gone: nobody to tell
}

type statusData struct {
	Parts   []Part
	AllOK   bool
	Writes  bool          // this process has a writer, which knows of events
	Seen    bool          // there was an event
	Age     time.Duration // of the last one
	Waiting int64
	Proxy   proxyTrouble
}

func (s *Server) statusPage(c *gin.Context) error {
	d := statusData{Parts: s.parts(c.Request.Context()), AllOK: true, Proxy: s.proxyTrouble()}
	for _, p := range d.Parts {
		d.AllOK = d.AllOK && p.State == PartOK
		if p.Name == "writer" {
			d.Writes, d.Seen = true, !p.LastEvent.IsZero()
			if d.Age = max(s.Now().Sub(p.LastEvent), 0); d.Age > 24*time.Hour {
				d.Age = d.Age.Truncate(time.Hour)
			}
		}
		d.Waiting += max(p.Waiting, 0)
	}
	return s.render(c, http.StatusOK, "status", Page{Data: d})
}
