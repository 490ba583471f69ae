// Package doctest has tests alone: what the docs say is what the program does.
// Numbers are held against constants, folders and files against those that
// there are, links against headings. Flags, variables and metrics have tests
// of their own beside the code that defines them (cmd/earshot/app).
package doctest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// pages are README.md and all of docs, by their path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	root := browsertest.Root(t)
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	all := map[string]string{"README.md": read(t, "README.md")}
	for _, f := range files {
		path := "docs/" + filepath.Base(f)
		all[path] = read(t, path)
	}
	return all
}

var (
	brackets = regexp.MustCompile(`\[([^\[\]]+)\]`)
	noProse  = regexp.MustCompile("(?s)```.*?```|<!-- backtest -->.*?<!-- /backtest -->|`[^`\n]*`|\\]\\([^)\\s]*\\)|<[a-z]+:[^>]*>|(?m:^ *\\d+\\.)|\\([^()\n]*\\.md#[^)]*\\)")
	digits   = regexp.MustCompile(`(^|[^\w.,#/×^-])(\d[\d,.]*)`)
)

// Each number of the docs that the program decides is the program's; and each
// number is in the list, so that nobody writes one without saying whose it is.
func TestNumbersAreTheProgramsOwn(t *testing.T) {
	docs := pages(t)
	known := map[string][][2]int{} // where numbers of the list stand in a page
	for _, n := range numbers {
		page, ok := docs[n.file]
		told := brackets.FindAllStringSubmatchIndex(n.text, -1)
		if !ok || len(told) == 0 || len(told) != len(n.from) {
			t.Errorf("%s: %q: %d numbers in brackets, %d origins", n.file, n.text, len(told), len(n.from))
			continue
		}
		plain := brackets.ReplaceAllString(n.text, "$1")
		if !strings.Contains(page, plain) {
			t.Errorf("%s doesn't say %q. Where it says so in other words now, change the list in numbers_test.go", n.file, plain)
			continue
		}
		for i, at := range told {
			text := n.text[at[2]:at[3]]
			for from := 0; ; {
				found := strings.Index(page[from:], plain)
				if found < 0 {
					break
				}
				from += found
				start := from + at[2] - 2*i - 1 // without the brackets so far
				known[n.file] = append(known[n.file], [2]int{start, start + len(text)})
				from++
			}
			if n.from[i] == (nothing{}) {
				continue
			}
			value, err := parse(text)
			if err != nil {
				t.Errorf("%s: %q: %v", n.file, n.text, err)
			} else if is := valueOf(t, n.from[i]); !same(text, value, is) {
				t.Errorf("%s says %q; %s is %v by %v", n.file, plain, text, is, n.from[i])
			}
		}
	}
	for file, page := range docs {
		if notWhole[file] != "" {
			continue
		}
		prose := noProse.ReplaceAllStringFunc(page, func(s string) string { return strings.Repeat(" ", len(s)) })
		for _, at := range digits.FindAllStringSubmatchIndex(prose, -1) {
			if after := page[at[5]:min(len(page), at[5]+1)]; after >= "a" && after <= "z" {
				continue // 7z
			}
			if !slices.ContainsFunc(known[file], func(k [2]int) bool { return k[0] <= at[4] && at[4] < k[1] }) {
				from, to := max(0, at[4]-40), min(len(page), at[5]+30)
				t.Errorf("%s has a number that is not in the list of numbers_test.go: …%s…", file, strings.ReplaceAll(strings.ToValidUTF8(page[from:to], ""), "\n", " "))
			}
		}
	}
}
