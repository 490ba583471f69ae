package server

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"

	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// TestPagesInBrowser opens every page that is not a dashboard in Chromium: in
// both themes and languages and on a phone, without an error on the console, a
// broken content security policy, an accessibility fault or a page that
// scrolls sideways. EARSHOT_SHOTS names a folder for pictures of them.
func TestPagesInBrowser(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.Version = "1.0.0"
		d.Health = fakeHealth{
			{Name: "engine", State: PartOK, Waiting: -1},
			{Name: "spool", State: PartOK, Waiting: 12},
			{Name: "writer", State: PartBusy, Waiting: 48210, Since: time.Now().Add(-4 * time.Minute), LastEvent: time.Now().Add(-5 * time.Minute)},
			{Name: "poller", State: PartFailing, Waiting: -1, Detail: "read followers: no route to host"},
		}
	})
	tab := browsertest.New(t).Tab(t)
	shots := os.Getenv("EARSHOT_SHOTS")

	// look checks the page that is open, and its look in each theme and width.
	look := func(name, path string) {
		t.Helper()
		for _, v := range []struct {
			suffix, query string
			width         int64
			dark          bool
		}{{"light", "lang=en", 1200, false}, {"phone", "lang=fr", 360, true}, {"dark", "lang=fr", 1200, true}} {
			if v.suffix == "dark" && shots == "" {
				continue // only for pictures: shows nothing that the other two don't
			}
			tab.Size(v.width, 800)
			theme(tab, v.dark)
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			tab.Open(r.url + path + sep + v.query)
			check(t, tab, name+" "+v.suffix)
			if browsertest.Eval[bool](tab, `[...document.querySelectorAll(".field .segments")].some(s => s.scrollWidth > s.clientWidth)`) {
				t.Errorf("%s %s: a choice in a form is cut off", name, v.suffix)
			}
			if shots != "" {
				tab.Screenshot(filepath.Join(shots, name+"-"+v.suffix+".png"))
			}
		}
	}

	look("newcomer", "/login")
	link, err := r.store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	look("setup", "/setup?token="+link)
	look("missing", "/nothing/here/at/all")
	r.owner()
	look("login", "/login?next=%2Faccount")

	tab.Open(r.url + "/login")
	// While an answer is slow, the button says so. The page records that, since
	// it can't be queried while it is being unloaded.
	r.slow.Store(int64(2 * time.Second))
	tab.Run(`new MutationObserver(() => {
		if (document.querySelector("form[aria-busy] .button-busy")) sessionStorage.said = document.querySelector(".toasts").textContent;
	}).observe(document.body, {subtree: true, childList: true, attributes: true})`)
	tab.Run(`(() => {
		document.querySelector("#f-email").value = "` + ownerEmail + `";
		document.querySelector("#f-password").value = "not the password";
		document.querySelector("main form .button-primary").click();
	})()`)
	tab.Wait(`document.querySelector(".notice-bad")`)
	r.slow.Store(0)
	if said := browsertest.Eval[string](tab, `sessionStorage.said ?? ""`); !strings.Contains(said, "…") {
		t.Errorf("while the answer was on its way the page said %q", said)
	}
	check(t, tab, "login refused")
	signIn(tab, ownerPassword)
	tab.Wait(`location.pathname === "/"`)
	look("sites-empty", "/")

	// The new site's form knows the browser's time zone, and leads to the snippet.
	look("site-new", "/sites/new")
	tab.Run(`(() => { document.querySelector("#f-domain").value = "https://www.Example.com/"; document.querySelector("main form").submit() })()`)
	tab.Wait(`location.pathname === "/example.com/settings/snippet" && document.querySelector(".toast")`)
	if got := browsertest.Eval[string](tab, `document.querySelector(".toast").innerText`); !strings.Contains(got, "example.com") {
		t.Errorf("the toast says %q", got)
	}
	look("snippet", "/example.com/settings/snippet")

	site, err := r.store.SiteByDomain(t.Context(), "example.com")
	if err != nil {
		t.Fatal(err)
	}
	insertViews(t, db, site.ID, 900)
	tab.Wait(`!document.querySelector("[data-state=arrived]").hidden`)
	check(t, tab, "snippet arrived")

	look("general", "/example.com/settings")
	look("accounts-empty", "/example.com/settings/accounts")
	for _, a := range []meta.Account{
		{Site: site.ID, Network: "mastodon", Handle: "@alice@example.social"},
		{Site: site.ID, Network: "mastodon", Handle: "@gone@example.social"},
		{Site: site.ID, Network: "bluesky", Handle: "alice.bsky.social", Competitor: true},
		{Site: site.ID, Network: "youtube", Handle: "@alice", Secret: "key"},
	} {
		a, err := r.store.AddAccount(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		n := uint64(12840)
		state := meta.AccountState{LastReadingAt: time.Now().Add(-40 * time.Minute), LastFollowers: &n, PostsAt: time.Now().Add(-40 * time.Minute)}
		if strings.Contains(a.Handle, "gone") {
			state = meta.AccountState{LastError: "not_found", LastErrorAt: time.Now().Add(-3 * time.Hour)}
		}
		if a.Network == "youtube" {
			state.PostsError = "unauthorized"
		}
		if a.Network != "bluesky" {
			if err := r.store.SaveAccountState(t.Context(), a.ID, state); err != nil {
				t.Fatal(err)
			}
		}
	}
	look("accounts", "/example.com/settings/accounts")
	tab.Size(1200, 800)
	tab.Open(r.url + "/example.com/settings/accounts?lang=en")
	tab.Click(`tbody tr:first-child [data-confirm]`)
	tab.Wait(`document.querySelector("#confirm").open`)
	check(t, tab, "confirm dialog")
	if shots != "" {
		tab.Screenshot(filepath.Join(shots, "confirm-light.png"))
	}
	tab.Click(`#confirm [value=yes]`)
	tab.Wait(`document.querySelectorAll("tbody tr").length === 3 && document.querySelector(".toast")`)

	// Testing an account doesn't leave the page: the form keeps its input.
	tab.Open(r.url + "/example.com/settings/accounts?network=youtube&lang=en")
	tab.Run(`(() => {
		window.stays = true;
		document.querySelector("#f-handle").value = "@alice";
		document.querySelector("#f-password_key").value = "s3cret";
		document.querySelector("#add-account [value=probe]").click();
	})()`)
	tab.Wait(`document.querySelector("#add-account .notice-good")`)
	if typed := browsertest.Eval[string](tab, `window.stays && document.querySelector("#f-handle").value + " " + document.querySelector("#f-password_key").value`); typed != "@alice s3cret" {
		t.Errorf("after the test the form holds %q", typed)
	}
	check(t, tab, "account tried")
	if shots != "" {
		tab.Screenshot(filepath.Join(shots, "account-tried.png"))
	}

	look("tokens-empty", "/example.com/settings/tokens")
	tab.Run(`document.querySelector("main .split form.form").submit()`)
	tab.Wait(`document.querySelector("#token")?.innerText.startsWith("earshot_")`)
	check(t, tab, "token shown")
	if shots != "" {
		tab.Screenshot(filepath.Join(shots, "token-phone.png"))
	}
	look("tokens", "/example.com/settings/tokens")
	look("import", "/example.com/settings/import")
	for name, file := range map[string]string{"followers": "date,network\nbad\n1\n2\n", "posts": "date,network,account,post,likes\nbad\n1\n2\n"} {
		for _, v := range []struct {
			lang  string
			width int64
			dark  bool
		}{{"fr", 1280, false}, {"en", 360, true}} {
			tab.Size(v.width, 900)
			theme(tab, v.dark)
			tab.Open(r.url + "/example.com/settings/import?lang=" + v.lang)
			tab.Run(`(() => {
				const files = new DataTransfer();
				files.items.add(new File([` + strconv.Quote(file) + `], "relevés.csv", {type: "text/csv"}));
				document.querySelector("#f-file").files = files.files;
				document.querySelector("form[enctype] .button-primary").click();
			})()`)
			tab.Wait(`document.querySelector("#preview")?.innerText.includes("relevés.csv")`)
			check(t, tab, "import preview of "+name)
			if shots != "" {
				tab.Screenshot(filepath.Join(shots, "import-preview-"+name+"-"+v.lang+".png"))
			}
		}
	}
	look("remove", "/example.com/settings/remove")
	if !browsertest.Eval[bool](tab, `document.querySelector("main form [type=submit]").disabled`) {
		t.Error("the site can be removed before its name is typed")
	}
	look("account", "/account")
	look("status", "/status")

	demo := meta.NewSite("demo.example")
	demo.Name, demo.Demo = "Field notes", true
	insertViews(t, db, r.site(demo).ID, 2400)
	blog := meta.NewSite("carnet-de-route-et-autres-longues-histoires.example.org")
	blog.Name = "Carnet de route et autres longues histoires qui ne tiennent pas"
	r.site(blog)
	look("sites", "/")

	tab.Open(r.url + "/")
	tab.Run(`document.querySelector("form[action='/logout']").submit()`)
	tab.Wait(`document.querySelector(".banner")`)
	look("sites-demo", "/")
	for _, m := range tab.Problems() {
		t.Errorf("console: %+v", m)
	}
}

// check looks for what is wrong with the page that is open.
func check(t *testing.T, tab *browsertest.Tab, name string) {
	t.Helper()
	if over := browsertest.Eval[int](tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("%s: the page is %d px too wide", name, over)
	}
	// Tabs and menus are visible without scrolling them sideways.
	for _, hidden := range browsertest.Eval[[]string](tab, `[...document.querySelectorAll(".card .tabs, .sidenav, .dash-bar .segments")]
		.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)`) {
		t.Errorf("%s: a part is cut off of %q", name, hidden)
	}
	browsertest.Axe(t, tab)
}

func signIn(tab *browsertest.Tab, password string) {
	tab.Run(`(() => {
		document.querySelector("#f-email").value = "` + ownerEmail + `";
		document.querySelector("#f-password").value = "` + password + `";
		document.querySelector("main form").submit();
	})()`)
}

// insertViews fills the last 28 days with n page views that rise towards now.
func insertViews(t *testing.T, db *clickhouse.DB, site uint32, n int) {
	t.Helper()
	now := time.Now().UTC()
	rows := make([]event.Row, n)
	for i := range rows {
		age := time.Duration(float64(40*24*time.Hour) * (1 - float64(i*i%(n*7))/float64(n*7)))
		rows[i] = event.Row{
			Event: event.Event{
				Site: site, Time: now.Add(-age), Name: event.Pageview, Visitor: uint64(i + 1), Hostname: "example.com", Path: "/",
			},
			Visit: uint64(i + 1), EntryPath: "/", Entry: 1, Bounce: 1,
		}
	}
	if err := db.Insert(t.Context(), "views-"+time.Now().String(), event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
}

// theme sets the browser's preferred color scheme.
func theme(tab *browsertest.Tab, dark bool) {
	value := "light"
	if dark {
		value = "dark"
	}
	browsertest.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
	})
}
