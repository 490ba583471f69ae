package query_test

import (
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// TestAVisitCountsWholeWhereItBegan: by hour, by day, and at both ends of a
// range, from the rollup as from the events.
func TestAVisitCountsWholeWhereItBegan(t *testing.T) {
	db := chtest.New(t)
	google := event.Event{Source: "Google"}
	insert(t, db, 1, []visit{
		{id: 1, visitor: 1, start: at("2026-03-10 09:58:00"), stamp: google, hits: []hit{{path: "/a"}, {at: 3 * time.Minute, path: "/b"}}},
		{id: 2, visitor: 2, start: at("2026-03-10 10:10:00"), stamp: google, hits: []hit{{path: "/a"}, {at: 2 * time.Minute, path: "/b"}}},
		{id: 3, visitor: 3, start: at("2026-03-10 23:55:00"), stamp: google, hits: []hit{
			{path: "/a"}, {at: time.Minute, name: event.Engagement, path: "/a", engaged: 40_000, scroll: 40}, {at: 8 * time.Minute, path: "/b"},
			{at: 10 * time.Minute, name: event.Engagement, path: "/b", engaged: 20_000, scroll: 90}}},
	})
	all := []string{"visitors", "visits", "pageviews", "bounce_rate", "visit_duration", "views_per_visit", "engaged_time", "scroll_depth", "read_rate"}
	for _, c := range []struct {
		name, from, to, by string
		metrics            []string
		want               string
	}{
		{"by hour", "2026-03-10 09:00:00", "2026-03-10 11:00:00", "time:hour", []string{"visits", "bounce_rate", "visit_duration"},
			"2026-03-10 09:00:00 +0000 UTC=1,0,180 | 2026-03-10 10:00:00 +0000 UTC=1,0,120"},
		{"over midnight", "2026-03-10 00:00:00", "2026-03-12 00:00:00", "time:day", all,
			"2026-03-10 00:00:00 +0000 UTC=3,3,5,0,300,2,10,65,16.7 | 2026-03-11 00:00:00 +0000 UTC=1,0,1,-,-,-,-,-,-"},
		{"the day after", "2026-03-11 00:00:00", "2026-03-12 00:00:00", "", all, "=1,0,1,-,-,-,-,-,-"},
		{"a range that ends in a visit", "2026-03-10 09:00:00", "2026-03-10 10:00:00", "", all, "=1,1,1,0,180,2,0,-,0"},
		{"a page that was seen after the range's end", "2026-03-10 23:00:00", "2026-03-11 00:00:00", "event:page", []string{"visitors", "engaged_time"}, "/a=1,40"},
	} {
		for _, filter := range [][]query.Filter{nil, {is("visit:source", "Google")}} {
			q := query.Query{Site: query.Site{ID: 1}, Metrics: c.metrics, Range: query.Range{From: at(c.from), To: at(c.to)}, Filter: filter}
			if c.by != "" {
				q.Dimensions = []string{c.by}
			}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if got := written(res); got != c.want {
				t.Errorf("%s, filter %v:\n%s\nnot\n%s\n%s", c.name, filter, got, c.want, res.SQL)
			}
		}
	}
	// More than two days read the rollup, as they have no filter.
	res, err := query.Run(t.Context(), db, query.Query{Site: query.Site{ID: 1}, Metrics: all, Dimensions: []string{"time:hour"},
		Range: query.Range{From: at("2026-03-09 00:00:00"), To: at("2026-03-12 00:00:00")}, Sparse: true})
	if err != nil {
		t.Fatal(err)
	}
	want := "2026-03-10 09:00:00 +0000 UTC=1,1,1,0,180,2,0,-,0 | 2026-03-10 10:00:00 +0000 UTC=2,1,3,0,120,2,0,-,0 | " +
		"2026-03-10 23:00:00 +0000 UTC=1,1,1,0,600,2,30,65,50 | 2026-03-11 00:00:00 +0000 UTC=1,0,1,-,-,-,-,-,-"
	if got := written(res); got != want {
		t.Errorf("by the rollup:\n%s\nnot\n%s\n%s", got, want, res.SQL)
	}
}
