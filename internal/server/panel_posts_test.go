package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

const (
	endsScript = `</script><script>window.pwned=1</script>`
	formula    = `=cmd()|' /C calc'!A0`
)

func figureOf(n uint64) *uint64 { return &n }

// posted are posts of three accounts, two of them on networks that visits
// come from, each read a day later.
func posted(site uint32, now time.Time) []event.PostFigures {
	texts := []string{
		"How I measure what a post brings back, with all the numbers of a year of writing letters slowly", endsScript, formula, "", "Nouvelle lettre : écouter ses lecteurs, et ce qu’ils partagent",
		`<img src=x onerror="window.pwned=1">`, "Short one", "Three things that I would do differently if I began this blog again today, and one that I would not",
	}
	pages := []string{"/a", "/blog/b", "", "/", "/a"}
	var list []event.PostFigures
	for i := range 90 {
		at := now.Add(-time.Duration(i)*26*time.Hour - 30*time.Hour)
		p := event.PostFigures{
			Origin: event.OriginPoll,
			Site:   site, Post: fmt.Sprint("id", i), Published: at, Time: at.Add(24 * time.Hour),
			Text: texts[i%len(texts)], Page: pages[i%len(pages)], URL: fmt.Sprintf("https://social.example/@a/%d", i),
			Likes: figureOf(uint64(7 * i % 60)), Comments: figureOf(uint64(i % 9)), Reposts: figureOf(uint64(5 * i % 23)),
		}
		switch i % 3 {
		case 0:
			p.Network, p.Account = "mastodon", "@a@b.example"
		case 1:
			p.Network, p.Account, p.URL = "bluesky", "=a", "javascript:alert(1)"
		case 2:
			p.Network, p.Account, p.Reposts, p.Views = "youtube", "@films", nil, figureOf(uint64(100+31*i))
		}
		list = append(list, p)
	}
	return list
}

// weekly inserts n visitors of a blog over the last days, most of them on Tuesdays
// from 20:00 in Paris.
func weekly(t *testing.T, db *clickhouse.DB, site uint32, now time.Time, n int) {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	var rows []event.Row
	for i := range n {
		at := now.In(paris).Add(-time.Duration(i) * 80 * 24 * time.Hour / time.Duration(n))
		if i%4 == 0 {
			y, m, d := at.Date()
			at = time.Date(y, m, d-(int(at.Weekday())+5)%7, 20, i%60, 0, 0, paris) // this week's Tuesday, or the one before
		}
		row := event.Row{
			Event: event.Event{Site: site, Time: at, Name: event.Pageview, Visitor: uint64(i + 1), Hostname: "demo.example", Path: []string{"/a", "/blog/b"}[i%2], Source: []string{"", "Mastodon", "Bluesky"}[i%3]},
			Visit: uint64(i + 1), Entry: 1, Bounce: 1,
		}
		row.EntryPath = row.Path
		rows = append(rows, row)
	}
	if err := db.Insert(t.Context(), fmt.Sprint("weekly", site), event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
}

// The panels of posts: their rows, links, files, and sentences without rows.
func TestPanelsOfPosts(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.NetworkNames = map[string]string{"mastodon": "Mastodon", "bluesky": "Bluesky", "youtube": "YouTube"}
	})
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	site = r.site(site)
	weekly(t, db, site.ID, r.now, 1200)
	at := time.Date(2026, 11, 12, 19, 5, 0, 0, time.UTC)
	chtest.InsertPosts(t, db,
		event.PostFigures{Origin: event.OriginPoll, Site: site.ID, Network: "bluesky", Account: "a", Post: "1", Published: at, Time: at, Text: endsScript, Page: "/a", URL: "https://bsky.example/1?a=b&c", Likes: figureOf(3)},
		event.PostFigures{Origin: event.OriginPoll, Site: site.ID, Network: "mastodon", Account: "=a", Post: "2", Published: at, Time: at, Text: formula, URL: "javascript:alert(1)"},
	)
	c := r.client()
	d := panelOf(t, c, "/small.example/posts/posts.json?lang=en")
	if len(d.Rows) != 2 || d.Rows[0][0] != endsScript || d.Rows[1][0] != formula {
		t.Fatalf("posts: %v", d.Rows)
	}
	if !slices.Equal(d.Away, []string{"https://bsky.example/1?a=b&c", ""}) {
		t.Errorf("links: %q", d.Away)
	}
	var shown []string
	for _, col := range d.Columns {
		if !col.Hidden {
			shown = append(shown, col.Key)
		}
	}
	if got := strings.Join(shown, " "); got != "post:text account:network post:published post_visits post_shares followers_after post_engagements post_views" {
		t.Errorf("columns shown: %s", got)
	}
	if *d.Labels[0][1] != "Bluesky" || d.Rows[0][2] != "2026-11-12 20:05:00" || d.Columns[2].Time != "minute" {
		t.Errorf("%s, published at %s, which is a %s", *d.Labels[0][1], d.Rows[0][2], d.Columns[2].Time)
	}
	if got := fmt.Sprint(d.Rows[1][5:]); got != "[<nil> <nil> <nil> <nil> <nil>]" {
		t.Errorf("nothing is known of a post without link and figures: %s", got)
	}
	a := c.get(d.CSV)
	if want := "'" + formula + ",mastodon,2026-11-12 20:05:00,javascript:alert(1),mastodon/=a/2,,,,,\r\n"; !strings.HasSuffix(a.body, want) {
		t.Errorf("file: %q, want %q at its end", a.body, want)
	}
	if a := c.get("/small.example/posts/posts.json"); strings.Contains(a.body, "</script>") {
		t.Error("JSON has a script's end in it")
	}

	for _, test := range []struct{ lang, want string }{
		{"en", "Your readers are most active on Tuesdays at 20:00."},
		{"fr", "Vos lecteurs sont le plus actifs le mardi à 20 h."},
	} {
		d := panelOf(t, c, "/small.example/posts/best-times.json?lang="+test.lang)
		if d.Notes[0].Text != test.want {
			t.Errorf("%s: %v", test.lang, d.Notes)
		}
		if d.Option == nil || len(d.Rows) != 168 {
			t.Errorf("%d rows, option of %d bytes", len(d.Rows), len(d.Option))
		}
	}

	few := meta.NewSite("few.example")
	few.Demo, few.Timezone = true, "Europe/Paris"
	few = r.site(few)
	weekly(t, db, few.ID, r.now, 999)
	if n := panelOf(t, c, "/few.example/posts/best-times.json?lang=en").Notes[0].Text; n != "Not enough data to name a best hour yet: it takes 1,000 visitors in 91 days, and there are 999." {
		t.Errorf("few readers: %s", n)
	}
	even := meta.NewSite("even.example")
	even.Demo = true
	even = r.site(even)
	var rows []event.Row
	for i := range 1100 {
		row := pageview(even, "/", uint64(i+1))
		row.Time = r.now.Add(-time.Duration(i) * 91 * time.Hour / 60)
		rows = append(rows, row)
	}
	if err := db.Insert(t.Context(), "even", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	alike := func(why string) {
		t.Helper()
		if n := panelOf(t, c, "/even.example/posts/best-times.json?lang=en").Notes[0].Text; !strings.HasPrefix(n, "Your readers come at all hours:") {
			t.Errorf("%s: %s", why, n)
		}
	}
	alike("readers at all hours")
	for i := range rows[:300] {
		rows[i].Time, rows[i].Visitor, rows[i].Visit = r.now.AddDate(0, 0, -3), uint64(5000+i), uint64(5000+i)
	}
	if err := db.Insert(t.Context(), "burst", event.Events.Of(rows[:300])); err != nil {
		t.Fatal(err)
	}
	alike("one busy hour of one day")

	// Without posts, figures are unknown, and a link says how to get some.
	owner := r.signedIn()
	d = panelOf(t, owner, "/few.example/posts/statistics.json?lang=en")
	if d.Empty.Link != "/few.example/settings/import" {
		t.Errorf("without networks' statistics: %+v", d.Empty)
	}
	if err := db.Insert(t.Context(), "statistics", event.Insights.Of(statistics(few.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	d = panelOf(t, owner, "/few.example/posts/statistics.json?lang=fr&period=7d")
	var named []string
	for _, l := range d.Labels {
		named = append(named, *l[0])
	}
	if got := strings.Join(named, " "); got != "Odd Clics sur des liens Odd Impressions Clics sur des liens Impressions Portée Portée" {
		t.Errorf("networks' statistics are called %s", got)
	}
	d = panelOf(t, owner, "/few.example/posts/figures.json?lang=en")
	if d.Figures[0].Value != nil || d.Notes[0].Link != "/few.example/settings/accounts" {
		t.Errorf("no posts: %v, %v", d.Figures[0].Value, d.Notes)
	}
	for _, panel := range []string{"posts", "networks", "engagements", "when-engagements"} {
		d := panelOf(t, owner, "/few.example/posts/"+panel+".json?lang=en")
		if len(d.Rows) != 0 || !strings.HasPrefix(d.Empty.Text, "No posts in this period. Add an account") || d.Empty.Link != "/few.example/settings/accounts" {
			t.Errorf("%s without posts: %d rows, %+v", panel, len(d.Rows), d.Empty)
		}
	}
}

// posts: the dashboard in both languages and themes and on a phone; texts from
// networks are escaped, and links to them send no referrer.
func posts(t *testing.T, b browse) {
	r, tab := b.rig, b.tab
	site := meta.NewSite("posts.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	site = r.site(site)
	now := time.Now()
	weekly(t, b.db, site.ID, now, 1500)
	chtest.InsertPosts(t, b.db, posted(site.ID, now)...)
	if err := b.db.Insert(t.Context(), "statistics", event.Insights.Of(statistics(site.ID, now))); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Insert(t.Context(), "posts", event.Followers.Of(readings(site.ID, now))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, query string
		width       int64
		dark        bool
	}{{"posts-light", "lang=en", 1280, false}, {"posts-dark", "lang=fr&period=91d", 1280, true}, {"posts-phone", "lang=fr&period=12mo", 360, false}, {"posts-phone-dark", "lang=en", 360, true}} {
		tab.Size(c.width, 900)
		theme(tab, c.dark)
		tab.Open(r.url + "/posts.example/posts?" + c.query)
		tab.Wait(drawn + ` && document.querySelector("#panel-posts tbody tr")`)
		check(t, tab, c.name)
		shot(tab, c.name)
	}
	theme(tab, false)
	tab.Size(1280, 900)
	tab.Open(r.url + "/posts.example/posts?lang=en&period=91d")
	tab.Wait(drawn + ` && document.querySelector("#panel-posts tbody tr")`)
	if got := browsertest.Eval[string](tab, `[...new Set([...document.querySelectorAll("#panel-posts tbody a")].map(a => new URL(a.href).host + " " + a.rel))].join()`); got != "social.example noopener noreferrer nofollow" {
		t.Errorf("posts link to %s", got)
	}
	if browsertest.Eval[int](tab, `document.querySelectorAll("#panel-posts tbody tr").length - document.querySelectorAll("#panel-posts tbody a").length`) < 1 {
		t.Error("an address that isn't of the web became a link")
	}
	if !browsertest.Eval[bool](tab, `[...document.querySelectorAll("#panel-posts .row-name")].some(n => n.textContent.includes("</script><script>"))`) {
		t.Error("a hostile text isn't there as it is")
	}
	if got := browsertest.Eval[string](tab, `document.querySelector("#panel-best-times").closest("[data-card]").querySelector("[data-notes] p").textContent`); got != "Your readers are most active on Tuesdays at 20:00." {
		t.Errorf("best times: %s", got)
	}
	if got := browsertest.Eval[int](tab, `[...document.querySelectorAll("#panel-figures .kpi")].filter(k => k.title.length > 20).length`); got != 6 {
		t.Errorf("%d of 6 figures say what they are", got)
	}
	tab.Run(`document.querySelectorAll('[role=tab]').forEach(t => t.click())`)
	tab.Wait(drawn)
	check(t, tab, "posts, other tabs")
	shot(tab, "posts-tabs")
	tab.Run(`document.querySelectorAll("[data-as-table]:not([hidden])").forEach(b => b.click())`)
	tab.Wait(drawn + ` && !document.querySelector("[data-panel]:not([hidden]) .chart")`)
	check(t, tab, "posts as tables")
	if browsertest.Eval[bool](tab, `"pwned" in window || Boolean(document.querySelector("main img, main script"))`) {
		t.Error("the page ran what a network said")
	}
	none := meta.NewSite("none.example")
	none.Demo = true
	r.site(none)
	tab.Size(360, 900)
	theme(tab, true)
	tab.Open(r.url + "/none.example/posts?lang=fr")
	tab.Wait(drawn)
	check(t, tab, "no posts")
	shot(tab, "posts-empty")
	noProblems(t, tab)
}

// Visits from the server of a site's own account count as from its network.
func TestVisitsFromAnAccountsServer(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.NetworkNames = map[string]string{"mastodon": "Mastodon"}
	})
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("own.example")
	site.Demo = true
	site = r.site(site)
	if _, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "mastodon", Handle: "@a@m.social"}); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 12, 19, 0, 0, 0, time.UTC)
	chtest.InsertPosts(t, db, event.PostFigures{Origin: event.OriginPoll, Site: site.ID, Network: "mastodon", Account: "@a@m.social", Post: "1", Published: at, Time: at, Page: "/a", Likes: figureOf(3)})
	var rows []event.Row
	for i, source := range []string{"m.social", "Mastodon", "n.social", "social"} {
		row := pageview(site, "/a", uint64(i+1))
		row.Time, row.Source = at.Add(time.Hour), source
		rows = append(rows, row)
	}
	rows = append(rows, pageview(site, "/", 9))
	rows[4].Time = at.AddDate(0, 0, -1)
	if err := db.Insert(t.Context(), "own", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	d := panelOf(t, r.client(), "/own.example/posts/posts.json?lang=en")
	if len(d.Rows) != 1 || fmt.Sprint(d.Rows[0][5]) != "2" {
		t.Errorf("visits of the post: %v", d.Rows)
	}
}
