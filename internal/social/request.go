package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
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

var errPrivate = errors.New("the address is inside a private network")

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
				return errPrivate
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
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			return nil // net/http keeps a token to its own host
		},
	}
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

// getJSON asks for one JSON object. pause is what the rate-limit headers ask
// for after a success; every error is an *Error.
func getJSON(ctx context.Context, client *http.Client, address, token string, into any) (pause time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, &Error{Problem: Unreachable, Err: errors.New("the address of the account's server can't be read")}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if errors.Is(err, errPrivate) {
		return 0, &Error{Problem: Forbidden, Err: errPrivate}
	}
	if err != nil {
		return 0, &Error{Problem: Unreachable, Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return 0, &Error{Problem: Unreachable, Err: fmt.Errorf("read the answer: %w", err)}
	}
	wait := askedToWait(resp.Header, time.Now())
	if resp.StatusCode != http.StatusOK {
		status := &statusError{code: resp.StatusCode, body: string(body[:min(len(body), 2000)])}
		return 0, &Error{Problem: problemOf(resp.StatusCode), Wait: wait, Err: status}
	}
	if len(body) > maxAnswer {
		return 0, &Error{Problem: Unreadable, Err: fmt.Errorf("an answer of over %d bytes", maxAnswer)}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return 0, &Error{Problem: Unreadable, Err: fmt.Errorf("read the answer: %w", err)}
	}
	return wait, nil
}

func problemOf(status int) Problem {
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Unauthorized
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500:
		return Broken
	default:
		return Unreadable
	}
}

// askedToWait reads Retry-After (seconds or a date) and, where nothing is
// left, X-RateLimit-Reset (an ISO time, seconds since 1970, or seconds from
// now) or RateLimit-Reset (seconds from now). 0 = no wait is asked for.
func askedToWait(h http.Header, now time.Time) time.Duration {
	until := func(s string) time.Duration {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			if n > 1_000_000_000 {
				return time.Unix(n, 0).Sub(now)
			}
			return time.Duration(min(n, 7*24*3600)) * time.Second
		}
		for _, layout := range []string{time.RFC3339Nano, http.TimeFormat} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.Sub(now)
			}
		}
		return 0
	}
	wait := until(h.Get("Retry-After"))
	for _, prefix := range []string{"X-RateLimit-", "RateLimit-"} {
		if strings.TrimSpace(h.Get(prefix+"Remaining")) == "0" {
			wait = max(wait, until(h.Get(prefix+"Reset")))
		}
	}
	return min(max(wait, 0), 7*24*time.Hour)
}

// reading refuses an answer without a count of followers: unknown is not 0.
func reading(followers, following, posts *uint64, pause time.Duration) (Reading, error) {
	if followers == nil {
		return Reading{}, &Error{Problem: Unreadable, Err: errors.New("the answer has no count of followers")}
	}
	return Reading{Followers: *followers, Following: following, Posts: posts, Pause: pause}, nil
}
