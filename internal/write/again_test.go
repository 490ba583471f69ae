package write

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// rowsIn counts the rows of every table of the schema as they were inserted,
// before a table's engine merges equal ones; of closed days, which are computed,
// it counts none.
func rowsIn(t *testing.T, db *clickhouse.DB) map[string]uint64 {
	t.Helper()
	counts := map[string]uint64{}
	err := db.Select(t.Context(), `SELECT t.name AS table, sum(p.rows) AS n FROM system.tables AS t
		LEFT JOIN (SELECT table, rows FROM system.parts WHERE database = currentDatabase() AND active) AS p ON p.table = t.name
		WHERE t.database = currentDatabase() AND t.engine LIKE '%MergeTree' AND t.name NOT LIKE '%migration%' AND t.name NOT LIKE 'closed%' GROUP BY t.name`, nil, func(row *rows.Row) error {
		counts[row.Text("table")] = row.Uint("n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// Whatever the writer and imports send: sent again under its token, it leaves
// every table as it was, those inserted into and those that views fill. The
// test finds kinds and tables by itself, so that a new one can't be forgotten
// here.
func TestABatchSentAgainChangesNoTable(t *testing.T) {
	db := chtest.New(t)
	if err := db.Exec(t.Context(), "SYSTEM STOP MERGES"); err != nil {
		t.Fatal(err)
	}
	defer db.Exec(t.Context(), "SYSTEM START MERGES")
	send := func(token string) {
		t.Helper()
		for _, e := range event.Entries() {
			facts := e.List()
			facts.Example(1)
			if events, ok := facts.(*event.List[event.Row]); ok {
				events.Rows[0].Name = event.Share // which the most views select
			}
			if err := db.Insert(t.Context(), token, facts); err != nil {
				t.Fatal(err)
			}
		}
	}
	send("1")
	once := rowsIn(t, db)
	for table, n := range once {
		if n == 0 {
			t.Errorf("no row in %s: a table that nothing here fills isn't tested", table)
		}
	}
	send("1")
	send("1")
	if diff := cmp.Diff(once, rowsIn(t, db)); diff != "" {
		t.Errorf("the same token again: %s", diff)
	}
	send("2") // or the above would prove nothing
	for table, n := range rowsIn(t, db) {
		if n != 2*once[table] {
			t.Errorf("another token: %d rows in %s, after %d", n, table, once[table])
		}
	}
	if len(once) < 5 || !strings.Contains(cmp.Diff(once, nil), "totals_hourly") {
		t.Errorf("tables %v", once)
	}
}
