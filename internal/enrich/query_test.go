package enrich

import (
	"net/url"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/event"
)

// A page has one form, however its address was written.
func TestPagesOfAQuery(t *testing.T) {
	e := newEnricher(t, Options{})
	wordpress := event.PageRules{PageParams: []string{"cat", "p", "page_id"}, SearchParams: []string{"s"}}
	wiki := event.PageRules{PageParams: []string{"title"}, SearchParams: []string{"search"}}
	for _, c := range []struct {
		rules event.PageRules
		urls  string // one form each
		want  string
		words string
	}{
		{event.PageRules{}, "/?p=4 /?s=words", "/", ""},
		{wordpress, "/?p=4 ?p=4 /?utm_source=x&p=4 /?p=4&cpage=2#comment-3 /?p=3&p=4 /?%70=%34 /?p=4&amp;x=1 /?p=4&page_id= /?p=+4", "/?p=4", ""},
		{wordpress, "/?p=4&es=1aBcDeFgHi /?es=1aBcDeFgHi&p=4 /?p=4&amp;es=1aBcDeFgHi /?p=4&#038;es=1aBcDeFgHi /?p=4%26es=1aBcDeFgHi /?p=4%26amp;es%3D1aBcDeFgHi", "/?p=4", ""},
		{wordpress, "/?p=4&cat=2 /?cat=2&p=4", "/?cat=2&p=4", ""},
		{wordpress, "/ /? /?p= /?p /?P=4 /?x=p", "/", ""},
		{wordpress, "/?s=two+words /?s=two%20words /?x=1&s=%20two++words /page/2/?s=two+words /?p=4&s=two+words", "/?s", "two words"},
		{wordpress, "/?s= /?s /?s=%20", "/?s", ""},
		{wordpress, "/what%3F", "/what%3F", ""},
		{wiki, "/index.php?title=Main+Page /index.php?title=Main%20Page&action=view", "/index.php?title=Main Page", ""},
		{wiki, "/index.php?title=%C3%9Cber /index.php?title=%c3%9cber /index.php?title=\u00dcber", "/index.php?title=\u00dcber", ""},
		{wiki, "/index.php?title=Q%26A%23%2B%25 /index.php?title=Q%26A%23%2b%", "/index.php?title=Q%26A%23%2B%25", ""},
		{wiki, "/index.php?title=Special:Search&search=fox", "/index.php?search", "fox"},
	} {
		for form := range strings.SplitSeq(c.urls, " ") {
			p, err := e.Page(Hit{URL: form, Domain: "blog.example", UserAgent: chrome, PageRules: c.rules})
			if err != nil || p.Path != c.want || p.Search != c.words || p.Hostname != "blog.example" {
				t.Errorf("%s: %q, %q, %q, %v; want %q", form, p.Hostname, p.Path, p.Search, err, c.want)
			}
			if strings.Contains(form, "1aBcDeFgHi") != (p.Via.ID == "1aBcDeFgHi") {
				t.Errorf("%s: share %q", form, p.Via.ID)
			}
			if form[0] == '/' {
				if path, _, ok := e.Landing("https://www.blog.example"+form, "blog.example", c.rules); !ok || path != c.want {
					t.Errorf("a link to %s leads to %q", form, path)
				}
			}
		}
	}
}

// An address may say no host, or no scheme.
func TestAddressesWithinASite(t *testing.T) {
	e := newEnricher(t, Options{})
	for raw, want := range map[string]string{
		"/blog": "blog.example/blog", "/": "blog.example/", "?utm_source=x": "blog.example/", "#top": "blog.example/", " /a:b/c ": "blog.example/a:b/c",
		"//blog.example/a": "blog.example/a", "//fr.blog.example/a": "fr.blog.example/a", "blog.example": "blog.example/",
		"www.blog.example/a": "blog.example/a", "Blog.example:8080/a?b": "blog.example/a", "https://other.example/a": "other.example/a",
		"app://login/a": "login/a", "blog": "", "blog/a": "", "notblog.example/a": "", "javascript:alert(1)": "", "": "",
	} {
		p, err := e.Page(Hit{URL: raw, Domain: "blog.example", UserAgent: chrome})
		if got := p.Hostname + p.Path; got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", raw, got, err, want)
		}
	}
}

// The bound is that of the address without its query, of which what is known
// is read to its end.
func TestLongAddresses(t *testing.T) {
	e := newEnricher(t, Options{})
	long := strings.Repeat("x", 100_000)
	rules := event.PageRules{PageParams: []string{"p"}}
	p, err := e.Page(Hit{URL: "https://blog.example/a?junk=" + long + "&p=4&utm_campaign=spring&gclid=" + long + "&es=1aBcDeFgHi#" + long,
		Referrer: "https://other.example/b?" + long, UserAgent: chrome, PageRules: rules})
	if err != nil || p.Path != "/a?p=4" || p.UTMCampaign != "spring" || p.Via.ID != "1aBcDeFgHi" || p.Referrer != "other.example/b" {
		t.Errorf("%.200q, %v", p.Path, err)
	}
	for n, want := range map[int]error{event.MaxURL: nil, event.MaxURL + 1: ErrLong} {
		address := "https://blog.example/" + strings.Repeat("a", n-len("https://blog.example/"))
		for _, more := range []string{"", "?b=" + long, "#" + long} {
			if _, err := e.Page(Hit{URL: address + more, UserAgent: chrome}); err != want {
				t.Errorf("%d bytes and %d more: %v", n, len(more), err)
			}
		}
	}
	if p, err := e.Page(Hit{URL: "https://blog.example/?p=" + long, UserAgent: chrome, PageRules: rules}); err != nil || len(p.Path) != event.MaxURL {
		t.Errorf("a long page parameter: %d bytes, %v", len(p.Path), err)
	}
	// Clients that cut at 2,000 bytes cut through escapes.
	for _, end := range []string{"%", "%C", "%C3", "%C3%A"} {
		p, err := e.Page(Hit{URL: "https://blog.example/a?utm_source=nl&utm_campaign=caf" + end, UserAgent: chrome})
		if err != nil || p.Path != "/a" || p.UTMSource != "nl" || !strings.HasPrefix(p.UTMCampaign, "caf") {
			t.Errorf("%s: %q %q %v", end, p.Path, p.UTMCampaign, err)
		}
	}
}

// What means nothing of what undoEscapes looks for stays as it is.
func TestOtherEscapesStay(t *testing.T) {
	for _, raw := range []string{"https://a.example/?q=a%26b", "https://a.example/?q=a%26es=short", "https://a.example/?q=fish%26chips&es=1aBcDeFgHi", "https://a.example/#038;x"} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if undoEscapes(u, "es"); u.String() != raw {
			t.Errorf("%s became %s", raw, u)
		}
	}
}
