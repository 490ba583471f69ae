package browsertest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Axe checks the page against the rules of axe-core (WCAG 2.2 A and AA and its
// best practices) and fails the test with one line for each element at fault.
// Rules named in except are left out; say why where you call it. The script
// comes from node_modules and is evaluated by the debugger, so the page's
// content security policy stays as it is.
func Axe(t testing.TB, tab *Tab, except ...string) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(Root(t), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("read axe-core (npm install brings it): %v", err)
	}
	tab.Run(string(source) + "\n;undefined")
	off := map[string]map[string]bool{}
	for _, rule := range except {
		off[rule] = map[string]bool{"enabled": false}
	}
	rules, err := json.Marshal(map[string]any{"rules": off, "resultTypes": []string{"violations"}})
	if err != nil {
		t.Fatal(err)
	}
	type node struct{ Target, Summary string }
	type violation struct {
		ID, Impact, Help string
		Nodes            []node
	}
	found := Eval[[]violation](tab, `axe.run(document, `+string(rules)+`).then(r => r.violations.map(v => ({
		ID: v.id, Impact: v.impact, Help: v.help,
		Nodes: v.nodes.map(n => ({Target: n.target.join(" "), Summary: n.failureSummary})),
	})))`)
	for _, v := range found {
		for _, n := range v.Nodes {
			t.Errorf("axe %s (%s): %s: %s: %s", v.ID, v.Impact, v.Help, n.Target, strings.ReplaceAll(n.Summary, "\n", " "))
		}
	}
}

// Root returns the folder of go.mod, found upwards from the test's own folder.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = parent
	}
}
