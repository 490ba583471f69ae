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
	"golang.org/x/sync/errgroup"

	"github.com/earshot-analytics/earshot/internal/panel"
)

// The addresses below a dashboard: panels.json, which a page asks for all of its
// panels when its view changes (it arrives with their answers in it, see
// arriving.go); a single panel's answer as JSON or CSV; and live.json. All take the URL
// parameters of the page, and internal/panel computes the answers.

// panelTimeout bounds one panel's queries.
const panelTimeout = 30 * time.Second

// dashboardRoutes adds routes to a group whose path ends with /:site and that
// uses withSite.
func (s *Server) dashboardRoutes(site *gin.RouterGroup) {
	site.GET("", s.h(s.dashboardPage))
	site.GET("/:dashboard", s.h(s.dashboardPage))
	site.GET("/:dashboard/:panel", s.h(s.panelFile))
}

// panelFile answers <panel>.json, <panel>.csv, panels.json and live.json.
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
	switch c.Param("panel") {
	case "live.json":
		return s.live(ctx, c)
	case "panels.json":
		return s.allPanels(ctx, c)
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

// panelsAtOnce is how many panels of a page are queried concurrently.
const panelsAtOnce = 4

// allPanels answers panels.json: {"panels":{…}} with each panel's answer under
// its id, on a line of its own that is sent as soon as it is ready. A panel that
// fails has {"error": sentence, "status": n} there. panels=a,b asks for these only.
func (s *Server) allPanels(ctx context.Context, c *gin.Context) error {
	var ids []string
	if list := c.Query("panels"); list != "" {
		ids = strings.Split(list, ",")
	}
	list, err := s.panels.AskPage(ctx, s.pageRequest(c, ids))
	switch {
	case errors.Is(err, panel.ErrNoPanel):
		return errNotFound
	case err != nil:
		return err
	}
	done, err := s.answers.turns.Take(ctx)
	if err != nil {
		return fmt.Errorf("wait for room for an answer: %w", err)
	}
	defer done()
	answers, stop := s.answerAll(c, list)
	defer stop()
	h := c.Writer.Header()
	for name, value := range jsonHeader() {
		h.Set(name, value)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // tells nginx not to buffer the answer
	c.Status(http.StatusOK)
	comma := `{"panels":{` + "\n"
	for a := range answers {
		if _, err := fmt.Fprintf(c.Writer, "%s%q:%s\n", comma, a.panel, a.json); err != nil {
			return nil // the reader is gone
		}
		c.Writer.Flush()
		comma = ","
	}
	if comma != "," {
		_, _ = io.WriteString(c.Writer, comma)
	}
	_, _ = io.WriteString(c.Writer, "}}\n")
	return nil
}

// panelJSON is a panel's answer as JSON on one line: a panel.Answer, or {"error":
// sentence, "status": n}.
type panelJSON struct {
	panel string // id
	json  []byte
}

// answerAll answers a page's questions, some at once, in their order. It ends the
// channel after the last answer. stop ends the questions that are still open, and
// must be called; if the client leaves, they end too.
func (s *Server) answerAll(c *gin.Context, list []panel.PageQuestion) (answers <-chan panelJSON, stop func()) {
	ctx, cancel := context.WithCancel(c.Request.Context()) // without a timeout: each panel has its own
	out := make(chan panelJSON, len(list))
	go func() {
		var all errgroup.Group
		all.SetLimit(panelsAtOnce)
		for _, q := range list {
			all.Go(func() error {
				out <- panelJSON{q.Panel, s.panelAnswer(ctx, c, q)}
				return nil
			})
		}
		_ = all.Wait()
		close(out)
	}()
	return out, func() {
		cancel()
		for range out {
		}
	}
}

func (s *Server) panelAnswer(ctx context.Context, c *gin.Context, q panel.PageQuestion) []byte {
	ctx, cancel := context.WithTimeout(ctx, panelTimeout)
	defer cancel()
	var value any
	err := q.Err
	if err == nil {
		value, err = guarded(func() (*panel.Answer, error) { return q.Answer(ctx) })
	}
	if err != nil {
		e := asError(err)
		if e.Status >= 500 && e.Retry == 0 && ctx.Err() == nil {
			s.Log.Error("panel failed", "request", requestOf(c).id, "panel", q.Panel, "err", err)
		}
		_, text := s.sentence(c, e)
		value = gin.H{"error": text, "status": e.Status}
	}
	out, err := json.Marshal(value)
	if err != nil {
		s.Log.Error("panel failed", "request", requestOf(c).id, "panel", q.Panel, "err", err)
		return []byte("null")
	}
	return out
}

// pageRequest asks for these panels of the request's dashboard, nil = all.
func (s *Server) pageRequest(c *gin.Context, ids []string) panel.PageRequest {
	values := c.Request.URL.Query()
	values.Del("limit") // all rows of a list are given only if it is asked for by itself
	return panel.PageRequest{
		Request: panel.Request{Site: *requestOf(c).site, Dashboard: c.Param("dashboard"), Values: values, Reader: s.reader(c)},
		Panels:  ids,
	}
}

// reader is who asks, as internal/panel needs to know it.
func (s *Server) reader(c *gin.Context) panel.Reader {
	req := requestOf(c)
	return panel.Reader{Locale: req.locale, Settings: req.user != nil, Root: s.link("/" + req.site.Domain)}
}
