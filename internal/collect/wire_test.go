package collect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
)

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
		{"an international name, of the site and of the page", `{"n":"pageview","u":"https://xn--bcher-kva.example/post","d":"B\u00dcCHER.example"}`,
			[]event.Event{with(func(e *event.Event) { e.Site, e.Hostname = 5, "b\u00fccher.example" })}},
		{"the same from the URL", `{"n":"pageview","u":"https://www.b\u00fccher.example/post"}`,
			[]event.Event{with(func(e *event.Event) { e.Site, e.Hostname = 5, "b\u00fccher.example" })}},
		{"several sites, an unknown one left out", `{"n":"pageview","u":"https://example.com/post","d":"example.com, other.org,nowhere.net"}`,
			[]event.Event{page, with(func(e *event.Event) { e.Site = 2 })}},
		{"a path of the site", `{"n":"pageview","u":"/post","d":"example.com"}`, []event.Event{page}},
		{"a path of two sites", `{"n":"pageview","u":"/post","d":"example.com,other.org"}`,
			[]event.Event{page, with(func(e *event.Event) { e.Site, e.Hostname = 2, "other.org" })}},
		{"a numeric name", `{"n":404,"u":"/post","d":"example.com"}`, []event.Event{with(func(e *event.Event) { e.Name = "404" })}},
		{"a name with places", `{"name":1.50e2,"u":"/post","d":"example.com"}`, []event.Event{with(func(e *event.Event) { e.Name = "1.50e2" })}},
		{"a name that is true", `{"n":true,"name":7,"u":"/post","d":"example.com"}`, []event.Event{with(func(e *event.Event) { e.Name = "true" })}},
		{"a page's own parameter", `{"n":"pageview","u":"/?cpage=2&p=4&utm_source=x","d":"blog.example"}`,
			[]event.Event{with(func(e *event.Event) { e.Site, e.Hostname, e.Path = 4, "blog.example", "/?p=4" })}},
		{"a search", `{"n":"pageview","u":"/?s=two+words","d":"blog.example,example.com","p":{"a":"b"}}`,
			[]event.Event{with(func(e *event.Event) {
				e.Site, e.Hostname, e.Path = 4, "blog.example", "/?s"
				e.Props = []event.Prop{{Key: "a", Value: "b"}, {Key: "search_query", Value: "two words"}}
			}), with(func(e *event.Event) { e.Path, e.Props = "/", []event.Prop{{Key: "a", Value: "b"}} })}},
		{"a search whose words its sender says", `{"n":"pageview","u":"/?s=x","d":"blog.example","p":{"search_query":"y"}}`,
			[]event.Event{with(func(e *event.Event) {
				e.Site, e.Hostname, e.Path, e.Props = 4, "blog.example", "/?s", []event.Prop{{Key: "search_query", Value: "y"}}
			})}},
		{"engagement on a search", `{"n":"engagement","e":2000,"u":"/?s=x","d":"blog.example"}`,
			[]event.Event{with(func(e *event.Event) {
				e.Site, e.Name, e.Hostname, e.Path, e.EngagedMS = 4, "engagement", "blog.example", "/?s", 2000
			})}},
		{"a click that leads away", `{"n":"","l":"https://other.example/report.pdf","u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.Props = "Outbound Link: Click", []event.Prop{{Key: "url", Value: "https://other.example/report.pdf"}}
			})}},
		{"a click on a file", `{"l":"https://example.com/a/report.pdf?v=2","u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.Props = "File Download", []event.Prop{{Key: "url", Value: "https://example.com/a/report.pdf?v=2"}}
			})}},
		{"a click on a long address", `{"l":"https://other.example/` + strings.Repeat("x", 3000) + `","u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) {
				e.Name, e.Props = "Outbound Link: Click", []event.Prop{{Key: "url", Value: "https://other.example/" + strings.Repeat("x", event.MaxPropValue-22)}}
			})}},
		{"a click on another page", `{"n":"","l":"https://example.com/v1.2","u":"https://example.com/post","d":"example.com"}`, nil},
		{"a name beside a link", `{"n":"Signup","l":"https://other.example/","u":"https://example.com/post","d":"example.com"}`,
			[]event.Event{with(func(e *event.Event) { e.Name = "Signup" })}},
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
					got.Get("Access-Control-Allow-Credentials") != "" || got.Get("Set-Cookie") != "" || (got.Get("X-Plausible-Dropped") != "") != strings.Contains(c.body, "nowhere.net") {
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
		{"a name that is none", `{"n":null,"name":[7],` + ok + `}`, "", 400, "event_name", "required"},
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
