package collect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/spool"
)

const typical = `{"n":"pageview","v":30,"u":"https://example.com/2026/11/a-post-with-a-title?utm_source=newsletter&utm_medium=email","d":"example.com","r":"https://www.google.com/","p":{"theme":"dark","author":"Ana"}}`

type discard struct{}

func (discard) Append(context.Context, ...[]byte) error { return nil }

// What a request costs without the network and the disk.
func BenchmarkHandler(b *testing.B) {
	col, _ := newTest(discard{})
	h := col.Handler()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/api/event", strings.NewReader(typical))
		r.Header.Set("User-Agent", firefox)
		r.RemoteAddr = "203.0.113.9:4711"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted {
			b.Fatal(w.Code)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	col, _ := newTest(discard{})
	addr := netip.MustParseAddr("203.0.113.9")
	buf := col.buffer()
	b.ReportAllocs()
	for b.Loop() {
		buf.recs, buf.ends, buf.list = buf.recs[:0], buf.ends[:0], buf.list[:0]
		p, ok := parsePayload(typical)
		if !ok {
			b.Fatal("not taken")
		}
		out, bad, err := col.record(context.Background(), &hit{payload: p, userAgent: firefox, addr: addr}, buf)
		if out.taken != 1 || bad != nil || err != nil {
			b.Fatal(bad, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parsePayload(typical); !ok {
			b.Fatal("not taken")
		}
	}
}

// spooling is a spool that takes records until the benchmark ends.
func spooling(b *testing.B) *spool.Spool {
	s, err := spool.Open(b.TempDir(), spool.Options{MinFree: -1, MaxBytes: 64 << 30})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-done; s.Close() })
	return s
}

// Many requests at once, each answered when its event is on disk.
func BenchmarkCollect(b *testing.B) {
	col, _ := newTest(spooling(b))
	h := col.Handler()
	b.SetParallelism(128)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest("POST", "/api/event", strings.NewReader(typical))
			r.Header.Set("User-Agent", firefox)
			r.RemoteAddr = "203.0.113.9:4711"
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusAccepted {
				b.Error(w.Code)
				return
			}
		}
	})
}

// BenchmarkServed compares whole requests over loopback: a gin handler that
// reads and forgets, and the collector with its spool. The clients are lean,
// and in the same process.
func BenchmarkServed(b *testing.B) {
	gin.SetMode(gin.ReleaseMode)
	bare := gin.New()
	bare.POST("/api/event", func(c *gin.Context) {
		_, _ = io.Copy(io.Discard, c.Request.Body)
		c.String(http.StatusAccepted, "ok")
	})
	b.Run("bare-gin", func(b *testing.B) { serve(b, bare) })

	col, _ := newTest(spooling(b))
	b.Run("collect", func(b *testing.B) { serve(b, col.Handler()) })
	b.Run("collect-no-disk", func(b *testing.B) { c, _ := newTest(discard{}); serve(b, c.Handler()) })
}

func serve(b *testing.B, h http.Handler) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	request := fmt.Appendf(nil, "POST /api/event HTTP/1.1\r\nHost: x\r\nUser-Agent: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", firefox, len(typical), typical)
	var left atomic.Int64
	left.Store(int64(b.N))
	before := cpuTime()
	b.ResetTimer()
	var all sync.WaitGroup
	for range 256 {
		all.Go(func() {
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			answer := make([]byte, 4096)
			for left.Add(-1) >= 0 {
				conn.Write(request)
				if n, err := conn.Read(answer); err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 202")) {
					b.Errorf("%v: %.80s", err, answer[:n])
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N), "cpu-µs/req")
}

// cpuTime is what the process has used of the processors: steadier than the
// clock where others work on the same machine.
func cpuTime() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
