package server

import (
	"context"
	"net/http"

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

// healthz says whether the program is ready to take and to show: 200 and
// "ready" (or "degraded", when it is only behind), else 503 with the reasons.
func (s *Server) healthz(c *gin.Context) error {
	status, reasons := "ready", []string{}
	for _, p := range s.parts(c.Request.Context()) {
		if p.State == PartOK {
			continue
		}
		// Details are the operator's: an open endpoint names the part alone.
		reasons = append(reasons, p.Name+" "+p.State)
		switch {
		case p.State == PartFailing:
			status = "failing"
		case p.State == PartStarting && status != "failing":
			status = "starting"
		case status == "ready":
			status = "degraded"
		}
	}
	code := http.StatusOK
	if status == "failing" || status == "starting" {
		code = http.StatusServiceUnavailable
		c.Header("Retry-After", "2")
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(code, gin.H{"status": status, "reasons": reasons})
	return nil
}

type statusData struct {
	Parts []Part
	AllOK bool
}

func (s *Server) statusPage(c *gin.Context) error {
	d := statusData{Parts: s.parts(c.Request.Context()), AllOK: true}
	for _, p := range d.Parts {
		d.AllOK = d.AllOK && p.State == PartOK
	}
	return s.render(c, http.StatusOK, "status", Page{Data: d})
}
