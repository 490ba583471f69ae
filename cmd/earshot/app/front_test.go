package app

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
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

// A request's headers have their bound.
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
