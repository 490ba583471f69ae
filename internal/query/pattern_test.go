package query_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/query"
)

// What asks too much of the database is refused, in words that name the bound;
// what comes near to it is answered.
func TestFiltersAreBounded(t *testing.T) {
	db := seeded(t)
	many := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint("value ", i)
		}
		return list
	}
	matches := func(patterns ...string) query.Filter {
		return query.Filter{Op: query.Matches, Dimension: "event:page", Values: patterns}
	}
	with := func(o query.Op, n int) query.Filter {
		return query.Filter{Op: o, Dimension: "event:page", Values: many(n)}
	}
	repeat := func(f query.Filter, n int) (list []query.Filter) {
		for range n {
			list = append(list, f)
		}
		return list
	}
	for name, c := range map[string]struct {
		filters []query.Filter
		want    string // "" = it is answered
	}{
		"a long pattern":                  {[]query.Filter{matches(strings.Repeat("a", 500))}, ""},
		"too long a pattern":              {[]query.Filter{matches(strings.Repeat("a", 501))}, "longer than 500 bytes"},
		"repeats":                         {[]query.Filter{matches(`^/([a-z]{1,10}/){10}`)}, ""},
		"repeats in repeats":              {[]query.Filter{matches(`((a{0,5}){0,5}){0,5}`)}, "repeats something 125 times"},
		"many repeats at least":           {[]query.Filter{matches(`.*0.{101,}`)}, "repeats something 101 times"},
		"optional repeats, not any case":  {[]query.Filter{{Op: query.MatchesNot, Dimension: "event:page", Values: []string{`(?:\pL{50}){3}`}, IgnoreCase: true}}, "repeats something 150 times"},
		"repeats beyond what re2 takes":   {[]query.Filter{matches(`a{1001}`)}, "not a regular expression"},
		"repeats one after the other":     {[]query.Filter{matches(strings.Repeat(`.{90}`, 12))}, "too complex: they have 10"},
		"alternatives":                    {[]query.Filter{matches(strings.Repeat("[ab]{1,2}x|", 20) + "z")}, ""},
		"too many alternatives":           {[]query.Filter{matches(strings.Repeat("a.|.b|", 60) + "c+")}, "more than 100 alternatives"},
		"patterns":                        {[]query.Filter{matches(many(20)...)}, ""},
		"too many patterns in one":        {[]query.Filter{matches(many(21)...)}, "more than 20 patterns"},
		"too many patterns in several":    {repeat(matches("^/a", "b$"), 11), "more than 20 patterns"},
		"patterns too complex together":   {repeat(matches(strings.Repeat("[a-z]", 99)), 11), "too complex"},
		"texts":                           {[]query.Filter{with(query.Contains, 200)}, ""},
		"too many texts":                  {repeat(with(query.ContainsNot, 67), 3), "more than 200 values"},
		"values":                          {repeat(with(query.IsNot, 1000), 2), ""},
		"too many values":                 {repeat(with(query.Is, 700), 3), "more than 2000 values"},
		"too many values of one":          {[]query.Filter{with(query.Is, 1001)}, "more than 1000 values"},
		"filters":                         {repeat(with(query.IsNot, 1), 100), ""},
		"too many filters":                {repeat(with(query.IsNot, 1), 101), "more than 100 filters"},
		"visits that did":                 {repeat(op(query.HasDone, is("event:page", "/a")), 10), ""},
		"too many visits that did":        {repeat(op(query.HasNotDone, is("event:page", "/a")), 11), "more than 10 times"},
		"a class that only Go has a name": {[]query.Filter{matches(`\p{Letter}`)}, `ClickHouse refuses a pattern: \p{Letter}, error: invalid character class range: \p{Letter}`},
		"one too large for re2's memory":  {[]query.Filter{matches(`[^\x00-\x{10FFFE}]?` + strings.Repeat(`(?i:\pL{98})?`, 9))}, "error: pattern too large"},
	} {
		t.Run(name, func(t *testing.T) {
			q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors", "bounce_rate", "time_on_page", "shares", "share_visits"}, Dimensions: []string{"event:page"}, Filter: c.filters, Range: twoDays()}
			_, err := query.Run(t.Context(), db, q)
			var inv *query.InvalidError
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &inv) || inv.Field != "filters" || !strings.Contains(inv.Error(), c.want) || inv.Reason.FR == ""):
				t.Errorf("err = %v, want one about %s", err, c.want)
			}
		})
	}
}

// A URL has the bounds of a question.
func TestFiltersOfURLsAreBounded(t *testing.T) {
	v := url.Values{}
	for range 21 {
		v.Add("f", "matches,event:page,^/a")
	}
	var inv *query.InvalidError
	if _, err := query.FromURL(query.Site{}, v, at("2026-03-10 12:00:00")); !errors.As(err, &inv) || inv.Field != "f" || !strings.Contains(inv.Error(), "more than 20 patterns") {
		t.Errorf("err = %v", err)
	}
	if _, err := query.ParseFilter("matches,event:page,(a{20}){20}"); !errors.As(err, &inv) || inv.Field != "f" || !strings.Contains(inv.Error(), "repeats something 400 times") {
		t.Errorf("err = %v", err)
	}
}

func TestQuestionsAreBounded(t *testing.T) {
	q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors"}, Range: twoDays()}
	for i := range 11 {
		q.Dimensions = append(q.Dimensions, fmt.Sprint("event:props:", i))
	}
	var inv *query.InvalidError
	if _, err := query.Build(q); !errors.As(err, &inv) || inv.Field != "dimensions" {
		t.Errorf("err = %v", err)
	}
	q.Dimensions = nil
	for range 2 {
		q.Order = append(q.Order, query.Order{Key: "visitors"})
	}
	if _, err := query.Build(q); !errors.As(err, &inv) || inv.Field != "order_by" {
		t.Errorf("err = %v", err)
	}
	q.Order = nil
	for i := range 101 {
		q.Metrics = append(q.Metrics, fmt.Sprint("insight:", i))
	}
	if _, err := query.Build(q); !errors.As(err, &inv) || inv.Field != "metrics" || !strings.Contains(inv.Error(), "100") {
		t.Errorf("err = %v", err)
	}
}
