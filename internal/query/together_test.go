package query_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// What a page asks of posts, or of networks' statistics, is one statement, and
// each answer what it is when it is asked alone.
func TestFactsTogetherAreWhatTheyAreAlone(t *testing.T) {
	db, r := chtest.New(t), rand.New(rand.NewPCG(5, 11))
	within := func(days int) time.Time { return day.Add(time.Duration(r.IntN(days*24*60)) * time.Minute) }
	var posts []post
	for i := range 200 {
		posts = append(posts, post{account: pickOne(r, "mastodon/0", "bluesky/1", "mastodon/3"), id: fmt.Sprint(i), published: within(120), text: pickOne(r, "one", "two"),
			page: pickOne(r, "", "/a", "/b"), share: pickOne(r, "", "", "1one"), figures: [4]int{r.IntN(9) - 1, r.IntN(9) - 1, r.IntN(9) - 1, -1}})
	}
	insertPosts(t, db, 1, posts...)
	visits := []visit{came(1, day.Add(-time.Hour), "", "", "/", 0)}
	for i := range 600 {
		visits = append(visits, came(10+i, within(120), pickOne(r, "", "Mastodon", "Bluesky"), pickOne(r, "", "1one", "2two"), pickOne(r, "/a", "/b", "/c"), r.IntN(3)))
	}
	insert(t, db, 1, visits)
	var counts []event.FollowerCount
	for range 100 {
		counts = append(counts, event.FollowerCount{Network: "mastodon", Account: pickOne(r, "mastodon/0", "mastodon/3"), Time: within(120), Followers: uint64(500 + r.IntN(100))})
	}
	readings(t, db, counts...)
	var insights []event.Insight
	for range 400 {
		insights = append(insights, event.Insight{Site: 1, Network: "mastodon", Account: pickOne(r, "a", "b"), Name: pickOne(r, "reach", "impressions", "link_clicks"),
			Day: day.AddDate(0, 0, r.IntN(120)), Value: float64(r.IntN(100)), Origin: "import:1"})
	}
	if err := db.Insert(t.Context(), t.Name(), event.Insights.Of(insights)); err != nil {
		t.Fatal(err)
	}

	var hits []event.LeftOut
	for range 300 {
		hits = append(hits, event.LeftOut{Site: 1, Time: within(120), Reason: pickOne(r, "bot", "ai", "spam", "excluded"), Agent: pickOne(r, "", "one", "two"), Count: uint32(1 + r.IntN(5))})
	}
	if err := db.Insert(t.Context(), t.Name()+" hits", event.LeftOuts.Of(hits)); err != nil {
		t.Fatal(err)
	}

	type asked struct {
		metrics, by []string
		filter      []query.Filter
		limit       int
		alone       bool // without a comparison
	}
	named := func(name string) []query.Filter { return []query.Filter{is("insight:name", name)} }
	pages := map[string][]asked{
		"posts": {
			{metrics: []string{"posts", "engagement_by_followers", "post_visits"}},
			{metrics: []string{"post_engagements"}, by: []string{"time", "account:network"}},
			{metrics: []string{"post_visits"}, by: []string{"time", "account:network"}},
			{metrics: []string{"post_visits", "post_shares", "followers_after", "post_engagements"}, by: []string{"post:text", "account:network", "post:published", "post:url", "post:id"}, limit: 9, alone: true},
			{metrics: []string{"posts", "post_visits", "visits_per_post", "followers_after"}, by: []string{"account:network"}, limit: 20},
			{metrics: []string{"visits_per_post"}, by: []string{"time:day_of_week", "time:hour_of_day"}},
			{metrics: []string{"posts"}, by: []string{"account:handle"}, limit: 1, filter: []query.Filter{is("account:network", "mastodon")}},
			{metrics: []string{"posts"}, by: []string{"account:role"}},
		},
		"hits left out": {
			{metrics: []string{"left_out"}, by: []string{"left_out:reason"}},
			{metrics: []string{"left_out"}, by: []string{"left_out:agent"}, limit: 1, filter: []query.Filter{is("left_out:reason", "spam")}},
			{metrics: []string{"left_out"}, by: []string{"left_out:agent"}, filter: []query.Filter{is("left_out:reason", "bot", "ai")}},
			{metrics: []string{"left_out"}},
		},
		"insights": {
			{metrics: []string{"insight_total", "insight_days"}, by: []string{"insight:name", "account:network"}, limit: 2},
			{metrics: []string{"insight_per_day"}, by: []string{"time", "account:network"}, filter: named("reach")},
			{metrics: []string{"insight_per_day"}, by: []string{"time", "account:network"}, filter: named("impressions")},
			{metrics: []string{"insight_per_day"}, by: []string{"time", "account:network"}, filter: named("none")},
		},
	}
	for name, page := range pages {
		for _, mode := range []query.CompareMode{query.NoComparison, query.Previous, query.YearBefore} {
			for _, now := range []int{0, 85} {
				t.Run(fmt.Sprint(name, " ", mode, " ", now), func(t *testing.T) {
					var list []query.Asked
					for _, a := range page {
						q := query.Query{Site: networks(), Metrics: a.metrics, Dimensions: a.by, Filter: a.filter, Limit: a.limit, CountRows: true, Marks: true, Project: true,
							Range: query.Range{From: day.AddDate(0, 0, 60), To: day.AddDate(0, 0, 90)}}
						q.Site.Others = []string{query.AccountKey("mastodon", "mastodon/3")}
						if now > 0 {
							q.Now = day.AddDate(0, 0, now).Add(7 * time.Hour)
						}
						one := query.Asked{Query: q, Mode: mode}
						if a.alone {
							one.Mode = query.NoComparison
						}
						list = append(list, one)
					}
					for _, o := range list[1:] {
						if !list[0].AlikeFacts(o.Query) {
							t.Fatalf("%v by %v can't be asked with the others", o.Metrics, o.Dimensions)
						}
					}
					run := &counted{Runner: db}
					together, err := query.CompareFacts(t.Context(), run, list)
					if err != nil {
						t.Fatal(err)
					}
					if most := map[query.CompareMode]int{query.YearBefore: 2}[mode]; run.n > max(1, most) {
						t.Errorf("%d statements", run.n)
					}
					for i, one := range list {
						alone, err := query.Compare(t.Context(), db, one.Query, one.Mode)
						if err != nil {
							t.Fatal(err)
						}
						got, want := shown(together[i]), shown(alone)
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("%v by %v (-alone +together):\n%s", one.Metrics, one.Dimensions, diff)
						}
					}
				})
			}
		}
	}
}

// shown is all that a page shows of a comparison.
func shown(c *query.Comparison) []string {
	list := []string{fmt.Sprint("rows in all ", c.TotalRows, " cut ", c.Cut, " columns ", len(c.Columns))}
	for i, row := range c.Rows {
		var changes []any
		for _, change := range c.Change[i] {
			if change == nil {
				changes = append(changes, nil)
			} else {
				changes = append(changes, *change)
			}
		}
		list = append(list, fmt.Sprint(row, c.BeforeRows[i], changes))
	}
	if c.Before != nil {
		for _, row := range c.Before.Rows {
			list = append(list, fmt.Sprint("before ", row))
		}
	}
	return list
}
