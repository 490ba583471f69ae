package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// written has rows for comparing: "a=1,2 | b=3,4", dimensions before the "=".
func written(res *query.Result) string {
	var rows []string
	for _, row := range res.Rows {
		var dims, metrics []string
		for i, c := range res.Columns {
			s := fmt.Sprint(row[i])
			if row[i] == nil {
				s = "-"
			}
			if c.Metric {
				metrics = append(metrics, s)
			} else {
				dims = append(dims, s)
			}
		}
		rows = append(rows, strings.Join(dims, ",")+"="+strings.Join(metrics, ","))
	}
	return strings.Join(rows, " | ")
}

func is(dimension string, values ...string) query.Filter {
	return query.Filter{Op: query.Is, Dimension: dimension, Values: values}
}

func op(o query.Op, filters ...query.Filter) query.Filter {
	return query.Filter{Op: o, Filters: filters}
}

// The figures of the small set, told by hand.
func TestAnswers(t *testing.T) {
	db := seeded(t)
	tests := []struct {
		name    string
		metrics string
		by      string
		filter  []query.Filter
		want    string
	}{
		{name: "totals", metrics: "visitors visits pageviews views_per_visit bounce_rate visit_duration events", want: "=3,4,5,1.25,50,52,8"},
		{name: "reading", metrics: "scroll_depth engaged_time time_on_page read_rate", want: "=60,6,8,20"},
		{name: "sharing", metrics: "shares sharers share_rate share_visits visits_per_share reshares k_factor social_lift", want: "=2,2,66.67,1,0.5,1,0.333,1.33"},
		{name: "how far, how fast, how often", metrics: "dark_share generations mean_generation amplification time_to_first_visit share_half_life repeat_sharers",
			// Visit 33 came 7,080 s after the share of visit 11.
			want: "=50,2,1.5,1.5,7080,7080,0"},
		{name: "the same by network", metrics: "shares dark_share generations mean_generation repeat_sharers sharers_once sharers_twice", by: "share:network", want: "copy=1,100,2,2,0,1,0 | mastodon=1,0,1,1,0,1,0"},
		{name: "by the network that brought", metrics: "share_visits share_half_life time_to_first_visit", by: "share:network", want: "mastodon=1,7080,7080"},
		{name: "by page, country and day", metrics: "share_half_life", by: "visit:country time:day", filter: []query.Filter{is("event:page", "/b")},
			want: "DE,2026-03-10 00:00:00 +0000 UTC=7080 | DE,2026-03-11 00:00:00 +0000 UTC=-"},
		{name: "only what has any", metrics: "share_visits shares", by: "visit:country", want: "DE=1,1 | FR=0,1"},
		{name: "only countries with visits from shares", metrics: "share_visits", by: "visit:country", want: "DE=1"},
		{name: "pages", metrics: "visitors visits pageviews bounce_rate visit_duration shares share_visits", by: "event:page",
			// Entered by /a: 11 and 22; by /b: 33 and 44.
			want: "/a=2,2,2,50,75,0,0 | /b=2,3,3,50,30,2,1"},
		{name: "reading by page", metrics: "time_on_page scroll_depth read_rate", by: "event:page", want: "/a=15,60,50 | /b=0,-,0"},
		{name: "entry pages", metrics: "visits bounce_rate", by: "visit:entry_page", want: "/a=2,50 | /b=2,50"},
		{name: "exit pages", metrics: "visits bounce_rate", by: "visit:exit_page", want: "/b=3,33 | /a=1,100"},
		{name: "exit page as a filter", metrics: "visitors pageviews", filter: []query.Filter{is("visit:exit_page", "/b")}, want: "=2,4"},
		{name: "sources", metrics: "visitors visits", by: "visit:source", want: "=2,2 | Google=1,1 | Mastodon=1,1"},
		{name: "percentage", metrics: "percentage", by: "visit:country", want: "DE=66.67 | FR=33.33"},
		{name: "visits that saw a page", metrics: "visitors visits bounce_rate visit_duration share_visits", filter: []query.Filter{is("event:page", "/b")}, want: "=2,3,50,30,1"},
		{name: "pages filtered by page", metrics: "visitors bounce_rate", by: "event:page", filter: []query.Filter{is("event:page", "/b")}, want: "/b=2,50"},
		{name: "pages of those who signed up", metrics: "events bounce_rate", by: "event:page", filter: []query.Filter{is("event:goal", "Signup")}, want: "/b=1,0"},
		{name: "goal", metrics: "visitors events conversion_rate", filter: []query.Filter{is("event:goal", "Signup")}, want: "=1,1,33.33"},
		{name: "goals", metrics: "visitors conversion_rate", by: "event:goal", want: "share=2,66.67 | Signup=1,33.33"},
		{name: "goal by source", metrics: "visitors group_conversion_rate conversion_rate", by: "visit:country", filter: []query.Filter{is("event:goal", "Signup")}, want: "DE=1,50,33.33"},
		{name: "property", metrics: "events", by: "event:props:plan", filter: []query.Filter{is("event:goal", "Signup")}, want: "pro=1"},
		{name: "property as a filter", metrics: "visitors", filter: []query.Filter{is("event:props:plan", "pro")}, want: "=1"},
		{name: "has done", metrics: "visitors pageviews", filter: []query.Filter{op(query.HasDone, is("event:goal", "Signup"))}, want: "=1,1"},
		{name: "has not done", metrics: "visitors pageviews", filter: []query.Filter{op(query.HasNotDone, is("event:goal", "Signup"))}, want: "=2,4"},
		{name: "shared to", metrics: "shares share_visits visits_per_share", by: "share:network", want: "copy=1,0,0 | mastodon=1,1,1"},
		{name: "shared to, filtered", metrics: "shares share_visits", filter: []query.Filter{is("share:network", "mastodon")}, want: "=1,1"},
		{name: "not shared to", metrics: "shares", filter: []query.Filter{{Op: query.IsNot, Dimension: "share:network", Values: []string{"mastodon"}}}, want: "=1"},
		{name: "came through a share on", metrics: "visits", by: "visit:share_network", want: "mastodon=1"},
		{name: "generations", metrics: "shares share_visits", by: "share:generation", want: "1=1,1 | 2=1,0"},
		{name: "way of sharing", metrics: "shares", by: "share:kind", want: "copy=1 | link=1"},
		{name: "or", metrics: "visitors", filter: []query.Filter{op(query.Or, is("visit:source", "Google"), is("visit:source", "Mastodon"))}, want: "=2"},
		{name: "not, and", metrics: "visits", filter: []query.Filter{op(query.Not, op(query.And, is("visit:country", "FR"), is("visit:source", "")))}, want: "=3"},
		{name: "any case", metrics: "visitors", filter: []query.Filter{{Op: query.Is, Dimension: "visit:source", Values: []string{"GOOGLE"}, IgnoreCase: true}}, want: "=1"},
		{name: "case counts", metrics: "visitors", filter: []query.Filter{is("visit:source", "GOOGLE")}, want: "=0"},
		{name: "contains", metrics: "visitors", filter: []query.Filter{{Op: query.Contains, Dimension: "visit:source", Values: []string{"oog", "nothing"}}}, want: "=1"},
		{name: "contains, any case", metrics: "visitors", filter: []query.Filter{{Op: query.Contains, Dimension: "visit:source", Values: []string{"MAST"}, IgnoreCase: true}}, want: "=1"},
		{name: "contains not", metrics: "visitors", filter: []query.Filter{{Op: query.ContainsNot, Dimension: "visit:source", Values: []string{"oog", "ast"}}}, want: "=2"},
		{name: "matches", metrics: "visitors", filter: []query.Filter{{Op: query.Matches, Dimension: "visit:source", Values: []string{"^(Goo|Mas)"}}}, want: "=2"},
		{name: "matches not, any case", metrics: "visitors", filter: []query.Filter{{Op: query.MatchesNot, Dimension: "visit:source", Values: []string{"^goo"}, IgnoreCase: true}}, want: "=3"},
		{name: "hours of the day", metrics: "pageviews", by: "time:hour_of_day", filter: []query.Filter{is("visit:country", "FR")},
			want: strings.Repeat("#=0 | ", 9) + "#=2 | #=0 | #=0 | #=1" + strings.Repeat(" | #=0", 11)},
		{name: "days", metrics: "visitors bounce_rate", by: "time:day", want: "2026-03-10 00:00:00 +0000 UTC=3,33 | 2026-03-11 00:00:00 +0000 UTC=1,100"},
		{name: "no value under a filter that can't be", metrics: "visitors followers", filter: []query.Filter{is("visit:source", "Google")}, want: "=1,-"},
		{name: "nothing at all", metrics: "followers", filter: []query.Filter{is("visit:source", "Google")}, want: "=-"},
		{name: "nothing at all, by", metrics: "visitors", by: "visit:source", filter: []query.Filter{is("account:network", "mastodon")}, want: ""},
		{name: "two dimensions", metrics: "pageviews", by: "visit:country event:page", want: "FR,/b=2 | DE,/a=1 | DE,/b=1 | FR,/a=1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := query.Query{Site: query.Site{ID: 1}, Metrics: strings.Fields(test.metrics), Dimensions: strings.Fields(test.by), Filter: test.filter, Range: twoDays()}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				st, _ := query.Build(q)
				t.Fatalf("%v\n%s", err, st.SQL)
			}
			got := written(res)
			if strings.Contains(test.want, "#") {
				for i := range 24 {
					test.want = strings.Replace(test.want, "#", fmt.Sprint(i), 1)
				}
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s\n%s", got, test.want, res.SQL)
			}
		})
	}
}

// What an event lacks is none of a filter's values, whatever the operator:
// Signup has the property plan, Download another, and eight events none.
func TestPropertiesThatAreLacking(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, append(small(), visit{id: 55, visitor: 5, start: at("2026-03-11 13:00:00"), hits: []hit{
		{path: "/a"}, {at: time.Second, name: "Download", path: "/a", props: []event.Prop{{Key: "plan", Value: "free"}}},
	}}))
	for _, test := range []struct {
		op     query.Op
		values string
		any    bool
		events string
	}{
		{query.Is, "pro", false, "1"}, {query.IsNot, "pro", false, "9"},
		{query.Is, "pro,free", false, "2"}, {query.IsNot, "pro,free", false, "8"},
		{query.Is, "PRO", true, "1"}, {query.IsNot, "PRO", true, "9"},
		{query.Is, "", false, "8"}, {query.IsNot, "", false, "2"},
		{query.Is, "pro,", false, "9"}, {query.IsNot, "pro,", false, "1"},
		{query.Contains, "r", false, "2"}, {query.ContainsNot, "r", false, "8"},
		{query.Contains, "o,x", false, "1"}, {query.ContainsNot, "o,x", false, "9"},
		{query.ContainsNot, "PR", true, "9"},
		{query.Contains, "", false, "2"}, {query.ContainsNot, "", false, "8"},
		{query.Matches, "^p", false, "1"}, {query.MatchesNot, "^p", false, "9"},
		{query.Matches, ".*", false, "2"}, {query.MatchesNot, ".*", false, "8"},
		{query.Matches, "^$,^free$", false, "1"}, {query.MatchesNot, "^$,^free$", false, "9"},
	} {
		f := query.Filter{Op: test.op, Dimension: "event:props:plan", Values: strings.Split(test.values, ","), IgnoreCase: test.any}
		q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"events"}, Filter: []query.Filter{f}, Range: twoDays()}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(res); got != "="+test.events {
			t.Errorf("%s %s: %s events, want %s\n%s", test.op, test.values, got, test.events, res.SQL)
		}
	}
}

// A week that the range cuts is called by the range's first day where buckets
// without rows are left out, as its labels are.
func TestSparseWeeks(t *testing.T) {
	db := seeded(t)
	for _, test := range []struct{ from, to, want string }{
		{"2026-03-09", "2026-03-15", "2026-03-09"}, {"2026-03-10", "2026-03-16", "2026-03-10"}, {"2026-03-04", "2026-03-20", "2026-03-09"},
	} {
		q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visits"}, Dimensions: []string{"time:week"}, Sparse: true,
			Range: query.Range{From: at(test.from + " 00:00:00"), To: at(test.to + " 00:00:00")}}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(res); got != test.want+" 00:00:00 +0000 UTC=4" {
			t.Errorf("from %s: %s", test.from, got)
		}
	}
}

// Another site's rows, and rows outside the range, are never counted.
func TestSitesAreApart(t *testing.T) {
	db := seeded(t)
	insert(t, db, 2, small()[:1])
	q := query.Query{Site: query.Site{ID: 2}, Metrics: []string{"visitors", "pageviews", "bounce_rate"}, Range: twoDays()}
	for _, filter := range [][]query.Filter{nil, {is("event:page", "/b")}, {is("visit:exit_page", "/b")}, {op(query.HasDone, is("event:page", "/a"))}} {
		q.Filter = filter
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Rows[0][0]; got != int64(1) {
			t.Errorf("filter %v: %v visitors, want 1", filter, got)
		}
	}
	q.Range.From, q.Range.To = q.Range.To, q.Range.To.AddDate(0, 0, 1)
	q.Filter = nil
	res, err := query.Run(t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	if got := written(res); got != "=0,0,-" {
		t.Errorf("after the range: %s", got)
	}
}
