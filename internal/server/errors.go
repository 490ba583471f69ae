package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
	Text   string // a finished sentence, from another package; used in place of Key
	Cause  error  // for the log alone
	Retry  int    // seconds after which to try again; 0 = not said

	// Question says what is wrong with a query. The API shows it as it is, a page
	// in a sentence of the user's language.
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

// badRequest is an input that the user can correct; key names the sentence.
func badRequest(key string, values ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Key: key, Values: values}
}

// retryAfter is when it's worth asking a busy server again, in seconds.
const retryAfter = 5

// asError turns any error into an Error for the user.
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
	case errors.As(err, &full), errors.Is(err, errNoRoom): // before a timeout: these errors may wrap one
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

// errNoRoom means that unsent answers take up all the disk space that the asker's
// class may use.
var errNoRoom = errors.New("answers that clients have not read take up all room")
