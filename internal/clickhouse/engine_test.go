package clickhouse_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
)

var update = flag.Bool("update", false, "write testdata/*.golden.sql")

// What a file becomes on one server and on the hosts of a cluster.
func TestEngines(t *testing.T) {
	db := chtest.New(t)
	onCluster := func(text string) ([]string, error) {
		return clickhouse.ClusterStatements(text, "blogs", "earshot", "earshot_all")
	}
	for _, place := range []struct {
		name   string
		render func(string) ([]string, error)
	}{{"one", clickhouse.Statements}, {"cluster", onCluster}} {
		for _, c := range []struct {
			name, text string
		}{
			{"tables", "-- What it is.\nCREATE TABLE IF NOT EXISTS a\n(\n    x UInt8\n)\nENGINE = facts SHARDED BY x\nPARTITION BY x\nORDER BY x;\n" +
				"CREATE TABLE IF NOT EXISTS b (x UInt8)\nENGINE = facts\nORDER BY x;\n" +
				"CREATE TABLE IF NOT EXISTS c (x UInt8)\nENGINE = states\nORDER BY x;\n" +
				"CREATE TABLE IF NOT EXISTS d (x UInt8)\nENGINE = sums(x) SHARDED BY x\nORDER BY x;\n" +
				"CREATE TABLE IF NOT EXISTS e (x UInt8)\nENGINE = replacing\nORDER BY x;\n" +
				"CREATE TABLE IF NOT EXISTS f (x UInt8)\nENGINE = replacing(x) SHARDED BY x\nORDER BY x;\n" +
				"CREATE MATERIALIZED VIEW IF NOT EXISTS b_mv TO b AS\nSELECT x FROM a;\n"},
			{"later", "-- Why.\nALTER TABLE a ADD COLUMN IF NOT EXISTS y UInt8 CODEC(ZSTD(1)) AFTER x;\n" +
				"ALTER TABLE a ADD INDEX IF NOT EXISTS i y TYPE minmax;\n" +
				"ALTER TABLE b_mv MODIFY QUERY\nSELECT x FROM a WHERE x > 0;\n" +
				"RENAME TABLE IF EXISTS b_mv TO b_mv_renamed, b_mv_renamed TO b_mv;\n"},
		} {
			t.Run(c.name+" on "+place.name, func(t *testing.T) {
				rendered, err := place.render(c.text)
				if err != nil {
					t.Fatal(err)
				}
				got := strings.Join(rendered, ";\n\n") + ";\n"
				file := filepath.Join("testdata", c.name+"_"+place.name+".golden.sql")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Error(diff)
				}
				parsed(t, db, rendered)
			})
		}
	}
	for _, text := range []string{
		"CREATE TABLE IF NOT EXISTS a (x UInt8)\nENGINE = MergeTree\nORDER BY x;\n",
		"CREATE TABLE IF NOT EXISTS a (x UInt8)\nENGINE = facts BY x\nORDER BY x;\n",
		"CREATE TABLE IF NOT EXISTS a (x UInt8)\nORDER BY x;\n",
	} {
		if rendered, err := clickhouse.Statements(text); err == nil || !strings.Contains(err.Error(), "table a: no ENGINE") {
			t.Errorf("%q: %q, %v", text, rendered, err)
		}
	}
}

// parsed has ClickHouse read statements, without running them.
func parsed(t *testing.T, db *clickhouse.DB, statements []string) {
	t.Helper()
	for _, s := range statements {
		if rows := all(t, db, "EXPLAIN AST "+s); len(rows) == 0 {
			t.Errorf("nothing in %s", s)
		}
	}
}

// The program's own schema on a cluster: each table is replicated under a path
// of its own and asked by the same name on all hosts at once, and each that no
// view fills says which shard has a row.
func TestSchemaOnACluster(t *testing.T) {
	db := chtest.New(t)
	var rendered []string
	for _, f := range own(t) {
		s, err := clickhouse.ClusterStatements(string(f.Data), "blogs", "earshot", "earshot_all")
		if err != nil {
			t.Fatal(err)
		}
		rendered = append(rendered, s...)
	}
	parsed(t, db, rendered)
	text := strings.Join(rendered, ";\n")
	tables := all(t, db, `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'schema_migrations'`)
	if len(tables) < 5 {
		t.Fatal("tables", tables)
	}
	for _, row := range tables {
		name := row[0].(string)
		if n := strings.Count(text, "MergeTree('/clickhouse/tables/{shard}/earshot/"+name+"', '{replica}'"); n != 1 {
			t.Errorf("%d replicated tables under the path of %s", n, name)
		}
		over := regexp.MustCompile(`earshot_all\.` + name + ` AS earshot\.` + name + `\nENGINE = Distributed\('blogs', 'earshot', '` + name + `'(, \w+)?\)`).FindStringSubmatch(text)
		if over == nil {
			t.Errorf("no table over all hosts' %s", name)
		} else if byView := strings.Contains(text, " TO "+name+" AS"); byView == (over[1] != "") {
			t.Errorf("%s is filled by a view: %v; its shard: %q", name, byView, over[1])
		}
	}
}
