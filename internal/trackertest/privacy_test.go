package trackertest

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// TestSize is the budget as a browser pays it: brotli at quality 11.
func TestSize(t *testing.T) {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 11)
	if _, err := w.Write(theSnippets(t)["earshot.js"]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 1500 {
		t.Errorf("%d bytes in brotli, above 1,500", out.Len())
	}
}

func TestOptOut(t *testing.T) {
	const (
		gpc = `<script>Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })</script>`
		dnt = `<script>Object.defineProperty(Navigator.prototype, "doNotTrack", { get: () => "1" })</script>`
		set = `<script>window.earshot = function () { (earshot.q = earshot.q || []).push(arguments) }; earshot.optOut = true; earshot("Early")</script>`
	)
	for _, c := range []struct {
		name, head, attributes string
		counts                 bool
	}{
		{"nothing asked", "", "", true},
		{"Global Privacy Control", gpc, "", false},
		{"Do Not Track", dnt, "", false},
		{"the site may not respect it", gpc + dnt, `data-respect="off"`, true},
		{"the site's own switch", set, `data-respect="off"`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.attributes, Page{Head: stay + c.head, Body: `
				<a id=share href="https://x.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost">share</a>`})
			r.Open(r.blog.URL + "/post?es=1AAAAAAAAA")
			r.Run(`earshot("Signup", { props: { a: 1 } }); history.pushState({}, "", "/b")`)
			r.Click("#share")
			if c.counts {
				r.collector.Wait(t, "share", 1)
				return
			}
			if got := r.collector.Settled(t, 0); len(got) > 0 {
				t.Errorf("sent %q", got)
			}
			if got := browsertest.Eval[string](r.Tab, `went[0]`); strings.Contains(got, "es=") {
				t.Errorf("marked %s", got)
			}
		})
	}
}

func TestMachinesAndOwnComputers(t *testing.T) {
	t.Run("an automated browser", func(t *testing.T) {
		r := newRig(t, "", Page{})
		browsertest.Call(r.Tab, emulation.SetAutomationOverride, emulation.SetAutomationOverrideParams{Enabled: true})
		r.Open(r.blog.URL + "/")
		r.Run(`earshot("Signup")`)
		if got := r.collector.Settled(t, 0); len(got) > 0 {
			t.Errorf("sent %q", got)
		}
	})
	for _, host := range []string{"localhost", "127.0.0.1"} {
		for attribute, want := range map[string]int{"": 0, "data-local": 1} {
			t.Run(host+" "+attribute, func(t *testing.T) {
				r := newRig(t, attribute, Page{})
				r.Open(strings.Replace(r.blog.URL, "blog.earshot.test", host, 1) + "/")
				if got := r.collector.Settled(t, want); len(got) != want {
					t.Errorf("sent %q", got)
				}
			})
		}
	}
}

// TestStoresNothing does all that the snippet reacts to, then looks at what the
// browser keeps for either site.
func TestStoresNothing(t *testing.T) {
	r := opened(t, "", "/post?es=1AAAAAAAAA", Page{Head: stay + clock, Body: tall + `
		<a id=share href="https://x.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost">share</a>`})
	r.Run(`share.click(); earshot("Signup"); read(5); history.pushState({}, "", "/b")`)
	r.collector.Wait(t, "engagement", 1)
	for what, script := range map[string]string{
		"storage":   `localStorage.length + sessionStorage.length`,
		"databases": `indexedDB.databases().then((d) => d.length)`,
		"caches":    `caches.keys().then((k) => k.length)`,
		"workers":   `navigator.serviceWorker.getRegistrations().then((w) => w.length)`,
		"name":      `window.name.length`,
	} {
		if n := browsertest.Eval[int](r.Tab, script); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	cookies := browsertest.Call(r.Tab, network.GetCookies, network.GetCookiesParams{URLs: []string{r.blog.URL, r.collector.URL}})
	if len(cookies.Cookies) != 0 {
		t.Errorf("cookies %v", cookies.Cookies)
	}
	for _, e := range r.collector.Events("") {
		if e.Header.Get("Cookie") != "" {
			t.Errorf("%s came with a cookie", e.Name)
		}
	}
}

// TestDeadCollector proves that a collector that is gone, or never answers,
// costs the blog nothing.
func TestDeadCollector(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	for name, address := range map[string]string{"gone": gone.Addr().String(), "silent": silent.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, `data-endpoint="http://`+address+`/api/event"`, Page{Head: `<script>
				addEventListener("load", () => { window.loaded = performance.now() });
				addEventListener("unhandledrejection", (e) => { window.rejected = String(e.reason) });
			</script>`, Body: `<a id=next href="/next">next</a>`})
			r.Open(r.blog.URL + "/")
			r.Wait(`window.loaded`)
			r.Run(`earshot("Signup"); history.pushState({}, "", "/b")`)
			if got := browsertest.Eval[string](r.Tab, `location.pathname + (window.rejected || "")`); got != "/b" {
				t.Errorf("the page is at %s", got)
			}
			r.Click("#next")
			r.Wait(`location.pathname === "/next" && window.loaded`)
			if p := r.Problems(); len(p) > 0 {
				t.Errorf("console: %v", p)
			}
		})
	}
}

// TestStrictPolicy runs under the tightest content security policy that
// docs/snippet.md recommends: nothing inline, nothing evaluated.
func TestStrictPolicy(t *testing.T) {
	r := newRig(t, "", Page{})
	r.blog.page.Policy = "default-src 'none'; script-src " + r.collector.URL + "; connect-src " + r.collector.URL + "; require-trusted-types-for 'script'"
	r.blog.page.Body = `<a id=share href="https://x.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost" target=_blank>share</a>`
	r.Open(strings.Replace(r.blog.URL, "blog.", "strict.", 1) + "/post")
	r.collector.Wait(t, "pageview", 1)
	r.Run(`share.click(); history.pushState({}, "", "/b")`)
	r.collector.Wait(t, "share", 1)
	r.collector.Wait(t, "pageview", 2)
	for _, p := range r.Problems() {
		if !strings.Contains(p.Text, "style") { // the test page's own style attribute
			t.Errorf("console: %v", p)
		}
	}
}
