package app

import (
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

func TestSiteCache(t *testing.T) {
	m, err := meta.Open(filepath.Join(t.TempDir(), meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var mu sync.Mutex
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	ctx := t.Context()
	c := newSiteCache(m, slog.New(slog.DiscardHandler), clock)
	has := func(domain string, want bool) {
		t.Helper()
		if _, ok := c.find(ctx, domain); ok != want {
			t.Errorf("%s: found %v, want %v", domain, ok, want)
		}
	}

	has("a.example", false)
	a, err := m.AddSite(ctx, meta.NewSite("a.example"))
	if err != nil {
		t.Fatal(err)
	}
	has("a.example", false) // just asked: strangers can't cause a query per request
	pass(missFresh)
	has("a.example", true)
	has("https://WWW.A.example/", true)
	has("not a domain", false)

	a.Name, a.RespectOptOut = "Other", false
	if err := m.UpdateSite(ctx, a); err != nil {
		t.Fatal(err)
	}
	pass(time.Second)
	if got, _ := c.find(ctx, "a.example"); got.Name != "Other" || got.RespectOptOut {
		t.Errorf("a second after a change: %+v", got)
	}
	if err := m.RemoveSite(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	pass(time.Second)
	has("a.example", false)

	if _, known, err := c.Site(ctx, "a.example"); known || err != nil {
		t.Errorf("a removed site: %v, %v", known, err)
	}

	// If the store fails, known sites stay.
	if _, err := m.AddSite(ctx, meta.NewSite("b.example")); err != nil {
		t.Fatal(err)
	}
	pass(time.Second)
	has("b.example", true)
	m.Close()
	pass(time.Second)
	has("b.example", true)
	has("c.example", false)

	// If the sites were never read, no site is reported as unknown.
	if _, _, err := newSiteCache(m, slog.New(slog.DiscardHandler), clock).Site(ctx, "b.example"); err == nil {
		t.Error("no error from a store that can't be read")
	}
}

func BenchmarkSiteCache(b *testing.B) {
	m, err := meta.Open(filepath.Join(b.TempDir(), meta.FileName))
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	if _, err := m.AddSite(b.Context(), meta.NewSite("a.example")); err != nil {
		b.Fatal(err)
	}
	c := newSiteCache(m, slog.New(slog.DiscardHandler), time.Now)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok := c.find(b.Context(), "a.example"); !ok {
				b.Fatal("gone")
			}
		}
	})
}
