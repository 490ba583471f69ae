package clickhouse_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/social"
)

func TestBackupAndRestore(t *testing.T) {
	db := chtest.New(t)
	if err := db.InsertEvents(t.Context(), "t", pageviews(1, 100)); err != nil {
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
	if err := other.InsertEvents(t.Context(), "u", pageviews(1, 50)); err != nil {
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
		if err := db.InsertEvents(t.Context(), token, pageviews(site, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.RemoveSite(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT site_id, count() FROM events GROUP BY site_id", [][]any{{uint64(2), uint64(10)}})
	wantRows(t, db, "SELECT site_id, sum(pageviews) FROM totals_hourly GROUP BY site_id", [][]any{{uint64(2), uint64(10)}})
}

// A file of follower counts is stored, replaces what stood there, and is taken
// back, in the real table.
func TestImportOfFollowersIsTakenBack(t *testing.T) {
	db := chtest.New(t)
	store, err := meta.Open(filepath.Join(t.TempDir(), meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	site, err := store.AddSite(t.Context(), meta.Site{Domain: "example.com", Timezone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	seven := uint64(7)
	polled := event.FollowerCount{Site: site.ID, Network: "x", Account: "a", Time: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), Followers: 1, Following: &seven, Rounded: true, Origin: event.OriginPoll}
	if err := db.InsertFollowerCounts(t.Context(), "polled", []event.FollowerCount{polled}); err != nil {
		t.Fatal(err)
	}
	imp := &social.Importer{Readings: db, Book: store, Network: func(n string) (string, bool) { return n, true }, Now: time.Now}
	const rows = "SELECT toDate(ts), followers, following, toUInt64(rounded), origin FROM follower_counts FINAL ORDER BY ts"
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	before := [][]any{{day(1), uint64(1), uint64(7), uint64(1), "poll"}}
	for _, id := range []int64{1, 2} { // the same file again after it was taken back
		p, err := imp.Preview(t.Context(), site, "f.csv", strings.NewReader("date,network,account,followers\n2026-01-01,x,a,10\n2026-01-02,x,a,20\n"))
		if err != nil || p.ID != id || p.New != 1 || p.Changed != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		if n, err := imp.Apply(t.Context(), site, id); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		origin := fmt.Sprintf("import:%d", id)
		wantRows(t, db, rows, [][]any{{day(1), uint64(10), nil, uint64(0), origin}, {day(2), uint64(20), nil, uint64(0), origin}})
		if err := imp.Undo(t.Context(), site, id); err != nil {
			t.Fatal(err)
		}
		wantRows(t, db, rows, before)
	}
	if err := db.RemoveFollowerCounts(t.Context(), site.ID, "poll' OR 1=1 --"); err == nil {
		t.Error("an origin that is SQL is taken")
	}
}
