package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// What a question about exit pages knows of visits goes to disk where there are
// too many for its memory: here 2.3 million with two pages each, of which a
// table in memory is larger than a question may be.
func TestExitPagesOfManyVisits(t *testing.T) {
	if testing.Short() {
		t.Skip("makes millions of rows")
	}
	db := chtest.New(t)
	const visits, step = 2_300_000, 100_000
	for n := range visits / step {
		err := db.Exec(t.Context(), fmt.Sprintf(`INSERT INTO events (site_id, ts, name, visitor, visit, began, path, entry_path, entry, bounce)
			SELECT 1, toDateTime64('2026-03-02 10:00:00', 3, 'UTC') + second, 'pageview', visit, visit, toDateTime64('2026-03-02 10:00:00', 3, 'UTC'), if(second = 0, '/a', concat('/', toString(visit %% 10))), '/a', second = 0, if(second = 0, 1, -1)
			FROM (SELECT arrayJoin(range(%d, %d)) AS visit) ARRAY JOIN [0, 1] AS second`, 1+n*step, 1+(n+1)*step))
		if err != nil {
			t.Fatal(err)
		}
	}
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	res, err := query.Run(t.Context(), db, query.Query{
		Site: query.Site{ID: 1}, Metrics: []string{"visits", "visitors"}, Dimensions: []string{"visit:exit_page"},
		Range: query.Range{From: from, To: from.AddDate(0, 1, 0)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != 10 || res.Rows[0][1] != int64(visits/10) || res.Rows[9][1] != int64(visits/10) {
		t.Errorf("%v", res.Rows)
	}
}

// A visit counts where it began, its visitor as long as it goes on; both by the
// page on which it ended.
func TestExitPagesOfAVisitFromBefore(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, []visit{{id: 1, visitor: 1, start: at("2026-03-09 23:35:00"), hits: []hit{
		{path: "/a"}, {at: 20 * time.Minute, path: "/b"}, {at: 45 * time.Minute, path: "/c"}, {at: 70 * time.Minute, name: event.Engagement, path: "/c", engaged: 1000},
	}}})
	for day, want := range map[string]string{"2026-03-09": "/c=1,1", "2026-03-10": "/c=1,0", "2026-03-11": ""} {
		from := at(day + " 00:00:00")
		q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors", "visits"}, Dimensions: []string{"visit:exit_page"}, Range: query.Range{From: from, To: from.AddDate(0, 0, 1)}}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(res); got != want {
			t.Errorf("%s: %s, not %s\n%s", day, got, want, res.SQL)
		}
	}
}
