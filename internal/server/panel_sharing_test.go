package server

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// shot saves a picture of the page; see look.
func shot(tab *browsertest.Tab, name string) {
	if dir := os.Getenv("EARSHOT_SHOTS"); dir != "" {
		tab.Run(`new Promise(r => setTimeout(r, 500))`)
		picture(tab, filepath.Join(dir, name+".png"))
	}
}

// sharing: the loop is drawn horizontally or vertically and described in words, and
// a click on a bubble filters by its network.
func sharing(t *testing.T, b browse) {
	r, tab := b.rig, b.tab
	const flow = `#panel-loop .loop svg`
	for _, c := range []struct {
		name, lang string
		width      int64
		dark       bool
		upright    bool
	}{{"loop-light", "en", 1280, false, false}, {"loop-dark", "fr", 1280, true, false}, {"loop-phone", "fr", 360, true, true}} {
		tab.Size(c.width, 900)
		theme(tab, c.dark)
		tab.Open(r.url + "/demo.example/sharing?period=91d&lang=" + c.lang)
		tab.Wait(drawn + ` && document.querySelector("` + flow + `")`)
		if got := browsertest.Eval[bool](tab, `(({width, height}) => height > width)(document.querySelector("`+flow+`").getBoundingClientRect())`); got != c.upright {
			t.Errorf("%s: upright is %v", c.name, got)
		}
		if out := browsertest.Eval[[]string](tab, textsOutside(flow)); len(out) > 0 {
			t.Errorf("%s: texts outside of the picture: %q", c.name, out)
		}
		check(t, tab, c.name)
		shot(tab, c.name)
	}

	theme(tab, false)
	tab.Size(1280, 900)
	tab.Open(r.url + "/demo.example/sharing?period=91d&lang=en")
	tab.Wait(drawn)
	d := panelOf(t, r.client(), "/demo.example/sharing/loop.json?period=91d&lang=en")
	said := browsertest.Eval[string](tab, `document.querySelector("#panel-loop .loop").getAttribute("aria-label")`)
	for i, c := range d.Columns {
		if c.Key == "visits_per_share" || c.Key == "shares_per_sharer" {
			continue // rounded for reading
		}
		if v, ok := d.Rows[0][i].(interface{ String() string }); ok && len(v.String()) < 4 && c.Key != "k_factor" && !strings.Contains(said, v.String()) {
			t.Errorf("%q doesn't say %s, %s", said, v, c.Key)
		}
	}
	// As a table it has the same figures.
	tab.Run(`document.querySelector("#panel-loop").closest("[data-card]").querySelector("[data-as-table]").click()`)
	tab.Wait(`document.querySelectorAll("#panel-loop tbody td").length === 10`)

	// A bubble is a link to its network, and has a tooltip of its figures.
	tab.Run(`(() => {
		const card = document.querySelector("#panel-networks").closest("[data-card]");
		card.scrollIntoView();
	})()`)
	tab.Wait(`document.querySelector("#panel-worth canvas")`)
	noProblems(t, tab)
}

// textsOutside lists the texts of a chart that overflow its card.
func textsOutside(picture string) string {
	return `(() => {
		const svg = document.querySelector("` + picture + `"), card = svg.closest("[data-card]").getBoundingClientRect();
		return [...svg.querySelectorAll("text")].filter(x => x.textContent).filter(x => {
			const b = x.getBoundingClientRect();
			return b.left < card.left || b.right > card.right || b.bottom > card.bottom;
		}).map(x => x.textContent);
	})()`
}

// onePage: a row's second link opens the page's own report, where keys step through
// the cascade; without its filter, the report offers pages to choose.
func onePage(t *testing.T, b browse) {
	r, tab := b.rig, b.tab
	tab.Size(1280, 900)
	theme(tab, false)
	tab.Open(r.url + "/demo.example?lang=en&period=91d&f=is,visit:device,Mobile")
	tab.Wait(drawn)
	page := browsertest.Eval[string](tab, `document.querySelectorAll("#panel-pages a.row-name")[1].textContent`)
	tab.Run(`document.querySelectorAll("#panel-pages a.row-open")[1].click()`)
	tab.Wait(`location.pathname === "/demo.example/page" && ` + drawn)
	want := url.Values{"period": {"91d"}, "lang": {"en"}, "f": {"is,visit:device,Mobile", "is,event:page," + page}}
	if got := browsertest.Eval[string](tab, `location.search`); got != "?"+want.Encode() {
		t.Errorf("the report is at %s, want %s", got, want.Encode())
	}
	if got := browsertest.Eval[string](tab, `document.querySelector("h1").textContent`); got != page {
		t.Errorf("the report on %s is headed %s", page, got)
	}

	for _, c := range []struct {
		name, lang string
		width      int64
		dark       bool
	}{{"page-light", "en", 1280, false}, {"page-dark", "fr", 1280, true}, {"page-phone", "fr", 360, false}} {
		tab.Size(c.width, 900)
		theme(tab, c.dark)
		tab.Open(r.url + "/demo.example/page?period=91d&lang=" + c.lang + "&f=" + url.QueryEscape("is,event:page,"+page))
		tab.Wait(drawn + ` && document.querySelector(".share-node")`)
		check(t, tab, c.name)
		shot(tab, c.name)
	}

	// Keys on the slider step through it; screen readers are told the step.
	tab.Size(1280, 900)
	tab.Open(r.url + "/demo.example/page?period=91d&lang=en&f=" + url.QueryEscape("is,event:page,"+page))
	tab.Wait(drawn + ` && document.querySelector(".share-node")`)
	all := browsertest.Eval[int](tab, `document.querySelectorAll(".share-node").length`)
	d := panelOf(t, r.client(), "/demo.example/page/cascade.json?period=91d&f="+url.QueryEscape("is,event:page,"+page))
	if all != len(d.Rows) || all > 200 || all < 10 {
		t.Errorf("%d shares drawn of %d rows", all, len(d.Rows))
	}
	tab.Run(`(() => {
		const slider = document.querySelector(".cascade .range");
		slider.value = 0;
		slider.dispatchEvent(new Event("input"));
		document.querySelector('[aria-label="One share on"]').click();
		document.querySelector('[aria-label="One share on"]').click();
	})()`)
	tab.Wait(`document.querySelectorAll(".share-node:not(.share-to-come)").length === 2`)
	said := browsertest.Eval[string](tab, `document.querySelector(".cascade .range").getAttribute("aria-valuetext")`)
	if !strings.HasPrefix(said, "Shares: 2.") || !strings.Contains(said, "generation 1") {
		t.Errorf("two steps on, the slider says %q", said)
	}
	check(t, tab, "stepping")
	shot(tab, "page-stepping")
	tab.Run(`document.querySelector(".cascade-play").click()`)
	tab.Wait(`document.querySelectorAll(".share-node:not(.share-to-come)").length > 4`)
	tab.Run(`document.querySelector('.cascade-play[aria-label="Pause"]').click()`)

	// Without its page the report offers the pages; a click chooses one.
	tab.Click(".chip a")
	tab.Wait(`document.querySelector(".dash-choose") && document.querySelector("#panel-pages a.row-name") && ` + drawn)
	check(t, tab, "choosing a page")
	shot(tab, "page-choose")
	tab.Run(`document.querySelector("#panel-pages a.row-name").click()`)
	tab.Wait(`document.querySelector("#panel-figures") && ` + drawn)
	noProblems(t, tab)
}

// A page's report needs a filter by one page: without it, or with another filter
// only, it just lists the pages.
func TestReportNeedsItsPage(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	site := meta.NewSite("demo.example")
	site.Demo = true
	site = r.site(site)
	for path, want := range map[string]int{
		"/page/figures.json":                                        http.StatusBadRequest,
		"/page/figures.csv":                                         http.StatusBadRequest,
		"/page/figures.json?f=is,visit:source,Google":               http.StatusBadRequest,
		"/page/figures.json?f=is_not,event:page,/a":                 http.StatusBadRequest,
		"/page/figures.json?f=is,event:page,/a,/b":                  http.StatusBadRequest,
		"/page/pages.json":                                          http.StatusOK,
		"/page/figures.json?f=is,event:page,/a":                     http.StatusOK,
		"/page/figures.json?f=is,event:page,/a&f=is,visit:source,x": http.StatusOK,
	} {
		if a := r.client().get("/" + site.Domain + path); a.status != want {
			t.Errorf("%s answers %d, want %d: %s", path, a.status, want, a.body)
		}
	}
	a := r.client().get("/" + site.Domain + "/page?f=is,event:page," + url.QueryEscape("/<script>alert(1)</script>"))
	if a.status != http.StatusOK || strings.Contains(a.body, "<script>alert") || !strings.Contains(a.body, "&lt;script&gt;alert") {
		t.Errorf("a hostile page: %d", a.status)
	}
}
