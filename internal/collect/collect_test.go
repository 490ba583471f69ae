package collect

import (
	"context"
	"encoding/json"
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
			l, err := event.DecodeLeftOut(r)
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
			"example.com":  {ID: 1, ShareParam: "es", RespectOptOut: true},
			"other.org":    {ID: 2, ShareParam: "via"},
			"hash.example": {ID: 3, ShareParam: "es", HashMode: true},
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

func TestEventsTaken(t *testing.T) {
	page := event.Event{Site: 1, Name: "pageview", Hostname: "example.com", Path: "/post"}
	with := func(change func(*event.Event)) event.Event { e := page; change(&e); return e }
	for _, c := range []struct {
		name, body string
		want       []event.Event
	}{
		{"short keys", `{"n":"pageview","u":"https://example.com/post","d":"example.com","r":null}`, []event.Event{page}},
		{"long keys", `{"name":"pageview","url":"https://example.com/post?x=1#y","domain":"example.com","referrer":""}`, []event.Event{page}},
		{"short before long", `{"name":"a","n":"pageview","d":"example.com","domain":"nowhere","u":"https://example.com/post"}`, []event.Event{page}},
		{"plausible-tracker", `{"n":"pageview","u":"https://example.com/post","d":"example.com","r":null,"w":1920,"h":0,"p":"{\"theme\":\"dark\"}"}`,
			[]event.Event{with(func(e *event.Event) { e.Props = []event.Prop{{Key: "theme", Value: "dark"}} })}},
		{"@plausible-analytics/tracker", `{"n":"Purchase","v":30,"u":"https://example.com/post","d":"example.com","r":null,"p":{"logged":true,"n":3},"i":false,"$":{"currency":"EUR","amount":9.90}}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.Passive, e.Props = "Purchase", true, []event.Prop{{Key: "logged", Value: "true"}, {Key: "n", Value: "3"}}
				e.RevenueCurrency, e.RevenueAmount = "EUR", "9.9"
			})}},
		{"engagement with a null depth", `{"n":"engagement","sd":null,"e":4200,"u":"https://example.com/post","d":"example.com","v":30}`,
			[]event.Event{with(func(e *event.Event) { e.Name, e.EngagedMS = "engagement", 4200 })}},
		{"depth is clamped", `{"n":"engagement","sd":150.7,"u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) { e.Name, e.HasScroll, e.ScrollDepth = "engagement", true, 100 })}},
		{"a month engaged counts as not sent", `{"n":"engagement","sd":-3,"e":2592000000,"u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) { e.Name, e.HasScroll = "engagement", true })}},
		{"www and case of the domain", `{"n":"pageview","u":"https://WWW.Example.com/post","d":"www.EXAMPLE.com "}`, []event.Event{page}},
		{"domain from the URL", `{"n":"pageview","u":"https://www.example.com:8443/post"}`, []event.Event{page}},
		{"several sites, an unknown one left out", `{"n":"pageview","u":"https://example.com/post","d":"example.com, other.org,nowhere.net"}`,
			[]event.Event{page, with(func(e *event.Event) { e.Site = 2 })}},
		{"hash mode asked for", `{"n":"pageview","u":"https://example.com/post#/a","d":"example.com","h":1}`,
			[]event.Event{with(func(e *event.Event) { e.Path = "/post#/a" })}},
		{"hash mode of the site", `{"n":"pageview","u":"https://example.com/post#/a","d":"hash.example"}`,
			[]event.Event{with(func(e *event.Event) { e.Site, e.Path = 3, "/post#/a" })}},
		{"through a share", `{"n":"pageview","u":"https://example.com/post?es=1aB3dE5fG7","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) { e.ViaShare = "1aB3dE5fG7" })}},
		{"the site's own share parameter", `{"n":"pageview","u":"https://example.com/post?via=1aB3dE5fG7&es=2aB3dE5fG7","d":"other.org"}`,
			[]event.Event{with(func(e *event.Event) { e.Site, e.ViaShare = 2, "1aB3dE5fG7" })}},
		{"a share", `{"n":"share","u":"https://example.com/post","d":"example.com","sh":{"i":"2aB3dE5fG7","n":"Twitter","k":"button","p":"1aB3dE5fG7"}}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.ShareID, e.ShareNetwork, e.ShareKind, e.ShareParent = "share", "2aB3dE5fG7", "x", "button", "1aB3dE5fG7"
			})}},
		{"a first-hand share by copying", `{"n":"share","u":"https://example.com/post","d":"example.com","sh":{"i":"1aB3dE5fG7","n":"copy","k":"copy"}}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.ShareID, e.ShareNetwork, e.ShareKind = "share", "1aB3dE5fG7", "copy", "copy"
			})}},
		{"a share to a network that nobody knows", `{"n":"share","u":"https://example.com/post","d":"example.com","sh":{"i":"1aB3dE5fG7","n":"zzz","k":"link","p":null}}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.ShareID, e.ShareNetwork, e.ShareKind = "share", "1aB3dE5fG7", "other", "link"
			})}},
		{"props: scalars only, m before p", `{"n":"pageview","u":"https://example.com/post","d":"example.com","p":{"no":1},"m":{"a":"x\u0000\ny","b":[1],"c":{"d":1},"e":null,"f":1e3,"g":"","a":"z"}}`,
			[]event.Event{with(func(e *event.Event) { e.Props = []event.Prop{{Key: "a", Value: "z"}, {Key: "f", Value: "1e3"}} })}},
		{"props that are no JSON are nobody's", `{"n":"pageview","u":"https://example.com/post","d":"example.com","p":"{broken","props":{"k":"v"}}`,
			[]event.Event{with(func(e *event.Event) { e.Props = []event.Prop{{Key: "k", Value: "v"}} })}},
		{"31 props", `{"n":"pageview","u":"https://example.com/post","d":"example.com","p":{` + manyProps(31) + `}}`,
			[]event.Event{with(func(e *event.Event) {
				for i := range 30 {
					e.Props = append(e.Props, event.Prop{Key: fmt.Sprint("k", i), Value: fmt.Sprint(i)})
				}
			})}},
		{"unknown keys, of every kind", `{"n":"pageview","zz":[1,{"a":[]}],"u":"https://example.com/post","d":"example.com","v":{"x":1}}`, []event.Event{page}},
		{"revenue as text", `{"n":"buy","u":"https://example.com/post","d":"example.com","revenue":{"currency":"usd","amount":"1234.5678"}}`,
			[]event.Event{with(func(e *event.Event) { e.Name, e.RevenueCurrency, e.RevenueAmount = "buy", "USD", "1234.567" })}},
		{"revenue that is none", `{"n":"buy","u":"https://example.com/post","d":"example.com","$":{"currency":"EURO","amount":"x"}}`,
			[]event.Event{with(func(e *event.Event) { e.Name = "buy" })}},
		{"120 characters", `{"n":"` + strings.Repeat("é", 120) + `","u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) { e.Name = strings.Repeat("é", 120) })}},
		{"an app's URL", `{"n":"pageview","u":"app://localhost/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) { e.Hostname = "localhost" })}},
	} {
		for _, contentType := range []string{"application/json", "text/plain; charset=UTF-8", ""} {
			t.Run(c.name+"/"+contentType, func(t *testing.T) {
				m := &memory{}
				col, _ := newTest(m)
				r := ask(col, "POST", "/api/event", c.body, "Content-Type: "+contentType)
				if b := bodyOf(t, r); r.StatusCode != 202 || b != "ok" {
					t.Fatalf("%d %s", r.StatusCode, b)
				}
				if got := r.Header; got.Get("Access-Control-Allow-Origin") != "*" || got.Get("Cache-Control") != "no-store" ||
					got.Get("Access-Control-Allow-Credentials") != "" || got.Get("Set-Cookie") != "" || got.Get("X-Plausible-Dropped") != "" {
					t.Errorf("header %v", got)
				}
				var got []event.Event
				for _, e := range m.events(t) {
					if !e.Time.Equal(noon) || e.Visitor == 0 || e.VisitorBefore == 0 || e.Browser != "Firefox" || e.OS == "" || e.Device != "Desktop" {
						t.Errorf("event %+v", e)
					}
					got = append(got, plain(e))
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func manyProps(n int) string {
	var s []string
	for i := range n {
		s = append(s, fmt.Sprintf(`"k%d":%d`, i, i))
	}
	return strings.Join(s, ",")
}

func TestEventsRefused(t *testing.T) {
	const ok = `"u":"https://example.com/","d":"example.com"`
	for _, c := range []struct {
		name, body, header string
		status             int
		field, says        string
	}{
		{"no JSON", `hello`, "", 400, "request", "JSON"},
		{"an array", `[{"n":"pageview",` + ok + `}]`, "", 400, "request", "JSON"},
		{"cut short", `{"n":"pageview",`, "", 400, "request", "JSON"},
		{"more behind", `{"n":"pageview",` + ok + `} x`, "", 400, "request", "JSON"},
		{"empty", ``, "", 400, "request", "JSON"},
		{"no name", `{` + ok + `}`, "", 400, "event_name", "required"},
		{"a name of white space", `{"n":" \n",` + ok + `}`, "", 400, "event_name", "required"},
		{"a name that is a number", `{"n":7,` + ok + `}`, "", 400, "event_name", "required"},
		{"a long name", `{"n":"` + strings.Repeat("é", 121) + `",` + ok + `}`, "", 400, "event_name", "at most 120"},
		{"no URL", `{"n":"pageview","d":"example.com"}`, "", 400, "url", "required"},
		{"a long URL", `{"n":"pageview","u":"https://example.com/` + strings.Repeat("x", 1981) + `","d":"example.com"}`, "", 400, "url", "at most 2000"},
		{"a data URL", `{"n":"pageview","u":" DATA:text/html,x","d":"example.com"}`, "", 400, "url", "not allowed"},
		{"no URL at all", `{"n":"pageview","u":"post","d":"example.com"}`, "", 400, "url", "not the URL"},
		{"an unknown site", `{"n":"pageview","u":"https://example.com/","d":"nowhere.net"}`, "", 400, "domain", "nowhere.net is not a site here: add it"},
		{"an unknown site from the URL", `{"n":"pageview","u":"https://nowhere.net/"}`, "", 400, "domain", "nowhere.net is not a site here"},
		{"no site to find", `{"n":"pageview","u":"post"}`, "", 400, "domain", "blank"},
		{"many sites", `{"n":"pageview","u":"https://example.com/","d":"` + strings.Repeat("example.com,", 21) + `"}`, "", 400, "domain", "at most 20"},
		{"a long value", `{"n":"pageview","p":{"k":"` + strings.Repeat("x", 2001) + `"},` + ok + `}`, "", 400, "props", "300 bytes"},
		{"a long key", `{"n":"pageview","p":{"` + strings.Repeat("x", 301) + `":1},` + ok + `}`, "", 400, "props", "300 bytes"},
		{"engagement of nothing", `{"n":"engagement","sd":null,` + ok + `}`, "", 400, "event_name", "sd"},
		{"engagement of a month", `{"n":"engagement","e":2592000000,` + ok + `}`, "", 400, "event_name", "30 days"},
		{"a share of nothing", `{"n":"share",` + ok + `}`, "", 400, "sh", "required"},
		{"a share without an ID", `{"n":"share","sh":{"n":"x","k":"link"},` + ok + `}`, "", 400, "sh.i", "share ID"},
		{"a share of generation 0", `{"n":"share","sh":{"i":"0aB3dE5fG7","n":"x","k":"link"},` + ok + `}`, "", 400, "sh.i", "share ID"},
		{"a share of a strange kind", `{"n":"share","sh":{"i":"1aB3dE5fG7","n":"x","k":"telepathy"},` + ok + `}`, "", 400, "sh.k", "none of"},
		{"a share to nowhere", `{"n":"share","sh":{"i":"1aB3dE5fG7","k":"link"},` + ok + `}`, "", 400, "sh.n", "required"},
		{"a share of itself", `{"n":"share","sh":{"i":"1aB3dE5fG7","n":"x","k":"link","p":"1aB3dE5fG7"},` + ok + `}`, "", 400, "sh.p", "itself"},
		{"a share with a wrong parent", `{"n":"share","sh":{"i":"1aB3dE5fG7","n":"x","k":"link","p":"short"},` + ok + `}`, "", 400, "sh.p", "share ID"},
		{"a form", `n=pageview`, "Content-Type: application/x-www-form-urlencoded", 415, "request", "JSON"},
		{"more than 1 MB", `{"n":"pageview","x":"` + strings.Repeat("x", 1<<20) + `",` + ok + `}`, "", 413, "request", "1 MB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newTest(m)
			r := ask(col, "POST", "/api/event", c.body, c.header)
			var got struct{ Errors map[string][]string }
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if r.StatusCode != c.status || len(got.Errors[c.field]) == 0 || !strings.Contains(got.Errors[c.field][0], c.says) {
				t.Errorf("%d %v", r.StatusCode, got.Errors)
			}
			if r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("header %v", r.Header)
			}
			if len(m.recs) > 0 {
				t.Error("recorded all the same")
			}
		})
	}
}

func TestLongReferrerIsCut(t *testing.T) {
	m := &memory{}
	col, _ := newTest(m)
	r := ask(col, "POST", "/api/event", `{"n":"pageview","u":"https://example.com/","r":"https://blog.net/`+strings.Repeat("é", 3000)+`"}`)
	if r.StatusCode != 202 || !strings.HasPrefix(m.events(t)[0].Referrer, "blog.net/é") {
		t.Errorf("%d %+v", r.StatusCode, m.events(t))
	}
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
		{"no objection", view, "DNT: 0", "", 1, nil},
		{"a site that doesn't ask", strings.Replace(view, `"d":"example.com"`, `"d":"other.org"`, 1), "Sec-GPC: 1", "", 1, nil},
		{"one site of two", strings.Replace(view, `"d":"example.com"`, `"d":"example.com,other.org"`, 1), "Sec-GPC: 1", "1", 1,
			[]event.LeftOut{{Site: 1, Time: noon, Reason: event.LeftExclude, Count: 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newTest(m)
			r := ask(col, "POST", "/api/event", c.body, c.header)
			if r.StatusCode != 202 || r.Header.Get("X-Plausible-Dropped") != c.dropped {
				t.Errorf("%d, dropped %q", r.StatusCode, r.Header.Get("X-Plausible-Dropped"))
			}
			if err := col.left.flush(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			left := m.leftOut(t)
			for i := range left {
				left[i].Agent = ""
			}
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
	if err := l.flush(t.Context(), m); !errors.Is(err, spool.ErrFull) {
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

func TestReaderAddr(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.9:1", nil, "203.0.113.9"},
		{"a stranger's header", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"a proxy", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:1", []string{"198.51.100.1, 10.2.3.4"}, "198.51.100.1"},
		{"a forged first hop", "10.0.0.1:1", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"several lines", "10.0.0.1:1", []string{"1.2.3.4", "198.51.100.1,10.9.9.9"}, "198.51.100.1"},
		{"only proxies", "10.0.0.1:1", []string{"10.2.3.4"}, "10.2.3.4"},
		{"rubbish behind a proxy", "10.0.0.1:1", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1"},
		{"IPv6 with a port", "[::1]:1", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"a Unix socket", "@", []string{"198.51.100.1"}, "invalid IP"},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
		if got := readerAddr(r, trusted); got.String() != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
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
		# HELP earshot_collect_refused_requests_total Requests refused, by the field that was wrong, or unavailable, or limited.
		# TYPE earshot_collect_refused_requests_total counter
		earshot_collect_refused_requests_total{reason="event_name"} 1
		earshot_collect_refused_requests_total{reason="unavailable"} 1
		earshot_collect_refused_requests_total{reason="url"} 1
	`)); err != nil {
		t.Error(err)
	}
}

type nobody struct{}

func (nobody) Allow(netip.Addr) bool { return false }

func TestLimited(t *testing.T) {
	_, o := newTest(&memory{})
	o.Limiter = nobody{}
	if r := ask(New(o), "POST", "/api/event", `{"n":"pageview","u":"https://example.com/"}`); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

type countingSites struct {
	fakeSites
	calls int
	err   error
}

func (c *countingSites) Site(ctx context.Context, d string) (Site, bool, error) {
	c.calls++
	if c.err != nil {
		return Site{}, false, c.err
	}
	return c.fakeSites.Site(ctx, d)
}

func TestSitesAreRememberedForAMoment(t *testing.T) {
	sites := &countingSites{fakeSites: fakeSites{"a.com": {ID: 1}}}
	k := knownSites{sites: sites}
	get := func(domain string, after time.Duration) (bool, error) {
		_, known, err := k.get(t.Context(), domain, noon.Add(after))
		return known, err
	}
	for range 3 {
		if known, _ := get("a.com", 0); !known {
			t.Error("a.com is not known")
		}
		if known, _ := get("b.com", 0); known {
			t.Error("b.com is known")
		}
	}
	if sites.calls != 2 {
		t.Errorf("asked %d times", sites.calls)
	}
	sites.fakeSites["b.com"] = Site{ID: 2}
	if known, _ := get("b.com", 3*time.Second); !known {
		t.Error("a new site is not noticed")
	}
	sites.err = errors.New("away")
	if known, err := get("a.com", time.Minute); !known || err != nil {
		t.Errorf("what was known is forgotten: %v", err)
	}
	if _, err := get("c.com", 0); err == nil {
		t.Error("no error")
	}
	sites.err = nil
	for i := range maxKnown + 10 {
		get(fmt.Sprint(i, ".com"), time.Minute)
	}
	if len(k.by) > maxKnown {
		t.Errorf("%d domains remembered", len(k.by))
	}
}

// The scanner takes and refuses what encoding/json does, and reads the same.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{"a":"b","c":[1,-2.5e+3,true,false,null,{}]}`, `{"\u00e9\ud83d\ude00\ud800":"\"\\\/\b\f\n\r\t"}`, `{"a":01}`, `{"a":"` + "\x01" + `"}`,
		"{\"\xff\xfe\":1}", ` { } `, `{"a":1,}`, `{"a" 1}`, `{"a":.5}`, `{"a":1.}`, `{"a":"\u12"}`, `{"a":"\x"}`, `{"a":nul}`, `{"a":-}`, `{"a":"`, `{"a":"\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want map[string]any
		err := json.Unmarshal([]byte(s), &want)
		if want == nil && err == nil {
			return // null
		}
		if strings.Count(s, "{")+strings.Count(s, "[") >= maxDepth {
			return
		}
		p := scanner{s: s}
		got := map[string]any{}
		p.object(func(key string) {
			v, k := p.scalar()
			got[key] = [2]any{v, k}
		})
		p.peek()
		ok := !p.bad && p.i == len(s)
		if ok != (err == nil) {
			t.Fatalf("%q: taken %v, encoding/json says %v", s, ok, err)
		}
		if !ok {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d members, not %d", s, len(got), len(want))
		}
		for k, w := range want {
			g, _ := got[k].([2]any)
			switch w := w.(type) {
			case string:
				if g != [2]any{w, text} {
					t.Fatalf("%q: member %q is %v, not %q", s, k, g, w)
				}
			case bool:
				if g != [2]any{fmt.Sprint(w), boolean} {
					t.Fatalf("%q: member %q is %v", s, k, g)
				}
			case nil:
				if g != [2]any{"null", null} {
					t.Fatalf("%q: member %q is %v", s, k, g)
				}
			case float64:
				if g[1] != number || toNumber(g[0].(string)) != w {
					t.Fatalf("%q: member %q is %v, not %v", s, k, g, w)
				}
			}
		}
	})
}

// Whatever is sent: no crash, a sound answer, and only sound events.
func FuzzEvent(f *testing.F) {
	f.Add(`{"n":"pageview","u":"https://example.com/post?es=1aB3dE5fG7","d":"example.com","r":"https://t.co/","p":{"a":1},"h":1}`)
	f.Add(`{"n":"share","u":"https://example.com/","d":"example.com","sh":{"i":"1aB3dE5fG7","n":"x","k":"link","p":"2aB3dE5fG7"}}`)
	f.Add(`{"n":"engagement","u":"https://example.com/#a","d":"hash.example,other.org","sd":30,"e":1e3}`)
	f.Add(`{"n":"x","u":"https://example.com/%ff","$":{"currency":"EUR","amount":"-1.50"},"p":"{\"a\":\"b\"}"}`)
	f.Fuzz(func(t *testing.T, body string) {
		m := &memory{}
		col, _ := newTest(m)
		r := ask(col, "POST", "/api/event", body)
		if !slices.Contains([]int{202, 400, 413}, r.StatusCode) {
			t.Fatalf("%d", r.StatusCode)
		}
		events := m.events(t)
		if (r.StatusCode == 202) != (len(events) > 0) {
			t.Fatalf("%d with %d events", r.StatusCode, len(events))
		}
		for _, e := range events {
			checkSound(t, e)
		}
	})
}
