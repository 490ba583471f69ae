package social

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// network answers with what real servers answered (testdata).
func network(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/accounts/lookup", func(w http.ResponseWriter, r *http.Request) {
		switch acct := r.URL.Query().Get("acct"); {
		case acct == "closed" && r.Header.Get("Authorization") != "Bearer good":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write(fixture(t, "gts_account_noauth.json"))
		case acct == "alice", acct == "closed":
			w.Header().Set("X-RateLimit-Remaining", "260")
			w.Header().Set("X-RateLimit-Reset", time.Now().Add(4*time.Minute).Format(time.RFC3339))
			_, _ = w.Write(fixture(t, "gts_lookup.json"))
		case acct == "last":
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", time.Now().Add(4*time.Minute).UTC().Format("2006-01-02T15:04:05.000Z"))
			_, _ = w.Write(fixture(t, "gts_lookup.json"))
		case acct == "busy":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		case acct == "ill":
			w.WriteHeader(http.StatusBadGateway)
		case acct == "html":
			_, _ = w.Write([]byte("<html>Sign in</html>"))
		case acct == "bare":
			_, _ = w.Write([]byte(`{"username":"bare"}`))
		case acct == "negative":
			_, _ = w.Write([]byte(`{"followers_count":-1}`))
		case acct == "huge":
			_, _ = w.Write([]byte(`{"x":"` + strings.Repeat("x", 2*maxAnswer) + `"}`))
		case acct == "loop":
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		case acct == "slow":
			<-r.Context().Done()
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write(fixture(t, "gts_notfound.json"))
		}
	})
	mux.HandleFunc("GET /xrpc/app.bsky.actor.getProfile", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("actor") != "alice.test" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write(fixture(t, "atproto_getProfile_notfound.json"))
			return
		}
		_, _ = w.Write(fixture(t, "atproto_getProfile.json"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestReadsWhatRealServersAnswer(t *testing.T) {
	s := network(t)
	client := NewHTTPClient(true)
	r, err := Try(t.Context(), client, "mastodon", Account{Handle: "@alice@example.social", BaseURL: s.URL})
	if err != nil || r.Followers != 2 || *r.Following != 0 || *r.Posts != 1 || r.Pause != 0 {
		t.Errorf("GoToSocial: %+v, %v", r, err)
	}
	r, err = Try(t.Context(), client, "mastodon", Account{Handle: "@closed@example.social", BaseURL: s.URL + "/", Secret: "good"})
	if err != nil || r.Followers != 2 {
		t.Errorf("with a token: %+v, %v", r, err)
	}
	r, err = Try(t.Context(), client, "mastodon", Account{Handle: "@last@example.social", BaseURL: s.URL})
	if err != nil || r.Pause < 3*time.Minute || r.Pause > 4*time.Minute {
		t.Errorf("the last request allowed: %+v, %v; want a pause of four minutes", r, err)
	}
	r, err = Try(t.Context(), client, "bluesky", Account{Handle: "alice.test", BaseURL: s.URL})
	if err != nil || r.Followers != 4 || *r.Following != 1 || *r.Posts != 1 {
		t.Errorf("Bluesky: %+v, %v", r, err)
	}
}

func TestAFailedReadingIsAProblemNeverZero(t *testing.T) {
	s := network(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for _, c := range []struct {
		name, network, handle, base string
		private                     bool
		want                        Problem
		wait                        time.Duration
	}{
		{"nobody of that name", "mastodon", "@nobody@example.social", s.URL, true, NotFound, 0},
		{"Bluesky's way to say so", "bluesky", "nobody.test", s.URL, true, NotFound, 0},
		{"token wanted", "mastodon", "@closed@example.social", s.URL, true, Unauthorized, 0},
		{"too many requests", "mastodon", "@busy@example.social", s.URL, true, RateLimited, 2 * time.Minute},
		{"server at fault", "mastodon", "@ill@example.social", s.URL, true, Broken, 0},
		{"a page instead of data", "mastodon", "@html@example.social", s.URL, true, Unreadable, 0},
		{"no count in it", "mastodon", "@bare@example.social", s.URL, true, Unreadable, 0},
		{"a count below 0, as some servers hide one", "mastodon", "@negative@example.social", s.URL, true, Hidden, 0},
		{"an endless answer", "mastodon", "@huge@example.social", s.URL, true, Unreadable, 0},
		{"redirects in a circle", "mastodon", "@loop@example.social", s.URL, true, Unreachable, 0},
		{"nobody answers", "mastodon", "@alice@example.social", dead.URL, true, Unreachable, 0},
		{"an address inside", "mastodon", "@alice@example.social", s.URL, false, Forbidden, 0},
		{"a name for an address inside", "mastodon", "@alice@localhost", "", false, Forbidden, 0},
		{"unknown network", "friendster", "alice", s.URL, true, Unsupported, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Try(t.Context(), NewHTTPClient(c.private), c.network, Account{Handle: c.handle, BaseURL: c.base})
			if err == nil {
				t.Fatalf("no error, but %+v", r)
			}
			var e *Error
			if !errors.As(err, &e) || e.Problem != c.want || e.Wait != c.wait {
				t.Errorf("%v (wait %v), want %s (wait %v)", err, e.Wait, c.want, c.wait)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Try(ctx, NewHTTPClient(true), "mastodon", Account{Handle: "@slow@example.social", BaseURL: s.URL}); ProblemOf(err) != Unreachable {
		t.Errorf("a slow server: %v", err)
	}
}

// A page sent by a program in between is reported as Blocked; only the network
// itself can ask for a token.
func TestBlockPagesAreRecognised(t *testing.T) {
	const challenge = `<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={};</script></body></html>`
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html><body><form>Room number, name</form></body></html>"))
	}))
	t.Cleanup(elsewhere.Close)
	for _, c := range []struct {
		name, kind, header, body string
		status                   int
		want                     Problem
	}{
		{"Cloudflare's challenge", "text/html; charset=UTF-8", "cf-mitigated: challenge", challenge, 403, Blocked},
		{"the same, unmarked", "text/html", "", challenge, 403, Blocked},
		{"the older one", "text/html", "", challenge, 503, Blocked},
		{"a firewall's page", "text/html", "", "<html><h1>403 Forbidden</h1>nginx</html>", 403, Blocked},
		{"a page that isn't called one", "text/plain", "", "\n<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<title>403 Forbidden</title>", 403, Blocked},
		{"a check with 429", "text/html", "", "<html><title>Vercel Security Checkpoint</title>verifying you are a human</html>", 429, Blocked},
		{"a check with 200", "text/html", "", challenge, 200, Blocked},
		{"a network's login", "text/html", "", "<html><title>Network Authentication Required</title></html>", 511, Blocked},
		{"a network's login with 200", "text/html", "", "<html><title>Hotel WiFi login</title></html>", 200, Blocked},
		{"a network's login elsewhere", "", "Location: " + elsewhere.URL + "/portal", "", 302, Blocked},
		{"too many requests", "text/html", "", "<html><h1>429 Too Many Requests</h1>nginx</html>", 429, RateLimited},
		{"a fault of the network's own", "text/html", "", "<html><h1>503 Service Temporarily Unavailable</h1>nginx</html>", 503, Broken},
		{"the network's question for a token", "application/json", "", `{"error":"This method requires an authenticated user"}`, 403, Unauthorized},
		{"the same, called HTML", "text/html", "", `{"error":"This method requires an authenticated user"}`, 403, Unauthorized},
		{"the server's own login", "text/html", "WWW-Authenticate: Basic", "<html>401</html>", 401, Unauthorized},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			if name, value, ok := strings.Cut(c.header, ": "); ok {
				w.Header().Set(name, value)
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		for _, who := range []struct{ network, handle, secret string }{
			{"mastodon", "@alice@example.social", ""}, {"bluesky", "alice.test", ""}, {"listmonk", "1", "user:token"},
		} {
			_, err := Try(t.Context(), NewHTTPClient(true), who.network, Account{Handle: who.handle, BaseURL: s.URL, Secret: who.secret})
			if got := ProblemOf(err); got != c.want {
				t.Errorf("%s, %s: %v, want %s", c.name, who.network, err, c.want)
			}
		}
		s.Close()
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ network, input, handle string }{
		{"mastodon", "@alice@Mastodon.Social", "@alice@mastodon.social"},
		{"mastodon", "https://mastodon.social/@Alice", "@alice@mastodon.social"},
		{"mastodon", " alice@mastodon.social ", "@alice@mastodon.social"},
		{"mastodon", "mastodon.social/@alice/", "@alice@mastodon.social"},
		{"mastodon", "https://mastodon.social/@alice@piaille.fr", "@alice@piaille.fr"},
		{"mastodon", "\u202a@alice@mastodon.social\u202c", "@alice@mastodon.social"},
		{"mastodon", "\u2066alice\u2069@mastodon.social\u200b", "@alice@mastodon.social"},
		{"mastodon", "\ufeffhttps://mastodon.social/@alice\u00ad", "@alice@mastodon.social"},
		{"mastodon", "\u00a0＠alice＠mastodon.social", "@alice@mastodon.social"},
		{"mastodon", "acct:alice@mastodon.social", "@alice@mastodon.social"},
		{"mastodon", "web+acct:alice@mastodon.social", "@alice@mastodon.social"},
		{"mastodon", "https://mastodon.social/web/@alice", "@alice@mastodon.social"},
		{"mastodon", "https://mastodon.social/deck/@alice@piaille.fr", "@alice@piaille.fr"},
		{"mastodon", "https://mastodon.social/users/alice", "@alice@mastodon.social"},
		{"mastodon", "https://mastodon.social/users/alice/followers", "@alice@mastodon.social"},
		{"mastodon", "https://mastodon.social/@alice/with_replies?foo=1#x", "@alice@mastodon.social"},
		{"mastodon", "https://pixelfed.social/alice", "@alice@pixelfed.social"},
		{"mastodon", "https://pleroma.example/users/Alice", "@alice@pleroma.example"},
		{"mastodon", "pleroma.example/alice", "@alice@pleroma.example"},
		{"mastodon", "https://friendica.example/profile/alice", "@alice@friendica.example"},
		{"mastodon", "https://tube.example/a/alice/video-channels", "@alice@tube.example"},
		{"mastodon", "https://example.org/author/alice/", "@alice@example.org"},
		{"mastodon", "@alice@münchen.example", "@alice@münchen.example"},
		{"mastodon", "@alice@XN--MNCHEN-3YA.example", "@alice@münchen.example"},
		{"mastodon", "https://xn--mnchen-3ya.example/@alice", "@alice@münchen.example"},
		{"mastodon", "https://xn--mnchen-3ya.example:3000/@alice", "@alice@xn--mnchen-3ya.example:3000"},
		{"mastodon", "alice", ""},
		{"mastodon", "@alice", ""},
		{"mastodon", "@al ice@mastodon.social", ""},
		{"mastodon", "https://mastodon.social/@alice/113", ""},
		{"mastodon", "https://mastodon.social/users/alice/statuses/113", ""},
		{"mastodon", "https://mastodon.social/web/accounts/113", ""},
		{"mastodon", "https://mastodon.social/explore", ""},
		{"mastodon", "https://mastodon.social/", ""},
		{"mastodon", "https://pixelfed.social/p/alice/113", ""},
		{"mastodon", "https://twitter.com/alice", ""},
		{"mastodon", "https://www.instagram.com/alice", ""},
		{"bluesky", "@Alice.bsky.social", "alice.bsky.social"},
		{"bluesky", "\u2068@alice.bsky.social\u2069", "alice.bsky.social"},
		{"bluesky", "https://bsky.app/profile/alice.example/post/3k", "alice.example"},
		{"bluesky", "at://alice.bsky.social", "alice.bsky.social"},
		{"bluesky", "at://did:plc:mbjd5togijyvsojac5mj6itj/app.bsky.feed.post/3k", "did:plc:mbjd5togijyvsojac5mj6itj"},
		{"bluesky", "@xn--mnchen-3ya.example", "xn--mnchen-3ya.example"},
		{"bluesky", "did:plc:mbjd5togijyvsojac5mj6itj", "did:plc:mbjd5togijyvsojac5mj6itj"},
		{"bluesky", "https://elsewhere.example/profile/alice.example", ""},
		{"bluesky", "alice", ""},
		{"bluesky", "", ""},
		{"github", "https://github.com/orgs/earshot/followers", "earshot"},
		{"github", "https://github.com/orgs/earshot", "earshot"},
		{"github", "https://github.com/sponsors/octocat", "octocat"},
		{"github", "https://github.com/octocat?tab=followers", "octocat"},
		{"github", "https://github.com/octocat/hello/stargazers", "octocat/hello"},
		{"github", "https://github.com/topics/analytics", ""},
		{"github", "https://github.com/orgs", ""},
		{"x", "https://twitter.com/intent/follow?screen_name=Alice", "alice"},
		{"x", "https://x.com/intent/user?screen_name=alice&ref=a", "alice"},
		{"x", "https://x.com/alice/status/1", "alice"},
		{"x", "https://x.com/i/communities/1", ""},
		{"x", "https://x.com/search?q=alice", ""},
		{"instagram", "https://www.instagram.com/stories/alice/1/", "alice"},
		{"instagram", "https://instagram.com/alice/?hl=fr", "alice"},
		{"instagram", "https://www.instagram.com/p/Cxyz/", ""},
		{"instagram", "https://www.instagram.com/reel/Cxyz/", ""},
		{"facebook", "https://www.facebook.com/people/Alice-Doe/1000/", "1000"},
		{"facebook", "https://www.facebook.com/sharer/sharer.php?u=a", ""},
		{"tiktok", "https://www.tiktok.com/tag/analytics", ""},
		{"twitch", "https://www.twitch.tv/directory/following", ""},
		{"telegram", "https://t.me/joinchat/abcdef", ""},
		{"pinterest", "https://www.pinterest.fr/pin/123/", ""},
	} {
		connector, _ := ByNetwork(c.network)
		a, ok := ParseHandle(connector, c.input)
		if ok != (c.handle != "") || ok && a.Handle != c.handle {
			t.Errorf("%s %q: %q, %v; want %q", c.network, c.input, a.Handle, ok, c.handle)
		}
	}
	if got := (Mastodon{}).Host(Account{Handle: "@alice@münchen.example"}); got != "xn--mnchen-3ya.example" {
		t.Errorf("an international host is asked as %q", got)
	}
}

func TestOnlyPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "168.63.129.15": true, "2606:4700::1111": true, "2a01:4f8::1": true, "64:ff9b::808:808": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "192.168.0.1": false, "100.64.1.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false,
		"198.18.0.1": false, "192.88.99.1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fd00::1": false, "ff02::1": false, "::": false,
		// clouds' metadata: most, Azure, Alibaba, Oracle, IBM's services; AWS, Google, OpenStack and Scaleway by IPv6
		"169.254.169.254": false, "168.63.129.16": false, "100.100.100.200": false, "192.0.0.192": false, "161.26.0.10": false, "166.9.0.1": false,
		"fd00:ec2::254": false, "fd20:ce::254": false, "fe80::a9fe:a9fe": false, "fd00:42::42": false,
		// the same written as IPv6: mapped, compatible, translated, NAT64 of all and of one network, 6to4, Teredo
		"::ffff:127.0.0.1": false, "::ffff:168.63.129.16": false, "::127.0.0.1": false, "::a83f:8110": false, "::ffff:0:127.0.0.1": false,
		"64:ff9b::a00:1": false, "64:ff9b::a83f:8110": false, "64:ff9b::a83f:8110%1": false, "64:ff9b:1::808:808": false,
		"2002:7f00:1::": false, "2002:808:808::": false, "2001:0:4136:e378::1": false, "2001:db8::1": false, "3fff::1": false, "100::1": false, "5f00::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public = %v", address, got)
		}
	}
}

// TestClientRefuses: a request never leaves for where it may not go, also by a
// name or with private addresses allowed.
func TestClientRefuses(t *testing.T) {
	here := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer here.Close()
	byName := strings.Replace(here.URL, "127.0.0.1", "localhost", 1)
	for _, c := range []struct {
		address      string
		allowPrivate bool
		refused      bool
	}{
		{here.URL, false, true},
		{byName, false, true},
		{strings.Replace(here.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), false, true},
		{"http://168.63.129.16/", false, true},
		{here.URL, true, false},
		{byName, true, false},
		{"http://168.63.129.16/", true, true},
		{"http://100.100.100.200/", true, true},
		{"http://169.254.169.254/latest/meta-data/", true, true},
		{"http://[::ffff:169.254.169.254]/", true, true},
		{"http://[fd00:ec2::254]/", true, true},
		{"http://[64:ff9b::a9fe:a9fe]/", true, true},
	} {
		res, err := NewHTTPClient(c.allowPrivate).Get(c.address)
		if err == nil {
			res.Body.Close()
		}
		if errors.Is(err, ErrPrivate) != c.refused || err != nil && !c.refused {
			t.Errorf("%s, private addresses allowed: %v: %v", c.address, c.allowPrivate, err)
		}
	}
}

func TestAskedToWait(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		h    http.Header
		want time.Duration
	}{
		{"nothing asked", http.Header{}, 0},
		{"seconds", http.Header{"Retry-After": {"30"}}, 30 * time.Second},
		{"a date", http.Header{"Retry-After": {"Mon, 23 Nov 2026 12:01:00 GMT"}}, time.Minute},
		{"some left", http.Header{"X-Ratelimit-Remaining": {"3"}, "X-Ratelimit-Reset": {"2026-11-23T12:05:00Z"}}, 0},
		{"none left, ISO", http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"2026-11-23T12:05:00.000Z"}}, 5 * time.Minute},
		{"none left, epoch", http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1795435500"}}, 5 * time.Minute},
		{"none left, seconds", http.Header{"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"60"}}, time.Minute},
		{"in the past", http.Header{"Retry-After": {"Mon, 23 Nov 2026 11:00:00 GMT"}}, 0},
		{"for years", http.Header{"Retry-After": {"999999999"}}, 7 * 24 * time.Hour},
		{"nonsense", http.Header{"Retry-After": {"soon"}}, 0},
	} {
		if got := askedToWait(c.h, now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
