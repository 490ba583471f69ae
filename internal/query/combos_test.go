package query_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

var day = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)

// dimensionNames are all dimensions, with a key where one takes one.
func dimensionNames() []string {
	var names []string
	for _, d := range metric.Dimensions() {
		if d.Keyed() {
			d.Name += "author"
		}
		names = append(names, d.Name)
	}
	return names
}

// Every metric by every dimension either runs or is refused with a sentence
// that names both; with and without filters of each kind.
func TestEveryMetricByEveryDimension(t *testing.T) {
	db := chtest.New(t)
	filters := map[string][]query.Filter{
		"none":    nil,
		"visit":   {{Op: query.Is, Dimension: "visit:source", Values: []string{"Google"}}, {Op: query.IsNot, Dimension: "visit:country_name", Values: []string{"France"}}},
		"left":    {{Op: query.IsNot, Dimension: "left_out:agent", Values: []string{"GPTBot"}}},
		"insight": {{Op: query.IsNot, Dimension: "insight:name", Values: []string{"reach"}}},
		"post":    {{Op: query.IsNot, Dimension: "post:page", Values: []string{"/a"}}, {Op: query.Is, Dimension: "account:network", Values: []string{"mastodon"}}},
		"event":   {{Op: query.IsNot, Dimension: "event:page", Values: []string{"/"}}, {Op: query.Is, Dimension: "event:goal", Values: []string{"Signup"}}, {Op: query.IsNot, Dimension: "event:currency", Values: []string{"EUR"}}},
	}
	for name, filter := range filters {
		t.Run(name, func(t *testing.T) {
			for _, d := range dimensionNames() {
				q := query.Query{Site: query.Site{ID: 1}, Dimensions: []string{d}, Range: query.Range{From: day, To: day.AddDate(0, 0, 3)}, Filter: filter}
				var fit []string
				for _, m := range metric.All() {
					q.Metrics = []string{m.Name}
					_, err := query.Build(q)
					var bad *query.InvalidError
					switch {
					case err == nil:
						fit = append(fit, m.Name)
					case !errors.As(err, &bad) || !strings.Contains(err.Error(), m.Name):
						t.Errorf("%s by %s: %v", m.Name, d, err)
					}
				}
				q.Metrics = fit
				if _, err := query.Run(t.Context(), db, q); err != nil {
					st, _ := query.Build(q)
					t.Errorf("by %s: %v\n%s", d, err, st.SQL)
				}
			}
		})
	}
}
