package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/panel"
)

// The addresses of dashboards: the page (dashboard.go), each panel's answer as
// JSON for its picture and as CSV, and the live figures. All that they say is
// internal/panel's, asked with the same URL parameters.

// panelTimeout bounds one panel's questions.
const panelTimeout = 30 * time.Second

// dashboardRoutes are for a group whose path ends with /:site, behind
// withSite.
func (s *Server) dashboardRoutes(site *gin.RouterGroup) {
	site.GET("", s.h(s.dashboardPage))
	site.GET("/:dashboard", s.h(s.dashboardPage))
	site.GET("/:dashboard/:panel", s.h(s.panelFile))
}

// panelFile answers <panel>.json, <panel>.csv and live.json.
func (s *Server) panelFile(c *gin.Context) error {
	id, ending, ok := strings.Cut(c.Param("panel"), ".")
	if !ok || ending != "json" && ending != "csv" {
		return errNotFound
	}
	if _, ok := s.panels.Dashboard(c.Param("dashboard")); !ok {
		return errNotFound
	}
	if s.Runner == nil {
		return &Error{Status: http.StatusServiceUnavailable}
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), panelTimeout)
	defer cancel()
	if id == "live" && ending == "json" {
		return s.live(ctx, c)
	}
	q, err := s.panels.Ask(ctx, panel.Request{
		Site: *requestOf(c).site, Dashboard: c.Param("dashboard"), Panel: id, Values: c.Request.URL.Query(), Reader: s.reader(c),
	})
	switch {
	case errors.Is(err, panel.ErrNoPanel):
		return errNotFound
	case err != nil:
		return err
	case ending == "csv":
		titles := c.Query("header") != "keys"
		return s.answer(ctx, c, csvHeader(q.FileName()), func(w io.Writer) error { return q.WriteCSV(ctx, w, titles) })
	}
	return s.answer(ctx, c, jsonHeader(), func(w io.Writer) error {
		a, err := q.Answer(ctx)
		if err != nil {
			return err
		}
		return json.NewEncoder(w).Encode(a)
	})
}

// reader is who asks, for panels.
func (s *Server) reader(c *gin.Context) panel.Reader {
	req := requestOf(c)
	return panel.Reader{Locale: req.locale, Settings: req.user != nil, Root: s.link("/" + req.site.Domain)}
}

// live answers live.json. Its ETag is its content: where nothing happened,
// the answer is 304.
func (s *Server) live(ctx context.Context, c *gin.Context) error {
	now, err := s.panels.Live(ctx, *requestOf(c).site)
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%d-%d"`, now.Readers, now.Seen)
	c.Header("Cache-Control", "no-store") // the script remembers the tag itself
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.JSON(http.StatusOK, now)
	return nil
}
