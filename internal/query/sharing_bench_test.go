package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/demo"
	"github.com/earshot-analytics/earshot/internal/query"
)

// furtherQuestions are those about shares that the dashboard's file may not
// ask, each alone.
var furtherQuestions = []dashboards.Panel{
	{ID: "how far", Metrics: []string{"generations", "mean_generation", "amplification"}},
	{ID: "how fast", Metrics: []string{"time_to_first_visit", "share_half_life"}},
	{ID: "how fast, by network", Metrics: []string{"time_to_first_visit", "share_half_life"}, By: []string{"share:network"}},
	{ID: "how often", Metrics: []string{"repeat_sharers", "sharers_once", "sharers_twice", "sharers_3_to_5", "sharers_6_or_more"}},
	{ID: "how often, by network", Metrics: []string{"repeat_sharers", "sharers_once", "sharers_twice", "sharers_3_to_5", "sharers_6_or_more"}, By: []string{"share:network"}},
	{ID: "how darkly, by day", Metrics: []string{"dark_share"}, By: []string{"time"}},
	{ID: "pages by visits a share", Metrics: []string{"visits_per_share", "shares", "share_visits"}, By: []string{"event:page"}, Limit: 20},
	{ID: "when shares bring most", Metrics: []string{"share_visits"}, By: []string{"time:day_of_week", "time:hour_of_day"}},
}

// BenchmarkSharing times the Overview and the Sharing dashboard, panel after
// panel, and what else there is to ask of shares, on the site that has most of
// the events made. ms/overview and ms/sharing are to be compared: the second
// has to stay below twice the first.
func BenchmarkSharing(b *testing.B) {
	db, now := filled(b, demo.ScaleSite{ID: 1, Hostname: "a.example", Location: time.UTC})
	boards, err := dashboards.Load(dashboards.Files())
	if err != nil {
		b.Fatal(err)
	}
	panels := map[string][]dashboards.Panel{"further": furtherQuestions}
	for _, d := range boards {
		panels[d.Name] = d.Panels
	}
	site := query.Site{ID: 1}
	for _, period := range []string{"28d", "12mo"} {
		span, err := query.ParsePeriod(site, period, "", "", now)
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range []string{"overview", "sharing", "further"} {
			b.Run(period+"/"+name, func(b *testing.B) {
				took := map[string]time.Duration{}
				for b.Loop() {
					for _, p := range panels[name] {
						began := time.Now()
						q := query.Query{Site: site, Metrics: p.Metrics, Dimensions: p.By, Filter: p.Filters(), Limit: p.Limit, Range: span, Now: now}
						if _, err := query.Run(b.Context(), db, q); err != nil {
							b.Fatal(fmt.Errorf("%s: %w", p.ID, err))
						}
						took[p.ID] += time.Since(began)
					}
				}
				for _, p := range panels[name] {
					b.Logf("%-28s %7.1f ms", p.ID, float64(took[p.ID].Microseconds())/1000/float64(b.N))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/"+name)
			})
		}
		b.Run(period+"/cascade", func(b *testing.B) {
			for b.Loop() {
				if _, err := query.AskCascade(b.Context(), db, site, "/2020/post-0001/", span); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/cascade")
		})
	}
}
