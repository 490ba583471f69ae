package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Error is an error with an HTTP status and a sentence for the user. Without
// a Key the sentence is the status's own, error.<status>.text.
type Error struct {
	Status int
	Key    string // of web/strings.yaml
	Values []any  // of Key, as for text.Printer.T
	Text   string // a sentence that is ready, for words from other packages; wins over Key
	Cause  error  // for the log alone
	Retry  int    // seconds after which to try again; 0 = not said

	// Question is what is wrong with a question about statistics. The API
	// says it as it is, a page in a sentence of the user's language.
	Question *query.InvalidError
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("status %d: %v", e.Status, e.Cause)
	}
	return fmt.Sprintf("status %d %s", e.Status, e.Key)
}

func (e *Error) Unwrap() error { return e.Cause }

// errNotFound is the answer to what isn't there.
var errNotFound = &Error{Status: http.StatusNotFound}

// badRequest is an input that the user can mend, named by key.
func badRequest(key string, values ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Key: key, Values: values}
}

// retryAfter is when it's worth asking a busy server again, in seconds.
const retryAfter = 5

// asError finds out what an error means to the user.
func asError(err error) *Error {
	var e *Error
	var inv *meta.InvalidError
	var question *query.InvalidError
	var large *http.MaxBytesError
	var full *turn.FullError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &full) && full.Own:
		return &Error{Status: http.StatusTooManyRequests, Key: "dash.busy", Retry: retryAfter, Cause: err}
	case errors.As(err, &full), errors.Is(err, errNoRoom): // before the time that ran out meanwhile
		return &Error{Status: http.StatusServiceUnavailable, Key: "dash.busy", Retry: retryAfter, Cause: err}
	case errors.Is(err, meta.ErrNotFound):
		return &Error{Status: http.StatusNotFound, Cause: err}
	case errors.As(err, &inv):
		return &Error{Status: http.StatusBadRequest, Text: inv.Message, Cause: err}
	case errors.As(err, &question):
		return &Error{Status: http.StatusBadRequest, Question: question, Cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Key: "dash.slow", Cause: err}
	case errors.Is(err, rows.ErrMemory):
		return &Error{Status: http.StatusServiceUnavailable, Key: "dash.large", Cause: err}
	case errors.As(err, &large):
		return &Error{Status: http.StatusRequestEntityTooLarge, Cause: err}
	}
	return &Error{Status: http.StatusInternalServerError, Cause: err}
}

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
		s.Log.Error("request failed", "request", req.id, "method", c.Request.Method, "path", c.Request.URL.Path, "status", e.Status, "error", err)
	}
	if c.Writer.Written() {
		return // half an answer is out: the connection's end says the rest
	}
	c.Header("Cache-Control", "no-store")
	title, text := s.sentence(c, e)
	if wantsJSON(c.Request) {
		c.JSON(e.Status, gin.H{"error": text, "request": req.id})
		return
	}
	page := Page{Data: struct{ Title, Text string }{title, text}, HideLogin: e.Status == http.StatusUnauthorized}
	if err := s.render(c, e.Status, "error", page); err != nil {
		s.Log.Error("error page failed", "request", req.id, "error", err)
		c.String(e.Status, "%s\n", text)
	}
}

// sentence is the error's title and text in the user's language.
func (s *Server) sentence(c *gin.Context, e *Error) (title, text string) {
	p := s.printer(c)
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

// wantsJSON holds for what scripts and programs ask: a .json address, the
// API, or an Accept header that prefers JSON to a page.
func wantsJSON(r *http.Request) bool {
	if strings.HasSuffix(r.URL.Path, ".json") || isAPI(r) {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

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
