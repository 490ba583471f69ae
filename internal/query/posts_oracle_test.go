package query_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

const week = 7 * 24 * time.Hour

// claimant is the post that a visit belongs to, by the rule as metrics.md has
// it: looked up visit by visit among all posts; -1 for none.
func claimant(v visit, posts []post, sources map[string]string) int {
	best, best2 := -1, -1
	for i, p := range posts {
		network, _, _ := strings.Cut(p.account, "/")
		age := v.start.Sub(p.published)
		if p.page == "" || age < 0 || age >= week {
			continue
		}
		later := func(than int) bool { return than < 0 || p.published.After(posts[than].published) }
		onSource := sources[v.stamp.Source] == network
		switch {
		case v.stamp.ViaShare != "" && p.share == v.stamp.ViaShare:
			if onSource && later(best) {
				best = i
			}
			if later(best2) {
				best2 = i
			}
		case v.stamp.ViaShare == "" && onSource && p.page == v.entry() && later(best):
			best = i
		}
	}
	if best < 0 {
		return best2
	}
	return best
}

// wonAfter is what an account won in the days after a post, by looking at
// every reading of it.
func wonAfter(p post, list []event.FollowerCount) (int64, bool) {
	var before, after *event.FollowerCount
	for i, r := range list {
		if r.Account != p.account {
			continue
		}
		at := r.Time.Sub(p.published)
		if at <= 0 && at >= -week && (before == nil || r.Time.After(before.Time)) {
			before = &list[i]
		}
		if at > 0 && at <= week && (after == nil || r.Time.After(after.Time)) {
			after = &list[i]
		}
	}
	if before == nil || after == nil {
		return 0, false
	}
	return int64(after.Followers) - int64(before.Followers), true
}

// Random posts, visits and readings, and every post's figures from both.
func TestPostsAgainstOracle(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			db := chtest.New(t)
			site := networks()
			within := func(days int) time.Time {
				return day.Add(time.Duration(r.IntN(days*24*60)) * time.Minute)
			}
			// Minutes of their own keep the latest post unmistakable.
			var posts []post
			taken := map[time.Time]bool{}
			for i := range 60 {
				p := post{account: pickOne(r, "mastodon/a", "mastodon/b", "bluesky/a", "forum/a"), id: fmt.Sprint(i), published: within(40),
					page: pickOne(r, "", "/a", "/a", "/b"), figures: [4]int{r.IntN(9) - 1, r.IntN(9) - 1, r.IntN(9) - 1, r.IntN(9) - 1}}
				if taken[p.published] {
					continue
				}
				taken[p.published] = true
				if p.page != "" {
					p.share = pickOne(r, "", "", "1one", "2two")
				}
				posts = append(posts, p)
			}
			insertPosts(t, db, 1, posts...)
			visits := []visit{came(1, day.Add(-time.Hour), "", "", "/", 0)}
			for i := range 600 {
				visits = append(visits, came(10+i, within(50).Add(time.Duration(r.IntN(60_000))*time.Millisecond), pickOne(r, "", "Mastodon", "Bluesky", "Google"), pickOne(r, "", "", "1one", "2two", "3other"), pickOne(r, "/a", "/b", "/c"), r.IntN(3)))
			}
			insert(t, db, 1, visits)
			var counts []event.FollowerCount
			for range 60 {
				counts = append(counts, event.FollowerCount{Network: "mastodon", Account: pickOne(r, "mastodon/a", "mastodon/b"), Time: within(50), Followers: uint64(500 + r.IntN(100))})
			}
			slices.SortFunc(counts, func(a, b event.FollowerCount) int { return a.Time.Compare(b.Time) })
			counts = slices.CompactFunc(counts, func(a, b event.FollowerCount) bool { return a.Time.Equal(b.Time) })
			readings(t, db, counts...)

			brought, shares := map[int]int64{}, map[int]int64{}
			for _, v := range visits {
				i := claimant(v, posts, site.Sources)
				brought[i]++
				shares[i] += int64(len(v.hits) - 1)
			}
			span := query.Range{From: day.AddDate(0, 0, 5), To: day.AddDate(0, 0, 30)}
			var want []string
			for i, p := range posts {
				if p.published.Before(span.From) || !p.published.Before(span.To) {
					continue
				}
				network, _, _ := strings.Cut(p.account, "/")
				visits, shared, won, engaged := "-", "-", "-", "-"
				if p.page != "" && (p.share != "" || slices.Contains(slices.Collect(maps.Values(site.Sources)), network)) {
					visits, shared = fmt.Sprint(brought[i]), fmt.Sprint(shares[i])
				}
				if n, ok := wonAfter(p, counts); ok {
					won = fmt.Sprint(n)
				}
				if known := slices.DeleteFunc(slices.Clone(p.figures[:3]), func(n int) bool { return n < 0 }); len(known) > 0 {
					sum := 0
					for _, n := range known {
						sum += n
					}
					engaged = fmt.Sprint(sum)
				}
				want = append(want, fmt.Sprintf("%s/%s/%s=%s,%s,%s,%s", network, p.account, p.id, visits, shared, won, engaged))
			}
			q := query.Query{Site: site, Metrics: []string{"post_visits", "post_shares", "followers_after", "post_engagements"}, Dimensions: []string{"post:id"}, Range: span}
			got := strings.Split(ask(t, db, q), " | ")
			slices.Sort(got)
			slices.Sort(want)
			if len(want) < 20 {
				t.Fatalf("only %d posts", len(want))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-oracle +database):\n%s", diff)
			}
		})
	}
}

// What came with a post is data: no text, address or ID of one is ever more.
func TestHostilePosts(t *testing.T) {
	db := chtest.New(t)
	list := append(slices.Clone(hostile), `</script><script>window.pwned=1</script>`, `=cmd()|' /C calc'!A0`)
	var posts []post
	for i, s := range list {
		if strings.Contains(s, "\x00") {
			continue // a literal can't hold it
		}
		id := fmt.Sprint(i)
		if len(s) < 1000 {
			id += s
		}
		posts = append(posts, post{account: "mastodon/" + s, id: id, published: day.Add(time.Duration(i) * time.Minute), page: s, text: s, url: s, figures: [4]int{1, 1, 1, 1}})
	}
	insertPosts(t, db, 1, posts...)
	for _, p := range posts {
		for by, value := range map[string]string{"post:text": p.text, "post:url": p.url, "post:page": p.page, "account:handle": p.account, "post:id": "mastodon/" + p.account + "/" + p.id} {
			q := ofPosts("posts", by)
			q.Filter = []query.Filter{is(by, value), is("account:handle", p.account)}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Errorf("%s %q: %v", by, value, err)
			} else if len(res.Rows) != 1 || res.Rows[0][0] != value {
				t.Errorf("%s %q: %v", by, value, res.Rows)
			}
		}
	}
	var file strings.Builder
	if err := query.StreamCSV(t.Context(), db, ofPosts("posts", "post:text"), &file, query.CSVOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(file.String(), "\r\n'=cmd()|' /C calc'!A0,1\r\n") {
		t.Errorf("a formula in the file:\n%s", file.String())
	}
}
