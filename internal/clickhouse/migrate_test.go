package clickhouse_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sync/errgroup"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/migration"
)

// own are copies of the program's migrations, to be changed.
func own(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	entries, err := fs.ReadDir(clickhouse.MigrationFiles(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := fs.ReadFile(clickhouse.MigrationFiles(), e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: b}
	}
	return files
}

// TestMigrationFilesAreRepeatable holds what the runner relies on.
func TestMigrationFilesAreRepeatable(t *testing.T) {
	repeatable := regexp.MustCompile(`(?i)^(CREATE (TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|(DROP|RENAME) (TABLE|VIEW) IF EXISTS|ALTER TABLE \S+\s+(MODIFY|UPDATE|\w+ \w+ IF (NOT )?EXISTS))`)
	altered := regexp.MustCompile(`^ALTER TABLE (\S+) MODIFY QUERY`)
	files := own(t)
	for name, f := range files {
		rendered, err := clickhouse.Statements(string(f.Data))
		if err != nil || len(rendered) == 0 {
			t.Errorf("%s: %d statements, %v", name, len(rendered), err)
		}
		for _, sql := range rendered {
			if !repeatable.MatchString(sql) {
				t.Errorf("%s cannot be run twice: say IF NOT EXISTS or the like", name)
			}
			if strings.Contains(sql, ";") {
				t.Errorf("%s has two statements on one line", name)
			}
			if strings.Contains(sql, "earshot.") {
				t.Errorf("%s names the database, which may have any name", name)
			}
			if view := altered.FindStringSubmatch(sql); view != nil {
				anew := false
				for later, g := range files {
					anew = anew || later > name && strings.Contains(string(g.Data), "RENAME TABLE IF EXISTS "+view[1]+" TO ")
				}
				if !anew {
					t.Errorf("%s alters a view that no later file takes in anew: see docs/decisions.md", name)
				}
			}
		}
		if regexp.MustCompile(`\w*MergeTree|SETTINGS`).MatchString(string(f.Data)) {
			t.Errorf("%s names an engine or its settings: say what the table is", name)
		}
	}
}

func TestMigrate(t *testing.T) {
	db := chtest.Empty(t)
	newest := clickhouse.NewestSchema()
	version := func(want int) {
		t.Helper()
		if got, err := db.SchemaVersion(t.Context()); err != nil || got != want {
			t.Fatalf("SchemaVersion = %d, %v; want %d", got, err, want)
		}
	}
	version(0)
	if err := db.CheckSchema(t.Context()); !errors.Is(err, migration.ErrSchema) {
		t.Errorf("CheckSchema without a database: %v", err)
	}

	// An older program's database.
	older := own(t)
	names := slices.Sorted(maps.Keys(older))
	delete(older, names[len(names)-1])
	if err := db.MigrateFrom(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	var before int
	if _, err := fmt.Sscanf(names[len(names)-2], "%d_", &before); err != nil {
		t.Fatal(err)
	}
	version(before)
	err := db.CheckSchema(t.Context())
	if !errors.Is(err, migration.ErrSchema) || !strings.Contains(err.Error(), "role write") {
		t.Errorf("CheckSchema on an older database: %v", err)
	}

	for range 2 { // the second time changes nothing
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		version(newest)
		if err := db.CheckSchema(t.Context()); err != nil {
			t.Error(err)
		}
	}

	// Comments and spacing may be mended.
	second := names[1]
	commented := own(t)
	commented[second] = &fstest.MapFile{Data: []byte("-- another comment\n\n" + string(commented[second].Data) + "\n")}
	if err := db.MigrateFrom(t.Context(), commented); err != nil {
		t.Errorf("after a change of comments: %v", err)
	}

	// What a file says may not, neither a column nor what its table is.
	for from, to := range map[string]string{"pageviews SimpleAgg": "page_views SimpleAgg", "ENGINE = states": "ENGINE = facts"} {
		changed := own(t)
		text := strings.Replace(string(changed[second].Data), from, to, 1)
		if text == string(changed[second].Data) {
			t.Fatalf("%s has no %q", second, from)
		}
		changed[second] = &fstest.MapFile{Data: []byte(text)}
		if err := db.MigrateFrom(t.Context(), changed); !errors.Is(err, migration.ErrSchema) || !strings.Contains(err.Error(), strings.TrimSuffix(second, ".sql")) {
			t.Errorf("after %q became %q: %v", from, to, err)
		}
	}

	// A newer program's database.
	newer := own(t)
	newer[fmt.Sprintf("%04d_more.sql", newest+1)] = &fstest.MapFile{Data: []byte("ALTER TABLE events ADD COLUMN IF NOT EXISTS more String;\n")}
	if err := db.MigrateFrom(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]error{"Migrate": db.Migrate(t.Context()), "CheckSchema": db.CheckSchema(t.Context())} {
		if !errors.Is(check, migration.ErrSchema) || !strings.Contains(check.Error(), "newer Earshot") {
			t.Errorf("%s on a newer database: %v", name, check)
		}
	}
}

// A database that a build of before the first release made is left as it is,
// and whoever has it is told how to go on.
func TestMigrateRefusesAnEarlierBuildsDatabase(t *testing.T) {
	db := chtest.Empty(t)
	made := fstest.MapFS{
		"0001_events.sql":        {Data: []byte("CREATE TABLE IF NOT EXISTS events (site_id UInt32, ts DateTime64(3, 'UTC'))\nENGINE = facts\nORDER BY site_id;\n")},
		"0140_further_files.sql": {Data: []byte("ALTER TABLE events ADD COLUMN IF NOT EXISTS name String;\n")},
	}
	if err := db.MigrateFrom(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]error{"Migrate": db.Migrate(t.Context()), "CheckSchema": db.CheckSchema(t.Context())} {
		if !errors.Is(check, migration.ErrSchema) || !strings.Contains(check.Error(), db.Database()) || !strings.Contains(check.Error(), "`earshot export` with that build") {
			t.Errorf("%s: %v", name, check)
		}
	}
	wantRows(t, db, "SELECT count() FROM system.tables WHERE database = currentDatabase()", [][]any{{uint64(2)}})
}

// A file that was interrupted between any two of its statements, or before its
// record, is run again from its beginning.
func TestMigrateAfterCrash(t *testing.T) {
	db := chtest.Empty(t)
	files := own(t)
	var names []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		names = append(names, name)
		if rendered, err := clickhouse.Statements(string(files[name].Data)); err == nil && len(rendered) > 1 {
			break
		}
	}
	last := names[len(names)-1] // a table and its view
	half := fstest.MapFS{}
	for _, name := range names {
		half[name] = files[name]
	}
	text, _, _ := strings.Cut(string(files[last].Data), ";\n")
	half[last] = &fstest.MapFile{Data: []byte(text + ";\nSELECT throwIf(1);\n")}
	if err := db.MigrateFrom(t.Context(), half); err == nil {
		t.Fatal("a statement that fails was taken")
	}
	if err := db.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(last, ".sql")) {
		t.Errorf("half a file counts as whole: %v", err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}

	// The last statements ran, and their records were lost.
	err := db.Exec(t.Context(), fmt.Sprintf("ALTER TABLE schema_migrations DELETE WHERE version > %d SETTINGS mutations_sync = 1", clickhouse.NewestSchema()-3))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Insert(t.Context(), "t", event.Events.Of(pageviews(1, 10))); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT sum(pageviews) FROM totals_hourly", [][]any{{uint64(10)}})
}

func TestMigrateSeveralAtOnce(t *testing.T) {
	name := chtest.Empty(t).Database()
	var g errgroup.Group
	for range 4 {
		db := chtest.Open(t, name)
		g.Go(func() error { return db.Migrate(t.Context()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	db := chtest.Open(t, name)
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Insert(t.Context(), "t", event.Events.Of(pageviews(1, 10))); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT sum(pageviews) FROM totals_hourly", [][]any{{uint64(10)}})
}

func TestDatabaseName(t *testing.T) {
	e := chtest.Engine(t)
	for _, bad := range []string{"a b", "x;DROP", "`x`", "1x", "é", "a-b"} {
		if _, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: e.DSN(), Database: bad}); err == nil {
			t.Errorf("database name %q was taken", bad)
		}
	}
}
