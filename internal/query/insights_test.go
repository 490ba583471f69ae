package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// insertInsights stores lines such as "x/a reach 10 5 12 - 7": an account, a
// figure, the day of March 2026 of the first value, and values a day, - for one
// that isn't known.
func insertInsights(t testing.TB, db *clickhouse.DB, lines ...string) {
	t.Helper()
	values := map[string]float64{"0": 0, "2": 2, "4": 4, "5": 5, "7": 7, "12": 12, "100": 100, "0.125": 0.125}
	var rows []event.Insight
	for _, line := range lines {
		f := strings.Fields(line)
		network, _, _ := strings.Cut(f[0], "/")
		first := at("2026-03-" + f[2] + " 00:00:00")
		for i, cell := range f[3:] {
			if cell == "-" {
				continue
			}
			v, ok := values[cell]
			if !ok {
				t.Fatalf("value %q", cell)
			}
			rows = append(rows, event.Insight{Site: 1, Network: network, Account: f[0], Name: f[1], Day: first.AddDate(0, 0, i), Value: v, Origin: "import:1"})
		}
	}
	if err := db.Insert(t.Context(), t.Name(), event.Insights.Of(rows)); err != nil {
		t.Fatal(err)
	}
}

func ofInsights(metrics string, by ...string) query.Query {
	return query.Query{Site: query.Site{ID: 1}, Metrics: strings.Fields(metrics), Dimensions: by, Range: query.Range{From: day, To: day.AddDate(0, 0, 4)}}
}

func TestInsights(t *testing.T) {
	db := chtest.New(t)
	insertInsights(t, db,
		"x/a reach 09 100 4 - 12 2 100", // the 9th and the 14th are outside
		"linkedin/b reach 10 7 - - 5",
		"x/a clicks 10 0 2 0.125",
	)
	const figures = "insight_total insight_per_day insight_days"
	reach := []query.Filter{is("insight:name", "reach")}
	for _, c := range []struct {
		name, metrics, by string
		filter            []query.Filter
		want              string
	}{
		{"figures of different kinds have no sum", figures, "", nil, "=-,-,4"},
		{"by figure", figures, "insight:name", nil, "reach=30,12,3 | clicks=2.12,0.71,3"},
		{"a day that isn't known makes no mean smaller", figures, "account:network", reach, "x=18,6,3 | linkedin=12,6,2"},
		{"days without a figure are unknown, not 0", "insight_total", "time:day", reach, "03-10=11 | 03-11=- | 03-12=12 | 03-13=7"},
		{"no figure, no days", figures, "", []query.Filter{is("insight:name", "impressions")}, "=-,-,-"},
		{"beside posts", "insight_per_day posts", "account:network", reach, "linkedin=6,- | x=6,-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := ofInsights(c.metrics, strings.Fields(c.by)...)
			q.Filter = c.filter
			if got := ask(t, db, q); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	t.Run("days are the network's, wherever the site is", func(t *testing.T) {
		for _, zone := range []string{"Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"} {
			q := ofInsights("insight_total", "time:day")
			q.Filter = reach
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			q.Site.Location = loc
			q.Range = query.Range{From: time.Date(2026, 3, 10, 0, 0, 0, 0, loc), To: time.Date(2026, 3, 14, 0, 0, 0, 0, loc)}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			var got []any
			for _, row := range res.Rows {
				got = append(got, row[1])
			}
			if len(got) != 4 || got[0] != 11.0 || got[1] != nil || got[2] != 12.0 || got[3] != 7.0 {
				t.Errorf("%s: %v", zone, got)
			}
		}
	})
	t.Run("a competitor's are left out", func(t *testing.T) {
		q := ofInsights("insight_total")
		q.Filter, q.Site.Others = reach, []string{query.AccountKey("linkedin", "linkedin/b")}
		if got := ask(t, db, q); got != "=18" {
			t.Error(got)
		}
		q.Dimensions = []string{"account:role"}
		if got := ask(t, db, q); got != "own=18 | competitor=12" {
			t.Error(got)
		}
	})
	t.Run("the site's first fact", func(t *testing.T) {
		first, err := query.AskSince(t.Context(), db, query.Site{ID: 1})
		if err != nil || !first.Equal(day.AddDate(0, 0, -1)) {
			t.Errorf("%v, %v", first, err)
		}
	})
}
