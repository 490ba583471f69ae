package server

import (
	"net/http"
	"time"
)

// How slow a client may be. The connection is closed if the client reads nothing
// for writeStall, or doesn't have the whole answer after writeWhole: the slowest
// phone networks transfer 64 KiB in half a minute.
const (
	writePiece = 64 << 10
	writeStall = 30 * time.Second
	writeWhole = time.Hour
)

// patient writes answers in pieces, each with a deadline: a client that stops
// reading blocks its handler, and what that holds, no longer than writeStall.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&patientWriter{ResponseWriter: w, conn: http.NewResponseController(w), piece: writePiece, stall: writeStall, whole: writeWhole}, r)
	})
}

// patientWriter is a ResponseWriter whose writes have deadlines.
type patientWriter struct {
	http.ResponseWriter
	conn         *http.ResponseController
	piece        int
	stall, whole time.Duration
	until        time.Time // of the whole answer
	err          error     // of the first write that failed: the client is gone
}

// Unwrap is http.ResponseController's.
func (w *patientWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write is http.ResponseWriter's.
func (w *patientWriter) Write(b []byte) (n int, err error) {
	for {
		if w.err != nil {
			return n, w.err
		}
		w.wait()
		var m int
		m, w.err = w.ResponseWriter.Write(b[n:min(n+w.piece, len(b))])
		if n += m; n == len(b) || w.err != nil {
			return n, w.err
		}
	}
}

// Flush is http.Flusher's.
func (w *patientWriter) Flush() {
	if w.err == nil {
		w.wait()
		w.err = w.conn.Flush()
	}
}

// wait sets the deadline of the next write. It also holds for what net/http writes
// at the end; for the next request, net/http sets the server's timeout again.
func (w *patientWriter) wait() {
	now := time.Now()
	if w.until.IsZero() {
		w.until = now.Add(w.whole)
	}
	_ = w.conn.SetWriteDeadline(earliest(now.Add(w.stall), w.until)) // tests' recorders have none
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
