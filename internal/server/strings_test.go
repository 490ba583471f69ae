package server

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/web"
)

// How keys are written in the sources: {{t "a.b"}} and (print "a." .X) in
// templates, T("a.b") in Go, t("b") in scripts. A key that ends in a dot is the
// prefix of keys that are composed.
var (
	inTemplates = regexp.MustCompile(`(?:\bt|\(print) "([a-z0-9_.]+)"`)
	inGo        = regexp.MustCompile(`"([a-z0-9_]+\.[a-z0-9_.]*)["%]`)
	inScripts   = regexp.MustCompile(`\bt\(\s*["'\x60]([a-z0-9_.]+)`)
)

// TestStrings: every key that is used exists, and every key that exists is
// used somewhere.
func TestStrings(t *testing.T) {
	catalog, err := text.Load(web.Strings())
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	read := func(dir, ext string, found func(file, src string)) {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(p) != ext || strings.HasSuffix(p, "_test.go") {
				return err
			}
			src, err := os.ReadFile(p)
			found(p, string(src))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	must := func(file, key string) {
		used[key] = true
		if !strings.HasSuffix(key, ".") && !catalog.Has(key) {
			t.Errorf("%s: no string %q", file, key)
		}
	}
	read("../../web/templates", ".html", func(file, src string) {
		for _, m := range inTemplates.FindAllStringSubmatch(src, -1) {
			if strings.Contains(m[1], ".") {
				must(file, m[1])
			}
		}
	})
	read("../../web/static", ".js", func(file, src string) {
		for _, m := range inScripts.FindAllStringSubmatch(src, -1) {
			must(file, "js."+m[1])
		}
	})
	for _, dir := range []string{".", "../panel", "../text", "../chart", "../imports", "../metric", "../../dashboards"} {
		read(dir, ".go", func(_, src string) {
			for _, m := range inGo.FindAllStringSubmatch(src, -1) {
				used[m[1]] = true
			}
		})
	}
	for _, key := range catalog.Keys() {
		if used[key] {
			continue
		}
		prefix := key[:strings.LastIndex(key, ".")+1]
		first, _, _ := strings.Cut(key, ".")
		if !used[prefix] && !used[first+"."] {
			t.Errorf("web/strings.yaml: nobody uses %q", key)
		}
	}
}

// breaks finds French punctuation after an ordinary space, where a line could
// break.
var breaks = regexp.MustCompile(`\S [;:!?»](?:\s|$)|[\d}] %|« `)

func unbroken(t *testing.T, where, french string) {
	t.Helper()
	if at := breaks.FindString(french); at != "" {
		t.Errorf("%s: a line can break at %q in %q", where, at, french)
	}
}

// No French text lets a line begin with punctuation.
func TestFrenchLinesBreakBetweenWords(t *testing.T) {
	catalog, err := text.Load(web.Strings())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range catalog.Keys() {
		unbroken(t, "web/strings.yaml: "+key, catalog.Printer(text.French).T(key))
		unbroken(t, "web/strings.yaml: "+key, catalog.Printer(text.French).T(key, "count", 1))
	}
	list, err := dashboards.Load(dashboards.Files())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		unbroken(t, d.Name, d.Title.In("fr"))
		for _, p := range d.Panels {
			unbroken(t, d.Name+" "+p.ID, p.Title.In("fr"))
			unbroken(t, d.Name+" "+p.ID, p.Note.In("fr"))
		}
	}
	for _, m := range metric.All() {
		unbroken(t, m.Name, m.Title.In("fr"))
		unbroken(t, m.Name, m.Doc.In("fr"))
	}
	for _, d := range metric.Dimensions() {
		unbroken(t, d.Name, d.Title.In("fr"))
		unbroken(t, d.Name, d.Doc.In("fr"))
	}
}

// Each error of the store about a form's field has a sentence in every language.
func TestFormErrorsHaveStrings(t *testing.T) {
	catalog, err := text.Load(web.Strings())
	if err != nil {
		t.Fatal(err)
	}
	faults := regexp.MustCompile(`(?:invalid\(|InvalidError\{Field: )"([a-z_]+)", (?:Reason: meta\.)?(Reason[A-Z]\w+)`)
	found := 0
	for _, pattern := range []string{"../meta/*.go", "../../cmd/earshot/app/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range faults.FindAllStringSubmatch(string(src), -1) {
				found++
				if key := "invalid." + m[1] + "." + strings.ToLower(strings.TrimPrefix(m[2], "Reason")); !catalog.Has(key) {
					t.Errorf("%s: no string %q", file, key)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d faults found: the pattern no longer fits the code", found)
	}
}
