package install

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// page is what a page's HTML and headers say that matters here.
type page struct {
	url      *url.URL
	base     *url.URL // that relative addresses go by
	scripts  []script
	images   []string
	policies []policy
	bars     string // the name of share bars that only earshot-share.js knows
	plain    bool   // WordPress with plain permalinks
}

type script struct {
	src     *url.URL
	nonce   string
	attrs   map[string]string
	foreign bool // of another site
}

func (s script) data(name string) string { return s.attrs["data-"+name] }

func (s script) has(name string) bool { _, ok := s.attrs["data-"+name]; return ok }

// barMarks are words in the classes of share bars whose buttons are no links
// to a share form.
var barMarks = []struct{ mark, name string }{
	{"sd-sharing", "Jetpack"}, {"sharedaddy", "Jetpack"}, {"jp-sharing", "Jetpack"}, {"addtoany", "AddToAny"}, {"a2a_kit", "AddToAny"},
	{"sharethis", "ShareThis"}, {"shareaholic", "Shareaholic"}, {"heateor_sss", "Sassy Social Share"}, {"heateorsss", "Sassy Social Share"},
}

func readPage(a answer) *page {
	p := &page{url: a.url, base: a.url}
	for _, v := range a.header.Values("Content-Security-Policy") {
		for one := range strings.SplitSeq(v, ",") {
			p.policies = append(p.policies, readPolicy(one))
		}
	}
	wordpress, links := false, false
	z := html.NewTokenizer(strings.NewReader(a.body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.plain = wordpress && links
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
		default:
			continue
		}
		t := z.Token()
		attrs := map[string]string{}
		for _, at := range t.Attr {
			if _, ok := attrs[at.Key]; !ok {
				attrs[at.Key] = at.Val
			}
		}
		switch t.Data {
		case "base":
			if u, err := p.url.Parse(attrs["href"]); err == nil && attrs["href"] != "" && p.base == p.url {
				p.base = u
			}
		case "script":
			if u, err := p.base.Parse(strings.TrimSpace(attrs["src"])); err == nil && attrs["src"] != "" {
				p.scripts = append(p.scripts, script{src: u, nonce: attrs["nonce"], attrs: attrs})
			}
		case "img":
			p.images = append(p.images, attrs["src"])
		case "meta":
			switch {
			case strings.EqualFold(attrs["http-equiv"], "Content-Security-Policy"):
				p.policies = append(p.policies, readPolicy(attrs["content"]))
			case strings.EqualFold(attrs["name"], "generator") && strings.HasPrefix(attrs["content"], "WordPress"):
				wordpress = true
			}
		case "a":
			if u, err := p.base.Parse(attrs["href"]); err == nil && u.Host == p.url.Host && (u.Query().Has("p") || u.Query().Has("page_id")) {
				links = true
			}
		}
		class := strings.ToLower(attrs["class"] + " " + attrs["id"])
		for _, bar := range barMarks {
			if p.bars == "" && strings.Contains(class, bar.mark) {
				p.bars = bar.name
			}
		}
	}
}

// snippet finds this program's script: for the site if there is one, else for
// another.
func (p *page) snippet(site meta.Site) (s script, ok bool) {
	for _, one := range p.scripts {
		file := one.src.Path[strings.LastIndexByte(one.src.Path, '/')+1:]
		if !one.has("site") && file != "earshot.js" && file != "earshot-share.js" {
			continue
		}
		if names(one.data("site"), site.Domain) {
			return one, true
		}
		if !ok {
			s, ok = one, true
			s.foreign = true
		}
	}
	return s, ok
}

// names tells whether a list of sites has one.
func names(list, domain string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if d, err := meta.NormalizeDomain(name); err == nil && d == domain {
			return true
		}
	}
	return false
}

// pixel tells whether an image counts page views of a site.
func (p *page) pixel(domain string) bool {
	return slices.ContainsFunc(p.images, func(src string) bool {
		u, err := url.Parse(src)
		return err == nil && strings.HasSuffix(u.Path, "/api/pixel.gif") && names(u.Query().Get("d"), domain)
	})
}

// policy is a content security policy: its directives' sources.
type policy map[string][]string

func readPolicy(s string) policy {
	p := policy{}
	for directive := range strings.SplitSeq(s, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		if name := strings.ToLower(words[0]); p[name] == nil {
			p[name] = append([]string{}, words[1:]...)
		}
	}
	return p
}

// forbids gives the directive that keeps the page from an address; "" where
// none does.
func (p *page) forbids(directive string, to *url.URL, nonce string) string {
	for _, policy := range p.policies {
		for _, name := range []string{directive + "-elem", directive, "default-src"} {
			sources, ok := policy[name]
			if !ok {
				continue
			}
			if !slices.ContainsFunc(sources, func(source string) bool { return allows(source, p.url, to, nonce, sources) }) {
				return name
			}
			break
		}
	}
	return ""
}

// allows takes the forms of Content Security Policy's sources. A hash is
// given the benefit of the doubt.
func allows(source string, page, to *url.URL, nonce string, all []string) bool {
	low := strings.ToLower(source)
	dynamic := slices.Contains(all, "'strict-dynamic'")
	switch {
	case strings.HasPrefix(low, "'sha"):
		return true
	case strings.HasPrefix(low, "'nonce-"):
		return nonce != "" && strings.TrimSuffix(source[len("'nonce-"):], "'") == nonce
	case dynamic:
		return false
	case low == "'self'":
		return to.Host == page.Host && (to.Scheme == page.Scheme || to.Scheme == "https")
	case strings.HasPrefix(low, "'"):
		return false
	case low == "*":
		return to.Scheme == "https" || to.Scheme == "http"
	case strings.HasSuffix(low, ":"):
		return low == to.Scheme+":" || low == "http:" && to.Scheme == "https"
	}
	scheme, host, ok := strings.Cut(low, "://")
	if !ok {
		scheme, host = "", low
	}
	if scheme != "" && scheme != to.Scheme && (scheme != "http" || to.Scheme != "https") {
		return false
	}
	host, path, _ := strings.Cut(host, "/")
	if path != "" && !strings.HasPrefix(to.Path, "/"+path) {
		return false
	}
	host, port, hasPort := strings.Cut(host, ":")
	if hasPort && port != "*" && port != portOf(to) || !hasPort && to.Port() != "" && portOf(to) != map[string]string{"http": "80", "https": "443"}[to.Scheme] {
		return false
	}
	if wild, ok := strings.CutPrefix(host, "*."); ok {
		return strings.HasSuffix(strings.ToLower(to.Hostname()), "."+wild)
	}
	return host == strings.ToLower(to.Hostname())
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
