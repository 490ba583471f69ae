package enrich

import "testing"

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
		path, share, ok := e.Landing(c.link, c.domain, c.param, c.hash)
		if path != c.path || share != c.share || ok != c.ok {
			t.Errorf("%s: %q, %q, %v", c.name, path, share, ok)
		}
	}
}
