package app

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/connections"
)

// front answers the port from the first moment on. Events go their own short
// way; pages are put in when they can be shown.
type front struct {
	events atomic.Pointer[http.Handler]
	pages  atomic.Pointer[http.Handler]
	health http.HandlerFunc // set before the port is opened

	takesEvents bool // sooner or later
	base        baseurl.URL
}

// eventPath has an answer to thousands of requests a second.
const eventPath = collect.PathEvent

// Values that every answer to an event has; shared, so that they cost nothing.
var (
	noSniff     = []string{"nosniff"}
	crossOrigin = []string{"cross-origin"}
)

// eventPaths are those of eventPath in requests, as they come and as a proxy
// that takes the base's path off passes them on.
func eventPaths(base baseurl.URL) []string {
	paths := []string{eventPath}
	if base.Path() != "" {
		paths = append(paths, base.Link(eventPath))
	}
	return paths
}

func newFront(takesEvents bool, base baseurl.URL) *front {
	return &front{takesEvents: takesEvents, base: base}
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.base.Strip(r)
	switch r.URL.Path {
	case eventPath, collect.PathEvents, collect.PathPixel:
		if events := f.events.Load(); events != nil {
			// What internal/server says for every answer, on this way too.
			h := w.Header()
			h["X-Content-Type-Options"], h["Cross-Origin-Resource-Policy"] = noSniff, crossOrigin
			(*events).ServeHTTP(w, r)
			return
		}
		if f.takesEvents { // the spool is being opened: who sends again loses nothing
			w.Header().Set("Retry-After", "1")
			http.Error(w, "starting", http.StatusServiceUnavailable)
			return
		}
	case "/healthz":
		f.health(w, r)
		return
	}
	if h := f.pages.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

// listen opens the port, with a sentence where somebody else has it.
func listen(ctx context.Context, addr, flag string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open port: %w (another address can be given with --%s)", err, flag)
	}
	return l, nil
}

// What a connection may take until its request stands whole.
const (
	maxHeader     = 64 << 10
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
)

// serveHTTP answers on l and gives how to stop: first ask, then force. Where
// connections.Bound stands before l, it is told what they do.
func serveHTTP(l net.Listener, h http.Handler, logger *slog.Logger, fail func(error)) *http.Server {
	srv := &http.Server{
		Handler:           connections.Handler(h),
		ConnContext:       connections.Context,
		ConnState:         connections.State,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       2 * time.Minute, // of an import's upload
		WriteTimeout:      2 * time.Minute, // of what sets no deadline of its own, as pages and events do
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(httpLog{logger}, "", 0),
	}
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fail(fmt.Errorf("serve %s: %w", l.Addr(), err))
		}
	}()
	return srv
}

// address is where a client is, as net/http writes it: 203.0.113.9:4711 or
// [2001:db8::1]:4711.
var address = regexp.MustCompile(`(\[[0-9A-Fa-f:.%a-z]+\]|[0-9]+(\.[0-9]+){3}):[0-9]+`)

// httpLog keeps what net/http says of strangers' bad connections out of the
// log that people read, and their addresses out of every log.
type httpLog struct{ log *slog.Logger }

func (h httpLog) Write(b []byte) (int, error) {
	h.log.Debug("http", "message", string(address.ReplaceAll(b, []byte("a client"))))
	return len(b), nil
}
