package main

import (
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
			"lastline": lastLine,
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
