package enrich

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"github.com/earshot-analytics/earshot/internal/event"
)

// ErrURL is a page URL without a host, or of a scheme that no page has.
var ErrURL = errors.New("not the URL of a web page")

// ErrLong is a page URL that is longer than event.MaxURL without its query,
// which has no bound of its own.
var ErrLong = fmt.Errorf("longer than %d bytes without its query", event.MaxURL)

// ParsePage reads a page's URL. Any scheme will do that has a host ("app:" of
// a wrapped web app, "http" and "https"), but not "data:" and its like.
func ParsePage(raw string) (*url.URL, error) {
	u, err := parseURL(raw)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return nil, ErrURL
	}
	return u, nil
}

// parsePageOf is ParsePage for an event of a site: an address that says no
// host ("/blog", "?p=4", "#top", "//example.com/blog", "example.com/blog") is
// one of the site.
func parsePageOf(raw, domain string, r event.PageRules) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	path, _, _ := strings.Cut(raw, "?")
	if len(path) > event.MaxURL && !r.HashMode {
		path, _, _ = strings.Cut(path, "#")
	}
	if len(path) > event.MaxURL {
		return nil, ErrLong
	}
	if domain == "" || raw == "" {
		return ParsePage(raw)
	}
	first := path
	if at := strings.IndexAny(path, "/#"); at >= 0 {
		first = path[:at]
	}
	first, _, _ = strings.Cut(first, ":") // a port, or what ends a scheme
	switch {
	case strings.HasPrefix(raw, "//"):
		raw = "https:" + raw
	case first == "":
		raw = "https://" + domain + raw
	case isOf(strings.ToLower(first), domain):
		raw = "https://" + raw
	}
	return ParsePage(raw)
}

// isOf tells whether a host is a site's own or under it.
func isOf(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// parseURL forgives a lone "%", as browsers do.
func parseURL(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err == nil || strings.IndexByte(raw, '%') < 0 {
		return u, err
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		b.WriteByte(raw[i])
		if raw[i] == '%' && (i+2 >= len(raw) || !isHex(raw[i+1]) || !isHex(raw[i+2])) {
			b.WriteString("25")
		}
	}
	return url.Parse(b.String())
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Path is u's path as it is stored: decoded where that gives text, "/" at
// least; with those parameters of the query that are part of the page, in the
// one form of pageQuery; in hash mode with the fragment, less what only
// follows readers around (utm_source, gclid, …). A page of a post's comments
// is the post. Take the share parameter out first.
func (e *Enricher) Path(u *url.URL, r event.PageRules) string {
	path, _ := e.page(u, r)
	return path
}

// page is Path, and the words that were searched for where it is a search.
func (e *Enricher) page(u *url.URL, r event.PageRules) (path, words string) {
	p := u.Path
	switch {
	case p == "":
		p = "/"
	case !utf8.ValidString(p) || strings.ContainsFunc(p, unicode.IsControl):
		p = u.EscapedPath()
	}
	p = withoutCommentPage(p)
	if len(r.PageParams)+len(r.SearchParams) > 0 {
		var query string
		var search bool
		p = strings.ReplaceAll(p, "?", "%3F") // so that the first "?" begins the query
		if query, words, search = pageQuery(u.RawQuery, r, event.MaxURL-len(p)); search {
			p = withoutNumber(p, "page/")
		}
		p += query
	}
	if r.HashMode && u.Fragment != "" {
		p = withFragment(p, filterParams(u.EscapedFragment(), "?&", func(key, _ string) bool {
			_, isClick := e.table.clicks[key]
			return isClick || strings.HasPrefix(key, "utm_")
		}))
	}
	return cleanText(p, event.MaxURL), words
}

// withFragment adds an escaped fragment to a path; where both together are
// too long, without the fragment's own query.
func withFragment(p, frag string) string {
	plain, err := url.PathUnescape(frag)
	if err != nil || plain == "" {
		return p
	}
	if at := strings.IndexByte(plain, '?'); at >= 0 && len(p)+1+len(plain) > event.MaxURL {
		plain = plain[:at]
	}
	return p + "#" + plain
}

// Landing is where on a site a link from elsewhere leads: the path as Path has
// it, and the share ID that the link carries. The link is not followed. ok is
// false where it leads to another site.
func (e *Enricher) Landing(link, domain string, r event.PageRules) (path, shareID string, ok bool) {
	u, err := ParsePage(link)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return "", "", false
	}
	host, _ := hostname(u)
	if !isOf(host, domain) {
		return "", "", false
	}
	undoEscapes(u, r.ShareParam)
	found, _ := TakeShareParam(u, r.ShareParam)
	return e.Path(u, r), found.ID, true
}

// Link is path, as Path has it, as a link within its site that leads Landing
// there again. What needs no escape is left as it is read. In hash mode the
// first "#" is taken for the fragment's; where parameters are part of a page,
// the first "?" before it for the query's.
func Link(path string, r event.PageRules) string {
	var query, frag string
	if r.HashMode {
		if at := strings.IndexByte(path, '#'); at >= 0 {
			path, frag = path[:at], path[at:]
		}
	}
	own := len(r.PageParams)+len(r.SearchParams) > 0
	if own {
		if at := strings.IndexByte(path, '?'); at >= 0 {
			path, query = path[:at], path[at:]
		}
	}
	path = inLink.Replace(path)
	if own {
		path = strings.ReplaceAll(path, "%253F", "%3F") // as Path left it
	}
	return path + query + strings.ReplaceAll(inLink.Replace(frag), "%23", "#")
}

// inLink escapes what means something in a link.
var inLink = strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23")

// site is the registrable domain of a host (example.co.uk of
// blog.example.co.uk, alice.github.io of itself), or the host where it has
// none: an address, "localhost".
func site(host string) string {
	if strings.IndexByte(host, '.') < 0 {
		return host
	}
	if c := host[len(host)-1]; '0' <= c && c <= '9' {
		if _, err := netip.ParseAddr(host); err == nil {
			return host
		}
	}
	if s, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return s
	}
	return host
}

// cleanText makes s fit to store: valid UTF-8 without control characters or
// space around, at most limit bytes, cut between characters.
func cleanText(s string, limit int) string {
	s = strings.TrimSpace(s)
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			s = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || r == utf8.RuneError {
					return -1
				}
				return r
			}, s)
			break
		}
	}
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	return s
}
