package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// h adapts a handler: it answers the error that the handler returned, as a
// page or as JSON, and logs what the operator should know.
func (s *Server) h(handle func(c *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handle(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail answers an error and ends the request.
func (s *Server) fail(c *gin.Context, err error) {
	c.Abort()
	e := asError(err)
	req := requestOf(c)
	if e.Retry > 0 {
		s.Log.Debug("too much at once", "request", req.id, "err", err) // counted by internal/turn
		c.Header("Retry-After", strconv.Itoa(e.Retry))
	} else if e.Status >= 500 && c.Request.Context().Err() == nil {
		s.Log.Error("request failed", "request", req.id, "method", c.Request.Method, "path", c.Request.URL.Path, "status", e.Status, "err", err)
	}
	if c.Writer.Written() {
		return // part of the answer has been sent: only the end of the connection can tell
	}
	c.Header("Cache-Control", "no-store")
	title, text := s.sentence(c, e)
	if wantsJSON(c.Request) {
		c.JSON(e.Status, gin.H{"error": text, "request": req.id})
		return
	}
	page := Page{Data: struct{ Title, Text string }{title, text}, HideLogin: e.Status == http.StatusUnauthorized}
	if err := s.render(c, e.Status, "error", page); err != nil {
		s.Log.Error("error page failed", "request", req.id, "err", err)
		c.String(e.Status, "%s\n", text)
	}
}

// sentence is the error's title and text in the user's language.
func (s *Server) sentence(c *gin.Context, e *Error) (title, text string) {
	// Panels of a page may fail at once, and a Printer is for one goroutine.
	p := s.strings.Printer(requestOf(c).locale)
	base := "error." + strconv.Itoa(e.Status)
	if !s.strings.Has(base + ".title") {
		base = "error." + strconv.Itoa(e.Status/100*100)
	}
	title, text = p.T(base+".title"), p.T(base+".text")
	if e.Key != "" {
		text = p.T(e.Key, e.Values...)
	}
	if e.Text != "" {
		text = e.Text
	}
	if q := e.Question; q != nil && isAPI(c.Request) {
		text = q.Error()
	} else if q != nil {
		text = p.T("dash.bad_view", "reason", q.In(p.Locale))
	}
	return title, text
}

// wantsJSON reports whether a script or a program asks: for a .json address, at
// the API, or with an Accept header that prefers JSON to HTML.
func wantsJSON(r *http.Request) bool {
	if strings.HasSuffix(r.URL.Path, ".json") || isAPI(r) {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// guarded does something in a goroutine, where no handler recovers for it: a
// panic there would end the program.
func guarded[T any](do func() (T, error)) (value T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, stack())
		}
	}()
	return do()
}

// recover turns a panic into a 500 with its stack in the log.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler {
			panic(v)
		}
		s.fail(c, fmt.Errorf("panic: %v\n%s", v, stack()))
	}()
	c.Next()
}
