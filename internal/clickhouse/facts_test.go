package clickhouse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// A kind's entry says of its table what the schema says.
func TestTablesAreAsTheirEntriesSay(t *testing.T) {
	db := chtest.New(t)
	for _, e := range event.Entries() {
		t.Run(e.Name, func(t *testing.T) {
			want := map[string]string{}
			var key []string
			for _, c := range e.Columns {
				want[c.Name] = c.Type
				if c.Key {
					key = append(key, c.Name)
				}
			}
			engine := map[event.Keeps]string{event.All: "MergeTree", event.Sums: "SummingMergeTree", event.Latest: "ReplacingMergeTree"}[e.Keeps]
			if e.Keeps == event.Latest {
				want[event.Recorded] = "DateTime64(3, 'UTC')"
			}
			got := map[string]string{}
			for _, row := range all(t, db, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} AND default_kind != 'MATERIALIZED'", rows.Bind("table", e.Table)) {
				got[fmt.Sprint(row[0])] = fmt.Sprint(row[1])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("columns (-entry +table)\n%s", diff)
			}
			table := all(t, db, "SELECT engine, sorting_key FROM system.tables WHERE database = currentDatabase() AND name = {table:String}", rows.Bind("table", e.Table))[0]
			if table[0] != engine {
				t.Errorf("the engine is %s, not %s", table[0], engine)
			}
			sorted := strings.Split(fmt.Sprint(table[1]), ", ")
			slices.Sort(sorted)
			slices.Sort(key)
			if e.Keeps != event.All && !slices.Equal(key, sorted) {
				t.Errorf("the key is %v, the table's %v", key, sorted)
			}
		})
	}
}

// What is inserted is what is read again; the same token changes nothing.
func TestEveryKindIsStoredOnce(t *testing.T) {
	db := chtest.New(t)
	for _, e := range event.Entries() {
		t.Run(e.Name, func(t *testing.T) {
			facts := e.List()
			for i := range 3 {
				facts.Example(i + 1)
			}
			for range 2 {
				if err := db.Insert(t.Context(), "once", facts); err != nil {
					t.Fatal(err)
				}
			}
			back := e.List()
			err := db.Select(t.Context(), "SELECT "+e.Listed()+" FROM "+e.From()+" ORDER BY site_id", nil, func(row *rows.Row) error {
				back.Scan(row)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range facts.Len() {
				if back.Len() != facts.Len() || string(back.AppendRecord(nil, i)) != string(facts.AppendRecord(nil, i)) {
					t.Fatalf("of\n%+v\ncame back\n%+v", facts, back)
				}
			}
		})
	}
}
