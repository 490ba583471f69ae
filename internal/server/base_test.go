package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

const below = "/my/stats" // the path of the public address in these tests

// TestEveryAddressBelowAPath follows every link, file and fetch of every page,
// script, style and panel, an owner's and a stranger's: each address on this
// server begins with the public address's path, and is there.
func TestEveryAddressBelowAPath(t *testing.T) {
	if testing.Short() {
		t.Skip("walks through the whole program")
	}
	needAssets(t)
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.BaseURL = baseurl.MustParse("http://Blog.Example:8080" + below + "/")
		d.Runner = db
		var err error
		if d.Demo, err = blog.Handler(time.Now, d.BaseURL); err != nil {
			t.Fatal(err)
		}
	})
	site := meta.NewSite("demo.example")
	site.Demo = true
	site = r.site(site)
	if err := db.Insert(t.Context(), "history", event.Events.Of(history(site.ID, time.Now()))); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "mastodon", Handle: "@alice@example.social"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "sheet"}); err != nil {
		t.Fatal(err)
	}
	w := walk{client: r.signedIn(), t: t, seen: map[string]bool{}}
	w.from(below+"/?lang=fr", below+"/js/earshot.js", below+"/js/earshot-share.js", below+"/favicon.ico")
	owners := slices.Collect(maps.Keys(w.seen))
	for _, path := range owners { // files are the same for everybody
		if !strings.Contains(path, ".") || strings.HasSuffix(path, ".example") {
			delete(w.seen, path)
		}
	}
	w.client = r.client()
	w.from(below)
	seen := append(slices.Collect(maps.Keys(w.seen)), owners...)
	for _, path := range []string{
		"", "/", "/login", "/account", "/status", "/sites/new", "/demo.example", "/demo.example/growth", "/demo.example/overview/figures.json",
		"/demo.example/overview/trend.csv", "/demo.example/overview/live.json", "/demo.example/settings", "/demo.example/settings/snippet",
		"/demo.example/settings/tokens", "/demo-blog/", "/demo-blog/the-plateau/", "/demo-blog/static/blog.css",
	} {
		if !slices.Contains(seen, below+path) {
			t.Errorf("nothing led to %s", path)
		}
	}
	for _, part := range []string{"/assets/chunk.", "/assets/figtree.", "/assets/icons."} {
		if !slices.ContainsFunc(seen, func(p string) bool { return strings.HasPrefix(p, below+part) }) {
			t.Errorf("nothing led to a file %s…", part)
		}
	}
}

// walk visits each path once, whatever its query; of the panels' files, it visits
// only the main chart's.
type walk struct {
	*client
	t    *testing.T
	seen map[string]bool
	todo []string
	at   string // the address that is looked at
}

func (w *walk) from(addresses ...string) {
	for w.todo = addresses; len(w.todo) > 0; {
		w.at, w.todo = w.todo[0], w.todo[1:]
		path, _, _ := strings.Cut(w.at, "?")
		if w.seen[path] {
			continue
		}
		w.seen[path] = true
		a := w.get(strings.TrimPrefix(w.at, below))
		kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		switch {
		case a.status >= 300 && a.status < 400:
			w.found("redirect", a.location())
		case a.status != http.StatusOK:
			w.t.Errorf("%s answers %d", w.at, a.status)
		case kind == "text/html":
			w.page(a.body)
		case kind == "application/json":
			var v any
			if err := json.Unmarshal([]byte(a.body), &v); err != nil {
				w.t.Errorf("%s: %v", w.at, err)
			}
			w.json("", v)
		case kind == "text/javascript" || kind == "text/css":
			w.source(a.body)
		}
	}
}

// found handles an address found in an answer.
func (w *walk) found(where, address string) {
	to, err := url.Parse(address)
	if err != nil {
		w.t.Errorf("%s: %s %q: %v", w.at, where, address, err)
		return
	}
	if to.IsAbs() || address == "" || address[0] == '#' {
		return // another host's, or a fragment of this page
	}
	base, _ := url.Parse(w.at)
	if to = base.ResolveReference(to); to.Host != "" || !strings.HasPrefix(to.Path, below+"/") && to.Path != below {
		w.t.Errorf("%s: %s leads to %q, not below %s", w.at, where, address, below)
		return
	}
	if strings.HasSuffix(to.Path, ".csv") && !strings.HasSuffix(to.Path, "/trend.csv") {
		return
	}
	to.Fragment = ""
	w.todo = append(w.todo, to.String())
}

func (w *walk) page(body string) {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch where := "<" + n.Data + " " + a.Key + ">"; {
			case n.Data == "form" && a.Key == "action":
				if address, _, _ := strings.Cut(a.Val, "?"); !strings.HasPrefix(address, below+"/") {
					w.t.Errorf("%s: a form goes to %q", w.at, a.Val)
				}
			case a.Key == "data-src" || a.Key == "data-live":
				w.found(where, a.Val+".json")
			case a.Key == "href" || a.Key == "src" || a.Key == "data-waiting":
				w.found(where, a.Val)
			case strings.HasPrefix(a.Key, "data-") && strings.HasPrefix(a.Val, "/"):
				w.t.Errorf("%s: %s has an address %q that nobody follows here", w.at, where, a.Val)
			}
		}
	}
}

func (w *walk) json(key string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, v := range v {
			w.json(k, v)
		}
	case []any:
		for _, v := range v {
			w.json(key, v)
		}
	case string:
		if slices.Contains([]string{"csv", "link", "links", "opens"}, key) {
			w.found(key, v)
		}
	}
}

var (
	imported = regexp.MustCompile(`(?:from|import|import\()\s*"([^"]+)"|url\("?([^")]+)"?\)`)
	rooted   = regexp.MustCompile("[\"'`(]/(?:api|assets|js|login|demo-blog)\\b[^\"'`]*")
)

func (w *walk) source(text string) {
	for _, m := range imported.FindAllStringSubmatch(text, -1) {
		if to := m[1] + m[2]; !strings.HasPrefix(to, "data:") {
			w.found("import", to)
		}
	}
	if m := rooted.FindString(text); m != "" {
		w.t.Errorf("%s has the address %s", w.at, m)
	}
}

// TestAnswersBelowAPath checks what following links doesn't reach: redirects of
// forms, cookies, and addresses to copy.
func TestAnswersBelowAPath(t *testing.T) {
	r := newRig(t, func(d *Deps) { d.BaseURL = baseurl.MustParse("http://blog.example" + below) })
	stranger := r.client()
	token, err := r.store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	for _, step := range []struct {
		name string
		answer
		want string
	}{
		{"a stranger at a page", stranger.get("/status?a=b"), "/login?next=%2Fstatus%3Fa%3Db"},
		{"a theme", stranger.post("/preferences", "theme", "dark", "next", "/login?next=%2Fstatus"), "/login?next=%2Fstatus"},
		{"a theme, next on another host", stranger.post("/preferences", "theme", "dark", "next", "//evil.example"), "/"},
		{"the first account", c.post("/setup?lang=fr", "token", token, "email", ownerEmail, "password", ownerPassword), "/sites/new?lang=fr"},
		{"a site", c.post("/sites/new", "domain", "example.com"), "/example.com/settings/snippet"},
		{"settings", c.post("/example.com/settings", "name", "A", "timezone", "UTC"), "/example.com/settings"},
		{"a slash too many", c.get("/example.com/settings/?a=b"), "/example.com/settings?a=b"},
		{"slashes that lead away", c.get("//evil.example/"), "/"},
		{"a login when signed in", c.get("/login?next=%2Fexample.com"), "/example.com"},
		{"the icon", c.get("/favicon.ico"), r.server.assets.path("logo.svg")},
		{"a log-out", c.post("/logout"), "/"},
		{"a login", c.post("/login", "email", ownerEmail, "password", ownerPassword, "next", "/example.com/growth?period=7d"), "/example.com/growth?period=7d"},
	} {
		if got := step.location(); got != below+step.want {
			t.Errorf("%s leads to %q (%d), want %q", step.name, got, step.status, below+step.want)
		}
		for _, line := range step.header.Values("Set-Cookie") {
			want := below
			if strings.HasPrefix(line, deviceCookie+"=") {
				want += "/login" // is for that page alone
			}
			if cookie, err := http.ParseSetCookie(line); err != nil || cookie.Path != want {
				t.Errorf("%s: cookie %q, %v", step.name, line, err)
			}
		}
	}
	for path, want := range map[string]string{
		"/example.com/settings":          `action="/my/stats/example.com/settings"`,
		"/example.com/settings/snippet?": `data-waiting="/my/stats/example.com/settings/snippet/status.json"`,
		"/example.com/settings/snippet":  `src=&#34;http://blog.example/my/stats/js/earshot.js&#34;`,
		"/example.com/settings/tokens":   "http://blog.example/my/stats/api/v2/query",
		"/robots.txt":                    "Allow: /my/stats/demo-blog/\nDisallow: /my/stats/\n",
	} {
		if body := c.get(path).body; !strings.Contains(body, want) {
			t.Errorf("%s lacks %s: %s", path, want, body)
		}
	}

	// A proxy that strips the path, and requests on the machine itself.
	r.url = strings.TrimSuffix(r.url, below)
	if a := stranger.get("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz answers %d", a.status)
	}
	if a := stranger.get("/status"); a.location() != below+"/login?next=%2Fstatus" {
		t.Errorf("without the path, a page leads to %q", a.location())
	}
	// A browser's Origin is the public one, whatever Host the proxy sends.
	for origin, want := range map[string]int{"http://blog.example": http.StatusSeeOther, "http://evil.example": http.StatusForbidden} {
		a := stranger.do(http.MethodPost, "/preferences", strings.NewReader("theme=light"), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin},
		})
		if a.status != want {
			t.Errorf("a form from %s answers %d, want %d", origin, a.status, want)
		}
	}
}

// TestPublicHosts: forms are accepted from the host as browsers spell it, however
// the base URL spells it.
func TestPublicHosts(t *testing.T) {
	for base, origin := range map[string]string{
		"https://Stats.Example.COM":     "https://stats.example.com",
		"https://stats.example.com:443": "https://stats.example.com",
		"http://Bücher.example:8080":    "http://xn--bcher-kva.example:8080",
		"http://[2001:DB8::1]:8080":     "http://[2001:db8::1]:8080",
	} {
		r := newRig(t, func(d *Deps) { d.BaseURL = baseurl.MustParse(base) })
		a := r.client().do(http.MethodPost, "/preferences", strings.NewReader("theme=light"), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin},
		})
		if a.status != http.StatusSeeOther {
			t.Errorf("%s: a form from %s answers %d", base, origin, a.status)
		}
	}
}
