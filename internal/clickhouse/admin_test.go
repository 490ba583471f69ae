package clickhouse_test

import (
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
)

func fill(t *testing.T, db *clickhouse.DB, site uint32) {
	t.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rows := []event.Row{
		{Event: event.Event{Site: site, Time: at, Name: event.Pageview, Visitor: 1, Path: "/"}, Visit: 1, Entry: 1, Bounce: 1},
		{Event: event.Event{Site: site, Time: at, Name: event.Share, Visitor: 1, Path: "/", ShareID: "1abcdefghi"}, Visit: 1},
	}
	token := "admin-" + string(rune('0'+site))
	if err := db.InsertEvents(t.Context(), token, rows); err != nil {
		t.Fatal(err)
	}
	if err := db.InsertFollowerCounts(t.Context(), token, []event.FollowerCount{{Site: site, Time: at, Network: "mastodon", Account: "@a@b.example", Followers: 7}}); err != nil {
		t.Fatal(err)
	}
}

// has counts what every table that has sites holds of one.
func has(t *testing.T, db *clickhouse.DB, site uint32) (n uint64) {
	t.Helper()
	for _, table := range []string{"events", "totals_hourly", "shares", "follower_counts"} {
		err := db.Select(t.Context(), "SELECT countIf(site_id = "+string(rune('0'+site))+") FROM "+table, nil, func(v []any) error {
			n += v[0].(uint64)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestRemoveSite(t *testing.T) {
	db := chtest.New(t)
	fill(t, db, 1)
	fill(t, db, 2)
	before := has(t, db, 2)
	if before < 5 {
		t.Fatalf("only %d rows to begin with", before)
	}
	if err := db.RemoveSite(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if n := has(t, db, 1); n != 0 {
		t.Errorf("%d rows are left of the removed site", n)
	}
	if n := has(t, db, 2); n != before {
		t.Errorf("the other site had %d rows, has %d", before, n)
	}
}

func TestBackupAndRestore(t *testing.T) {
	from, to := chtest.New(t), chtest.Empty(t)
	fill(t, from, 1)
	if err := from.Backup(t.Context(), "a-copy"); err != nil {
		t.Fatal(err)
	}
	if err := to.Restore(t.Context(), "a-copy", from.Database()); err != nil {
		t.Fatal(err)
	}
	if err := to.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	if a, b := has(t, from, 1), has(t, to, 1); a != b || a == 0 {
		t.Errorf("%d rows became %d", a, b)
	}
	fill(t, to, 2) // the views write into the restored tables
	if a, b := has(t, from, 2), has(t, to, 2); a != 0 || b < 5 {
		t.Errorf("rows written after the restore: %d in the original, %d in the copy", a, b)
	}
	for _, name := range []string{"", "../up", "a'b"} {
		if err := from.Backup(t.Context(), name); err == nil {
			t.Errorf("backup to %q went through", name)
		}
	}
}
