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

// Accounts and posts are read once for both periods of a comparison: each
// period has what it has when it is asked alone.
func TestBothPeriodsInOneRead(t *testing.T) {
	db, r := chtest.New(t), rand.New(rand.NewPCG(3, 9))
	within := func(days int) time.Time { return day.Add(time.Duration(r.IntN(days*24*60)) * time.Minute) }
	var list []event.FollowerCount
	for i := range 800 {
		account := r.IntN(6)
		when := within(120)
		if account == 5 {
			when = when.AddDate(0, 0, -100) // one that is read no more
		}
		list = append(list, event.FollowerCount{Network: pickOne(r, "mastodon", "bluesky"), Account: fmt.Sprint(account), Time: when,
			Followers: uint64(500 + r.IntN(300)), Rounded: i%5 == 0, Ended: i%25 == 0})
	}
	readings(t, db, list...)
	var posts []post
	for i := range 200 {
		posts = append(posts, post{account: pickOne(r, "mastodon/0", "bluesky/1", "mastodon/3"), id: fmt.Sprint(i), published: within(120),
			page: pickOne(r, "", "/a", "/b"), figures: [4]int{r.IntN(9) - 1, r.IntN(9) - 1, r.IntN(9) - 1, -1}})
	}
	insertPosts(t, db, 1, posts...)
	visits := []visit{came(1, day.Add(-time.Hour), "", "", "/", 0)}
	for i := range 600 {
		visits = append(visits, came(10+i, within(120), pickOne(r, "", "Mastodon", "Bluesky"), "", pickOne(r, "/a", "/b", "/c"), r.IntN(3)))
	}
	insert(t, db, 1, visits)

	followers := []string{"followers", "net_followers", "follower_growth", "follower_cmgr", "reading_age"}
	byTime := []string{"followers", "net_followers", "follower_growth", "reading_age"}
	worth := []string{"posts", "post_engagements", "engagement_by_followers", "followers_after", "post_visits", "visits_per_post"}
	for _, c := range []struct {
		name     string
		metrics  []string
		by       []string
		from, to int // days
		now      int
		marks    bool
		limit    int
	}{
		{name: "followers", metrics: followers, from: 60, to: 90},
		{name: "followers, marked", metrics: followers, from: 60, to: 90, marks: true},
		{name: "followers by account", metrics: followers, by: []string{"account:handle", "account:network"}, from: 50, to: 80},
		{name: "followers by day", metrics: byTime, by: []string{"time:day", "account:handle"}, from: 60, to: 75},
		{name: "followers by week", metrics: byTime, by: []string{"time:week"}, from: 61, to: 92},
		{name: "followers in a period that is not over", metrics: followers, by: []string{"account:network"}, from: 90, to: 118, now: 100},
		{name: "by day in one that is not over", metrics: byTime, by: []string{"time:day"}, from: 90, to: 118, now: 100, marks: true},
		{name: "posts", metrics: worth, from: 60, to: 90},
		{name: "posts by page", metrics: worth, by: []string{"post:page"}, from: 60, to: 90, limit: 2},
		{name: "posts by day", metrics: worth, by: []string{"time:day", "account:network"}, from: 60, to: 80},
		{name: "posts beside followers", metrics: append([]string{"followers"}, worth...), by: []string{"account:network"}, from: 60, to: 90},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query.Query{
				Site: networks(), Metrics: c.metrics, Dimensions: c.by, Limit: c.limit, Marks: c.marks, Project: c.marks, CountRows: true,
				Range: query.Range{From: day.AddDate(0, 0, c.from), To: day.AddDate(0, 0, c.to)},
			}
			if c.now > 0 {
				q.Now = day.AddDate(0, 0, c.now).Add(13 * time.Hour)
			}
			both, err := query.Compare(t.Context(), db, q, query.Previous)
			if err != nil {
				t.Fatal(err)
			}
			now, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(now.Rows, both.Rows); diff != "" || now.TotalRows != both.TotalRows {
				t.Errorf("%d rows, %d alone: %s", both.TotalRows, now.TotalRows, diff)
			}
			q.Range, q.Limit, q.Marks, q.Project = both.Before.Query.Range, 0, false, false
			before, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if len(before.Buckets) > 0 {
				if diff := cmp.Diff(before.Rows, both.Before.Rows); diff != "" {
					t.Errorf("the earlier period: %s", diff)
				}
				return
			}
			for i, got := range both.BeforeRows {
				var want []any
				for _, row := range before.Rows {
					if cmp.Equal(row[:len(c.by)], both.Rows[i][:len(c.by)]) {
						want = row
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("earlier row %d: %s", i, diff)
				}
			}
		})
	}
}
