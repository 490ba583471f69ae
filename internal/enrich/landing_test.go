package enrich

import (
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/event"
)

func TestLanding(t *testing.T) {
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const id = "1aBcDeFgHi"
	for _, c := range []struct {
		name, link, domain, param string
		hash                      bool
		path, share               string
		ok                        bool
	}{
		{"a page", "https://blog.example/a/", "blog.example", "", false, "/a/", "", true},
		{"the front page", "http://WWW.Blog.Example", "blog.example", "", false, "/", "", true},
		{"a part of the site", "https://fr.blog.example:8443/a", "blog.example", "", false, "/a", "", true},
		{"a share and a campaign", "https://blog.example/caf%C3%A9?utm_source=x&es=" + id + "&p=1", "blog.example", "", false, "/café", id, true},
		{"the site's own parameter", "https://blog.example/a?via=" + id, "blog.example", "via", false, "/a", id, true},
		{"a share in the fragment", "https://blog.example/a#es=" + id, "blog.example", "", false, "/a", id, true},
		{"hash mode", "https://blog.example/#/a?es=" + id + "&utm_medium=social", "blog.example", "", true, "/#/a", id, true},
		{"a name with accents", "https://bl\u00f6g.example/a", "xn--blg-tna.example", "", false, "/a", "", true},
		{"another site", "https://other.example/blog.example/", "blog.example", "", false, "", "", false},
		{"a name that ends alike", "https://myblog.example/", "blog.example", "", false, "", "", false},
		{"the name inside another", "https://blog.example.evil.example/", "blog.example", "", false, "", "", false},
		{"a name before the host", "https://blog.example@evil.example/", "blog.example", "", false, "", "", false},
		{"a script", "javascript://blog.example/%0aalert(1)", "blog.example", "", false, "", "", false},
		{"no address", "blog.example/a", "blog.example", "", false, "", "", false},
	} {
		path, share, ok := e.Landing(c.link, c.domain, event.PageRules{ShareParam: c.param, HashMode: c.hash})
		if path != c.path || share != c.share || ok != c.ok {
			t.Errorf("%s: %q, %q, %v", c.name, path, share, ok)
		}
	}
}

// What is stored comes through a file as it was.
func TestALinkLandsOnItsPath(t *testing.T) {
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const home = "https://blog.example"
	for _, link := range []string{
		"/", "//", "/100%2541", "/100%252541", "/a%2Fb", "/%61", "/%C3%A9", "/\u00e9", "/a b", "/a%20b", "/a+b", "/?", "/%3F", "/a%3Fes=1aBcDeFgHi",
		"/a%23b", "/100%", "/%zz%41", "/%2541%zz", "/%FF", "/%0A", "/a;b&c=d", "/[a]|b\\c", "/#/a%2541", "/#/a?b=%2526&c", "/#%23", "/#/%C3%A9 x",
		"/?p=4", "/?p=a%26b%3D%2B%23%25c", "/a%3Fp=1?p=2", "/?x%2By=1", "/?s=a+b", "/page/2/?s=c", "/?p=" + strings.Repeat("%25", 1500), "/?p=1#/?p=2",
	} {
		for _, r := range []event.PageRules{{}, {HashMode: true}, {PageParams: []string{"b", "p"}, SearchParams: []string{"s"}},
			{HashMode: true, PageParams: []string{"p", "x+y"}}} {
			path, _, ok := e.Landing(home+link, "blog.example", r)
			if !ok {
				t.Fatalf("%s leads nowhere", link)
			}
			if again, share, _ := e.Landing(home+Link(path, r), "blog.example", r); again != path || share != "" {
				t.Errorf("%s is %q, written as %q, and then %q (share %q; %+v)", link, path, Link(path, r), again, share, r)
			}
		}
	}
	if got := Link("/caf\u00e9/a b", event.PageRules{}); got != "/caf\u00e9/a b" {
		t.Errorf("a plain path is written as %q", got)
	}
}
