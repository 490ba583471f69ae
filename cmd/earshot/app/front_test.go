package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/baseurl"
)

func TestHTTPLogHasNoAddress(t *testing.T) {
	for _, line := range []string{
		"http: TLS handshake error from 203.0.113.9:4711: EOF",
		"http: panic serving [2001:db8::1%eth0]:4711: boom",
		"http: superfluous 203.0.113.9:1",
	} {
		var out strings.Builder
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if _, err := (httpLog{log}).Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); strings.Contains(got, "203.0.113.9") || strings.Contains(got, "2001") || !strings.Contains(got, "a client") {
			t.Errorf("%s", got)
		}
	}
}

// TestFrontBelowAPath asks for events and health with and without the base's
// path: a proxy may have taken it off, and health checks don't know it.
func TestFrontBelowAPath(t *testing.T) {
	base := baseurl.MustParse("https://blog.example/stats")
	f := newFront(true, base)
	f.health = func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "health") }
	says := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, what+" "+r.URL.Path) })
	}
	events, pages := says("events"), says("pages")
	f.events.Store(&events)
	f.pages.Store(&pages)
	for path, want := range map[string]string{
		"/api/event": "events /api/event", "/stats/api/event": "events /api/event", "/stats/api/events": "events /api/events",
		"/stats/api/pixel.gif?d=x": "events /api/pixel.gif", "/healthz": "health", "/stats/healthz": "health",
		"/stats": "pages /", "/stats/": "pages /", "/": "pages /", "/stats/js/earshot.js": "pages /js/earshot.js", "/statsapi/event": "pages /statsapi/event",
	} {
		w := httptest.NewRecorder()
		if f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil)); w.Body.String() != want {
			t.Errorf("%s is answered by %q, want %q", path, w.Body, want)
		}
	}
	if got := eventPaths(base); !slices.Equal(got, []string{"/api/event", "/stats/api/event"}) {
		t.Errorf("the lane serves %v", got)
	}
	if got := eventPaths(baseurl.URL{}); !slices.Equal(got, []string{"/api/event"}) {
		t.Errorf("without a base, the lane serves %v", got)
	}
}

// Too long request headers are rejected.
func TestHeaderBound(t *testing.T) {
	l, err := listen(context.Background(), "127.0.0.1:0", "listen")
	if err != nil {
		t.Fatal(err)
	}
	srv := serveHTTP(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}), slog.New(slog.DiscardHandler), func(err error) { t.Error(err) })
	defer srv.Close()
	for bytes, want := range map[int]int{32 << 10: http.StatusOK, 128 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", bytes))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want {
			t.Errorf("%d bytes: %d", bytes, resp.StatusCode)
		}
	}
}
