package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"

	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// Parts of the page, in its own language.
const (
	drawn = `(document.readyState === "complete" && ![...document.querySelectorAll("[data-panel]:not([hidden])")].some(b => b.getAttribute("aria-busy") || b.querySelector(".skeleton"))
		&& ![...document.querySelectorAll(".chart:empty")].map(c => c.getBoundingClientRect()).some(at => at.width && at.top < innerHeight && at.bottom > 0))`
	scrolled = `(async () => { // pictures are drawn when they come near
		for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
			scrollTo(0, y);
			for (let i = 0; i < 100 && !` + drawn + `; i++) await new Promise(r => setTimeout(r, 50));
		}
		scrollTo(0, 0);
	})()`
	kpi     = `document.querySelector('#panel-figures a[data-metric="%s"]')`
	mainTop = `document.querySelector("#panel-trend").closest("[data-card]").querySelector("[data-title]").textContent`
)

// browse is what the parts of the browser test share, with a tab.
type browse struct {
	*rig
	browser *browsertest.Browser
	tab     *browsertest.Tab
	site    meta.Site
	send    func(event.Row) // records an event
	db      *clickhouse.DB
}

// dashboardTab serves the demo's dashboards to a browser.
func dashboardTab(t *testing.T) browse {
	t.Helper()
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.NetworkNames = map[string]string{"mastodon": "Mastodon", "bluesky": "Bluesky", "x": "X", "linkedin": "LinkedIn", "whatsapp": "WhatsApp", "facebook": "Facebook", "youtube": "YouTube", "reddit": "Reddit"}
	})
	site := demoSite(t, r, db, time.Now())
	follow(t, r, db, site)
	send := func(row event.Row) {
		if err := db.Insert(t.Context(), time.Now().String(), event.Events.Of([]event.Row{row})); err != nil {
			t.Fatal(err)
		}
	}
	return browse{rig: r, browser: browsertest.New(t), site: site, send: send, db: db}
}

// follow adds an account that its network rounds, one that has not been read
// for a while, and a competitor's to the demo's.
func follow(t *testing.T, r *rig, db demo.Store, site meta.Site) {
	t.Helper()
	var list []event.FollowerCount
	for day := range 380 {
		at := time.Now().AddDate(0, 0, -day).Add(-time.Minute)
		list = append(list,
			event.FollowerCount{Site: site.ID, Time: at, Network: "youtube", Account: "@slow", Followers: uint64(2400-day) / 10 * 10, Rounded: true, Origin: event.OriginPoll},
			event.FollowerCount{Site: site.ID, Time: at, Network: "mastodon", Account: rival, Followers: uint64(9000 - 12*day), Origin: event.OriginPoll})
		if day > 9 {
			list = append(list, event.FollowerCount{Site: site.ID, Time: at, Network: "github", Account: "slow", Followers: uint64(400 - day), Origin: event.OriginPoll})
		}
	}
	if err := db.Insert(t.Context(), "follow", event.Followers.Of(list)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "mastodon", Handle: rival, Competitor: true}); err != nil {
		t.Fatal(err)
	}
}

// pageview is a page view at this moment.
func pageview(site meta.Site, path string, visitor uint64) event.Row {
	return event.Row{
		Event: event.Event{Site: site.ID, Time: time.Now(), Name: event.Pageview, Visitor: visitor, Hostname: "demo.example", Path: path, Country: "FR", Device: "Mobile", Channel: "Direct"},
		Visit: visitor, EntryPath: path, Entry: 1, Bounce: 1,
	}
}

// picture takes a picture of a whole dashboard.
func picture(tab *browsertest.Tab, file string) {
	tab.Run(scrolled)
	tab.Run(`new Promise(r => setTimeout(r, 400))`) // ends what moves
	tab.Screenshot(file)
}

func noProblems(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	for _, m := range tab.Problems() {
		t.Errorf("console: %+v", m)
	}
}

// TestDashboardsInBrowser has one browser and one history for all its parts.
func TestDashboardsInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("in a browser")
	}
	b := dashboardTab(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, browse)
	}{{"arriving", arrivingPage}, {"look", look}, {"sharing", sharing}, {"followings", followingsPage}, {"posts", posts}, {"one page", onePage}, {"clicks", clicks}, {"live", liveEvents}, {"hostile events", hostileEvents}} {
		t.Run(part.name, func(t *testing.T) {
			part.run(t, browse{b.rig, b.browser, b.browser.Tab(t), b.site, b.send, b.db})
		})
	}
}

// look: every dashboard draws in both themes and languages and on a phone,
// without an error on the console, a broken content security policy, an
// accessibility fault or a page that scrolls sideways. EARSHOT_SHOTS names a
// folder for pictures.
func look(t *testing.T, b browse) {
	r, tab := b.rig, b.tab
	empty := meta.NewSite("empty.example")
	empty.Demo = true
	r.site(empty)
	shots := os.Getenv("EARSHOT_SHOTS")
	shoot := func(name, path string, width int64, dark bool) {
		t.Helper()
		tab.Size(width, 900)
		theme(tab, dark)
		tab.Open(r.url + path)
		tab.Wait(drawn)
		check(t, tab, name)
		if shots != "" {
			picture(tab, filepath.Join(shots, name+".png"))
		}
	}
	for _, d := range []string{"overview", "growth", "posts", "engagement", "sharing", "article"} {
		shoot(d+"-light", "/demo.example/"+d+"?lang=en", 1280, false)
		shoot(d+"-dark", "/demo.example/"+d+"?lang=fr&period=91d", 1280, true)
		shoot(d+"-phone", "/demo.example/"+d+"?lang=fr&period=12mo", 360, false)
	}
	shoot("filtered", "/demo.example?lang=en&period=12mo&compare=year&f=is,visit:source,Bluesky&f=is,visit:country,FR,US", 1280, false)
	shoot("empty", "/empty.example?lang=en", 1280, false)
	shoot("empty-growth", "/empty.example/growth?lang=fr", 360, true)

	// Every tab's panel draws too, and as a table.
	for _, d := range []string{"overview", "growth", "sharing", "article"} {
		tab.Size(1280, 900)
		theme(tab, d != "growth")
		tab.Open(r.url + "/demo.example/" + d + "?lang=en")
		tab.Wait(drawn)
		for {
			more := browsertest.Eval[int](tab, `(() => {
				const next = [...document.querySelectorAll('[role=tab][aria-selected=true]')].map(t => t.nextElementSibling).filter(Boolean);
				next.forEach(t => t.click());
				return next.length;
			})()`)
			if more == 0 {
				break
			}
			tab.Wait(drawn)
		}
		check(t, tab, d+" tabs")
		if shots != "" {
			picture(tab, filepath.Join(shots, d+"-tabs.png"))
		}
		tab.Run(`document.querySelectorAll("[data-as-table]:not([hidden])").forEach(b => b.click())`)
		tab.Wait(drawn + ` && !document.querySelector("[data-panel]:not([hidden]) .chart")`)
		check(t, tab, d+" tables")
		if shots != "" {
			picture(tab, filepath.Join(shots, d+"-tables.png"))
		}
	}
	for _, dialog := range []string{"dates", "filter", "shortcuts"} {
		tab.Run(`document.querySelector("[data-dialog=` + dialog + `]").click()`)
		tab.Wait(`document.getElementById("` + dialog + `").open`)
		check(t, tab, dialog)
		if shots != "" {
			picture(tab, filepath.Join(shots, "dialog-"+dialog+".png"))
		}
		tab.Run(`document.getElementById("` + dialog + `").close()`)
	}
	noProblems(t, tab)
}

// arrivingPage: a page arrives with its figures and lists, nothing in it moves, and
// ECharts comes once and after the figures.
func arrivingPage(t *testing.T, b browse) {
	tab := b.tab
	browsertest.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.moved = 0;
		new PerformanceObserver(list => list.getEntries().forEach(e => moved += e.hadRecentInput ? 0 : e.value)).observe({type: "layout-shift", buffered: true});
		new MutationObserver(() => {
			if (!window.figuresAt && document.querySelector("#panel-figures:not([aria-busy]) .kpi-value")) window.figuresAt = performance.now();
		}).observe(document, {subtree: true, childList: true, attributes: true});`})
	for _, width := range []int64{1280, 390} {
		tab.Size(width, 900)
		tab.Open(b.url + "/demo.example/overview?lang=en&period=91d")
		tab.Wait(drawn)
		tab.Run(scrolled)
		if got := browsertest.Eval[float64](tab, "moved"); got >= 0.02 {
			t.Errorf("%d px wide: CLS is %.4f", width, got)
		}
		echarts := 0
		for _, file := range browsertest.Eval[[]struct {
			Name         string
			Often        int
			After, Large bool
		}](tab, `performance.getEntriesByType("resource").map((e, _, all) => ({
			name: e.name, often: all.filter(o => o.name === e.name).length, after: e.startTime >= figuresAt, large: e.decodedBodySize > 300_000,
		}))`) {
			switch {
			case strings.Contains(file.Name, "panels.json"):
				t.Errorf("%d px wide: a second request for the panels", width)
			case strings.HasSuffix(file.Name, ".js") && file.Often > 1:
				t.Errorf("%d px wide: %s is requested %d times", width, file.Name, file.Often)
			case file.Large:
				if echarts++; !file.After {
					t.Errorf("%d px wide: ECharts is requested before the figures stand", width)
				}
			}
		}
		if echarts != 1 {
			t.Errorf("%d px wide: %d large files, want ECharts alone", width, echarts)
		}
	}
	noProblems(t, tab)
}

// followingsPage: rounded figures are marked for eyes and screen readers, and the
// tooltip of the current month tells the actual value from the projected one.
func followingsPage(t *testing.T, b browse) {
	tab := b.tab
	tab.Size(1280, 900)
	tab.Open(b.url + "/demo.example/growth?lang=en&period=12mo")
	tab.Wait(drawn)
	const followers = `document.querySelector('#panel-figures [data-metric="followers"]')`
	if got := browsertest.Eval[string](tab, followers+`.querySelector(".kpi-value").textContent`); !strings.HasPrefix(got, "≈\u202fabout ") {
		t.Errorf("followers are %q", got)
	}
	if got := browsertest.Eval[string](tab, `document.querySelector('#panel-figures [data-metric="visitors"] .kpi-value').textContent`); strings.Contains(got, "≈") {
		t.Errorf("visitors are %q", got)
	}
	notes := browsertest.Eval[string](tab, `document.querySelector("#panel-figures").closest("[data-card]").querySelector("[data-notes]").textContent`)
	if !strings.Contains(notes, "carry forward the last reading of slow") {
		t.Errorf("notes %q", notes)
	}
	if time.Now().UTC().Day() < 8 {
		return // too early in the month for a projection
	}
	tab.Run(`document.querySelector("#panel-growth-by-month").scrollIntoView()`)
	tab.Wait(`document.querySelector("#panel-growth-by-month canvas")`)
	tab.Run(`(() => {
		const canvas = document.querySelector("#panel-growth-by-month canvas"), box = canvas.getBoundingClientRect();
		for (const type of ["mousemove", "mousemove"]) canvas.dispatchEvent(new MouseEvent(type, {bubbles: true, clientX: box.right - 30, clientY: box.top + box.height / 2}));
	})()`)
	const tip = `document.querySelector("#panel-growth-by-month .tip")?.textContent`
	tab.Wait(tip + `?.includes("so far")`)
	if got := browsertest.Eval[string](tab, tip); !strings.Contains(got, "Follower growth ≈, projected to the end≈") {
		t.Errorf("the tooltip says %q", got)
	}
	noProblems(t, tab)
}

// clicks change the view, the URL and the history.
func clicks(t *testing.T, b browse) {
	r, tab := b.rig, b.tab
	tab.Size(1280, 900)
	tab.Open(r.url + "/demo.example?lang=en")
	tab.Wait(drawn)
	says := func(want, expression string) {
		t.Helper()
		if got := browsertest.Eval[string](tab, expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	says("Visitors", mainTop)

	// A click shows a figure on the main chart, and Back shows the previous one.
	tab.Run(`document.querySelector('#panel-figures a[data-metric="shares"]').click()`)
	tab.Wait(mainTop + ` === "Shares" && ` + drawn)
	says("?lang=en&metric=shares", `location.search`)
	says("shares", `document.querySelector("#panel-figures [aria-current]").dataset.metric`)
	tab.Run(`history.back()`)
	tab.Wait(mainTop + ` === "Visitors" && ` + drawn)
	tab.Run(`history.forward()`)
	tab.Wait(mainTop + ` === "Shares" && ` + drawn)

	// A row filters everything; the figure stays.
	tab.Run(`[...document.querySelectorAll("#panel-sources a")].find(a => a.textContent === "Bluesky").click()`)
	tab.Wait(`document.querySelector(".chip")?.textContent.includes("Source is Bluesky") && ` + drawn)
	says("Shares", mainTop)
	says("1", `String(document.querySelectorAll("#panel-sources tbody tr").length)`)

	// The same row again takes the filter away.
	tab.Run(`document.querySelector("#panel-sources a").click()`)
	tab.Wait(`!document.querySelector(".chip") && document.querySelectorAll("#panel-sources tbody tr").length > 1 && ` + drawn)

	// Keys choose periods; the form adds filters, and a chip's cross removes one.
	tab.Run(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "7", bubbles: true}))`)
	tab.Wait(`document.querySelector("#period-7d[aria-current]") && ` + drawn)
	says("7d", `new URLSearchParams(location.search).get("period")`)
	tab.Run(`(() => {
		document.querySelector("#add-filter").click();
		document.querySelector("#filter-what").value = "event:page";
		document.querySelector("#filter-how").value = "contains";
		document.querySelector("#filter-value").value = 'pla"t,eau';
		document.querySelector("#filter form").requestSubmit();
	})()`)
	tab.Wait(`document.querySelector(".chip") && ` + drawn)
	says(`Page contains pla"t,eau`, `document.querySelector(".chip > span").textContent`)
	says("Nothing matches these filters in this period. Take a filter away or choose a longer period.", `document.querySelector("#panel-pages .empty p").textContent`)
	tab.Click(".chip a")
	tab.Wait(`!document.querySelector(".chip") && document.querySelector("#panel-pages tbody tr") && ` + drawn)

	// A custom range.
	tab.Run(`(() => {
		document.querySelector("#period-custom").click();
		document.querySelector("#dates-from").value = "2026-01-05";
		document.querySelector("#dates-to").value = "2026-01-11";
		document.querySelector("#dates form").requestSubmit();
	})()`)
	tab.Wait(`document.querySelector(".dash-range").textContent.startsWith("5 January 2026 to 11 January 2026") && ` + drawn)
	says("Shares", mainTop)

	// A reload shows the same view.
	url := browsertest.Eval[string](tab, `location.href`)
	tab.Open(url)
	tab.Wait(drawn)
	says("Shares", mainTop)
	says("5 January 2026 to 11 January 2026", `document.querySelector("[data-view]").dataset.view`)

	// A tooltip is text, and the content security policy allows it.
	tab.Run(`(() => {
		const box = document.querySelector("#panel-trend canvas").getBoundingClientRect();
		for (const type of ["mousemove", "mousemove"]) document.querySelector("#panel-trend canvas").dispatchEvent(
			new MouseEvent(type, {bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}));
	})()`)
	tab.Wait(`document.querySelector("#panel-trend .tip-head")?.textContent.includes("2026")`)
	noProblems(t, tab)
}

// liveEvents: a new event appears on an open page by itself. make bench measures
// how soon.
func liveEvents(t *testing.T, b browse) {
	r, tab, site, send := b.rig, b.tab, b.site, b.send
	// Filtered, because by the evening ten other pages have more visitors today.
	tab.Open(r.url + "/demo.example?lang=en&period=today&compare=none&f=is,event:page,/just-now")
	tab.Wait(drawn + ` && document.querySelector("#readers").textContent`)
	for i := range uint64(3) {
		send(pageview(site, "/just-now", 1<<40+i))
		tab.Wait(`[...document.querySelectorAll("#panel-pages tbody tr")].some(r => r.textContent.startsWith("/just-now` + string('1'+rune(i)) + `"))`)
	}
	tab.Wait(`document.querySelector("#readers").textContent.endsWith("readers now")`)
	noProblems(t, tab)
}

// hostileEvents: hostile values of events are shown as text everywhere.
func hostileEvents(t *testing.T, b browse) {
	r, tab, site, send := b.rig, b.tab, b.site, b.send
	for i, path := range []string{`/</script><script>window.pwned=1</script>`, `/<img src=x onerror="window.pwned=1">`, `=cmd()|' /C calc'!A0`} {
		row := pageview(site, path, 1<<41+uint64(i))
		row.Source, row.UTMCampaign, row.Browser = path, path, path
		send(row)
	}
	filter := `&f=contains,event:page,` + strings.ReplaceAll("<", "<", "%3C")
	for _, path := range []string{"/demo.example?lang=en&period=today", "/demo.example?lang=en&period=today" + filter, "/demo.example/engagement?period=today", "/demo.example?period=today&metric=%3Cscript%3Ewindow.pwned=1%3C/script%3E"} {
		tab.Open(r.url + path)
		tab.Wait(drawn)
		tab.Run(`document.querySelectorAll('[role=tab]').forEach(t => t.click())`)
		tab.Wait(drawn)
		if browsertest.Eval[bool](tab, `"pwned" in window || Boolean(document.querySelector("main img, main script"))`) {
			t.Errorf("%s ran what a reader sent", path)
		}
	}
	noProblems(t, tab)
}
