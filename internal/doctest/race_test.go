package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// Every package of the program that starts a goroutine is among those that
// make test runs under the race detector.
func TestRaceDetectorSeesEveryGoroutine(t *testing.T) {
	m := regexp.MustCompile(`(?m)^RACED := ((?:.*\\\n)*.*)$`).FindStringSubmatch(read(t, "Makefile"))
	if m == nil {
		t.Fatal("the Makefile has no RACED")
	}
	raced := append(strings.Fields(strings.ReplaceAll(m[1], "\\", " ")), "internal/server")
	// What measures, breaks or serves tests is no part of what users run.
	apart := []string{"internal/bench", "internal/browsertest", "internal/faulttest", "internal/trackertest"}
	// main passes signals on, and ends.
	apart = append(apart, "cmd/earshot")
	root := browsertest.Root(t)
	starts := map[string]bool{}
	for _, top := range []string{"cmd", "internal", "dashboards", "web"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			dir, err := filepath.Rel(root, filepath.Dir(path))
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					starts[dir] = true
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Go" || s.Sel.Name == "AfterFunc") {
						starts[dir] = true
					}
				}
				return true
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for dir := range starts {
		if !slices.Contains(raced, dir) && !slices.Contains(apart, dir) {
			t.Errorf("%s starts goroutines and is not in RACED of the Makefile", dir)
		}
	}
	if len(starts) < 8 {
		t.Errorf("found goroutines in %d packages", len(starts))
	}
}
