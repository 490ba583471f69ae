// Package install looks at a blog from outside, as a browser would, and says
// what keeps the snippet on it from working. The snippet's settings page calls
// it; it records no event.
package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// Level says how a finding is meant.
type Level string

// Levels of a Finding.
const (
	Good Level = "good" // it works
	Warn Level = "warn" // it works, but not as the settings say
	Bad  Level = "bad"  // no events come
)

// Finding is one thing that was found: a key of the page's strings, and what
// it is about (an address, a status, names).
type Finding struct {
	Level Level
	Key   string
	What  string
}

// Keys of findings that others than this package look for.
const (
	KeyMissing   = "missing"    // the page has no snippet
	KeyOtherSite = "other_site" // the page's snippet names another site
)

const (
	maxPage = 2 << 20          // bytes of a page that are read
	maxTime = 20 * time.Second // for all of a check
	agent   = "Mozilla/5.0 (compatible; Earshot; checks its own installation)"
)

// Checker looks. Client decides which addresses may be asked, and Private
// says of its error that it was for a private one.
type Checker struct {
	Client  *http.Client
	Private func(error) bool
}

// Check looks at a page of a site; "" is the site's front page.
func (c Checker) Check(ctx context.Context, site meta.Site, page string) []Finding {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	k := &check{Checker: c, ctx: ctx, site: site}
	k.page(page)
	return k.found
}

// check is one that is going on.
type check struct {
	Checker
	ctx   context.Context
	site  meta.Site
	found []Finding
}

func (k *check) add(level Level, key, what string) {
	k.found = append(k.found, Finding{level, key, what})
}

// answer is what an address answered.
type answer struct {
	url    *url.URL // in the end, after redirects
	status int
	header http.Header
	body   string
}

func (a answer) isHTML() bool {
	t := a.header.Get("Content-Type")
	return strings.HasPrefix(t, "text/html") || strings.HasPrefix(t, "application/xhtml") || t == "" && strings.HasPrefix(strings.TrimSpace(a.body), "<")
}

func (k *check) ask(req *http.Request, client *http.Client) (a answer, err error) {
	req.Header.Set("User-Agent", agent)
	resp, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	return answer{resp.Request.URL, resp.StatusCode, resp.Header, string(body)}, err
}

func (k *check) get(address string) (a answer, err error) {
	req, err := http.NewRequestWithContext(k.ctx, http.MethodGet, address, nil)
	if err != nil {
		return a, err
	}
	return k.ask(req, k.Client)
}

// unreachable says in a word why nothing answered.
func (k *check) unreachable(address string, err error) (key, what string) {
	host := address
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host = u.Host
	}
	var dns *net.DNSError
	switch {
	case k.Private != nil && k.Private(err):
		return "private", host
	case errors.As(err, &dns):
		return "no_host", host
	case errors.Is(err, context.DeadlineExceeded):
		return "slow", host
	}
	return "unreachable", host
}

func (k *check) page(address string) {
	var a answer
	var err error
	if address == "" {
		address = "https://" + k.site.Domain + "/"
		if a, err = k.get(address); err != nil {
			if plain, e := k.get("http://" + k.site.Domain + "/"); e == nil {
				a, err = plain, nil
			}
		}
	} else {
		a, err = k.get(address)
	}
	if err != nil {
		key, what := k.unreachable(address, err)
		k.add(Bad, "page_"+key, what)
		return
	}
	switch {
	case a.status == http.StatusForbidden || a.status == http.StatusUnauthorized || a.status == http.StatusTooManyRequests:
		k.add(Bad, "page_refused", fmt.Sprint(a.status))
		return
	case a.status != http.StatusOK:
		k.add(Bad, "page_status", fmt.Sprint(a.status))
		return
	case !a.isHTML():
		k.add(Bad, "page_other", a.header.Get("Content-Type"))
		return
	}
	p := readPage(a)
	s, ok := p.snippet(k.site)
	switch {
	case !ok && p.pixel(k.site.Domain):
		k.add(Warn, "pixel", a.url.String())
		return
	case !ok:
		k.add(Bad, KeyMissing, a.url.String())
		return
	case s.foreign:
		k.add(Bad, KeyOtherSite, s.data("site"))
	default:
		k.add(Good, "found", a.url.String())
	}
	k.attributes(p, s)
	k.script(p, s)
	k.endpoint(p, s)
}

// attributes looks at what the snippet's own element asks for.
func (k *check) attributes(p *page, s script) {
	switch param, want := s.data("param"), k.site.ShareParam; {
	case param == "" && want != meta.DefaultShareParam, param != "" && param != want:
		k.add(Warn, "param", want)
	}
	if s.has("hash") != k.site.HashMode {
		k.add(Warn, "hash", "")
	}
	if s.has("manual") {
		k.add(Warn, "manual", "")
	}
	if host := p.url.Hostname(); !s.has("local") && isLocal(host) {
		k.add(Bad, "local", host)
	}
	if excluded(s.data("exclude"), p.url.Path) {
		k.add(Warn, "excluded", p.url.Path)
	}
	if p.bars != "" && !strings.Contains(s.src.Path, "earshot-share") {
		k.add(Warn, "bars", p.bars)
	}
	if p.plain && !slices.Contains(k.site.PageParams, "p") {
		k.add(Warn, "plain_permalinks", "")
	}
}

// script looks at the file.
func (k *check) script(p *page, s script) {
	if p.url.Scheme == "https" && s.src.Scheme == "http" && !isLocal(s.src.Hostname()) {
		k.add(Bad, "script_mixed", s.src.String())
		return
	}
	if by := p.forbids("script-src", s.src, s.nonce); by != "" {
		k.add(Bad, "script_policy", by)
	}
	a, err := k.get(s.src.String())
	switch {
	case err != nil:
		key, what := k.unreachable(s.src.String(), err)
		k.add(Bad, "script_"+key, what)
	case a.status != http.StatusOK:
		k.add(Bad, "script_status", fmt.Sprintf("%s: %d", s.src, a.status))
	case a.isHTML():
		k.add(Bad, "script_html", s.src.String())
	case !strings.Contains(a.body, "/api/event"):
		k.add(Bad, "script_other", s.src.String())
	default:
		k.add(Good, "script", s.src.String())
	}
}

// endpoint asks where the snippet sends to which address it sees, which
// records nothing.
func (k *check) endpoint(p *page, s script) {
	to := s.src.ResolveReference(&url.URL{Path: "../api/event"}) // as the snippet finds it, below a path too
	if named := s.data("endpoint"); named != "" {
		u, err := p.base.Parse(named)
		if err != nil {
			k.add(Bad, "endpoint_address", named)
			return
		}
		to = u
	}
	if p.url.Scheme == "https" && to.Scheme == "http" && !isLocal(to.Hostname()) {
		k.add(Bad, "endpoint_mixed", to.String())
		return
	}
	if by := p.forbids("connect-src", to, ""); by != "" {
		k.add(Bad, "endpoint_policy", by)
	}
	req, err := http.NewRequestWithContext(k.ctx, http.MethodPost, to.String(), strings.NewReader("{}"))
	if err != nil {
		k.add(Bad, "endpoint_address", to.String())
		return
	}
	req.Header.Set("Content-Type", "text/plain")
	req.Header.Set("X-Debug-Request", "true")
	client := *k.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a, err := k.ask(req, &client)
	if err != nil {
		key, what := k.unreachable(to.String(), err)
		k.add(Bad, "endpoint_"+key, what)
		return
	}
	_, notAddress := netip.ParseAddr(strings.TrimSpace(a.body))
	switch {
	case a.status == http.StatusOK && notAddress == nil,
		a.status == http.StatusBadRequest && strings.HasPrefix(a.body, `{"errors"`): // the header got lost on the way
		k.add(Good, "endpoint", to.String())
	case a.status == http.StatusNotFound:
		k.add(Bad, "endpoint_404", to.String())
	case a.status == http.StatusMethodNotAllowed:
		k.add(Bad, "endpoint_405", to.String())
	case a.status == http.StatusForbidden || a.status == http.StatusUnauthorized:
		k.add(Bad, "endpoint_403", to.String())
	case a.status >= 300 && a.status < 400:
		k.add(Bad, "endpoint_redirect", a.header.Get("Location"))
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests || a.status == http.StatusBadGateway || a.status == http.StatusGatewayTimeout:
		k.add(Bad, "endpoint_busy", fmt.Sprintf("%s: %d", to, a.status))
	case a.status < 300 && a.isHTML():
		k.add(Bad, "endpoint_html", to.String())
	default:
		k.add(Bad, "endpoint_status", fmt.Sprintf("%s: %d", to, a.status))
	}
}

// isLocal holds for hosts on which the snippet stays silent without
// data-local: this computer, addresses, names without a dot.
func isLocal(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.Contains(host, ".")
}

// excluded matches a path with data-exclude's list.
func excluded(list, path string) bool {
	for pattern := range strings.SplitSeq(list, ",") {
		if pattern = strings.TrimSpace(pattern); pattern != "" && match(pattern, path) {
			return true
		}
	}
	return false
}

// match takes "*" for anything.
func match(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for i, part := range parts[1:] {
		if i == len(parts)-2 {
			return strings.HasSuffix(s, part)
		}
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return s == ""
}
