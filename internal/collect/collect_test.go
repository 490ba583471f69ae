package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/spool"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type fakeSites map[string]Site

func (f fakeSites) Site(_ context.Context, domain string) (Site, bool, error) {
	s, ok := f[domain]
	return s, ok, nil
}

type fakeSalts struct{ before bool }

func (f fakeSalts) Salts(_ context.Context, now time.Time) (today, before []byte, err error) {
	salt := func(t time.Time) []byte { return []byte(t.UTC().Format("2006-01-02------")) }
	if f.before {
		before = salt(now.AddDate(0, 0, -1))
	}
	return salt(now), before, nil
}

// memory is a spool that remembers, or fails.
type memory struct {
	mu   sync.Mutex
	recs []string
	err  error
}

func (m *memory) Append(_ context.Context, recs ...[]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	for _, r := range recs {
		m.recs = append(m.recs, string(r))
	}
	return nil
}

func (m *memory) events(t testing.TB) []event.Event {
	t.Helper()
	var all []event.Event
	for _, r := range m.recs {
		if event.RecordKind(r) != event.KindEvent {
			continue
		}
		var e event.Event
		if err := event.DecodeEvent(r, &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func (m *memory) leftOut(t testing.TB) []event.LeftOut {
	t.Helper()
	var all []event.LeftOut
	for _, r := range m.recs {
		if event.RecordKind(r) == event.KindLeftOut {
			l, err := event.LeftOuts.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, l)
		}
	}
	return all
}

var lists = sync.OnceValue(func() *enrich.Enricher {
	e, err := enrich.New(enrich.Options{})
	if err != nil {
		panic(err)
	}
	return e
})

func newTest(spool Spool) (*Collector, Options) {
	o := Options{
		Sites: fakeSites{
			"example.com":           {ID: 1, RespectOptOut: true, PageRules: event.PageRules{ShareParam: "es"}},
			"other.org":             {ID: 2, PageRules: event.PageRules{ShareParam: "via"}},
			"hash.example":          {ID: 3, PageRules: event.PageRules{ShareParam: "es", HashMode: true}},
			"blog.example":          {ID: 4, PageRules: event.PageRules{PageParams: []string{"p", "page_id"}, SearchParams: []string{"s"}}},
			"xn--bcher-kva.example": {ID: 5, PageRules: event.PageRules{ShareParam: "es"}},
		},
		Salts: fakeSalts{before: true}, Spool: spool, Enricher: lists(), Now: func() time.Time { return noon },
	}
	return New(o), o
}

// ask sends a request to the handler. header is "Key: value" lines.
func ask(c *Collector, method, target, body string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("User-Agent", firefox)
	r.RemoteAddr = "203.0.113.9:4711"
	for _, h := range header {
		k, v, _ := strings.Cut(h, ": ")
		if v == "" {
			r.Header.Del(k)
		} else {
			r.Header.Set(k, v)
		}
	}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a reader's visitor hash and enrichment come to is tested elsewhere.
func plain(e event.Event) event.Event {
	return event.Event{Site: e.Site, Name: e.Name, Hostname: e.Hostname, Path: e.Path, Props: e.Props, ViaShare: e.ViaShare,
		ShareID: e.ShareID, ShareNetwork: e.ShareNetwork, ShareKind: e.ShareKind, ShareParent: e.ShareParent,
		EngagedMS: e.EngagedMS, ScrollDepth: e.ScrollDepth, HasScroll: e.HasScroll, Passive: e.Passive,
		RevenueCurrency: e.RevenueCurrency, RevenueAmount: e.RevenueAmount}
}

func TestOtherMethods(t *testing.T) {
	col, _ := newTest(&memory{})
	r := ask(col, "OPTIONS", "/api/event", "", "Origin: https://blog.example", "Access-Control-Request-Method: POST")
	h := r.Header
	if r.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Content-Type") || h.Get("Access-Control-Max-Age") == "" {
		t.Errorf("%d %v", r.StatusCode, h)
	}
	if r := ask(col, "GET", "/api/event", ""); r.StatusCode != 405 || r.Header.Get("Allow") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestDebugRequestShowsTheAddress(t *testing.T) {
	m := &memory{}
	col, _ := newTest(m)
	r := ask(col, "POST", "/api/event", `{"n":"pageview","u":"https://example.com/"}`, "X-Debug-Request: true", "X-Forwarded-For: 198.51.100.1")
	if b := bodyOf(t, r); r.StatusCode != 200 || b != "203.0.113.9" || len(m.recs) > 0 {
		t.Errorf("%d %q, %d records", r.StatusCode, b, len(m.recs))
	}
}

func TestLeftOut(t *testing.T) {
	const view = `{"n":"pageview","u":"https://example.com/","d":"example.com"}`
	for _, c := range []struct {
		name, body string
		header     string
		dropped    string
		events     int
		left       []event.LeftOut
	}{
		{"a bot", view, "User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "1", 0,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftBot, Count: 1}}},
		{"Global Privacy Control", view, "Sec-GPC: 1", "1", 0, []event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftExclude, Count: 1}}},
		{"Do-Not-Track", view, "DNT: 1", "1", 0, []event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftExclude, Count: 1}}},
		{"spam by its referrer", strings.Replace(view, `"d"`, `"r":"http://www.semalt.com/crawl","d"`, 1), "DNT: 0", "1", 0,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftSpam, Agent: "semalt.com", Count: 1}}},
		{"spam by utm_source", strings.Replace(view, `.com/`, `.com/?utm_source=free-social-buttons.example`, 1), "DNT: 0", "1", 0,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftSpam, Agent: "free-social-buttons.example", Count: 1}}},
		{"spam to two sites", strings.Replace(view, `"d":"example.com"`, `"r":"http://semalt.com/","d":"example.com,other.org"`, 1), "DNT: 1", "2", 0,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftExclude, Count: 1}, {Site: 2, Time: noon, Reason: event.LeftSpam, Agent: "semalt.com", Count: 1}}},
		{"no objection", view, "DNT: 0", "", 1, nil},
		{"a site that doesn't ask", strings.Replace(view, `"d":"example.com"`, `"d":"other.org"`, 1), "Sec-GPC: 1", "", 1, nil},
		{"one site of two", strings.Replace(view, `"d":"example.com"`, `"d":"example.com,other.org"`, 1), "Sec-GPC: 1", "1", 1,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftExclude, Count: 1}}},
		{"one known site of two", strings.Replace(view, `"d":"example.com"`, `"d":"example.com,nowhere.net"`, 1), "DNT: 0", "1", 1, nil},
		{"one known site of four", strings.Replace(view, `"d":"example.com"`, `"d":"a.net, b.net ,c.net,example.com"`, 1), "DNT: 0", "3", 1, nil},
		{"an unknown one beside one that leaves it out", strings.Replace(view, `"d":"example.com"`, `"d":"example.com,nowhere.net"`, 1), "DNT: 1", "2", 0,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftExclude, Count: 1}}},
		{"a site named twice", strings.Replace(view, `"d":"example.com"`, `"d":"example.com,www.example.com"`, 1), "DNT: 0", "", 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newTest(m)
			r := ask(col, "POST", "/api/event", c.body, c.header)
			if r.StatusCode != 202 || r.Header.Get("X-Plausible-Dropped") != c.dropped {
				t.Errorf("%d, dropped %q", r.StatusCode, r.Header.Get("X-Plausible-Dropped"))
			}
			if err := col.left.flush(t.Context(), m.Append); err != nil {
				t.Fatal(err)
			}
			left := m.leftOut(t)
			for i := range left {
				if left[i].Reason == event.LeftBot {
					left[i].Agent = ""
				}
			}
			slices.SortFunc(left, func(a, b event.LeftOut) int { return int(a.Site) - int(b.Site) })
			if diff := cmp.Diff(c.left, left); diff != "" || len(m.events(t)) != c.events {
				t.Errorf("%d events, left out %s", len(m.events(t)), diff)
			}
		})
	}
}

func TestCountsOfWhatIsLeftOut(t *testing.T) {
	m := &memory{err: spool.ErrFull}
	var l leftOuts
	for i := range 500 {
		l.add(1, noon.Add(time.Duration(i)*time.Second/10), event.LeftBot, "Googlebot")
	}
	if err := l.flush(t.Context(), m.Append); !errors.Is(err, spool.ErrFull) {
		t.Fatal(err)
	}
	l.add(1, noon, event.LeftBot, "Googlebot")
	m.err = nil
	ctx, cancel := context.WithCancel(t.Context())
	col, _ := newTest(m)
	col.left.counts = l.counts
	cancel()
	if err := col.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := m.leftOut(t); len(got) != 1 || got[0].Count != 501 || got[0].Agent != "Googlebot" {
		t.Errorf("got %+v", got)
	}
	for i := range maxLeftOuts + 50 {
		l.add(1, noon, event.LeftBot, fmt.Sprint("agent ", i))
	}
	if len(l.counts) > maxLeftOuts+1 {
		t.Errorf("%d counts kept", len(l.counts))
	}
}

func TestVisitorHash(t *testing.T) {
	seen := map[uint64]string{}
	hash := func(name string, change func(o *Options), body string, header ...string) event.Event {
		t.Helper()
		m := &memory{}
		_, o := newTest(m)
		change(&o)
		r := ask(New(o), "POST", "/api/event", body, header...)
		if r.StatusCode != 202 {
			t.Fatalf("%s: %d %s", name, r.StatusCode, bodyOf(t, r))
		}
		e := m.events(t)[0]
		if was, ok := seen[e.Visitor]; ok {
			t.Errorf("%s has the hash of %s", name, was)
		}
		seen[e.Visitor] = name
		return e
	}
	const view = `{"n":"pageview","u":"https://example.com/","d":"example.com"}`
	first := hash("a reader", func(*Options) {}, view)
	hash("another browser", func(*Options) {}, view, "User-Agent: "+firefox+" Extra")
	hash("another site", func(*Options) {}, strings.Replace(view, `"d":"example.com"`, `"d":"other.org"`, 1))
	hash("another address", func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")} }, view, "X-Forwarded-For: 198.51.100.7")
	next := hash("the next day", func(o *Options) { o.Now = func() time.Time { return noon.AddDate(0, 0, 1) } }, view)
	if next.VisitorBefore != first.Visitor || next.VisitorBefore == 0 {
		t.Errorf("the day before is %d, not %d", next.VisitorBefore, first.Visitor)
	}
	alone := hash("a day without one before", func(o *Options) {
		o.Now = func() time.Time { return noon.AddDate(0, 0, 2) }
		o.Salts = fakeSalts{}
	}, view)
	if alone.VisitorBefore != 0 {
		t.Errorf("a hash under no salt: %d", alone.VisitorBefore)
	}
}

// Reference output of the authors' vectors.h: key 00…0f, input 00 01 02 ….
func TestSipHash(t *testing.T) {
	var key, in []byte
	for i := range 16 {
		key = append(key, byte(i))
	}
	want := map[int]uint64{0: 0x726fdb47dd0e0e31, 1: 0x74f839c593dc67fd, 7: 0xab0200f58b01d137, 8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5, 63: 0x958a324ceb064572}
	for n := range 64 {
		if w, ok := want[n]; ok {
			if got := sipHash(key, in); got != w {
				t.Errorf("%d bytes: %x, want %x", n, got, w)
			}
		}
		in = append(in, byte(n))
	}
}

func TestPixel(t *testing.T) {
	for _, c := range []struct {
		name, target, header string
		err                  error
		status, events       int
	}{
		{"all said", "/api/pixel.gif?d=example.com&u=https%3A%2F%2Fexample.com%2Fpost&r=https%3A%2F%2Ft.co%2Fx", "", nil, 200, 1},
		{"the page from the referrer", "/api/pixel.gif?d=example.com", "Referer: https://example.com/post", nil, 200, 1},
		{"the site too", "/api/pixel.gif", "Referer: https://www.example.com/post", nil, 200, 1},
		{"nothing known", "/api/pixel.gif", "", nil, 200, 0},
		{"an unknown site", "/api/pixel.gif?d=nowhere.net&u=https://nowhere.net/", "", nil, 200, 0},
		{"opted out", "/api/pixel.gif?u=https://example.com/", "Sec-GPC: 1", nil, 200, 0},
		{"prefetched", "/api/pixel.gif?u=https://example.com/", "Sec-Purpose: prefetch", nil, 200, 0},
		{"prefetched through a proxy", "/api/pixel.gif?u=https://example.com/", "Sec-Purpose: prefetch;anonymous-client-ip", nil, 200, 0},
		{"prerendered", "/api/pixel.gif?u=https://example.com/", "Sec-Purpose: prefetch;prerender", nil, 200, 0},
		{"prefetched, as Chrome said before", "/api/pixel.gif?u=https://example.com/", "Purpose: prefetch", nil, 200, 0},
		{"prefetched, as Firefox said before", "/api/pixel.gif?u=https://example.com/", "X-Moz: prefetch", nil, 200, 0},
		{"previewed, as Safari said before", "/api/pixel.gif?u=https://example.com/", "X-Purpose: preview", nil, 200, 0},
		{"another purpose", "/api/pixel.gif?u=https://example.com/", "Sec-Purpose: prefetched-not", nil, 200, 1},
		{"spool full", "/api/pixel.gif?u=https://example.com/", "", spool.ErrFull, 503, 0},
		{"not UTF-8", "/api/pixel.gif?u=https://example.com/%FF%FE&d=example.com", "", nil, 200, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{err: c.err}
			col, _ := newTest(m)
			r := ask(col, "GET", c.target, "", c.header)
			b := bodyOf(t, r)
			if r.StatusCode != c.status || r.Header.Get("Content-Type") != "image/gif" || r.Header.Get("Cache-Control") != "no-store" || len(b) != 43 || !strings.HasPrefix(b, "GIF89a") {
				t.Errorf("%d %v, %d bytes", r.StatusCode, r.Header, len(b))
			}
			events := m.events(t)
			if len(events) != c.events {
				t.Fatalf("%d events", len(events))
			}
			for _, e := range events {
				if e.Name != event.Pageview || e.Site != 1 || e.Hostname != "example.com" {
					t.Errorf("got %+v", e)
				}
			}
		})
	}
	m := &memory{}
	col, _ := newTest(m)
	if r := ask(col, "HEAD", "/api/pixel.gif?u=https://example.com/", ""); r.StatusCode != 200 || len(m.recs) > 0 {
		t.Errorf("HEAD: %d, %d records", r.StatusCode, len(m.recs))
	}
}

func TestSpoolFull(t *testing.T) {
	m := &memory{err: fmt.Errorf("%w: no room", spool.ErrFull)}
	_, o := newTest(m)
	reg := prometheus.NewRegistry()
	o.Registerer = reg
	col := New(o)
	const view = `{"n":"pageview","u":"https://example.com/"}`
	r := ask(col, "POST", "/api/event", view)
	if b := bodyOf(t, r); r.StatusCode != 503 || r.Header.Get("Retry-After") != "5" || !strings.Contains(b, "try again") || strings.Contains(b, "room") {
		t.Errorf("%d %v %s", r.StatusCode, r.Header, b)
	}
	m.err = nil
	if r := ask(col, "POST", "/api/event", view); r.StatusCode != 202 {
		t.Errorf("room again, yet %d", r.StatusCode)
	}
	ask(col, "POST", "/api/event", view, "DNT: 1")
	ask(col, "POST", "/api/event", "{}")
	if err := testutil.GatherAndCompare(reg, strings.NewReader(`
		# HELP earshot_collect_accepted_events_total Events that are on disk and acknowledged, for each of their sites.
		# TYPE earshot_collect_accepted_events_total counter
		earshot_collect_accepted_events_total 1
		# HELP earshot_collect_left_out_events_total Events left out on purpose.
		# TYPE earshot_collect_left_out_events_total counter
		earshot_collect_left_out_events_total{reason="excluded"} 1
		# HELP earshot_collect_refused_requests_total Requests, and events of batches, that were refused: by the field that was wrong, the limit that was met, or why they can't be taken now.
		# TYPE earshot_collect_refused_requests_total counter
		earshot_collect_refused_requests_total{reason="event_name"} 1
		earshot_collect_refused_requests_total{reason="unavailable"} 1
		earshot_collect_refused_requests_total{reason="url"} 1
	`), "earshot_collect_accepted_events_total", "earshot_collect_left_out_events_total", "earshot_collect_refused_requests_total"); err != nil {
		t.Error(err)
	}
}
