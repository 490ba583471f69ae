package server

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/install"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
)

// The panels of left-out hits show them by name, each with its own filter, and
// contain no reader.
func TestPanelsOfWhatIsLeftOut(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner, d.NetworkNames = db, map[string]string{"mastodon": "Mastodon"}
		d.Checker = fakeChecker(func(string) []install.Finding { return nil })
	})
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Demo = true
	site = r.site(site)
	if err := db.Insert(t.Context(), "one", event.Events.Of([]event.Row{pageview(site, "/", 1)})); err != nil {
		t.Fatal(err)
	}
	at := r.now.Truncate(time.Minute).Add(-time.Hour)
	if err := db.Insert(t.Context(), "left", event.LeftOuts.Of([]event.LeftOut{
		{Site: site.ID, Time: at, Reason: event.LeftAI, Agent: "GPTBot", Count: 9},
		{Site: site.ID, Time: at, Reason: event.LeftBot, Count: 4},
		{Site: site.ID, Time: at, Reason: event.LeftPreview, Agent: "mastodon", Count: 3},
		{Site: site.ID, Time: at, Reason: event.LeftExclude, Count: 2},
		{Site: site.ID, Time: at, Reason: event.LeftSpam, Agent: "free-buttons.example", Count: 1},
	})); err != nil {
		t.Fatal(err)
	}
	r.owner()
	const said = "in the last 24 hours: AI crawlers (9), Bots (4), Link previews (3), Readers who opted out (2), Referrer spam (1)."
	if a := r.signedIn().get("/small.example/settings/snippet"); !strings.Contains(a.body, said) {
		t.Error("the snippet page doesn't tell what was left out")
	}
	c := r.client()
	shown := func(d panel.Answer) string {
		var rows []string
		for i, row := range d.Rows {
			name := fmt.Sprint(row[0])
			if label := d.Labels[i][0]; label != nil {
				name = *label
			}
			rows = append(rows, fmt.Sprint(name, " ", row[1]))
		}
		return strings.Join(rows, ", ")
	}
	for _, test := range []struct{ panel, lang, want string }{
		{"engagement/left-out-reasons", "en", "AI crawlers 9, Bots 4, Link previews 3, Readers who opted out 2, Referrer spam 1"},
		{"engagement/left-out-reasons", "fr", "Robots d’IA 9, Robots 4, Aperçus de liens 3, Lecteurs ayant refusé 2, Référents indésirables 1"},
		{"engagement/left-out-spam", "en", "free-buttons.example 1"},
		{"engagement/left-out-bots", "en", "GPTBot 9, (unnamed) 4"},
		{"sharing/previews", "en", "Mastodon 3"},
	} {
		d := panelOf(t, c, "/small.example/"+test.panel+".json?period=today&lang="+test.lang)
		if got := shown(d); got != test.want {
			t.Errorf("%s in %s: %s, want %s", test.panel, test.lang, got, test.want)
		}
		if len(d.Notes) == 0 {
			t.Errorf("%s says nothing of what it counts", test.panel)
		}
	}
	if d := panelOf(t, c, "/small.example/sharing/previews.json?period=today"); d.Colors[0] != "var(--net-mastodon)" {
		t.Errorf("Mastodon is %s", d.Colors[0])
	}
	if a := c.get("/small.example/sharing/previews.csv?period=today&lang=en"); a.body != "Program,Hits left out\r\nmastodon,3\r\n" {
		t.Errorf("file: %q", a.body)
	}
	// The page's filters are about readers: left-out hits can't be filtered by them.
	d := panelOf(t, c, "/small.example/engagement/left-out.json?period=today&lang=en&f="+url.QueryEscape("is,visit:country,FR"))
	if len(d.Rows) != 0 || !strings.Contains(d.Empty.Text, "can't be filtered by “Country”") {
		t.Errorf("filtered: %v, %s", d.Rows, d.Empty.Text)
	}
	if d := panelOf(t, c, "/small.example/engagement/left-out.json?period=7d&lang=en"); d.Kind != "stacked" || d.Option == nil {
		t.Errorf("over time: %s, %d bytes", d.Kind, len(d.Option))
	}
}
