package query_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// counted counts statements.
type counted struct {
	rows.Runner
	n int
}

func (c *counted) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	c.n++
	return c.Runner.Select(ctx, sql, args, each)
}

// Lists that are asked together are what each is alone, with its order, its
// limit, its number of rows and what it is compared with.
func TestListsTogetherAreWhatTheyAreAlone(t *testing.T) {
	db := chtest.New(t)
	r := rand.New(rand.NewPCG(3, 5))
	insert(t, db, 1, oneDayVisitors(r, 6))
	var days []time.Time
	for i := range 5 {
		days = append(days, day.AddDate(0, 0, i))
	}
	closed := closeDays(t, db, query.Site{ID: 1}, days...)
	all := []string{"visit:source", "visit:country", "visit:device", "visit:entry_page", "visit:exit_page", "event:page"}
	kinds := [][][]string{
		{{"visitors"}, {"pageviews", "visitors"}, {"events", "visitors"}},
		{{"visits", "bounce_rate"}, {"visits", "visit_duration"}, {"bounce_rate", "visits"}},
	}
	for i := range 30 {
		q := query.Query{Site: query.Site{ID: 1}, Range: query.Range{From: day.Add(72 * time.Hour), To: day.Add(time.Duration(73+r.IntN(70)) * time.Hour)}, CountRows: true}
		if r.IntN(2) == 0 {
			q.Site.Closed = closed
		}
		if r.IntN(2) == 0 {
			q.Now = q.Range.From.Add(30 * time.Hour)
		}
		if r.IntN(3) == 0 {
			q.Filter = []query.Filter{pickOne(r, is("visit:source", "Google"), is("event:page", "/a"), is("event:goal", "Signup"))}
		}
		by := all
		if i%len(kinds) == 1 {
			by = all[:5] // figures of visits by page are asked alone
		}
		var questions []query.Query
		for _, d := range by {
			one := q
			one.Dimensions, one.Limit = []string{d}, r.IntN(4)
			one.Metrics = pickOne(r, kinds[i%len(kinds)]...)
			questions = append(questions, one)
		}
		mode := pickOne(r, query.NoComparison, query.Previous, query.YearBefore)
		run := &counted{Runner: db}
		together, err := query.CompareAll(t.Context(), run, questions, mode)
		if err != nil {
			t.Fatal(err)
		}
		if run.n != 1 {
			t.Errorf("%d statements", run.n)
		}
		for k, one := range questions {
			for _, o := range questions {
				if o.Dimensions[0] != one.Dimensions[0] && !one.Alike(o) {
					t.Errorf("%v isn't like %v", one.Dimensions, o.Dimensions)
				}
			}
			alone, err := query.Compare(t.Context(), db, one, mode)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(answer(alone), answer(together[k])); diff != "" {
				t.Fatalf("question %d, %v by %v (-alone +together)\n%s\n%s", i, one.Metrics, one.Dimensions, diff, together[k].SQL)
			}
		}
	}
}

// answer is all that a comparison says, but for the earlier groups that no row
// is compared with, and their order.
func answer(c *query.Comparison) map[string]any {
	a := map[string]any{"rows": c.Rows, "total": c.TotalRows, "columns": c.Columns, "cut": c.Cut, "estimated": c.Estimated, "before": fmt.Sprint(c.BeforeRows), "order": c.Order()}
	var changes []string
	for _, row := range c.Change {
		for _, p := range row {
			if p == nil {
				changes = append(changes, "-")
				continue
			}
			changes = append(changes, fmt.Sprint(*p))
		}
	}
	a["changes"] = changes
	if c.Before != nil {
		a["range before"], a["metrics before"] = c.Before.Query.Range, c.Before.Query.Metrics
	}
	return a
}

// What is no list of visits, or of other rows, is asked alone.
func TestWhatIsNotAlike(t *testing.T) {
	list := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors"}, Dimensions: []string{"visit:source"}, Range: query.Range{From: day, To: day.AddDate(0, 0, 1)}}
	other := list
	other.Dimensions = []string{"visit:country"}
	if !list.Alike(other) {
		t.Fatal("two lists are not alike")
	}
	for name, change := range map[string]func(*query.Query){
		"another site":       func(q *query.Query) { q.Site.ID = 2 },
		"another range":      func(q *query.Query) { q.Range.To = q.Range.To.Add(time.Hour) },
		"a filter":           func(q *query.Query) { q.Filter = []query.Filter{is("visit:device", "Mobile")} },
		"visits by page":     func(q *query.Query) { q.Metrics, q.Dimensions = []string{"visits"}, []string{"event:page"} },
		"bounces":            func(q *query.Query) { q.Metrics = []string{"bounce_rate"} },
		"goals":              func(q *query.Query) { q.Dimensions = []string{"event:goal"} },
		"the same by a twin": func(q *query.Query) { q.Dimensions = []string{"visit:source"} },
		"days":               func(q *query.Query) { q.Dimensions = []string{"time:day"} },
		"no dimension":       func(q *query.Query) { q.Dimensions = nil },
		"two dimensions":     func(q *query.Query) { q.Dimensions = []string{"visit:country", "visit:device"} },
		"shares":             func(q *query.Query) { q.Metrics = []string{"shares"} },
		"a part of all":      func(q *query.Query) { q.Metrics = []string{"percentage"} },
		"revenue":            func(q *query.Query) { q.Metrics = []string{"total_revenue"} },
		"followers":          func(q *query.Query) { q.Metrics, q.Dimensions = []string{"followers"}, []string{"account:network"} },
		"an order":           func(q *query.Query) { q.Order = []query.Order{{Key: "visitors"}} },
		"a second page":      func(q *query.Query) { q.Offset = 10 },
	} {
		changed := other
		change(&changed)
		if list.Alike(changed) || changed.Alike(list) {
			t.Errorf("%s: alike", name)
		}
	}
}
