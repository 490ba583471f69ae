package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// For the days before a site's first event, three days ago, every panel over time
// has null and its file an empty cell; a site without any event says so.
func TestFiguresBeforeTheFirstEventAreUnknown(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC) // a Monday
	site := meta.NewSite("new.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	site = r.site(site)
	empty := meta.NewSite("empty.example")
	empty.Demo = true
	r.site(empty)
	first := time.Date(2026, 11, 21, 9, 40, 0, 0, time.UTC)
	var rows []event.Row
	for i, at := range []time.Time{first, first.Add(time.Hour), r.now.Add(-time.Hour)} {
		row := pageview(site, "/a", uint64(i+1))
		row.Time = at
		rows = append(rows, row)
	}
	if err := db.Insert(t.Context(), "new", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	for path, want := range map[string]string{
		"overview/trend":                               "25 unknown, then [2026-11-21 2] [2026-11-22 0] [2026-11-23 1]",
		"overview/trend?metric=shares":                 "", // no rows: a sentence
		"overview/trend?interval=week":                 "3 unknown, then [2026-11-16 2] [2026-11-23 1]",
		"growth/visitors-by-month":                     "11 unknown, then [2026-11-01 3]",
		"growth/visitors-by-year":                      "0 unknown, then [2026-01-01 3]",
		"overview/trend?period=today":                  "7 unknown",
		"article/usage-devices":                        "25 unknown",
		"engagement/week":                              "113 unknown", // of 168 hours those from Saturday, 10 h, until Monday, 16 h
		"overview/trend?period=month":                  "27 unknown",  // seven of them in the future
		"overview/trend?from=2026-10-01&to=2026-10-31": "",            // all before the first event
	} {
		panel, query, _ := strings.Cut(path, "?")
		d := panelOf(t, c, "/new.example/"+panel+".json?lang=en&"+query)
		value := len(d.Columns) - 1
		for value > 0 && d.Columns[value].Projects != "" {
			value--
		}
		unknown, then := 0, ""
		for _, row := range d.Rows {
			if row[value] == nil {
				unknown++
			} else if strings.Contains(want, "then") {
				then += fmt.Sprintf(" [%v %v]", row[0], row[value])
			}
		}
		got := fmt.Sprintf("%d unknown", unknown)
		if then != "" {
			got += ", then" + then
		}
		if len(d.Rows) == 0 {
			got = ""
			if d.Empty.Text == "" {
				t.Errorf("%s says nothing", path)
			}
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		compareNewFile(t, c, d)
	}
	figures := panelOf(t, c, "/new.example/overview/figures.json?from=2026-10-01&to=2026-10-31&compare=none&lang=en")
	if f := figures.Figures[0]; f.Value != nil || !strings.Contains(notesOf(figures), "Recording began on 21 November 2026") {
		t.Errorf("before recording: %+v, %v", f, figures.Notes)
	}
	if d := panelOf(t, c, "/empty.example/overview/trend.json?lang=en"); len(d.Rows) != 0 || !strings.HasPrefix(d.Empty.Text, "No reader was recorded yet") {
		t.Errorf("nobody ever: %v, %+v", d.Rows, d.Empty)
	}
	_, token, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	const byDay = `{"site_id":"new.example","metrics":["visitors"],"dimensions":["time:day"],"date_range":["2026-11-19","2026-11-23"]`
	for more, want := range map[string]string{
		`}`: `[{"metrics":[2],"dimensions":["2026-11-21"]},{"metrics":[1],"dimensions":["2026-11-23"]}]`,
		`,"include":{"time_labels":true}}`: `[{"metrics":[null],"dimensions":["2026-11-19"]},{"metrics":[null],"dimensions":["2026-11-20"]},` +
			`{"metrics":[2],"dimensions":["2026-11-21"]},{"metrics":[1],"dimensions":["2026-11-23"]}]`,
	} {
		if a := c.stats(token, byDay+more, ""); !strings.HasPrefix(a.body, `{"results":`+want) {
			t.Errorf("%s: %s", more, a.body)
		}
	}
	if a := c.stats(token, byDay+`,"include":{"time_labels":true}}`, "text/csv"); !strings.HasPrefix(a.body, "time:day,visitors\r\n2026-11-19,\r\n2026-11-20,\r\n2026-11-21,2\r\n2026-11-23,1\r\n") {
		t.Errorf("as CSV: %q", a.body)
	}
	cards := r.server.cards(t.Context(), []meta.Site{site})
	if f := cards[0].Figures; f == nil || f.Visitors != 3 || f.Spark == nil || !strings.HasPrefix(f.Spark.Line, "M96.2 ") {
		t.Errorf("the site's card: %+v", f)
	}
}

// compareNewFile checks that the file has an empty cell where the answer has null.
func compareNewFile(t *testing.T, c *client, d panel.Answer) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(c.get(d.CSV+"&header=keys").body, "\r\n"), "\r\n")[1:]
	for i, want := range cells(d) {
		if got := lines[i]; got != strings.Join(want, ",") {
			t.Errorf("%s has %q, the picture %q", d.CSV, got, want)
		}
	}
}

// countingMeta counts how often accounts are read.
type countingMeta struct {
	Meta
	whole, names atomic.Int64
}

func (m *countingMeta) Accounts(ctx context.Context, site uint32) ([]meta.Account, error) {
	m.whole.Add(1)
	return m.Meta.Accounts(ctx, site)
}

func (m *countingMeta) AccountNames(ctx context.Context, site uint32) (meta.AccountNames, error) {
	m.names.Add(1)
	return m.Meta.AccountNames(ctx, site)
}

// beginningRunner counts the statements that find when recording began.
type beginningRunner struct {
	rows.Runner
	began atomic.Int64
}

func (r *beginningRunner) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	if strings.Contains(sql, "AS began") {
		r.began.Add(1)
	}
	return r.Runner.Select(ctx, sql, args, each)
}

// Concurrent requests for all panels of a page and for live.json read the site's
// accounts once, by name and without secrets, and query once when recording began;
// and again after an account was added.
func TestAPageReadsItsSiteOnce(t *testing.T) {
	var m *countingMeta
	db := chtest.New(t)
	run := &beginningRunner{Runner: db}
	r := newRig(t, func(d *Deps) {
		m = &countingMeta{Meta: d.Meta}
		d.Meta, d.Runner = m, run
	})
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("once.example")
	site.Demo = true
	site = r.site(site)
	if err := db.Insert(t.Context(), "once", event.Events.Of([]event.Row{pageview(site, "/a", 1)})); err != nil {
		t.Fatal(err)
	}
	d, _ := r.server.panels.Dashboard("overview")
	page := func() {
		var g sync.WaitGroup
		for _, id := range append([]string{"live"}, ids(d)...) {
			g.Go(func() { r.client().get("/once.example/overview/" + id + ".json?period=28d") })
		}
		g.Wait()
	}
	page()
	if m.whole.Load() != 0 || m.names.Load() != 1 || run.began.Load() != 1 {
		t.Errorf("a page read accounts with secrets %d times, their names %d times, asked %d times when recording began",
			m.whole.Load(), m.names.Load(), run.began.Load())
	}
	if _, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "mastodon", Handle: "@a@m.social"}); err != nil {
		t.Fatal(err)
	}
	page()
	if m.whole.Load() != 0 || m.names.Load() != 2 || run.began.Load() != 1 {
		t.Errorf("after an account came in: %d, %d, %d", m.whole.Load(), m.names.Load(), run.began.Load())
	}
}

func ids(d dashboards.Dashboard) (list []string) {
	for _, p := range d.Panels {
		list = append(list, p.ID)
	}
	return list
}
