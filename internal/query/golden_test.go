package query_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/query"
)

// The SQL of typical questions, to be read by people. -update writes it anew.
func TestGoldenSQL(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	month := query.Range{From: at("2026-02-28 23:00:00"), To: at("2026-03-31 22:00:00")}
	tests := map[string]query.Query{
		"totals-rolled-up":    {Metrics: []string{"visitors", "visits", "pageviews", "bounce_rate", "shares"}},
		"days-filtered":       {Metrics: []string{"visitors"}, Dimensions: []string{"time:day"}, Filter: []query.Filter{is("visit:source", "Google", "Bing")}},
		"top-pages":           {Metrics: []string{"visitors", "pageviews", "bounce_rate"}, Dimensions: []string{"event:page"}, Limit: 10},
		"page-filter":         {Metrics: []string{"visitors", "visits", "bounce_rate"}, Filter: []query.Filter{is("event:page", "/a")}},
		"goal-conversion":     {Metrics: []string{"visitors", "conversion_rate", "group_conversion_rate"}, Dimensions: []string{"visit:country"}, Filter: []query.Filter{is("event:goal", "Signup")}},
		"shares-by-network":   {Metrics: []string{"shares", "share_visits", "visits_per_share"}, Dimensions: []string{"share:network"}},
		"exit-pages":          {Metrics: []string{"visits"}, Dimensions: []string{"visit:exit_page"}, Limit: 10, CountRows: true},
		"followers-and-shown": {Metrics: []string{"followers", "net_followers", "visitors"}, Dimensions: []string{"time:week"}},
		"followers-of-own":    {Metrics: []string{"followers"}, Dimensions: []string{"time:month", "account:network"}, Marks: true, Project: true, Now: at("2026-03-20 12:00:00"), Site: query.Site{Others: []string{"bluesky/rival.example"}}},
		"followers-by-role":   {Metrics: []string{"follower_growth"}, Dimensions: []string{"account:role"}, Site: query.Site{Others: []string{"bluesky/rival.example"}}},
		"left-out-by-agent":   {Metrics: []string{"left_out"}, Dimensions: []string{"time:day", "left_out:agent"}, Filter: []query.Filter{is("left_out:reason", "preview")}},
		"posts-by-network":    {Metrics: []string{"posts", "post_likes", "applause", "post_visits", "followers_after"}, Dimensions: []string{"account:network"}, Filter: []query.Filter{is("account:handle", "@a@b.example")}},
		"nested-filters": {Metrics: []string{"pageviews"}, Filter: []query.Filter{op(query.Or,
			op(query.Not, query.Filter{Op: query.Contains, Dimension: "event:page", Values: []string{"/blog", "/news"}, IgnoreCase: true}),
			op(query.HasDone, is("event:props:plan", "pro")))}},
	}
	for name, q := range tests {
		t.Run(name, func(t *testing.T) {
			q.Site = query.Site{ID: 1, Location: loc, Others: q.Site.Others, Sources: map[string]string{"X": "x", "Mastodon": "mastodon"}}
			q.Range = month
			st, err := query.Build(q)
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			for _, a := range st.Args {
				args = append(args, fmt.Sprintf("-- %s = %v\n", a.Name, a.Value))
			}
			got := st.SQL + "\n\n" + strings.Join(args, "")
			file := filepath.Join("testdata", name+".sql")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-update if it is meant:\n%s", diff)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".sql"); tests[name].Metrics == nil {
			t.Errorf("%s belongs to no test", file)
		}
	}
}
