package server

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Every panel of every dashboard answers in every period, and its CSV has the same
// rows as its entry in panels.json.
func TestPanelAndFileHaveTheSameRows(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.NetworkNames = map[string]string{"mastodon": "Mastodon", "bluesky": "Bluesky"}
	})
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("demo.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	site = r.site(site)
	if err := db.Insert(t.Context(), "history", event.Events.Of(history(site.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	if err := db.Insert(t.Context(), "readings", event.Followers.Of(readings(site.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	markRival(t, r, site)
	chtest.InsertPosts(t, db, posted(site.ID, r.now)...)
	if err := db.Insert(t.Context(), "statistics", event.Insights.Of(statistics(site.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	views := []string{
		"period=today", "period=7d", "period=28d", "period=91d", "period=month", "period=12mo", "period=all",
		"period=custom&from=2026-10-20&to=2026-10-30", // clocks go back on the 25th
		"period=28d&compare=year&metric=shares&f=" + url.QueryEscape("is,visit:source,Google,Bing"),
		"period=28d&compare=none&interval=week&f=" + url.QueryEscape(`contains/i,event:page,BLOG`),
		"period=28d&limit=all",
		"period=custom&from=2024-01-01&to=2024-01-31", // before the first event
	}
	for _, board := range r.server.panels.Boards {
		t.Run(board.Name, func(t *testing.T) {
			t.Parallel()
			for _, v := range views {
				if board.Needs != "" {
					v += "&f=" + url.QueryEscape("is,"+board.Needs+",/a")
				}
				page := pageOf(t, c, "/demo.example/"+board.Name+"/panels.json?lang=en&"+v)
				if len(page) != len(board.Panels) {
					t.Errorf("%s: %d panels of %d", v, len(page), len(board.Panels))
				}
				for _, p := range board.Panels {
					if board.Needs != "" && p.ID == board.Choose {
						continue // shown only until a page is chosen
					}
					path := fmt.Sprintf("/demo.example/%s/%s.json?lang=en&%s", board.Name, p.ID, v)
					text := string(page[p.ID])
					switch {
					case strings.Contains(v, "limit=all"):
						text = c.get(path).body // panels.json has only the rows that are shown
					case strings.Contains(v, "compare="):
						if alone := strings.TrimSpace(c.get(path).body); alone != text {
							t.Errorf("%s asked alone:\n%s\nwith its page:\n%s", path, alone, text)
						}
					}
					compareFile(t, c, p, path, answerIn(t, path, text))
				}
			}
		})
	}
}

// unmark removes the column that marks rounded figures from a file's rows, and
// returns which rows it marks; nil if there is no such column.
func unmark(rows [][]string) (rounded []bool) {
	last := len(rows[0]) - 1
	if rows[0][last] != "Rounded accounts" {
		return nil
	}
	rounded = []bool{}
	for i, row := range rows {
		if i > 0 {
			rounded = append(rounded, row[last] != "" && row[last] != "0")
		}
		rows[i] = row[:last]
	}
	return rounded
}

// uncurrency removes the columns that name the currency of the previous column.
func uncurrency(rows [][]string) {
	for j := len(rows[0]) - 1; j > 0; j-- {
		if rows[0][j] != rows[0][j-1]+" (currency)" {
			continue
		}
		for i := range rows {
			rows[i] = slices.Delete(rows[i], j, j+1)
		}
	}
}

// pageOf returns each panel's undecoded answer in panels.json.
func pageOf(t *testing.T, c *client, path string) map[string]json.RawMessage {
	t.Helper()
	a := c.get(path)
	var page struct{ Panels map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
		t.Fatalf("%s answers %d: %v\n%s", path, a.status, err, a.body)
	}
	return page.Panels
}

func compareFile(t *testing.T, c *client, p dashboards.Panel, path string, d panel.Answer) {
	t.Helper()
	a := c.get(d.CSV)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" {
		t.Fatalf("%s: %d %s", d.CSV, a.status, a.header.Get("Content-Type"))
	}
	if !strings.HasSuffix(a.body, "\r\n") {
		t.Errorf("%s: lines don't end with CRLF", d.CSV)
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", d.CSV, err)
	}
	rounded := unmark(rows)
	uncurrency(rows)
	if len(rows) == 0 || len(rows[0]) != len(d.Columns) {
		t.Fatalf("%s: header %v, columns %v", d.CSV, rows, d.Columns)
	}
	for i, col := range d.Columns {
		if !strings.HasPrefix(rows[0][i], col.Title) {
			t.Errorf("%s: column %d is %q, titled %q in the picture", d.CSV, i, rows[0][i], col.Title)
		}
	}
	got := cells(d)
	if len(got) == 0 && len(rows) > 1 {
		// The panel has a sentence in place of rows; the file has rows
		// with empty or zero cells.
		for _, row := range rows[1:] {
			for j, cell := range row {
				if d.Columns[j].Metric && cell != "" && cell != "0" {
					t.Fatalf("%s: no picture of %v", path, row)
				}
			}
		}
		return
	}
	if diff := cmp.Diff(rows[1:], got); diff != "" {
		t.Fatalf("%s (-file +picture):\n%s", path, diff)
	}
	if diff := cmp.Diff(rounded, d.Rounded, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s: marked as rounded (-file +picture):\n%s", path, diff)
	}
	if p.Kind().Drawn() != (d.Option != nil) {
		t.Errorf("%s: option is %d bytes", path, len(d.Option))
	}
}

// The golden answers of a small site, worked out by hand.
func TestPanelsOfASmallSite(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db; d.NetworkNames = map[string]string{"mastodon": "Mastodon"} })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	site = r.site(site)
	view := func(at, path, source string, visitor uint64) event.Row {
		when, err := time.Parse("2006-01-02 15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		return event.Row{
			Event: event.Event{Site: site.ID, Time: when, Name: event.Pageview, Visitor: visitor, Hostname: "small.example", Path: path, Source: source, Country: "FR"},
			Visit: visitor, EntryPath: path, Entry: 1, Bounce: 1,
		}
	}
	rows := []event.Row{
		view("2026-10-01 10:00", "/old", "Google", 1),
		view("2026-11-01 10:00", "/a", "", 2),
		view("2026-11-22 23:30", "/a", "Google", 3), // the 23rd in Paris
		view("2026-11-23 10:00", "/b", "Google", 4),
	}
	share := view("2026-11-23 10:01", "/b", "Google", 4)
	share.Name, share.ShareID, share.ShareNetwork, share.ShareKind = event.Share, "1abcdefghi", "mastodon", "link"
	share.Entry, share.Bounce = 0, -1
	if err := db.Insert(t.Context(), "small", event.Events.Of(append(rows, share))); err != nil {
		t.Fatal(err)
	}
	c := r.client()

	figures := func(d panel.Answer) map[string]string {
		out := map[string]string{}
		for _, f := range d.Figures {
			was := "none"
			if f.Previous != nil {
				was = fmt.Sprint(*f.Previous)
			}
			out[f.Key] = fmt.Sprintf("%v before %s", f.Value, was)
			if f.Change != nil {
				out[f.Key] += fmt.Sprintf(" (%+.1f)", *f.Change)
			}
		}
		return out
	}
	today := panelOf(t, c, "/small.example/overview/figures.json?period=today")
	if diff := cmp.Diff(map[string]string{
		"visitors": "2 before 0", "visits": "2 before 0", "pageviews": "2 before 0", "shares": "1 before 0",
		"followers": "<nil> before none", "engaged_time": "0 before none", "bounce_rate": "50 before none",
	}, figures(today)); diff != "" {
		t.Errorf("today in Paris (-want +got):\n%s", diff)
	}
	// 28 days ago recording had begun; a year ago it had not.
	if got := figures(panelOf(t, c, "/small.example/overview/figures.json?period=today&compare=year"))["visitors"]; got != "2 before none" {
		t.Errorf("compared with before the first event: %s", got)
	}
	if got := figures(panelOf(t, c, "/small.example/overview/figures.json?period=28d&compare=none"))["visitors"]; got != "3 before none" {
		t.Errorf("compared with nothing: %s", got)
	}
	// "All" begins with the first event.
	if d := panelOf(t, c, "/small.example/growth/visitors-by-year.json"); len(d.Rows) != 1 || fmt.Sprint(d.Rows[0]) != "[2026-01-01 4]" {
		t.Errorf("by year: %v", d.Rows)
	}
	// Rows have names, and a link that adds a filter or removes it.
	d := panelOf(t, c, "/small.example/overview/sources.json?period=28d&lang=fr")
	if fmt.Sprint(d.Rows) != "[[Google 2 2] [ 1 1]]" || d.Labels[0][0] != nil || *d.Labels[1][0] != "Direct / aucune" {
		t.Errorf("sources: %v", d.Rows)
	}
	if d.Links[0] != "?f=is%2Cvisit%3Asource%2CGoogle&lang=fr" {
		t.Errorf("Google's link is %s", d.Links[0])
	}
	d = panelOf(t, c, "/small.example/overview/sources.json"+d.Links[0])
	if len(d.Rows) != 1 || d.Links[0] != "?lang=fr" {
		t.Errorf("filtered: %v, links %v", d.Rows, d.Links)
	}
	d = panelOf(t, c, "/small.example/overview/sources.json?f="+url.QueryEscape(`is,visit:source,""`))
	if fmt.Sprint(d.Rows) != "[[ 1 1]]" {
		t.Errorf("filtered by direct: %v", d.Rows)
	}
	d = panelOf(t, c, "/small.example/sharing/networks.json?period=today")
	if *d.Labels[0][0] != "Mastodon" || d.Colors[0] != "var(--net-mastodon)" {
		t.Errorf("networks: %v %v", *d.Labels[0][0], d.Colors)
	}
	d = panelOf(t, c, "/small.example/overview/world.json?period=today")
	if *d.Labels[0][0] != "France" || d.Regions[0] != "250" || d.Notes[len(d.Notes)-1].Link != "https://db-ip.com" {
		t.Errorf("map: %v %v %v", *d.Labels[0][0], d.Regions, d.Notes)
	}
	// Followers can't be filtered by readers' properties, and the panel says so.
	d = panelOf(t, c, "/small.example/overview/figures.json?f="+url.QueryEscape("is,visit:source,Google"))
	if f := d.Figures[4]; f.Key != "followers" || f.Value != nil || f.Why == "" || len(d.Notes) == 0 {
		t.Errorf("followers under a filter: %+v, notes %v", f, d.Notes)
	}
	// Another figure on the main chart keeps the rest of the view.
	d = panelOf(t, c, "/small.example/overview/figures.json?period=7d&metric=shares")
	if !d.Figures[3].Current || d.Figures[0].Link != "?metric=visitors&period=7d" {
		t.Errorf("figures: %+v", d.Figures)
	}
	if d := panelOf(t, c, "/small.example/overview/trend.json?period=7d&metric=shares"); d.Title != "Shares" || d.Columns[1].Key != "shares" {
		t.Errorf("trend shows %s", d.Title)
	}
	if d := panelOf(t, c, "/small.example/overview/trend.json?period=7d&metric=k_factor"); d.Columns[1].Key != "visitors" {
		t.Errorf("a figure that isn't there: trend shows %s", d.Title)
	}
	if last := panelOf(t, c, "/small.example/overview/trend.json?period=7d"); fmt.Sprint(last.Incomplete) != "[6]" {
		t.Errorf("not over yet: %v of %d days", last.Incomplete, len(last.Rows))
	}
}

func TestFileIsSafeAndSpeaksTheLanguage(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	site := meta.NewSite("small.example")
	site.Demo = true
	site = r.site(site)
	for i, path := range []string{"=cmd()|' /C calc'!A0", "+1", "-1", "@SUM(A1)", `/a,"b"`, "</script><script>alert(1)</script>"} {
		row := pageview(site, path, uint64(i+1))
		if err := db.Insert(t.Context(), path, event.Events.Of([]event.Row{row})); err != nil {
			t.Fatal(err)
		}
	}
	c := r.client()
	a := c.get("/small.example/overview/pages.csv?period=today&lang=en")
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 7 || fmt.Sprint(rows[0]) != "[Page Visitors Page views]" {
		t.Fatalf("rows %q", rows)
	}
	for _, row := range rows[1:] {
		if strings.ContainsRune("=+-@", rune(row[0][0])) {
			t.Errorf("a spreadsheet would run %q", row[0])
		}
	}
	if want := `attachment; filename=small.example-overview-pages-`; !strings.HasPrefix(a.header.Get("Content-Disposition"), want) {
		t.Errorf("file name: %s", a.header.Get("Content-Disposition"))
	}
	if a := c.get("/small.example/overview/pages.csv?period=today&header=keys"); !strings.HasPrefix(a.body, "event:page,visitors,pageviews\r\n") {
		t.Errorf("header of keys: %.60q", a.body)
	}
	d := panelOf(t, c, "/small.example/engagement/entries.json?period=today&lang=fr")
	if !strings.Contains(d.CSV, "csv=european") {
		t.Errorf("French file: %s", d.CSV)
	}
	a = c.get(d.CSV)
	if !strings.HasPrefix(a.body, "\ufeffPage d’entrée;Visites;Taux de rebond (%);Durée de visite (s)\r\n") {
		t.Errorf("French file begins %.90q", a.body)
	}
	// JSON carries hostile paths as text that ends no script.
	if a := c.get("/small.example/overview/pages.json?period=today"); strings.Contains(a.body, "</script>") {
		t.Error("JSON has a script's end in it")
	}
}

func TestPanelsRefuse(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	demo := meta.NewSite("demo.example")
	demo.Demo = true
	r.site(demo)
	r.site(meta.NewSite("own.example"))
	stranger, owner := r.client(), r.signedIn()
	for name, c := range map[string]struct {
		who    *client
		path   string
		status int
		says   string
	}{
		"stranger, own site's panel":     {stranger, "/own.example/overview/figures.json", 401, "Log in"},
		"stranger, own site's live.json": {stranger, "/own.example/overview/live.json", 401, "Log in"},
		"stranger, own site's file":      {stranger, "/own.example/overview/figures.csv", 303, ""},
		"stranger, own site's page":      {stranger, "/own.example", 303, ""},
		"stranger, no such site":         {stranger, "/other.example/overview/figures.json", 401, "Log in"},
		"stranger, demo's panel":         {stranger, "/demo.example/overview/figures.json", 200, ""},
		"owner, own site's panel":        {owner, "/own.example/overview/figures.json", 200, ""},
		"owner, no such site":            {owner, "/other.example", 404, ""},
		"no such dashboard":              {owner, "/own.example/moon", 404, ""},
		"no such dashboard's panel":      {owner, "/own.example/moon/figures.json", 404, ""},
		"no such panel":                  {owner, "/own.example/overview/moon.json", 404, "mistyped"},
		"unknown file type":              {owner, "/own.example/overview/figures.xml", 404, ""},
		"no file type":                   {owner, "/own.example/overview/figures", 404, ""},
		"unknown period":                 {owner, "/own.example/overview/figures.json?period=3w", 400, `unknown period \"3w\"`},
		"page of an unknown period":      {owner, "/own.example/overview?period=3w", 400, "unknown period"},
		"unknown period, in French":      {owner, "/own.example/overview/figures.json?period=3w&lang=fr", 400, "(period\u00a0: période \\\"3w\\\" inconnue)"},
		"file of an unknown period":      {owner, "/own.example/overview/figures.csv?period=3w", 400, "unknown period"},
		"unknown filter dimension":       {owner, "/own.example/overview/figures.json?f=is,visit:moon,1", 400, "visit:moon"},
		"invalid pattern":                {owner, "/own.example/overview/figures.json?f=matches,event:page,(", 400, "("},
		"file, invalid pattern":          {owner, "/own.example/overview/figures.csv?f=matches,event:page,(", 400, "("},
		"unknown metric":                 {owner, "/own.example/overview/trend.json?metric=visitors)%3BDROP", 400, "unknown metric"},
		"dates the wrong way round":      {owner, "/own.example/overview/trend.json?from=2026-02-01&to=2026-01-01", 400, "before"},
		"SQL in a filter is a value":     {owner, "/own.example/overview/pages.json?f=is,event:page,'%20OR%201=1%20--", 200, ""},
		"SQL parameter is a value too":   {owner, "/own.example/overview/pages.json?f=is,event:page,%7Bsite:UInt32%7D", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.who.get(c.path)
			if a.status != c.status || !strings.Contains(a.body, c.says) {
				t.Errorf("%s answers %d, want %d with %q: %.300s", c.path, a.status, c.status, c.says, a.body)
			}
			if a.status != 200 && strings.Contains(c.path, ".csv") && strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
				t.Error("an error looks like a file")
			}
		})
	}
}

// The page's frame escapes whatever the URL contains.
func TestFrameEscapes(t *testing.T) {
	r := newRig(t, nil)
	site := meta.NewSite("demo.example")
	site.Demo, site.Name = true, `<script>alert("name")</script>`
	r.site(site)
	c := r.client()
	for _, lang := range []string{"en", "fr"} {
		for _, board := range r.server.panels.Boards {
			a := c.get("/demo.example/" + board.Name + "?lang=" + lang + "&period=custom&from=2026-01-01&to=2026-01-31&compare=year&f=" +
				url.QueryEscape(`is,event:page,"<script>alert(1)</script>"`) + "&f=" + url.QueryEscape(`is,visit:country,FR`))
			if a.status != http.StatusOK {
				t.Fatalf("%s: %d %s", board.Name, a.status, a.body)
			}
			if strings.Contains(a.body, "<script>") || strings.Contains(a.body, "⟦") || strings.Contains(a.body, "ZgotmplZ") {
				t.Errorf("%s, %s: not escaped, or a text is missing", board.Name, lang)
			}
			for _, p := range board.Panels {
				if board.Needs != "" && p.ID == board.Choose {
					continue // shown only until a page is chosen
				}
				if !strings.Contains(a.body, `id="panel-`+p.ID+`"`) {
					t.Errorf("%s has no panel %s", board.Name, p.ID)
				}
			}
			want := map[string]string{"en": "1 January 2026 to 31 January 2026", "fr": "du 1er janvier 2026 au 31 janvier 2026"}[lang]
			if !strings.Contains(a.body, want) {
				t.Errorf("%s, %s: no %q", board.Name, lang, want)
			}
		}
	}
}

type countingRunner struct {
	rows.Runner
	n int
}

func (r *countingRunner) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	r.n++
	return r.Runner.Select(ctx, sql, args, each)
}

// A file that breaks in its middle must not look whole.
func TestBrokenFileIsNoFile(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = breakingRunner{db} })
	site := meta.NewSite("small.example")
	site.Demo = true
	r.site(site)
	res, err := http.Get(r.url + "/small.example/overview/pages.csv?limit=all")
	if err != nil {
		return // broken before the header: fine too
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err == nil && res.StatusCode == http.StatusOK {
		t.Error("half a file was given as a whole one")
	}
}

// breakingRunner gives many rows, then fails.
type breakingRunner struct{ rows.Runner }

func (r breakingRunner) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	if !strings.Contains(sql, "path") {
		return r.Runner.Select(ctx, sql, args, each)
	}
	row := rows.New([]string{"d0", "m0", "m1", "distinct", "rows"})
	for i := range 2000 {
		if err := row.Give([]any{fmt.Sprintf("/page-%d", i), uint64(3), uint64(4), uint64(2000), uint64(3)}, each); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}
