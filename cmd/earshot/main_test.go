package main

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
)

// The command line as its users see it, one file a subject in testdata.
// Scripts that need ClickHouse begin with: [!libchdb] skip
func TestScripts(t *testing.T) {
	library := embedded.LibraryAbove()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EARSHOT_LIBCHDB", library)
			env.Setenv("EARSHOT_LOG_LEVEL", "error")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			return library != "" || os.Getenv("CI") != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"lastline":     lastLine,
			"earlierstore": earlierStore,
		},
	})
}

func TestMain(m *testing.M) {
	embedded.RunChildIfAsked()
	testscript.Main(m, map[string]func(){"earshot": main})
}

// lastline NAME puts the last line of the standard output into $NAME.
func lastLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lastline NAME")
	}
	out := strings.TrimRight(ts.ReadFile("stdout"), "\n")
	ts.Setenv(args[0], out[strings.LastIndexByte(out, '\n')+1:])
}

// earlierstore FILE makes a meta store as builds of before the first release
// left it.
func earlierStore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: earlierstore FILE")
	}
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied INTEGER NOT NULL) STRICT;
		INSERT INTO schema_migrations VALUES (1, '0001_start', 'a4d1', 0), (330, '0330_accounts_versions', 'c9e3', 0)`)
	ts.Check(err)
}
