package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// notParts are the counts whose groups may add up to more than the whole, and
// why.
var notParts = map[string]string{
	"net_followers":  "a difference: one account's loss makes the whole smaller",
	"post_followers": "a difference",
	"sharers_once":   "with two shares on two networks a sharer has one share on each",
	"sharers_twice":  "the same",
	"sharers_3_to_5": "the same",
}

// pairs are counts of which the first is a part of the second, in every group
// and under every filter.
var pairs = [][2]string{
	{"visitors", "visits"}, {"pageviews", "events"}, {"shares", "events"}, {"sharers", "visitors"}, {"sharers", "shares"},
	{"sharers_6_or_more", "sharers"}, {"reshares", "shares"}, {"share_visits", "visits"},
}

// No part is larger than its whole: what a group or a filter leaves of a count
// is never more than the count without it.
func TestNoPartIsLargerThanItsWhole(t *testing.T) {
	db := chtest.New(t)
	const days = 4
	visits := append(randomVisits(rand.New(rand.NewPCG(7, 7)), days),
		came(1001, day.Add(9*time.Hour), "Mastodon", "", "/a", 2), came(1002, day.Add(40*time.Hour), "Bluesky", "", "/b", 1))
	insert(t, db, 1, visits)
	var list []event.FollowerCount
	for i := range days {
		when := day.AddDate(0, 0, i).Add(6 * time.Hour).Format(time.DateTime)
		list = append(list, reading("@a", when, uint64(100+i)), reading("@b", when, uint64(50+2*i)))
	}
	readings(t, db, list...)
	insertPosts(t, db, 1,
		post{account: "mastodon/a", id: "1", published: day.Add(7 * time.Hour), page: "/a", figures: [4]int{3, 2, 1, 40}},
		post{account: "bluesky/b", id: "2", published: day.Add(30 * time.Hour), page: "/b", figures: [4]int{5, 0, 2, 90}})
	leaveOut(t, db, 1, "out", event.LeftOut{Site: 1, Time: day, Reason: event.LeftBot, Agent: "a", Count: 3}, event.LeftOut{Site: 1, Time: day, Reason: event.LeftAI, Agent: "b", Count: 2})

	var counts []string
	for _, m := range metric.All() {
		if m.Unit == metric.Count && notParts[m.Name] == "" && !m.NeedsGoal && !m.NeedsDimension {
			counts = append(counts, m.Name)
		}
	}
	// figures asks for the counts that go with the question.
	figures := func(q query.Query, each func(group string, n map[string]float64)) {
		t.Helper()
		q.Site, q.Range, q.Sparse = networks(), query.Range{From: day, To: day.AddDate(0, 0, days)}, true
		for _, name := range counts {
			if canBeAsked(name, q.Dimensions) {
				q.Metrics = append(q.Metrics, name)
			}
		}
		if len(q.Metrics) == 0 {
			return
		}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range res.Rows {
			n := map[string]float64{}
			for i, name := range q.Metrics {
				if v := row[len(q.Dimensions)+i]; v != nil {
					n[name] = number(v)
				}
			}
			each(fmt.Sprint(row[:len(q.Dimensions)]), n)
		}
	}
	whole := map[string]float64{}
	figures(query.Query{}, func(_ string, n map[string]float64) { whole = n })
	if whole["visits"] != float64(len(visits)) {
		t.Errorf("%v visits of %d: one without a page view is one, too", whole["visits"], len(visits))
	}
	for _, name := range counts {
		if whole[name] == 0 && !strings.HasPrefix(name, "insight") && !strings.HasPrefix(name, "mention") && name != "rounded_accounts" && name != "sharers_6_or_more" {
			t.Errorf("nothing tells %s", name)
		}
	}
	// By share, visits are those in which one was made, visits from shares
	// those that one brought.
	// By time, a visit counts where it began, and its visitor wherever it goes on.
	ofTime := func(what string, p [2]string) bool {
		return strings.Contains(what, "time:") && p == [2]string{"visitors", "visits"}
	}
	ofShares := func(what string) bool { return strings.Contains(what, "share:") }
	compare := func(what string) func(string, map[string]float64) {
		return func(group string, n map[string]float64) {
			for name, part := range n {
				if part > whole[name] {
					t.Errorf("%s %s: %s is %v of %v", what, group, name, part, whole[name])
				}
			}
			for _, p := range pairs {
				if part, ok := n[p[0]]; ok && !(ofShares(what) && p[0] == "share_visits") && !ofTime(what, p) && part > n[p[1]] {
					t.Errorf("%s %s: %v %s of %v %s", what, group, part, p[0], n[p[1]], p[1])
				}
			}
		}
	}
	for _, d := range dimensionNames() {
		figures(query.Query{Dimensions: []string{d}}, compare("by "+d))
		figures(query.Query{Dimensions: []string{d}, Filter: []query.Filter{is("event:goal", "Signup")}}, compare("signed up, by "+d))
	}
	for _, f := range []query.Filter{
		is("event:goal", "Signup"), is("event:page", "/b"), is("event:name", "pageview"), is("visit:source", "Google"), is("visit:entry_page", "/a"),
		is("share:network", "copy"), is("event:props:plan", "pro"), is("account:network", "mastodon"), is("left_out:reason", "bot"),
		op(query.Not, is("event:goal", "Signup")), op(query.HasDone, is("event:goal", "Signup")), op(query.HasNotDone, is("event:goal", "Signup")),
		op(query.Or, is("event:page", "/b"), is("event:goal", "Signup")), op(query.And, is("event:page", "/b"), is("event:goal", "Signup")),
		op(query.Not, op(query.Or, is("event:page", "/b"), is("event:goal", "Signup"))), op(query.Not, op(query.And, is("event:page", "/b"), is("event:goal", "Signup"))),
	} {
		figures(query.Query{Filter: []query.Filter{f}}, compare(fmt.Sprintf("%+v", f)))
	}
}

// A visit's figures under a page's filter are those of the list of pages, in
// whatever form the filter comes.
func TestFiguresUnderAPageAreThoseOfTheList(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, []visit{
		{id: 1, visitor: 1, start: day, hits: []hit{{path: "/a"}, {path: "/b", at: time.Minute}}},
		{id: 2, visitor: 2, start: day, hits: []hit{{path: "/b"}}},
		{id: 3, visitor: 3, start: day, hits: []hit{{path: "/b", name: "Signup"}}},
		{id: 4, visitor: 4, start: day, hits: []hit{{path: "/c"}, {path: "/c", name: "Signup", at: time.Minute}}},
	})
	metrics := []string{"visitors", "visits", "bounce_rate", "visit_duration", "share_visits", "views_per_visit"}
	answers := func(q query.Query) map[string]string {
		t.Helper()
		q.Site, q.Range, q.Metrics = query.Site{ID: 1}, query.Range{From: day, To: day.AddDate(0, 0, 1)}, metrics
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]string{}
		for _, row := range res.Rows {
			by[fmt.Sprint(row[:len(q.Dimensions)])] = fmt.Sprint(row[len(q.Dimensions):])
		}
		return by
	}
	for name, also := range map[string][]query.Filter{
		"pages alone": nil, "and a goal": {is("event:goal", "Signup")}, "and who has done it": {op(query.HasDone, is("event:goal", "Signup"))},
	} {
		for group, want := range answers(query.Query{Dimensions: []string{"event:page"}, Filter: also}) {
			page := strings.Trim(group, "[]")
			for form, f := range map[string]query.Filter{
				"is":       is("event:page", page),
				"contains": {Op: query.Contains, Dimension: "event:page", Values: []string{page}},
				"matches":  {Op: query.Matches, Dimension: "event:page", Values: []string{"^" + page + "$"}},
				"not not":  op(query.Not, op(query.Not, is("event:page", page))),
				"and":      op(query.And, is("event:page", page)),
			} {
				if got := answers(query.Query{Filter: append([]query.Filter{f}, also...)})["[]"]; got != want {
					t.Errorf("%s, %s by %s: %v of %s, %s in the list", name, page, form, metrics, got, want)
				}
			}
			if got := answers(query.Query{Filter: []query.Filter{op(query.And, append([]query.Filter{is("event:page", page)}, also...)...)}})["[]"]; got != want {
				t.Errorf("%s, %s as one filter: %s, %s in the list", name, page, got, want)
			}
		}
	}
	if got := answers(query.Query{Filter: []query.Filter{is("event:page", "/b")}})["[]"]; got != "[3 3 50 0 0 0.67]" {
		t.Errorf("/b: %s", got)
	}
}

// canBeAsked says that a metric goes with dimensions.
func canBeAsked(name string, dimensions []string) bool {
	_, err := query.Build(query.Query{Metrics: []string{name}, Dimensions: dimensions, Range: query.Range{From: day, To: day.AddDate(0, 0, 1)}})
	return err == nil
}
