package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
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
		{"a liar", "203.0.113.9:1", "8.8.8.8", "https", "203.0.113.9", false},
		{"a proxy", "10.1.2.3:1", "203.0.113.9", "https", "203.0.113.9", true},
		{"a liar behind a proxy", "10.1.2.3:1", "8.8.8.8, 203.0.113.9", "http", "203.0.113.9", false},
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
		{"one that keeps the port", http.Header{"Host": {"127.0.0.1:8080"}}},
		{"one by IPv6", http.Header{"Host": {"[::1]"}}},
		{"one that says localhost", http.Header{"Host": {"localhost"}}},
		{"one that tells who asks", http.Header{"Host": {"localhost"}, "X-Forwarded-For": {"127.0.0.1"}}},
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

// TestStrangers: what a stranger may ask for, and what everything else says.
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
	r := newRig(t, func(d *Deps) { d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
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

// TestLoginThrottled: guessing stops soon, also from many addresses; time
// gives tries back.
func TestLoginThrottled(t *testing.T) {
	r := newRig(t, func(d *Deps) { d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	r.now = time.Now()
	r.owner()
	c := r.client()
	tries := 0
	for ; tries < 100; tries++ {
		c.header = http.Header{"X-Forwarded-For": {"203.0.113." + string(rune('0'+tries%10))}}
		a := c.post("/login", "email", ownerEmail, "password", "a guess of mine")
		if a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Too many tries") {
				t.Errorf("the guesser is not told to wait: %v", a.header)
			}
			break
		}
	}
	if tries != int(accountLimit.burst) {
		t.Errorf("%d guesses of one account were possible", tries)
	}
	if a := c.post("/login", "email", ownerEmail, "password", ownerPassword); a.status != http.StatusTooManyRequests {
		t.Errorf("while throttled, the right password answers %d", a.status)
	}
	r.now = r.now.Add(accountLimit.every)
	if a := c.post("/login", "email", ownerEmail, "password", ownerPassword); a.status != http.StatusSeeOther {
		t.Errorf("after a wait, the right password answers %d", a.status)
	}
}

func TestThrottle(t *testing.T) {
	now := time.Unix(0, 0)
	th := newThrottle(func() time.Time { return now })
	keys := map[string]limit{"a": {2, time.Minute}}
	for i := range 2 {
		if wait := th.take(keys); wait != 0 {
			t.Fatalf("try %d waits %v", i, wait)
		}
	}
	if wait := th.take(keys); wait != time.Minute {
		t.Errorf("the third try waits %v", wait)
	}
	now = now.Add(30 * time.Second)
	if wait := th.take(keys); wait != 30*time.Second {
		t.Errorf("half a minute later it waits %v", wait)
	}
	now = now.Add(time.Hour)
	if wait := th.take(keys); wait != 0 {
		t.Errorf("an hour later it waits %v", wait)
	}
	th.giveBack(keys)
	if b := th.buckets["a"]; b.tries != 2 {
		t.Errorf("a try given back leaves %v", b.tries)
	}
	for i := range maxBuckets + 10 {
		th.take(map[string]limit{addressKey(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})): addressLimit})
	}
	if len(th.buckets) > maxBuckets {
		t.Errorf("%d buckets are kept", len(th.buckets))
	}
	if a, b := addressKey(netip.MustParseAddr("2001:db8::1")), addressKey(netip.MustParseAddr("2001:db8::2")); a != b {
		t.Errorf("one subscriber has two keys: %s, %s", a, b)
	}
}

// TestSessionEnds: a week unused, a month in all, a new password.
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
