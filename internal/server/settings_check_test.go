package server

import (
	"context"
	"html"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/install"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// fakeChecker returns a test's findings for a page.
type fakeChecker func(page string) []install.Finding

func (f fakeChecker) Check(_ context.Context, _ meta.Site, page string) []install.Finding {
	return f(page)
}

// The snippet page shows a check's findings, problems with proxies, and the lines
// for WordPress.
func TestInstallationIsChecked(t *testing.T) {
	var asked string
	r := newRig(t, func(d *Deps) {
		d.Checker = fakeChecker(func(page string) []install.Finding {
			asked = page
			return []install.Finding{{Level: install.Good, Key: "found", What: page}, {Level: install.Bad, Key: "endpoint_404", What: hostile}}
		})
		d.ProxyTrouble = func() (string, netip.Addr) { return "unnamed", netip.MustParseAddr("172.17.0.1") }
	})
	r.owner()
	r.site(meta.NewSite("example.com"))
	c := r.signedIn()
	const path = "/example.com/settings/snippet"
	page := html.UnescapeString(c.get(path).body)
	for _, want := range []string{
		"if ( current_user_can( 'edit_posts' ) || is_preview() || is_customize_preview() ) {",
		`echo '<script defer data-site="example.com" src="` + r.url + `/js/earshot.js"></script>', "\n";`,
		"A proxy at 172.17.0.1", "earshot-share.js", `value="https://example.com/"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if asked != "" {
		t.Error("a check that nobody asked for")
	}
	if a := c.get("/status"); !strings.Contains(a.body, "A proxy at 172.17.0.1") {
		t.Error("the status page doesn't tell of the proxy")
	}
	a := c.post(path, "page", "https://example.com/a?b=c")
	if a.status != http.StatusOK || asked != "https://example.com/a?b=c" || !strings.Contains(a.body, "answers 404") || strings.Contains(a.body, hostile) {
		t.Errorf("%d, asked for %q", a.status, asked)
	}
	if a := c.post(path+"?lang=fr", "page", "javascript:alert(1)"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Donnez l’adresse") {
		t.Errorf("no page: %d", a.status)
	}
	if a := r.client().post(path, "page", "https://example.com/"); a.status == http.StatusOK {
		t.Error("a stranger has a page looked at")
	}
}

// Every possible finding of a check has a sentence.
func TestFindingsHaveStrings(t *testing.T) {
	r := newRig(t, nil)
	src, err := os.ReadFile("../install/install.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{install.KeyMissing, install.KeyOtherSite}
	for _, m := range regexp.MustCompile(`k\.add\(\w+, "(\w+)"(\+?)`).FindAllStringSubmatch(string(src), -1) {
		if m[2] == "" {
			keys = append(keys, m[1])
			continue
		}
		for _, why := range []string{"private", "no_host", "slow", "unreachable"} {
			keys = append(keys, m[1]+why)
		}
	}
	if len(keys) < 30 {
		t.Fatalf("only %d keys found", len(keys))
	}
	for _, key := range keys {
		if !r.server.strings.Has("check." + key) {
			t.Errorf("no string check.%s", key)
		}
	}
}
