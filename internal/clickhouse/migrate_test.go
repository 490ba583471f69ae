package clickhouse_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sync/errgroup"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
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
	repeatable := regexp.MustCompile(`(?i)^(CREATE (TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|CREATE OR REPLACE TABLE|(DROP|RENAME) (TABLE|VIEW) IF EXISTS|ALTER TABLE \S+\s+(MODIFY|UPDATE|\w+ \w+ IF (NOT )?EXISTS))`)
	comment := regexp.MustCompile(`(?m)^\s*--.*\n`)
	altered := regexp.MustCompile(`^ALTER TABLE (\S+) MODIFY QUERY`)
	files := own(t)
	for name, f := range files {
		sql := strings.TrimSpace(comment.ReplaceAllString(string(f.Data), ""))
		if !repeatable.MatchString(sql) {
			t.Errorf("%s cannot be run twice: say IF NOT EXISTS or the like", name)
		}
		if strings.Contains(sql, ";") {
			t.Errorf("%s has more than one statement", name)
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
				t.Errorf("%s alters a view that no later file takes in anew, as 0080 does", name)
			}
		}
		if strings.Contains(sql, "MergeTree") && !strings.Contains(sql, "non_replicated_deduplication_window") {
			t.Errorf("%s makes a table that forgets tokens", name)
		}
	}
}

func TestMigrate(t *testing.T) {
	db := chtest.Empty(t)
	newest := clickhouse.NewestSchema()
	version := func(want uint32) {
		t.Helper()
		if got, err := db.SchemaVersion(t.Context()); err != nil || got != want {
			t.Fatalf("SchemaVersion = %d, %v; want %d", got, err, want)
		}
	}
	version(0)
	if err := db.CheckSchema(t.Context()); !errors.Is(err, clickhouse.ErrSchema) {
		t.Errorf("CheckSchema without a database: %v", err)
	}

	// An older program's database.
	older := own(t)
	before := uint32(0)
	for name := range older {
		var n uint32
		if _, err := fmt.Sscanf(path.Base(name), "%d_", &n); err != nil {
			t.Fatal(err)
		}
		if n == newest {
			delete(older, name)
		} else {
			before = max(before, n)
		}
	}
	if err := db.MigrateFrom(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	version(before)
	err := db.CheckSchema(t.Context())
	if !errors.Is(err, clickhouse.ErrSchema) || !strings.Contains(err.Error(), "role write") {
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
	commented := own(t)
	first := ""
	for name := range commented {
		if strings.HasPrefix(name, "0001_") {
			first = name
		}
	}
	commented[first] = &fstest.MapFile{Data: []byte("-- another comment\n\n" + string(commented[first].Data) + "\n")}
	if err := db.MigrateFrom(t.Context(), commented); err != nil {
		t.Errorf("after a change of comments: %v", err)
	}

	// A statement may not.
	changed := own(t)
	changed[first] = &fstest.MapFile{Data: []byte(strings.Replace(string(changed[first].Data), "hostname", "host_name", 1))}
	if err := db.MigrateFrom(t.Context(), changed); !errors.Is(err, clickhouse.ErrSchema) {
		t.Errorf("after a change of a statement: %v", err)
	}

	// A newer program's database.
	newer := own(t)
	newer[fmt.Sprintf("%04d_more.sql", newest+1)] = &fstest.MapFile{Data: []byte("ALTER TABLE events ADD COLUMN IF NOT EXISTS more String")}
	if err := db.MigrateFrom(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]error{"Migrate": db.Migrate(t.Context()), "CheckSchema": db.CheckSchema(t.Context())} {
		if !errors.Is(check, clickhouse.ErrSchema) || !strings.Contains(check.Error(), "newer Earshot") {
			t.Errorf("%s on a newer database: %v", name, check)
		}
	}
}

func TestMigrateAfterCrash(t *testing.T) {
	db := chtest.New(t)
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
	if err := db.InsertEvents(t.Context(), "t", pageviews(1, 10)); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT sum(pageviews) FROM totals_hourly", [][]any{{uint64(10)}})
}

func TestMigrationNames(t *testing.T) {
	file := func(names ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for _, n := range names {
			m[n] = &fstest.MapFile{Data: []byte("SELECT 1")}
		}
		return m
	}
	cases := []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"twice", file("0001_a.sql", "0001_b.sql"), "there twice"},
		{"from zero", file("0000_a.sql"), "its number is 0000"},
		{"no number", file("first.sql"), "NNNN_name.sql"},
		{"short number", file("1_a.sql"), "NNNN_name.sql"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := chtest.Empty(t).MigrateFrom(t.Context(), c.files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestDatabaseName(t *testing.T) {
	e := chtest.Engine(t)
	for _, bad := range []string{"a b", "x;DROP", "`x`", "1x", "é", "a-b"} {
		if _, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: e.DSN(), Database: bad}); err == nil {
			t.Errorf("database name %q was taken", bad)
		}
	}
}
