package server

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// Any dashboard can use the article's kinds of chart for a site's own figures, in a
// line of YAML each.
func TestKindsTakeOwnFigures(t *testing.T) {
	const own = `
title: {en: Own, fr: À soi}
order: 50
panels:
  - {id: grouped, title: {en: a, fr: a}, chart: grouped, metrics: [visitors], by: ["time:month", "visit:country"], limit: 3}
  - {id: grouped-by-year, title: {en: a, fr: a}, chart: grouped, metrics: [follower_growth], by: ["time:year", "account:network"], period: all}
  - {id: grouped-without-time, title: {en: a, fr: a}, chart: grouped, metrics: [share_rate], by: ["visit:device", "visit:country"]}
  - {id: diverging, title: {en: a, fr: a}, chart: diverging, metrics: [visitors, engaged_time, shares]}
  - {id: bars, title: {en: a, fr: a}, chart: bars, metrics: [shares], by: ["share:network"]}
  - {id: line, title: {en: a, fr: a}, chart: line, metrics: [visitors], by: [time, "visit:device"]}
  - {id: columns, title: {en: a, fr: a}, chart: columns, metrics: [sharers_once, sharers_twice], by: ["time:month"]}
  - {id: index, title: {en: a, fr: a}, chart: line, metrics: [followers], by: [time, "account:network"], index: true}
`
	boards, err := dashboards.Load(fstest.MapFS{"own.yaml": {Data: []byte(own)}})
	if err != nil {
		t.Fatal(err)
	}
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	r.server.panels.Boards = append(r.server.panels.Boards, boards...)
	site := meta.NewSite("demo.example")
	site.Demo = true
	site = r.site(site)
	if err := db.Insert(t.Context(), "history", event.Events.Of(history(site.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	if err := db.Insert(t.Context(), "readings", event.Followers.Of(readings(site.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	for _, p := range boards[0].Panels {
		t.Run(p.ID, func(t *testing.T) {
			path := "/demo.example/own/" + p.ID + ".json?period=91d"
			d := panelOf(t, c, path+"&lang=en")
			compareFile(t, c, p, path, d)
			if len(d.Rows) == 0 || p.Chart != "bars" && d.Option == nil {
				t.Errorf("%d rows, option %s", len(d.Rows), d.Option)
			}
		})
	}
	// The world and the countries that the page is filtered by.
	d := panelOf(t, c, "/demo.example/own/diverging.json?period=91d&f=is,visit:country,JP,US")
	if got := fmt.Sprint(d.Rows); strings.Count(got, "world") != 3 || strings.Count(got, " JP ") != 3 || strings.Count(got, " US ") != 3 || strings.Contains(got, " FR ") {
		t.Errorf("chosen countries: %s", got)
	}
	world := fmt.Sprint(panelOf(t, c, "/demo.example/own/diverging.json?period=91d").Rows[0])
	if fmt.Sprint(d.Rows[0]) != world {
		t.Errorf("the world is %v under a filter, %s without", d.Rows[0], world)
	}
	// A current period is marked as partial, not as an estimate.
	if option := string(panelOf(t, c, "/demo.example/own/grouped.json?period=91d").Option); !strings.Contains(option, `"kind":"partial"`) || strings.Contains(option, `"kind":"estimate"`) {
		t.Error("the month that is not over isn't drawn so")
	}
}
