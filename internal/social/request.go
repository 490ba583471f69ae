package social

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	maxAnswer    = 1 << 20 // bytes of an answer; a profile has some 2,000
	maxRedirects = 3
	userAgent    = "Earshot (+https://github.com/earshot-analytics/earshot)"
)

// ErrPrivate is a request to an address that only AllowPrivate lets through.
var ErrPrivate = errors.New("the address is inside a private network")

// NewHTTPClient makes the client that the connectors ask with. Unless
// allowPrivate is set it refuses, when it connects and so after names are
// resolved, every address that isn't on the public internet: nobody may use an
// account's server name to look around in the operator's network. Where a cloud
// keeps its keys it refuses always.
func NewHTTPClient(allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	dialer.Control = func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || metadata(ap.Addr()) || !allowPrivate && !public(ap.Addr()) {
			return ErrPrivate
		}
		return nil
	}
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 20 * time.Second,
			MaxIdleConnsPerHost:   1,
			IdleConnTimeout:       30 * time.Second,
			ForceAttemptHTTP2:     true,
		},
		CheckRedirect: redirected,
	}
}

// redirected lets a request follow a redirect. To another host, or out of
// TLS, it goes without whatever could be a key: net/http would carry the
// networks' own headers there.
func redirected(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	first := via[0].URL
	if req.URL.Host != first.Host || (first.Scheme == "https" && req.URL.Scheme != "https") {
		req.Header = http.Header{"Accept": {"application/json"}, "User-Agent": {userAgent}}
	}
	req.Header.Del("Referer")
	return nil
}

// The ranges that IANA reserves for special use and net/netip has no method
// for, and addresses that look public but lead into a cloud: Azure's metadata,
// IBM's service network. The other clouds' metadata services are in private
// ranges (169.254.0.0/16, 100.64.0.0/10, 192.0.0.0/24, fc00::/7).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("161.26.0.0/16"), netip.MustParsePrefix("166.8.0.0/14"),
	// Of what is public in IPv6: protocols' own (Teredo among them), documentation, 6to4.
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
}

var (
	// publicIPv6 is all that is given out so far; beside it stand other ways to
	// write an IPv4 address, such as ::127.0.0.1.
	publicIPv6 = netip.MustParsePrefix("2000::/3")
	// nat64 is how a network without IPv4 reaches the address in the last four bytes.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// clouds are the metadata services, from which programs in a cloud get its keys
// and settings, that have no link-local address.
var clouds = []netip.Addr{
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("fd00:ec2::254"),   // Amazon
	netip.MustParseAddr("fd20:ce::254"),    // Google
	netip.MustParseAddr("fd00:42::42"),     // Scaleway
}

func metadata(a netip.Addr) bool {
	a = bare(a)
	return a.IsLinkLocalUnicast() || slices.Contains(clouds, a)
}

// bare is an address without its zone; an IPv4 address in a mapped or NAT64
// form comes back as IPv4.
func bare(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// public says whether an address is one of the public internet's.
func public(a netip.Addr) bool {
	a = bare(a)
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !publicIPv6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// statusError is an answer whose status says that it failed.
type statusError struct {
	code int
	body string // its beginning
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d", e.code) }

// request is one question to a network. With a form or a JSON body it is a POST.
type request struct {
	url    string
	header map[string]string
	form   url.Values
	json   string
}

// getJSON asks for one JSON object with a bearer token, where there is one.
func getJSON(ctx context.Context, client *http.Client, address, token string, into any) (pause time.Duration, err error) {
	r := request{url: address}
	if token != "" {
		r.header = map[string]string{"Authorization": "Bearer " + token}
	}
	return askJSON(ctx, client, r, into)
}

// askJSON asks for one JSON object. pause is what the rate-limit headers ask
// for after a success; every error is an *Error, and none has the request's
// address in it: tokens stand in some.
func askJSON(ctx context.Context, client *http.Client, r request, into any) (pause time.Duration, err error) {
	method, body, kind := http.MethodGet, io.Reader(nil), ""
	if r.form != nil {
		method, body, kind = http.MethodPost, strings.NewReader(r.form.Encode()), "application/x-www-form-urlencoded"
	} else if r.json != "" {
		method, body, kind = http.MethodPost, strings.NewReader(r.json), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url, body)
	if err != nil {
		return 0, &Error{Problem: Unreachable, Err: errors.New("the address of the account's server can't be read")}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if errors.Is(err, ErrPrivate) {
		return 0, &Error{Problem: Forbidden, Err: ErrPrivate}
	}
	if err != nil {
		var whole *url.Error
		if errors.As(err, &whole) {
			err = whole.Err
		}
		return 0, &Error{Problem: Unreachable, Err: err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return 0, &Error{Problem: Unreachable, Err: fmt.Errorf("read the answer: %w", err)}
	}
	wait := askedToWait(resp.Header, time.Now())
	if isBlockPage(resp, req.URL.Host, answer) {
		return 0, &Error{Problem: Blocked, Wait: wait, Err: fmt.Errorf("a page of a bot check, a firewall or a login in place of data, with status %d", resp.StatusCode)}
	}
	if resp.StatusCode != http.StatusOK {
		status := &statusError{code: resp.StatusCode, body: string(answer[:min(len(answer), 2000)])}
		problem := problemOf(resp.StatusCode)
		if problem == Unauthorized && wait > 0 && resp.StatusCode == http.StatusForbidden {
			problem = RateLimited // GitHub's way to say 429
		}
		return 0, &Error{Problem: problem, Wait: wait, Err: status}
	}
	if len(answer) > maxAnswer {
		return 0, &Error{Problem: Unreadable, Err: fmt.Errorf("an answer of over %d bytes", maxAnswer)}
	}
	if err := json.Unmarshal(bytes.TrimPrefix(answer, []byte("\ufeff")), into); err != nil {
		return 0, &Error{Problem: Unreadable, Err: fmt.Errorf("read the answer: %w", err)}
	}
	return wait, nil
}

// refusal is the status and the beginning of the answer where err is a
// statusError.
func refusal(err error) (status int, body string) {
	var s *statusError
	if errors.As(err, &s) {
		return s.code, s.body
	}
	return 0, ""
}

// instead is err with another problem, where the network's own words say more
// than the status; wait is the least that it then asks for.
func instead(err error, problem Problem, wait time.Duration) error {
	e := asError(err)
	return &Error{Problem: problem, Wait: max(e.Wait, wait), Err: e.Err}
}

func problemOf(status int) Problem {
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Unauthorized
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == http.StatusUpgradeRequired:
		return Outdated
	case status >= 500:
		return Broken
	default:
		return Unreadable
	}
}

// reading refuses an answer without a count of followers: unknown is not 0.
func reading(followers, following, posts *uint64, pause time.Duration) (Reading, error) {
	if followers == nil {
		return Reading{}, &Error{Problem: Unreadable, Err: errors.New("the answer has no count of followers")}
	}
	return Reading{Followers: *followers, Following: following, Posts: posts, Pause: pause}, nil
}

func basicAuth(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}
