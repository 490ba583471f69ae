package clickhouse_test

import (
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
)

func TestBackupAndRestore(t *testing.T) {
	db := chtest.New(t)
	if err := db.Insert(t.Context(), "t", event.Events.Of(pageviews(1, 100))); err != nil {
		t.Fatal(err)
	}
	name := strings.ReplaceAll(db.Database(), "_", "-")
	if err := db.Backup(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), name); err == nil {
		t.Error("a backup over a backup was taken")
	}

	other := chtest.Empty(t)
	if err := other.Restore(t.Context(), name, db.Database()); err != nil {
		t.Fatal(err)
	}
	if err := other.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	wantRows(t, other, "SELECT count() FROM events", [][]any{{uint64(100)}})
	wantRows(t, other, "SELECT sum(pageviews), uniqMerge(visitors) FROM totals_hourly", [][]any{{uint64(100), uint64(100)}})
	// The restored views write to the restored tables.
	if err := other.Insert(t.Context(), "u", event.Events.Of(pageviews(1, 50))); err != nil {
		t.Fatal(err)
	}
	wantRows(t, other, "SELECT sum(pageviews) FROM totals_hourly", [][]any{{uint64(150)}})
	wantRows(t, db, "SELECT count() FROM events", [][]any{{uint64(100)}})

	if err := other.Restore(t.Context(), name, db.Database()); err == nil {
		t.Error("a restore over data was done")
	}
	wantRows(t, other, "SELECT count() FROM events", [][]any{{uint64(150)}})
	if err := chtest.Empty(t).Restore(t.Context(), "missing", "earshot"); err == nil {
		t.Error("a missing backup was restored")
	}
	for _, bad := range []string{"", "../x", "a'b", "a/b", ".x"} {
		if err := db.Backup(t.Context(), bad); err == nil {
			t.Errorf("backup name %q was taken", bad)
		}
	}
}

func TestRemoveSite(t *testing.T) {
	db := chtest.New(t)
	for site, token := range map[uint32]string{1: "one", 2: "two"} {
		if err := db.Insert(t.Context(), token, event.Events.Of(pageviews(site, 10))); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.RemoveSite(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT site_id, count() FROM events GROUP BY site_id", [][]any{{uint64(2), uint64(10)}})
	wantRows(t, db, "SELECT site_id, sum(pageviews) FROM totals_hourly GROUP BY site_id", [][]any{{uint64(2), uint64(10)}})
}
