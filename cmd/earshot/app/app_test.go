package app

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/baseurl"
)

// Tests that the docs name exist.
func TestDocsNameTests(t *testing.T) {
	const root = "../../.."
	var code strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		code.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shares.md", "followers.md"} {
		b, err := os.ReadFile(filepath.Join(root, "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		tests := regexp.MustCompile("`(Test[A-Z]\\w*)`").FindAllStringSubmatch(string(b), -1)
		if len(tests) < 10 {
			t.Errorf("docs/%s names %d tests", name, len(tests))
		}
		for _, test := range tests {
			if !strings.Contains(code.String(), "func "+test[1]+"(") {
				t.Errorf("docs/%s names %s, which is not there", name, test[1])
			}
		}
	}
}

// Every flag and variable that users may set stands in the docs with its
// default.
func TestConfigurationIsDocumented(t *testing.T) {
	b, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	docs := string(b)
	var c cli
	k, err := newParser(&c, IO{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	check := func(f *kong.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		row := ""
		for line := range strings.Lines(docs) {
			if strings.HasPrefix(line, "| `--"+f.Name+"` |") {
				row = line
			}
		}
		if row == "" {
			t.Errorf("--%s is not in docs/configuration.md", f.Name)
		}
		for _, want := range append([]string{f.Default}, f.Envs...) {
			if !strings.Contains(row, want) {
				t.Errorf("the row of --%s lacks %q", f.Name, want)
			}
		}
	}
	for _, f := range k.Model.Flags {
		check(f)
	}
	for _, command := range k.Model.Leaves(true) {
		words, told := strings.Fields(command.FullPath()), false
		for line := range strings.Lines(docs) {
			told = told || strings.Contains(line, "`earshot "+words[1]) && strings.Contains(line, command.Name)
		}
		if !told {
			t.Errorf("the command %q is not in docs/configuration.md", command.FullPath())
		}
		if !strings.Contains(command.Detail, "Example") || !strings.Contains(command.Detail, "earshot "+command.Path()) {
			t.Errorf("the command %q has no example in its help", command.FullPath())
		}
		if command.Name == "serve" {
			for _, f := range command.Flags {
				check(f)
			}
		}
	}
}

func TestReadFlags(t *testing.T) {
	for _, tt := range []struct {
		name, flag, value string
		want              any // nil = an error
	}{
		{"roles", "--role", "collect, write", roles{"collect", "write"}},
		{"no role", "--role", "", allRoles},
		{"unknown role", "--role", "paint", nil},
		{"proxies", "--trusted-proxies", "10.1.2.3/8,::1", prefixes{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		{"no proxies", "--trusted-proxies", "", prefixes(nil)},
		{"bad proxy", "--trusted-proxies", "example.com", nil},
		{"base", "--base-url", "https://Blog.Example/stats/", baseurl.MustParse("https://blog.example/stats")},
		{"no base", "--base-url", "", baseurl.URL{}},
		{"bad base", "--base-url", "https://blog.example/stats?a=b", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c cli
			k, err := newParser(&c, IO{}, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			_, err = k.Parse([]string{"serve", tt.flag + "=" + tt.value})
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			var got any = c.Serve.Role
			switch tt.want.(type) {
			case prefixes:
				got = c.Serve.TrustedProxies
			case baseurl.URL:
				got = c.Serve.BaseURL
			}
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }), cmp.Comparer(func(a, b baseurl.URL) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMemoryLimit(t *testing.T) {
	const mib = 1 << 20
	for live, want := range map[uint64]int64{0: 240, 190 * mib: 240, 240 * mib: 300, 4000 * mib: 1000} {
		if got := memoryLimit(live, 1000*mib); got != want*mib {
			t.Errorf("%d MiB live: %d MiB", live/mib, got/mib)
		}
	}
}

func TestMemTotal(t *testing.T) {
	if n := memTotal("MemTotal:       16384 kB\nMemFree: 1 kB\n"); n != 16<<20 {
		t.Errorf("got %d", n)
	}
	for _, s := range []string{"", "nonsense", "MemTotal: x kB"} {
		if n := memTotal(s); n < 1<<62 {
			t.Errorf("%q: got %d", s, n)
		}
	}
}
