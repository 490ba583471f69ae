package journey

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/trackertest"
)

// TestBelowAPathOfAnotherSite runs the program behind a proxy that has another
// site at / and passes /stats/ on: as it is, and with the path taken off.
func TestBelowAPathOfAnotherSite(t *testing.T) {
	var program atomic.Pointer[url.URL]
	var strips atomic.Bool
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		if !strings.HasPrefix(r.In.URL.Path, "/stats/") {
			t.Errorf("the other site is asked for %s", r.In.URL.Path)
		}
		if strips.Load() {
			r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/stats")
		}
		r.SetURL(program.Load())
	}})
	t.Cleanup(proxy.Close)
	base := strings.Replace(proxy.URL, "127.0.0.1", "localhost", 1) + "/stats"
	server := start(t, func(c *app.Config) { c.BaseURL = baseurl.MustParse(base + "/") })
	to, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	program.Store(to)

	owner, reader := browser.Tab(t), browser.Tab(t)
	owner.Size(1280, 1000)
	owner.Open(server.URL() + "/healthz") // on the machine itself, without the path
	snippet := own(t, owner, server, base)
	blog := trackertest.NewBlog(t, trackertest.Page{Snippet: strings.Replace(snippet, "<script ", "<script data-local ", 1), Body: post})
	api := &api{t: t, base: base, token: token(t, owner, base)}
	view := func(path string, views float64) {
		t.Helper()
		reader.Open(blog.URL + path)
		reader.Wait(`window.earshot`)
		reader.Open("about:blank")
		api.waitFor("pageviews", views)
	}
	view("/first", 1)
	strips.Store(true)
	view("/second", 2)
	owner.Open(base + "/" + domain + "/settings")
	strips.Store(false)
	owner.Run(`document.querySelector("form[action$='/logout'] button").click()`)
	owner.Wait(`location.pathname === "/stats/login" && document.querySelector("form.card [name=email]")`)
	fill(owner, "email", "ada@example.com")
	fill(owner, "password", "correct horse battery staple")
	owner.Click("form.card button.button-primary")
	owner.Wait(`location.pathname === "/stats/"`)
	dashboard(t, owner, base)
	if problems := append(owner.Problems(), reader.Problems()...); len(problems) > 0 {
		t.Errorf("in the browsers' consoles: %v", problems)
	}
}

// dashboard changes the period, filters, and takes a file.
func dashboard(t *testing.T, owner *browsertest.Tab, base string) {
	t.Helper()
	const drawn = ` && !document.querySelector("[data-panel]:not([hidden])[aria-busy]")`
	owner.Open(base + "/" + domain + "?lang=en")
	owner.Wait(`document.querySelector("#panel-trend canvas")` + drawn)
	owner.Run(`document.querySelector("#period-today").click()`)
	owner.Wait(`new URLSearchParams(location.search).get("period") === "today" && document.querySelectorAll("#panel-pages tbody tr").length === 2` + drawn)
	owner.Run(`[...document.querySelectorAll("#panel-pages a")].find((a) => a.textContent === "/first").click()`)
	owner.Wait(`document.querySelector(".chip")` + drawn)
	href := browsertest.Eval[string](owner, `document.querySelector("#panel-pages").closest("[data-card]").querySelector("[data-csv]").getAttribute("href")`)
	if !strings.HasPrefix(href, "/stats/"+domain+"/") {
		t.Fatalf("the file is at %s", href)
	}
	if _, rows := file(t, owner, href); len(rows) != 1 || rows[0][0] != "/first" {
		t.Errorf("%s has %v", href, rows)
	}
}
