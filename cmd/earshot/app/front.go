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

// front handles all requests from the first moment on. Events bypass the router of
// pages; the handler of pages is set when pages can be shown.
type front struct {
	events atomic.Pointer[http.Handler]
	pages  atomic.Pointer[http.Handler]
	health http.HandlerFunc // set before the port opens

	takesEvents bool // this process has the role, even if it isn't ready yet
	base        baseurl.URL
}

// eventPath takes thousands of requests per second.
const eventPath = collect.PathEvent

// Header values of every answer to an event; shared, to save allocations.
var (
	noSniff     = []string{"nosniff"}
	crossOrigin = []string{"cross-origin"}
)

// eventPaths are the paths of eventPath in requests: with the base's path, and
// without it, as a proxy that strips it sends them.
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
			// The headers that internal/server sets on every answer.
			h := w.Header()
			h["X-Content-Type-Options"], h["Cross-Origin-Resource-Policy"] = noSniff, crossOrigin
			(*events).ServeHTTP(w, r)
			return
		}
		if f.takesEvents { // the spool is being opened: clients that retry lose nothing
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

// listen opens the port. If another program has it, the error says what to do.
func listen(ctx context.Context, addr, flag string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open port: %w (another address can be given with --%s)", err, flag)
	}
	return l, nil
}

// Limits on a connection until its request is complete.
const (
	maxHeader     = 64 << 10
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
)

// serveHTTP serves on l and returns the server, to shut down or close. If l is of
// connections.Bound, it learns the state of each connection.
func serveHTTP(l net.Listener, h http.Handler, logger *slog.Logger, fail func(error)) *http.Server {
	srv := &http.Server{
		Handler:           connections.Handler(h),
		ConnContext:       connections.Context,
		ConnState:         connections.State,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       2 * time.Minute, // for the upload of an import
		WriteTimeout:      2 * time.Minute, // for handlers without a deadline of their own; pages and events have one
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

// address matches a client's address and port as net/http logs them:
// 203.0.113.9:4711 or [2001:db8::1]:4711.
var address = regexp.MustCompile(`(\[[0-9A-Fa-f:.%a-z]+\]|[0-9]+(\.[0-9]+){3}):[0-9]+`)

// httpLog logs net/http's messages about bad connections at debug level, and
// without clients' addresses.
type httpLog struct{ log *slog.Logger }

func (h httpLog) Write(b []byte) (int, error) {
	h.log.Debug("http", "message", string(address.ReplaceAll(b, []byte("a client"))))
	return len(b), nil
}
