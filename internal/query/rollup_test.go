package query_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// The hourly totals say exactly what the events say, wherever they are read.
func TestRollupsSayTheSame(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, randomVisits(rand.New(rand.NewPCG(3, 4)), 20))
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	var kept []string // metrics that the totals have all parts of
	for _, m := range metric.All() {
		needsEvents := slices.ContainsFunc(m.Parts, func(name string) bool {
			p, _ := metric.LookupPart(name)
			return p.Rollup == ""
		})
		if m.OfEvents() && !m.NeedsDimension && !m.NeedsGoal && !needsEvents {
			kept = append(kept, m.Name)
		}
	}
	span := func(days int) query.Range { return query.Range{From: day, To: day.AddDate(0, 0, days)} }
	tests := []struct {
		name string
		loc  *time.Location
		r    query.Range
		by   string
		roll bool
	}{
		{"totals", time.UTC, span(20), "", true},
		{"days", time.UTC, span(20), "time:day", true},
		{"hours over the change of clocks", paris, query.Range{From: at("2026-03-20 23:00:00"), To: at("2026-03-30 22:00:00")}, "time:hour", true},
		{"weeks", paris, span(20), "time:week", true},
		{"months", paris, span(20), "time:month", true},
		{"heat map", paris, span(20), "time:day_of_week time:hour_of_day", true},
		{"totals in a zone of half hours", kolkata, span(20), "", true},
		{"days in a zone of half hours", kolkata, span(20), "time:day", false},
		{"two days", time.UTC, span(2), "time:day", false},
		{"not on the hour", time.UTC, query.Range{From: day.Add(time.Minute), To: day.AddDate(0, 0, 9)}, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := query.Query{Site: query.Site{ID: 1, Location: test.loc}, Dimensions: strings.Fields(test.by), Range: test.r}
			q.Metrics = slices.Clone(kept)
			got, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(got.SQL, "totals_hourly") != test.roll {
				t.Errorf("rolled up: %v, want %v\n%s", !test.roll, test.roll, got.SQL)
			}
			q.Filter = []query.Filter{{Op: query.IsNot, Dimension: "visit:source", Values: []string{"nobody"}}} // holds always
			want, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(want.SQL, "totals_hourly") {
				t.Fatal("the other query reads totals too")
			}
			if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
				t.Errorf("events (-) and totals (+) differ:\n%s", diff)
			}
		})
	}
}

// Hits left out come from a table of their own and leave the totals alone.
func TestRollupBesideLeftOut(t *testing.T) {
	q := query.Query{Metrics: []string{"visitors", "left_out"}, Dimensions: []string{"time:day"}, Range: query.Range{From: day, To: day.AddDate(0, 0, 9)}}
	st, err := query.Build(q)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(st.SQL, "totals_hourly") {
		t.Error(st.SQL)
	}
}

// One metric that the totals lack takes the whole query to the events.
func TestRollupNeedsEveryMetric(t *testing.T) {
	q := query.Query{Metrics: []string{"visitors", "time_on_page"}, Range: query.Range{From: day, To: day.AddDate(0, 0, 9)}}
	st, err := query.Build(q)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(st.SQL, "totals_hourly") {
		t.Error(st.SQL)
	}
}
