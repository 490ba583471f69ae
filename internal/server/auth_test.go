package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/turn"
)

func TestLocalPath(t *testing.T) {
	tests := map[string]string{
		"/":                        "/",
		"/example.com?period=28d":  "/example.com?period=28d",
		"":                         "/",
		"example.com":              "/",
		"https://evil.example/":    "/",
		"//evil.example/":          "/",
		"///evil.example/":         "/",
		`/\evil.example/`:          "/",
		`\\evil.example`:           "/",
		"/\t/evil.example":         "/",
		"javascript:alert(1)":      "/",
		"/%2f%2fevil.example":      "/%2f%2fevil.example",
		"/\r\nSet-Cookie: a=b":     "/",
		"http:evil.example":        "/",
		"/account#//evil.example/": "/account#//evil.example/",
	}
	for in, want := range tests {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestOrigin: forwarding headers count only from a trusted proxy, and only as
// far as trusted proxies wrote them.
func TestOrigin(t *testing.T) {
	s := &Server{Deps: Deps{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	tests := []struct {
		name, peer, xff, proto string
		addr                   string
		https                  bool
	}{
		{"direct", "203.0.113.9:1", "", "", "203.0.113.9", false},
		{"forged headers", "203.0.113.9:1", "8.8.8.8", "https", "203.0.113.9", false},
		{"a proxy", "10.1.2.3:1", "203.0.113.9", "https", "203.0.113.9", true},
		{"forged headers behind a proxy", "10.1.2.3:1", "8.8.8.8, 203.0.113.9", "http", "203.0.113.9", false},
		{"two proxies", "10.1.2.3:1", "203.0.113.9, 10.9.9.9", "https,http", "203.0.113.9", true},
		{"nonsense", "10.1.2.3:1", "what, 10.9.9.9", "", "10.9.9.9", false},
		{"mapped v4", "[::ffff:10.1.2.3]:1", "::ffff:203.0.113.9", "", "203.0.113.9", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.peer
			if tt.xff != "" {
				r.Header.Set("X-Forwarded-For", tt.xff)
			}
			r.Header.Set("X-Forwarded-Proto", tt.proto)
			addr, https := s.origin(r)
			if addr.String() != tt.addr || https != tt.https {
				t.Errorf("origin = %v, %v; want %v, %v", addr, https, tt.addr, tt.https)
			}
		})
	}
}

// TestNewcomer: the first page of a fresh server is the demo's dashboard, and
// leads to an account of one's own.
func TestNewcomer(t *testing.T) {
	r := newRig(t, nil)
	demo := meta.NewSite("demo.example")
	demo.Demo = true
	r.site(demo)
	c := r.client()
	if a := c.get("/"); a.status != http.StatusSeeOther || a.location() != "/demo.example" {
		t.Errorf("the front page answers %d to %q", a.status, a.location())
	}
	if a := c.get("/demo.example"); !strings.Contains(a.body, `href="/login"`) {
		t.Error("the demo does not lead to the words about set-up")
	}
	if a := c.get("/login"); a.status != http.StatusOK || !strings.Contains(a.body, "set-up link") || !strings.Contains(a.body, `action="/setup"`) {
		t.Errorf("a newcomer is not told where the link is: %d", a.status)
	}
	r.owner()
	if a := c.get("/"); a.status != http.StatusOK || !strings.Contains(a.body, "/demo.example") {
		t.Errorf("the front page of a server with an owner answers %d", a.status)
	}
}

// TestSetupNeedsTheLink: wherever a request seems to come from, nobody becomes
// the owner without the link.
func TestSetupNeedsTheLink(t *testing.T) {
	for _, c := range []struct {
		name   string
		header http.Header
	}{
		{"this machine", nil},
		{"a proxy on it that sends no header", http.Header{"Host": {"127.0.0.1"}}},
		{"a proxy that keeps the port", http.Header{"Host": {"127.0.0.1:8080"}}},
		{"a proxy over IPv6", http.Header{"Host": {"[::1]"}}},
		{"a proxy that sends localhost", http.Header{"Host": {"localhost"}}},
		{"a proxy that sends X-Forwarded-For", http.Header{"Host": {"localhost"}, "X-Forwarded-For": {"127.0.0.1"}}},
		{"a name pointed at this machine", http.Header{"Host": {"evil.example"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			if _, err := r.store.SetupToken(t.Context()); err != nil {
				t.Fatal(err)
			}
			b := r.client()
			b.header = c.header
			if a := b.get("/setup"); a.status != http.StatusSeeOther || a.location() != "/login" {
				t.Errorf("set-up answers %d to %q", a.status, a.location())
			}
			if a := b.get("/setup?token=guessed"); a.status != http.StatusForbidden {
				t.Errorf("a guessed link answers %d", a.status)
			}
			form := []string{"email", ownerEmail, "password", ownerPassword}
			for _, more := range [][]string{nil, {"token", ""}, {"token", "guessed"}} {
				if a := b.post("/setup", append(form, more...)...); a.status != http.StatusForbidden {
					t.Errorf("a form with %q answers %d", more, a.status)
				}
			}
			if n, err := r.store.CountUsers(t.Context()); n != 0 || err != nil {
				t.Errorf("%d users, %v", n, err)
			}
		})
	}
}

func TestSetup(t *testing.T) {
	r := newRig(t, nil)
	form := []string{"email", ownerEmail, "name", "Ada", "password", ownerPassword}
	old, err := r.store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link, err := r.store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	if a := c.get("/setup?token=" + old); a.status != http.StatusForbidden || !strings.Contains(a.body, "log") {
		t.Errorf("the link of an earlier start answers %d", a.status)
	}
	a := c.get("/setup?token=" + link)
	if a.status != http.StatusOK || !strings.Contains(a.body, link) || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the link answers %d, %v", a.status, a.header)
	}
	pasted := url.QueryEscape(" https://elsewhere.example/stats/setup?token=" + link + "&lang=fr ")
	if a := c.get("/setup?lang=en&token=" + pasted); a.status != http.StatusOK || !strings.Contains(a.body, `value="`+link+`"`) {
		t.Errorf("a link pasted whole answers %d", a.status)
	}
	if a := c.post("/setup", "token", link, "email", "nobody", "password", "x"); a.status != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "not an e-mail address") {
		t.Errorf("a bad form answers %d", a.status)
	}
	if a := c.post("/setup", append(form, "token", link)...); a.status != http.StatusSeeOther || a.location() != "/sites/new" {
		t.Fatalf("set-up answers %d to %q: %s", a.status, a.location(), a.body)
	}
	if a := c.get("/account"); a.status != http.StatusOK {
		t.Errorf("the owner is not signed in: %d", a.status)
	}
	second := r.client()
	if a := second.post("/setup", append(form, "token", link)...); a.status != http.StatusForbidden {
		t.Errorf("a second owner sets up: %d", a.status)
	}
	if a := second.get("/setup?token=" + link); a.status != http.StatusForbidden {
		t.Errorf("a used link answers %d", a.status)
	}
	if a := second.get("/setup"); a.location() != "/login" {
		t.Errorf("after set-up, the page leads to %q", a.location())
	}
}

// TestSetupRace: of many who send the form at once, one becomes the owner.
func TestSetupRace(t *testing.T) {
	r := newRig(t, nil)
	link, err := r.store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answers := make(chan int)
	for i := range 6 {
		c := r.client()
		go func() {
			answers <- c.post("/setup", "token", link, "email", fmt.Sprintf("user%d@example.com", i), "password", ownerPassword).status
		}()
	}
	made := 0
	for range 6 {
		switch status := <-answers; status {
		case http.StatusSeeOther:
			made++
		case http.StatusForbidden:
		default:
			t.Errorf("set-up answers %d", status)
		}
	}
	if n, err := r.store.CountUsers(t.Context()); made != 1 || n != 1 || err != nil {
		t.Errorf("%d were told that they are the owner, %d are: %v", made, n, err)
	}
}

// TestStrangers: which paths are open to strangers, and how all others answer.
func TestStrangers(t *testing.T) {
	r := newRig(t, nil)
	r.owner()
	r.site(meta.NewSite("example.com"))
	demo := meta.NewSite("demo.example")
	demo.Demo = true
	r.site(demo)
	c := r.client()
	for _, path := range []string{
		"/account", "/status", "/sites/new", "/example.com/settings", "/example.com/settings/snippet",
		"/example.com/settings/accounts", "/example.com/settings/import", "/example.com/settings/tokens",
		"/example.com/settings/remove", "/demo.example/settings", "/absent.example/settings",
	} {
		if a := c.get(path); a.status != http.StatusSeeOther || a.location() != "/login?next="+url.QueryEscape(path) {
			t.Errorf("GET %s = %d to %q", path, a.status, a.location())
		}
		if a := c.post(path); a.status != http.StatusUnauthorized && a.status != http.StatusMethodNotAllowed {
			t.Errorf("POST %s = %d", path, a.status)
		}
	}
	if a := c.get("/example.com/settings/snippet/status.json"); a.status != http.StatusUnauthorized || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Errorf("a stranger's script gets %d", a.status)
	}
	if a := c.get("/"); a.status != http.StatusOK || strings.Contains(a.body, "example.com/") || !strings.Contains(a.body, "/demo.example") {
		t.Errorf("the front page shows a stranger more than the demo: %d", a.status)
	}
	for _, h := range c.get("/").header.Values("Set-Cookie") {
		t.Errorf("a stranger gets a cookie: %s", h)
	}
}

func TestLogin(t *testing.T) {
	r := newRig(t, behindProxy)
	r.owner()
	c := r.client()
	wrong := c.post("/login", "email", ownerEmail, "password", "not the password")
	unknown := c.post("/login", "email", "nobody@example.com", "password", "not the password")
	if wrong.status != http.StatusUnprocessableEntity || unknown.status != wrong.status {
		t.Errorf("refusals answer %d and %d", wrong.status, unknown.status)
	}
	said := func(body string) string {
		_, rest, _ := strings.Cut(body, `role="alert"`)
		text, _, _ := strings.Cut(rest, "</div>")
		return text
	}
	if said(wrong.body) == "" || said(wrong.body) != said(unknown.body) {
		t.Errorf("an unknown address is told apart: %q, %q", said(wrong.body), said(unknown.body))
	}
	if strings.Contains(wrong.body, "not the password") {
		t.Error("the password is shown again")
	}

	c.header = http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-For": {"203.0.113.9"}}
	a := c.post("/login", "email", "  "+strings.ToUpper(ownerEmail), "password", ownerPassword, "next", "https://evil.example/")
	if a.status != http.StatusSeeOther || a.location() != "/" {
		t.Errorf("login answers %d to %q", a.status, a.location())
	}
	cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("session cookie %v", cookie)
	}

	plain := r.signedIn()
	first := sessionOf(t, plain)
	if a := plain.post("/login", "email", ownerEmail, "password", ownerPassword, "next", "/status?x=1"); a.location() != "/status?x=1" {
		t.Errorf("login leads to %q", a.location())
	}
	if sessionOf(t, plain) == first {
		t.Error("the session's token is not renewed at login")
	}
	if a := plain.get("/login?next=/account"); a.location() != "/account" {
		t.Errorf("a user's login page leads to %q", a.location())
	}
	if a := plain.post("/logout"); a.status != http.StatusSeeOther {
		t.Errorf("logout answers %d", a.status)
	}
	if a := plain.get("/account"); a.status != http.StatusSeeOther {
		t.Errorf("after logout, the account answers %d", a.status)
	}
	old := r.client()
	old.header = http.Header{"Cookie": {sessionCookie + "=" + first}}
	if a := old.get("/account"); a.status != http.StatusSeeOther {
		t.Errorf("an old session's token answers %d", a.status)
	}
	if a := old.get("/logout"); a.status != http.StatusNotFound {
		t.Errorf("a link logs out: %d", a.status)
	}
}

func sessionOf(t *testing.T, c *client) string {
	t.Helper()
	u, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(u) {
		if cookie.Name == sessionCookie {
			return cookie.Value
		}
	}
	t.Fatal("no session")
	return ""
}

// behindProxy trusts this machine's X-Forwarded-For, so that a test's client
// comes from where it likes.
func behindProxy(d *Deps) { d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

func (c *client) from(address string) *client {
	c.header = http.Header{"X-Forwarded-For": {address}}
	return c
}

func (c *client) login(email, password string) answer {
	c.t.Helper()
	return c.post("/login", "email", email, "password", password)
}

// guess tries wrong passwords until the throttle rejects them, and returns how many
// were compared.
func guess(t *testing.T, c *client, email string) (tries int) {
	t.Helper()
	for ; tries < 100; tries++ {
		a := c.login(email, "a guess of mine")
		if a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Too many attempts") {
				t.Errorf("the guesser is not told to wait: %v", a.header)
			}
			break
		}
		if a.status != http.StatusUnprocessableEntity {
			t.Fatalf("a guess answers %d", a.status)
		}
	}
	return tries
}

// TestLoginThrottled: guessing is stopped soon, whatever the account and the
// address within a network; with time, tries come back; and somebody who guesses
// locks out only strangers on their own network.
func TestLoginThrottled(t *testing.T) {
	r := newRig(t, behindProxy)
	r.now = time.Now()
	r.owner()
	if _, err := r.store.AddUser(t.Context(), meta.User{Email: "bob@example.com"}, "four words for bob"); err != nil {
		t.Fatal(err)
	}
	home := r.client().from("2001:db8:1:2::3")
	if a := home.login(ownerEmail, ownerPassword); a.status != http.StatusSeeOther {
		t.Fatalf("login answers %d", a.status)
	}
	home.post("/logout")

	guesser := r.client().from("2001:db8:1:2::bad")
	if n := guess(t, guesser, ownerEmail); n != int(accountLimit.burst) {
		t.Errorf("%d guesses of one account were possible", n)
	}
	if a := guesser.from("2001:db8:1:2:ffff::1").login(ownerEmail, ownerPassword); a.status != http.StatusTooManyRequests {
		t.Errorf("another address of the same network answers %d", a.status)
	}
	for name, c := range map[string]*client{
		"a browser that signed in before, on the guesser's network": home,
		"a new browser elsewhere":                                   r.client().from("2001:db8:1:3::3"),
		"one by IPv4":                                               r.client().from("203.0.113.9"),
	} {
		if a := c.login(" ADA@example.com", ownerPassword); a.status != http.StatusSeeOther {
			t.Errorf("%s is locked out: %d", name, a.status)
		}
	}
	if a := guesser.login("bob@example.com", "four words for bob"); a.status != http.StatusSeeOther {
		t.Errorf("another account of the guesser's network is locked out: %d", a.status)
	}

	// All tries of one network, at any account, are limited too.
	all := 0
	for i := range 100 {
		if guesser.from("198.51.100.7").login(fmt.Sprintf("user%d@example.com", i), "a guess of mine").status == http.StatusTooManyRequests {
			break
		}
		all++
	}
	if all != int(networkLimit.burst) {
		t.Errorf("%d guesses of many accounts were possible", all)
	}

	// A known browser has its own count, which is limited too.
	if n := guess(t, home, ownerEmail); n != int(accountLimit.burst) {
		t.Errorf("%d guesses were possible with a known browser", n)
	}
	r.now = r.now.Add(accountLimit.every)
	for name, c := range map[string]*client{"the known browser": home, "the network": r.client().from("2001:db8:1:2::4")} {
		if a := c.login(ownerEmail, ownerPassword); a.status != http.StatusSeeOther {
			t.Errorf("after a wait, %s answers %d", name, a.status)
		}
	}
}

// TestLoginLongEmail: a text that is too long for an e-mail address is rejected
// before anything is looked up or stored, and counts as a try.
func TestLoginLongEmail(t *testing.T) {
	r := newRig(t, behindProxy)
	r.owner()
	c := r.client().from("203.0.113.9")
	long := strings.Repeat("a", 245) + "@b.example"
	if a := c.login(long, ownerPassword); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, "aaaa") {
		t.Errorf("an address of %d bytes answers %d", len(long), a.status)
	}
	for i := range 30 {
		c.login(long+strings.Repeat("x", 60_000-i), ownerPassword)
	}
	if a := c.login(ownerEmail, ownerPassword); a.status != http.StatusTooManyRequests {
		t.Errorf("after many of them, the network's next try answers %d", a.status)
	}
	if n := len(r.server.logins.buckets); n != 1 {
		t.Errorf("they left %d counts", n)
	}
}

// TestDevice: the cookie of a browser that signed in is valid only for its account,
// until it expires, and unmodified.
func TestDevice(t *testing.T) {
	r := newRig(t, func(d *Deps) { behindProxy(d); d.BaseURL = baseurl.MustParse("https://blog.example/stats") })
	r.now = time.Now()
	r.owner()
	c := r.client().from("203.0.113.9")
	for _, a := range []answer{c.get("/"), c.get("/login"), c.login(ownerEmail, "a guess of mine")} {
		if cookies := a.header.Values("Set-Cookie"); len(cookies) > 0 {
			t.Errorf("somebody who isn't signed in gets %q", cookies)
		}
	}
	var device *http.Cookie
	for _, line := range c.login(ownerEmail, ownerPassword).header.Values("Set-Cookie") {
		if cookie, err := http.ParseSetCookie(line); err == nil && cookie.Name == deviceCookie {
			device = cookie
		}
	}
	if device == nil {
		t.Fatal("no cookie for the browser")
	}
	if !device.HttpOnly || !device.Secure || device.SameSite != http.SameSiteStrictMode || device.Path != "/stats/login" || device.Domain != "" {
		t.Errorf("its cookie is %v", device)
	}
	known := func(value, email string) bool {
		req := httptest.NewRequest(http.MethodPost, "/login", nil)
		req.AddCookie(&http.Cookie{Name: deviceCookie, Value: value})
		ctx, _ := gin.CreateTestContext(httptest.NewRecorder())
		ctx.Request = req
		return r.server.device(ctx, email) != ""
	}
	if !known(device.Value, ownerEmail) {
		t.Error("the browser isn't known")
	}
	if known(device.Value, "bob@example.com") {
		t.Error("it is known for another account")
	}
	raw, err := base64.RawURLEncoding.DecodeString(device.Value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		forged := bytes.Clone(raw)
		forged[i] ^= 1
		if known(base64.RawURLEncoding.EncodeToString(forged), ownerEmail) {
			t.Errorf("a cookie with byte %d changed is taken", i)
		}
	}
	for _, value := range []string{"", "x", device.Value + "AA", device.Value[:40], strings.Repeat("A", 10_000)} {
		if known(value, ownerEmail) {
			t.Errorf("%.50q is taken", value)
		}
	}
	r.now = r.now.Add(deviceLife + time.Hour)
	if known(device.Value, ownerEmail) {
		t.Error("it is taken after its end")
	}
}

// TestLoginFlood: while strangers' passwords wait to be compared, a known browser
// can sign in, and one more stranger of the same network is told to try later.
func TestLoginFlood(t *testing.T) {
	r := newRig(t, nil)
	r.owner()
	home := r.client()
	if a := home.login(ownerEmail, ownerPassword); a.status != http.StatusSeeOther {
		t.Fatalf("login answers %d", a.status)
	}
	ctx, end := context.WithCancel(turn.With(t.Context(), turn.Asker{Class: turn.Stranger, Key: "127.0.0.1"}))
	done, err := r.server.passwords.Take(ctx) // one is compared
	if err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	inLine := make(chan struct{})
	for range passwordTurns()[turn.Stranger].Line {
		waiting.Go(func() {
			inLine <- struct{}{}
			_, _ = r.server.passwords.Take(ctx)
		})
		<-inLine
	}
	a := r.client().login(ownerEmail, ownerPassword)
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "at the moment") {
		t.Errorf("one stranger more gets %d, %v", a.status, a.header)
	}
	if a := home.login(ownerEmail, ownerPassword); a.status != http.StatusSeeOther {
		t.Errorf("a known browser gets %d", a.status)
	}
	end()
	waiting.Wait()
	done()
	if a := r.client().login(ownerEmail, ownerPassword); a.status != http.StatusSeeOther {
		t.Errorf("with one waiting less, a stranger gets %d", a.status)
	}
}

func TestThrottle(t *testing.T) {
	now := time.Unix(0, 0)
	th := newThrottle(func() time.Time { return now })
	a := count{"a", limit{2, time.Minute}}
	for i := range 2 {
		if wait, _ := th.take(a); wait != 0 {
			t.Fatalf("try %d waits %v", i, wait)
		}
	}
	for i, want := range []bool{true, false, false} {
		if wait, tell := th.take(a, count{"b", networkLimit}, count{"c", accountLimit}); wait != time.Minute || tell != want {
			t.Errorf("refusal %d waits %v, is told of: %v", i, wait, tell)
		}
	}
	if len(th.buckets) != 1 {
		t.Errorf("refused tries made %d counts", len(th.buckets)-1)
	}
	now = now.Add(30 * time.Second)
	if wait, tell := th.take(a); wait != 30*time.Second || tell {
		t.Errorf("half a minute later it waits %v, is told of: %v", wait, tell)
	}
	now = now.Add(-time.Hour)
	if wait, _ := th.take(a); wait != 30*time.Second {
		t.Errorf("after the clock was set back by an hour it waits %v", wait)
	}
	now = now.Add(2 * time.Hour)
	if wait, _ := th.take(a); wait != 0 {
		t.Errorf("an hour later it waits %v", wait)
	}
	th.giveBack(a, count{"d", accountLimit})
	if b := th.buckets[th.key(a)]; b.tries != 2 || len(th.buckets) != 1 {
		t.Errorf("a try given back leaves %v, and %d counts", b.tries, len(th.buckets))
	}

	// When it is full, it keeps those who guess most.
	busy := count{"busy", accountLimit}
	for range int(accountLimit.burst) {
		th.take(busy)
	}
	for i := range 3 * maxBuckets {
		th.take(count{"network " + network(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})), networkLimit})
		if len(th.buckets) > maxBuckets {
			t.Fatalf("%d counts are kept", len(th.buckets))
		}
	}
	if wait, _ := th.take(busy); wait == 0 {
		t.Error("a flood of networks made the busiest count be forgotten")
	}
	if a, b := network(netip.MustParseAddr("2001:db8::1")), network(netip.MustParseAddr("2001:db8::2")); a != b {
		t.Errorf("one subscriber has two networks: %s, %s", a, b)
	}
}

// TestAccountNeedsThePassword: nobody changes the e-mail address without the
// password; the new address signs in, and the browser stays known; other sessions
// end when asked.
func TestAccountNeedsThePassword(t *testing.T) {
	r := newRig(t, nil)
	c, other := r.signedIn(), r.signedIn()
	owner := func() meta.User {
		t.Helper()
		u, err := r.store.UserByID(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if a := c.post("/account", "name", "Ada", "email", "eve@example.com"); a.status != http.StatusSeeOther || owner().Email != ownerEmail {
		t.Errorf("the form about the user answers %d, and the address is %s", a.status, owner().Email)
	}
	for name, form := range map[string][]string{
		"no password":      {"email", "eve@example.com"},
		"a wrong password": {"email", "eve@example.com", "password_now", "a guess of mine"},
		"no address":       {"email", "nobody", "password_now", ownerPassword},
		"a long address":   {"email", strings.Repeat("a", 245) + "@b.example", "password_now", ownerPassword},
	} {
		if a := c.post("/account/email", form...); a.status != http.StatusUnprocessableEntity || owner().Email != ownerEmail {
			t.Errorf("%s: %d, and the address is %s", name, a.status, owner().Email)
		}
	}
	if a := c.post("/account/email", "email", "Ada@Lovelace.example", "password_now", ownerPassword); a.status != http.StatusSeeOther || owner().Email != "ada@lovelace.example" {
		t.Errorf("the change answers %d, and the address is %s", a.status, owner().Email)
	}
	if a := c.post("/account/password", "password_now", ownerPassword, "password", "Lovelace1815"); a.status != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "easy to guess") {
		t.Errorf("a password made of the address answers %d", a.status)
	}
	if a := c.post("/account/sessions"); a.status != http.StatusSeeOther || c.get("/account").status != http.StatusOK {
		t.Errorf("ending the other sessions answers %d, and here %d", a.status, c.get("/account").status)
	}
	if a := other.get("/account"); a.status != http.StatusSeeOther {
		t.Errorf("another session answers %d", a.status)
	}
	c.post("/logout")
	guess(t, r.client(), "ada@lovelace.example")
	if a := c.login("ada@lovelace.example", ownerPassword); a.status != http.StatusSeeOther {
		t.Errorf("under the new address, the browser isn't known: %d", a.status)
	}

	for range int(accountLimit.burst) {
		c.post("/account/email", "email", "eve@example.com", "password_now", "a guess of mine")
	}
	if a := c.post("/account/email", "email", "eve@example.com", "password_now", ownerPassword); a.status != http.StatusTooManyRequests {
		t.Errorf("guessing the password with a session answers %d", a.status)
	}
}

// TestSessionEnds: after a week unused, after a month, and by a new password.
func TestSessionEnds(t *testing.T) {
	r := newRig(t, nil)
	r.now = time.Now()
	c := r.signedIn()
	signedIn := func(c *client) bool { return c.get("/account").status == http.StatusOK }
	if !signedIn(c) {
		t.Fatal("not signed in")
	}
	r.now = r.now.Add(6 * 24 * time.Hour)
	if !signedIn(c) {
		t.Error("signed out after six days")
	}
	r.now = r.now.Add(6 * 24 * time.Hour)
	if !signedIn(c) {
		t.Error("the visit of six days ago did not count")
	}
	r.now = r.now.Add(8 * 24 * time.Hour)
	if signedIn(c) {
		t.Error("still signed in after a week without a visit")
	}

	c = r.signedIn()
	other := r.signedIn()
	if a := c.post("/account/password", "password_now", "wrong", "password", "four words this time"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong current password answers %d", a.status)
	}
	if a := c.post("/account/password", "password_now", ownerPassword, "password", "short"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a short password answers %d", a.status)
	}
	if a := c.post("/account/password", "password_now", ownerPassword, "password", "four words this time"); a.status != http.StatusSeeOther {
		t.Errorf("the change answers %d", a.status)
	}
	if !signedIn(c) {
		t.Error("the new password signed out the browser that set it")
	}
	if signedIn(other) {
		t.Error("the new password left another browser signed in")
	}
}

// TestCrossOrigin: another site can't make a user's browser change anything.
func TestCrossOrigin(t *testing.T) {
	r := newRig(t, nil)
	c := r.signedIn()
	r.site(meta.NewSite("example.com"))
	tests := []struct {
		name   string
		header http.Header
		want   int
	}{
		{"another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		{"a sister host", http.Header{"Sec-Fetch-Site": {"same-site"}}, http.StatusForbidden},
		{"an old browser on another site", http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		{"a sandboxed frame", http.Header{"Origin": {"null"}}, http.StatusForbidden},
		{"this app", http.Header{"Sec-Fetch-Site": {"same-origin"}}, http.StatusSeeOther},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range []string{"/example.com/settings", "/account", "/preferences"} {
				h := tt.header.Clone()
				h.Set("Content-Type", "application/x-www-form-urlencoded")
				body := "email=" + url.QueryEscape(ownerEmail) + "&timezone=UTC&share_param=es"
				if a := c.do(http.MethodPost, path, strings.NewReader(body), h); a.status != tt.want {
					t.Errorf("POST %s = %d, want %d", path, a.status, tt.want)
				}
			}
		})
	}
}
