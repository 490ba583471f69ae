package query_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo"
	"github.com/earshot-analytics/earshot/internal/query"
)

// filled is a database with thirteen months of the sites' events up to now.
// EARSHOT_BENCH_EVENTS sets their number, 200,000 unless given.
func filled(b *testing.B, sites ...demo.ScaleSite) (db *clickhouse.DB, now time.Time) {
	events := 200_000
	if s := os.Getenv("EARSHOT_BENCH_EVENTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		events = n
	}
	db, now = chtest.New(b), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if err := (demo.Scale{Events: events, Days: 395, Seed: 1, Now: now}).Fill(b.Context(), db, sites, nil); err != nil {
		b.Fatal(err)
	}
	return db, now
}

// BenchmarkPanels times what a dashboard asks of a site that has half of the
// events made.
func BenchmarkPanels(b *testing.B) {
	db, now := filled(b, demo.ScaleSite{ID: 1, Hostname: "a.example", Location: time.UTC}, demo.ScaleSite{ID: 2, Hostname: "b.example", Location: time.UTC}, demo.ScaleSite{ID: 3, Hostname: "c.example", Location: time.UTC})
	panels := []struct {
		name, metrics, by string
		filter            []query.Filter
	}{
		{name: "figures", metrics: "visitors visits pageviews shares engaged_time bounce_rate"},
		{name: "days", metrics: "visitors", by: "time"},
		{name: "pages", metrics: "visitors pageviews", by: "event:page"},
		{name: "entry-pages", metrics: "visits bounce_rate", by: "visit:entry_page"},
		{name: "exit-pages", metrics: "visits", by: "visit:exit_page"},
		{name: "sources", metrics: "visitors", by: "visit:source"},
		{name: "countries", metrics: "visitors percentage", by: "visit:country"},
		{name: "networks", metrics: "shares share_visits visits_per_share", by: "share:network"},
		{name: "heat-map", metrics: "visits", by: "time:day_of_week time:hour_of_day"},
		{name: "followers", metrics: "followers visitors", by: "time"},
		{name: "filtered-figures", metrics: "visitors visits pageviews bounce_rate", filter: []query.Filter{is("event:page", "/")}},
	}
	for _, period := range []string{"28d", "12mo"} {
		for _, p := range panels {
			b.Run(period+"/"+p.name, func(b *testing.B) {
				site := query.Site{ID: 1}
				r, err := query.ParsePeriod(site, period, "", "", now)
				if err != nil {
					b.Fatal(err)
				}
				q := query.Query{Site: site, Metrics: strings.Fields(p.metrics), Dimensions: strings.Fields(p.by), Filter: p.filter, Range: r, Now: now, Limit: 10}
				for b.Loop() {
					if _, err := query.Run(b.Context(), db, q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
