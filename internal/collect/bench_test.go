package collect

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
	addr, _ := parseAddr("203.0.113.9")
	var buf buffers
	b.ReportAllocs()
	for b.Loop() {
		buf.reset()
		p, ok := parsePayload(typical)
		if !ok {
			b.Fatal("not taken")
		}
		out, bad, err := col.record(context.Background(), &hit{payload: p, userAgent: firefox, addr: addr}, &buf)
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

// Many requests at once, each answered when its event is on disk.
func BenchmarkCollect(b *testing.B) {
	s, err := spool.Open(b.TempDir(), spool.Options{MinFree: -1, MaxBytes: 64 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	defer func() { cancel(); <-done }()
	col, _ := newTest(s)
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
