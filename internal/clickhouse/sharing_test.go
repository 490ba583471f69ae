package clickhouse_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/eventually"
)

// Rows that were there before a row knew its shares get what their share IDs
// and the table of shares tell.
func TestSharingOfOlderRows(t *testing.T) {
	db := chtest.Empty(t)
	older := fstest.MapFS{}
	for name, f := range own(t) {
		if strings.Compare(name, "0020") < 0 {
			older[name] = f
		}
	}
	if err := db.MigrateFrom(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	err := db.Exec(t.Context(), `INSERT INTO events (site_id, ts, name, via_share, share_id, share_network, share_kind, share_parent, entry) VALUES
		(1, '2026-11-23 10:00:00', 'share', '', '1aaaaaaaaa', 'mastodon', 'link', '', 0),
		(1, '2026-11-23 11:00:00', 'share', '1aaaaaaaaa', '2bbbbbbbbb', 'copy', 'copy', '1aaaaaaaaa', 0),
		(1, '2026-11-23 12:00:00', 'pageview', '2bbbbbbbbb', '', '', '', '', 1),
		(1, '2026-11-23 12:00:01', 'pageview', '9zzzzzzzzz', '', '', '', '', 0)`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const waiting = "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done"
	eventually.True(t, "the older rows are mended", func() bool { return all(t, db, waiting)[0][0] == uint64(0) })
	wantRows(t, db, "SELECT share_root, share_generation, via_network, via_kind, via_generation FROM events ORDER BY ts", [][]any{
		{"1aaaaaaaaa", uint64(1), "", "", uint64(0)},
		{"1aaaaaaaaa", uint64(2), "mastodon", "link", uint64(1)},
		{"", uint64(0), "copy", "copy", uint64(2)},
		{"", uint64(0), "", "", uint64(9)},
	})
	const sharing = "SELECT name, share_id, share_root, via_share, via_network FROM sharing ORDER BY ts"
	want := [][]any{
		{"share", "1aaaaaaaaa", "1aaaaaaaaa", "", ""}, {"share", "2bbbbbbbbb", "1aaaaaaaaa", "1aaaaaaaaa", "mastodon"},
		{"pageview", "", "", "2bbbbbbbbb", "copy"},
	}
	wantRows(t, db, sharing, want)
	if err := db.Exec(t.Context(), "INSERT INTO events (site_id, ts, name, via_share, entry) VALUES (1, '2026-11-23 13:00:00', 'pageview', '2bbbbbbbbb', 0), (1, '2026-11-23 13:00:01', 'pageview', '2bbbbbbbbb', 1)"); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, sharing, append(want, []any{"pageview", "", "", "2bbbbbbbbb", ""}))

	wantRows(t, db, "SELECT share_id, root, generation FROM shares ORDER BY share_id", [][]any{
		{"1aaaaaaaaa", "1aaaaaaaaa", uint64(1)}, {"2bbbbbbbbb", "1aaaaaaaaa", uint64(2)},
	})
}
