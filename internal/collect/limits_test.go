package collect

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// limited is a collector with limits, and a clock that tests turn.
func limited(l Limits) (c *Collector, m *memory, now *time.Time, reg *prometheus.Registry) {
	m, reg = &memory{}, prometheus.NewRegistry()
	_, o := newTest(m)
	at := noon
	o.Limits, o.Now, o.Registerer = l, func() time.Time { return at }, reg
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("203.0.113.9/32")}
	return New(o), m, &at, reg
}

func TestLimits(t *testing.T) {
	const view = `{"n":"pageview","u":"https://example.com/","d":"example.com"}`
	type from = func(i int) []string
	same := func(int) []string { return []string{"X-Forwarded-For: 81.2.3.4"} }
	for _, c := range []struct {
		name   string
		limits Limits
		body   string
		from   from
		taken  int // of 20 at once
		reason string
	}{
		{"no limits", Limits{}, view, same, 20, ""},
		{"an address has five seconds' worth at once", Limits{Address: 2}, view, same, 10, "address_limit"},
		{"another address has its own", Limits{Address: 2}, view,
			func(i int) []string { return []string{fmt.Sprintf("X-Forwarded-For: 81.2.3.%d", i)} }, 20, ""},
		{"a /64 is one address", Limits{Address: 2}, view,
			func(i int) []string { return []string{fmt.Sprintf("X-Forwarded-For: 2001:db8:1:2::%x", i)} }, 10, "address_limit"},
		{"a private address may have any number of readers behind it", Limits{Address: 1, Visitor: 1}, view,
			func(int) []string { return []string{"X-Forwarded-For: 192.168.1.1"} }, 20, ""},
		{"a visitor", Limits{Visitor: 1}, view, same, 5, "visitor_limit"},
		{"another visitor behind the same address", Limits{Visitor: 1}, view,
			func(i int) []string { return append(same(i), fmt.Sprintf("User-Agent: %s %d", firefox, i)) }, 20, ""},
		{"visits from one address, by many User-Agents", Limits{Visits: 0.02}, view,
			func(i int) []string { return append(same(i), fmt.Sprintf("User-Agent: %s %d", firefox, i)) }, 10, "visits_limit"},
		{"one visit has any number of events", Limits{Visits: 0.002}, view, same, 20, ""},
		{"visits from many addresses", Limits{Visits: 0.002}, view,
			func(i int) []string { return []string{fmt.Sprintf("X-Forwarded-For: 81.2.3.%d", i)} }, 20, ""},
		{"a site", Limits{Site: 2}, view,
			func(i int) []string { return []string{fmt.Sprintf("X-Forwarded-For: 81.2.3.%d", i)} }, 10, "site_limit"},
		{"what isn't an event counts for the address too", Limits{Address: 2}, "{", same, 0, "address_limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			col, m, now, reg := limited(c.limits)
			refused := 0
			for i := range 20 {
				r := ask(col, "POST", PathEvent, c.body, c.from(i)...)
				if r.StatusCode == http.StatusTooManyRequests {
					refused++
					if r.Header.Get("Retry-After") == "" || !strings.Contains(bodyOf(t, r), "slow down") {
						t.Errorf("the answer: %v", r.Header)
					}
				}
			}
			if len(m.recs) != c.taken {
				t.Errorf("%d taken, not %d", len(m.recs), c.taken)
			}
			if n := testutil.ToFloat64(col.m.refused.WithLabelValues(c.reason)); c.reason != "" && int(n) != refused || (c.reason == "") != (refused == 0) {
				t.Errorf("%d answers 429, %v counted as %s", refused, n, c.reason)
			}
			_ = reg
			if c.taken == 0 || refused == 0 {
				return
			}
			*now = now.Add(time.Second)
			if c.limits.Visits > 0 {
				*now = now.Add(time.Minute)
			}
			if r := ask(col, "POST", PathEvent, c.body, c.from(0)...); r.StatusCode != http.StatusAccepted {
				t.Errorf("a second later: %d", r.StatusCode)
			}
		})
	}
}

func TestPixelIsLimited(t *testing.T) {
	col, _, _, _ := limited(Limits{Address: 0.2})
	for want := range map[int]bool{http.StatusOK: true} {
		if r := ask(col, "GET", "/api/pixel.gif?d=example.com&u=https://example.com/", "", "X-Forwarded-For: 81.2.3.4"); r.StatusCode != want {
			t.Errorf("first: %d", r.StatusCode)
		}
	}
	r := ask(col, "GET", "/api/pixel.gif?d=example.com&u=https://example.com/", "", "X-Forwarded-For: 81.2.3.4")
	if r.StatusCode != http.StatusTooManyRequests || bodyOf(t, r) != pixelGIF {
		t.Errorf("second: %d", r.StatusCode)
	}
}

func TestLimitersAreBounded(t *testing.T) {
	l := newLimiter[uint64](1, burstSeconds)
	for i := range uint64(3 * maxLimited) {
		l.allow(i, noon)
		l.allow(1, noon)
	}
	if n := len(l.young) + len(l.old); n > maxLimited {
		t.Errorf("%d remembered", n)
	}
	if l.allow(1, noon) {
		t.Error("who is there all the time was forgotten, and let in again")
	}
}
