package trackertest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

var attribute = regexp.MustCompile(`[^/]\boptions\.(\w+)|"(\w+)" in options`)

// TestDocs holds docs/snippet.md to the source: every option, every file type
// and every kind of share is told there.
func TestDocs(t *testing.T) {
	root := browsertest.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "docs", "snippet.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs := string(text)
	files, err := filepath.Glob(filepath.Join(root, "web", "tracker", "*.js"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	options := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range attribute.FindAllStringSubmatch(string(source), -1) {
			if own := m[1]; own == "q" || own == "l" || own == "optOut" {
				continue // what window.earshot holds besides
			}
			options++
			if name := "`data-" + m[1] + m[2]; !strings.Contains(docs, name+"`") && !strings.Contains(docs, name+"=") {
				t.Errorf("%s: data-%s is not in docs/snippet.md", filepath.Base(file), m[1]+m[2])
			}
		}
	}
	if options < 8 {
		t.Errorf("found %d options in the source", options)
	}
	for _, word := range []string{"`link`", "`window`", "`native`", "`copy`", "`button`", "data-earshot-share", "optOut"} {
		if !strings.Contains(docs, word) {
			t.Errorf("%s is not in docs/snippet.md", word)
		}
	}
}
