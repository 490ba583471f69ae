package doctest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

var (
	code   = regexp.MustCompile("`([^`\n]+)`")
	fences = regexp.MustCompile("(?s)```.*?```")
	links  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// A folder of the table in docs/architecture.md is there, and each folder with
// a part of the program is in the table. What serves tests and measurements
// alone is in no room of the house.
func TestRoomsAreInTheTable(t *testing.T) {
	serves := []string{"internal/bench", "internal/browsertest", "internal/doctest", "internal/eventually", "internal/licenses", "internal/proxytest", "internal/trackertest"}
	_, house, ok := strings.Cut(read(t, "docs/architecture.md"), "| folder | what it does |")
	if !ok {
		t.Fatal("docs/architecture.md has no table of folders")
	}
	house, _, _ = strings.Cut(house, "\n\n")
	var told, there []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(house, -1) {
		told = append(told, m[1])
	}
	root := browsertest.Root(t)
	for _, dir := range told {
		if st, err := os.Stat(filepath.Join(root, dir)); err != nil || !st.IsDir() {
			t.Errorf("docs/architecture.md has %s, which is no folder", dir)
		}
	}
	rooms, err := filepath.Glob(filepath.Join(root, "internal", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range rooms {
		there = append(there, "internal/"+filepath.Base(dir))
	}
	slices.Sort(told)
	told = slices.DeleteFunc(told, func(dir string) bool { return strings.Count(dir, "/") != 1 || !strings.HasPrefix(dir, "internal/") })
	there = slices.DeleteFunc(there, func(dir string) bool { return slices.Contains(serves, dir) })
	if diff := cmp.Diff(there, told); diff != "" {
		t.Errorf("folders (-), the table (+):\n%s", diff)
	}
}

// What the docs name as a file or a folder of the project is there.
func TestFilesThatTheDocsNameAreThere(t *testing.T) {
	root := browsertest.Root(t)
	top := regexp.MustCompile(`^(?:\.ci|cmd|dashboards|docs|internal|web)/[\w./<>*-]*$|^[\w-]+\.(?:go|md|mjs|sh|yaml|yml|json)$`)
	names := map[string]bool{} // of all files, for those that are named without their folder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		names[d.Name()] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for page, text := range pages(t) {
		for _, m := range code.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
			name := m[1]
			if !top.MatchString(name) || strings.HasPrefix(name, "web/dist") {
				continue
			}
			found++
			ok := names[name] || slices.Contains(usersOwn, name)
			if strings.Contains(name, "/") {
				like := regexp.MustCompile(`<\w+>|\.[A-Z]\w*$`).ReplaceAllString(name, "*") // internal/event.Row: its folder
				got, _ := filepath.Glob(filepath.Join(root, like))
				ok = len(got) > 0
			}
			if !ok {
				t.Errorf("%s names %s, which is not there", page, name)
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d names", found)
	}
}

// usersOwn are files that the docs name and that a user has, not the project.
var usersOwn = []string{"panels.json", "backup.json", "engine.json", "install.sh"}

// Links between pages lead to a page, a file or a heading that there is.
func TestLinksLeadSomewhere(t *testing.T) {
	docs := pages(t)
	for _, name := range []string{"CHANGELOG.md"} {
		docs[name] = read(t, name)
	}
	anchors := map[string][]string{}
	for page, text := range docs {
		for line := range strings.Lines(fences.ReplaceAllString(text, "")) {
			if heading := strings.TrimLeft(line, "#"); heading != line {
				anchors[page] = append(anchors[page], anchor(heading))
			}
		}
	}
	root := browsertest.Root(t)
	for page, text := range docs {
		for _, m := range links.FindAllStringSubmatch(code.ReplaceAllString(fences.ReplaceAllString(text, ""), ""), -1) {
			to, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, ":") {
				continue // elsewhere
			}
			target := page
			if to != "" {
				target = path.Join(path.Dir(page), to)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			} else if fragment != "" && !slices.Contains(anchors[target], fragment) {
				t.Errorf("%s links to %s: no such heading", page, m[1])
			}
		}
	}
}

// anchor is a heading's, as hosts of repositories make them.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(heading)) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// A variable that the docs name is one that the program, its tests or its
// build read.
func TestVariablesThatTheDocsNameAreRead(t *testing.T) {
	root := browsertest.Root(t)
	named := regexp.MustCompile(`EARSHOT_[A-Z_]+`)
	reads := map[string]bool{}
	for _, dir := range []string{"cmd", "internal", ".ci", "docs/wordpress"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.Contains(path, "doctest") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, name := range named.FindAllString(string(b), -1) {
				reads[name] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	others := map[string]string{}
	for _, name := range []string{"docker-compose.yml", "Dockerfile", "Makefile"} {
		others[name] = read(t, name)
	}
	for page, text := range pages(t) {
		others[page] = text
	}
	for page, text := range others {
		for _, name := range named.FindAllString(text, -1) {
			if !reads[name] {
				t.Errorf("%s names %s, which nothing reads", page, name)
			}
		}
	}
}
