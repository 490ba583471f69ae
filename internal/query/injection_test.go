package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

var hostile = []string{
	`'; DROP TABLE events; --`, `\'`, `\`, `\\`, `") OR 1=1 --`, "`", `{p0:String}`, `{site:UInt32}`, "a\tb", "a\nb", "a\rb", "a\x00b", `\N`, `NULL`,
	`%s%d`, `</script>`, "é\u202e漢", strings.Repeat("x", 3000), "", " ", `[1,2]`, `'`, `''`,
}

// Values and the keys of properties reach the database as they are, and only
// as values.
func TestHostileValues(t *testing.T) {
	db := seeded(t)
	var list []visit
	for i, s := range hostile {
		id := uint64(1000 + i)
		list = append(list, visit{id: id, visitor: id, start: at("2026-03-10 12:00:00"), stamp: event.Event{Source: s}, hits: []hit{
			{path: "/h", props: []event.Prop{{Key: "k" + s, Value: s}}},
		}})
	}
	insert(t, db, 7, list)
	for _, s := range hostile {
		for name, f := range map[string]query.Filter{
			"is":           is("visit:source", s),
			"is, any case": {Op: query.Is, Dimension: "visit:source", Values: []string{s}, IgnoreCase: true},
			"property":     {Op: query.And, Filters: []query.Filter{is("event:props:k"+s, s), is("event:page", "/h")}},
		} {
			q := query.Query{Site: query.Site{ID: 7}, Metrics: []string{"visitors"}, Filter: []query.Filter{f, is("event:page", "/h")}, Range: twoDays()}
			if name == "property" && s == "" {
				continue // absent and empty are one
			}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Errorf("%s %q: %v", name, s, err)
				continue
			}
			if got := res.Rows[0][0]; got != int64(1) {
				t.Errorf("%s %q: %v visitors, want 1", name, s, got)
			}
			if len(s) > 5 && !strings.HasPrefix(s, "{") && strings.Contains(res.SQL, s) {
				t.Errorf("%q is in the SQL", s)
			}
		}
		for _, o := range []query.Op{query.Contains, query.ContainsNot} {
			q := query.Query{Site: query.Site{ID: 7}, Metrics: []string{"visitors"}, Dimensions: []string{"event:props:k" + s}, Filter: []query.Filter{{Op: o, Dimension: "visit:source", Values: []string{s, "x"}, IgnoreCase: true}}, Range: twoDays()}
			if _, err := query.Run(t.Context(), db, q); err != nil {
				t.Errorf("%s %q: %v", o, s, err)
			}
		}
	}
	// Nothing was dropped.
	if got := ask(t, db, query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors"}, Range: twoDays()}); got != "=3" {
		t.Error(got)
	}
}

// Names are looked up: none of these is a name.
func TestHostileNames(t *testing.T) {
	for _, s := range append(hostile, "path", "uniq(visitor)", "event:props:", "visit:source --", "time:", "EVENT:PAGE") {
		base := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors"}, Range: twoDays()}
		tries := map[string]query.Query{}
		q := base
		q.Metrics = []string{s}
		tries["metrics"] = q
		q = base
		q.Dimensions = []string{s}
		tries["dimensions"] = q
		q = base
		q.Filter = []query.Filter{is(s, "x")}
		tries["filters"] = q
		q = base
		q.Filter = []query.Filter{{Op: query.Op(s), Dimension: "visit:source", Values: []string{"x"}}}
		tries["filters"] = q
		q = base
		q.Order = []query.Order{{Key: s}}
		tries["order_by"] = q
		for field, q := range tries {
			var bad *query.InvalidError
			if _, err := query.Build(q); !errors.As(err, &bad) || bad.Field != field {
				t.Errorf("%s %q: %v", field, s, err)
			}
		}
	}
}

func TestBounds(t *testing.T) {
	deep := is("visit:source", "x")
	for range 20 {
		deep = op(query.Not, deep)
	}
	many := make([]query.Filter, 101)
	for i := range many {
		many[i] = is("visit:source", "x")
	}
	tests := []struct {
		name  string
		q     query.Query
		field string
	}{
		{"nesting", query.Query{Filter: []query.Filter{deep}}, "filters"},
		{"filters", query.Query{Filter: many}, "filters"},
		{"values", query.Query{Filter: []query.Filter{is("visit:source", make([]string, 1001)...)}}, "filters"},
		{"no values", query.Query{Filter: []query.Filter{is("visit:source")}}, "filters"},
		{"a long value", query.Query{Filter: []query.Filter{is("visit:source", strings.Repeat("x", 5000))}}, "filters"},
		{"not UTF-8", query.Query{Filter: []query.Filter{is("visit:source", "\xff")}}, "filters"},
		{"empty or", query.Query{Filter: []query.Filter{op(query.Or)}}, "filters"},
		{"not of two", query.Query{Filter: []query.Filter{op(query.Not, deep, deep)}}, "filters"},
		{"a bad pattern", query.Query{Filter: []query.Filter{{Op: query.Matches, Dimension: "event:page", Values: []string{"[a"}}}}, "filters"},
		{"two buckets of time", query.Query{Dimensions: []string{"time:day", "time:hour"}}, "dimensions"},
		{"twice", query.Query{Dimensions: []string{"event:page", "event:page"}}, "dimensions"},
		{"too many buckets", query.Query{Dimensions: []string{"time:hour"}, Range: query.Range{From: at("2000-01-01 00:00:00"), To: at("2026-01-01 00:00:00")}}, "dimensions"},
		{"backwards", query.Query{Range: query.Range{From: at("2026-01-02 00:00:00"), To: at("2026-01-01 00:00:00")}}, "date_range"},
		{"negative limit", query.Query{Limit: -1}, "limit"},
		{"no goal", query.Query{Metrics: []string{"conversion_rate"}}, "metrics"},
		{"no groups", query.Query{Metrics: []string{"percentage"}}, "metrics"},
		{"metric twice", query.Query{Metrics: []string{"visitors", "visitors"}}, "metrics"},
		{"followers by source", query.Query{Metrics: []string{"followers"}, Dimensions: []string{"visit:source"}}, "metrics"},
		{"bounces by event", query.Query{Metrics: []string{"bounce_rate"}, Dimensions: []string{"event:name"}}, "metrics"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.q.Metrics == nil {
				test.q.Metrics = []string{"visitors"}
			}
			if test.q.Range.To.IsZero() {
				test.q.Range = twoDays()
			}
			var bad *query.InvalidError
			if _, err := query.Build(test.q); !errors.As(err, &bad) || bad.Field != test.field {
				t.Errorf("%v, want an error of %s", err, test.field)
			}
		})
	}
}

// A filter may name as many values as it is allowed to.
func TestManyValues(t *testing.T) {
	db := seeded(t)
	values := make([]string, 1000)
	for i := range values {
		values[i] = strings.Repeat("v", 100) + string(rune('a'+i%26)) + strings.Repeat("w", i%7)
	}
	values[999] = "Google"
	q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors"}, Filter: []query.Filter{is("visit:source", values...)}, Range: twoDays()}
	if got := ask(t, db, q); got != "=1" {
		t.Error(got)
	}
	for i := range values[:998] {
		values[i] += string(rune('a'+i/26%26)) + string(rune('a'+i/676))
	}
	if got := ask(t, db, q); got != "=1" {
		t.Error(got)
	}
}
