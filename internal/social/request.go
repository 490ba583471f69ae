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
	"strconv"
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
// account's server name to look around in the operator's network.
func NewHTTPClient(allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !allowPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil || !public(ap.Addr()) {
				return ErrPrivate
			}
			return nil
		}
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

// The ranges that IANA keeps for special use and net/netip has no word for.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
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

// refusal is the status and the answer's beginning of an err that is one.
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

// askedToWait reads Retry-After (seconds or a date) and, where nothing is
// left, X-RateLimit-Reset, X-Rate-Limit-Reset or RateLimit-Reset (an ISO time,
// seconds since 1970, or seconds from now), and what Meta says of the app's
// use. 0 = no wait is asked for.
func askedToWait(h http.Header, now time.Time) time.Duration {
	until := func(s string) time.Duration {
		if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 {
			if n > 1_000_000_000 {
				return time.Unix(int64(n), 0).Sub(now)
			}
			return time.Duration(min(n, 7*24*3600) * float64(time.Second))
		}
		for _, layout := range []string{time.RFC3339Nano, http.TimeFormat} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.Sub(now)
			}
		}
		return 0
	}
	wait := until(h.Get("Retry-After"))
	for _, prefix := range []string{"X-RateLimit-", "X-Rate-Limit-", "RateLimit-"} {
		if left, err := strconv.ParseFloat(strings.TrimSpace(h.Get(prefix+"Remaining")), 64); err == nil && left < 1 {
			wait = max(wait, until(h.Get(prefix+"Reset")))
		}
	}
	wait = max(wait, graphUsage(h))
	return min(max(wait, 0), 7*24*time.Hour)
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
