package trackertest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// TestHashModeIgnoresQueries: what the stored page has nothing of makes no
// other page; what it has does.
func TestHashModeIgnoresQueries(t *testing.T) {
	r := opened(t, "data-hash", "/h?utm_source=nl#/one", Page{})
	r.Run(`history.replaceState({}, "", "/h#/one"); history.pushState({}, "", "/h?x=1#/one?utm_source=x"); history.pushState({}, "", "/h#/one/?utm_medium=y&utm_source=x")`)
	r.Run(`history.pushState({}, "", "/h#!/r"); history.pushState({}, "", "/h#!/r?utm_source=x"); history.pushState({}, "", "/h#!/r?page=2"); history.pushState({}, "", "/h#!/r?page=3")`)
	r.collector.Wait(t, "pageview", 4)
	var got []string
	for _, e := range r.collector.Events("pageview") {
		got = append(got, strings.TrimPrefix(e.URL, r.blog.URL))
	}
	slices.Sort(got)
	if want := []string{"/h#!/r", "/h#!/r?page=2", "/h#!/r?page=3", "/h?utm_source=nl#/one"}; !slices.Equal(got, want) {
		t.Errorf("views %q, want %q", got, want)
	}
	if got := r.collector.Settled(t, 4); len(got) != 4 {
		t.Errorf("sent %q", got)
	}
}

func TestFrames(t *testing.T) {
	for attribute, want := range map[string]int{"": 1, "data-frames": 2} {
		r := newRig(t, attribute, Page{Head: `<script>
			addEventListener("DOMContentLoaded", () => { if (top == self) document.body.append(Object.assign(document.createElement("iframe"), { src: "/inner" })) })</script>`})
		r.Open(r.blog.URL + "/outer")
		r.collector.Wait(t, "pageview", want)
		if got := r.collector.Settled(t, want); len(got) != want {
			t.Errorf("%q: sent %q", attribute, got)
		}
	}
}

func TestExcludedInAnyScript(t *testing.T) {
	r := newRig(t, "data-exclude=\" /über uns ,\n\t/你好/*\n/caf%C3%A9, /list[1],/a+b \"", Page{})
	for path, sent := range map[string]bool{
		"/%C3%BCber%20uns": false, "/%c3%bcber%20uns?x=%E4": false, "/%E4%BD%A0%E5%A5%BD/1": false, "/%e4%bd%a0%e5%a5%bd/1/2": false,
		"/caf%c3%a9": false, "/list[1]": false, "/a+b": false, "/%C3%BCber": true, "/aab": true, "/caf": true, "/": true,
	} {
		r.Open(r.blog.URL + path)
		want := 0
		if sent {
			want = 1
			r.collector.Wait(t, "pageview", 1)
		}
		r.collector.Settled(t, 0)
		got := 0
		for _, e := range r.collector.Events("") {
			if strings.HasSuffix(e.URL, path) { // not the report of the page before
				got++
			}
		}
		if got != want {
			t.Errorf("%s sent %d events, want %d", path, got, want)
		}
		r.collector.Forget()
	}
}

// TestFindsItself: loaded in any way, the snippet finds its element or its
// settings, and sends where they say, whatever the page's <base> says.
func TestFindsItself(t *testing.T) {
	for _, c := range []struct {
		name, snippet, settings string
		inline                  bool
	}{
		{"a module", `<script type=module data-site="blog.earshot.test" src="COLLECTOR/js/earshot.js"></script>`, "", false},
		{"made by a script", `<script>document.head.append(Object.assign(document.createElement("script"), { src: "COLLECTOR/js/earshot.js" })); document.currentScript.nextElementSibling</script><meta data-site="blog.earshot.test" data-endpoint="COLLECTOR/api/event">`, "", false},
		{"written", `<script>document.write('<script data-site="blog.earshot.test" src="COLLECTOR/js/earshot.js"><\/script>')</script>`, "", false},
		{"inlined", `<script data-site="blog.earshot.test" data-endpoint="COLLECTOR/api/event">CODE</script>`, "", false},
		{"bundled, with settings", `<script src="/script.js"></script>`, `<script>window.earshot = { site: "blog.earshot.test", endpoint: "COLLECTOR/api/event" }</script>`, true},
		{"a bundled module, with settings on the function", `<script type=module src="/script.js"></script>`,
			`<script>window.earshot = function () { (earshot.q = earshot.q || []).push(arguments) }; earshot.site = "blog.earshot.test"; earshot.endpoint = "COLLECTOR/api/event"</script>`, true},
		{"a relative endpoint and a base", `<base href="https://elsewhere.example/x/"><script defer data-site="blog.earshot.test" data-endpoint="/api/event" src="COLLECTOR/js/earshot.js"></script>`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "", Page{})
			code := string(theSnippets(t)["earshot.js"])
			fill := strings.NewReplacer("COLLECTOR", r.collector.URL, "CODE", code)
			r.blog.page.Snippet, r.blog.page.Head = fill.Replace(c.snippet), fill.Replace(c.settings)
			if c.inline {
				r.blog.page.Script = code
			}
			r.Open(r.blog.URL + "/post")
			if strings.Contains(c.name, "base") {
				r.Wait(`performance.getEntriesByType("resource").some(e => e.name === location.origin + "/api/event")`)
				return
			}
			if e := r.collector.Wait(t, "pageview", 1)[0]; e.Domain != "blog.earshot.test" || e.Path != "/api/event" {
				t.Errorf("%+v", e)
			}
			if p := r.Console(); len(p) > 0 {
				t.Errorf("console: %v", p)
			}
		})
	}
}

// TestSaysWhatIsMissing: a snippet that finds neither its element nor where to
// send says so once, and does nothing else, however it was loaded.
func TestSaysWhatIsMissing(t *testing.T) {
	const queue = `<script>window.earshot = function () { (earshot.q = earshot.q || []).push(arguments) }; earshot("Signup")</script>`
	for file, code := range theSnippets(t) {
		for _, c := range []struct{ name, head, snippet string }{
			{"a script", "", `<script defer src="/script.js"></script>`},
			{"a module", "", `<script type=module src="/script.js"></script>`},
			{"inlined", "", `<script>CODE</script>`},
			{"twice", "", `<script src="/script.js"></script><script src="/script.js"></script>`},
			{"with a queue", queue, `<script defer src="/script.js"></script>`},
			{"with a site alone", `<script>window.earshot = { site: "blog.earshot.test" }</script>`, `<script defer src="/script.js"></script>`},
		} {
			t.Run(file+"/"+c.name, func(t *testing.T) {
				r := newRig(t, "", Page{
					Head:    stay + c.head,
					Snippet: strings.ReplaceAll(c.snippet, "CODE", string(code)),
					Script:  string(code),
					Body:    `<a id=share href="https://x.com/intent/post?url=http%3A%2F%2Fblog.earshot.test%2F">share</a>`,
				})
				r.Open(r.blog.URL + "/post?es=1aB3dE5gH7")
				r.Wait(`document.readyState === "complete" && !!window.earshot`)
				r.Click("#share")
				r.Run(`history.pushState({}, "", location.pathname + "/2" + location.search); earshot("Signup"); dispatchEvent(new Event("blur"))`)
				r.Wait(`went.length === 1`)
				if got := r.collector.Settled(t, 0); len(got) > 0 {
					t.Errorf("sent %q", got)
				}
				if seen := r.blog.Seen(); slices.ContainsFunc(seen, func(path string) bool { return strings.Contains(path, "api/event") }) {
					t.Errorf("asked for %q", seen)
				}
				if got := browsertest.Eval[string](r.Tab, `went[0] + " " + location.search`); got != "https://x.com/intent/post?url=http%3A%2F%2Fblog.earshot.test%2F ?es=1aB3dE5gH7" {
					t.Errorf("the link and the address became %q", got)
				}
				if got := r.Console(); len(got) != 1 || got[0].Type == "error" || !strings.Contains(got[0].Text, "earshot") || !strings.Contains(got[0].Text, "data-site") {
					t.Errorf("console: %v", got)
				}
			})
		}
	}
}

// TestStrangePages: whatever a page is or has done to the browser, nothing of
// the snippet's fails in sight, and where it can count, it counts.
func TestStrangePages(t *testing.T) {
	for _, c := range []struct {
		name, head string
		views      int
	}{
		{"no sendBeacon", `delete Navigator.prototype.sendBeacon`, 2},
		{"no crypto", `Object.defineProperty(window, "crypto", { value: undefined })`, 2},
		{"a frozen history", `Object.freeze(history)`, 2},
		{"getters that throw", `for (const name of ["clipboard", "share", "globalPrivacyControl"]) Object.defineProperty(Navigator.prototype, name, { get() { throw new Error(name) } })`, 0},
		{"polluted prototypes", `Object.prototype.extend = Array.prototype.remove = String.prototype.strip = function () {}; Object.prototype.items = {}`, 2},
		{"no fetch", `window.fetch = undefined`, 0},
		{"a fetch that throws", `window.fetch = () => { throw new Error("fetch") }`, 0},
		{"no time zone", `window.Intl = undefined`, 0},
		{"an element called earshot", `document.write('<div id=earshot></div>')`, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "", Page{Head: "<script>" + c.head + "</script>" + `<script>window.failed = [];
				addEventListener("error", (e) => failed.push(e.message)); addEventListener("unhandledrejection", (e) => failed.push(String(e.reason)))</script>`,
				Body: `<a id=share href="https://x.com/intent/post?url=http%3A%2F%2Fblog.earshot.test%2F" onclick="return false">share</a>`})
			r.Open(r.blog.URL + "/a")
			r.Wait(`document.readyState === "complete"`)
			r.Run(`history.pushState({}, "", "/b"); share.click(); dispatchEvent(new Event("scroll"))`)
			if c.views > 0 {
				r.collector.Wait(t, "pageview", c.views)
				r.collector.Wait(t, "share", 1)
			}
			r.collector.Settled(t, 0)
			if got := browsertest.Eval[[]string](r.Tab, `failed`); len(got) > 0 {
				t.Errorf("uncaught: %q", got)
			}
			if p := r.Problems(); len(p) > 0 {
				t.Errorf("console: %v", p)
			}
		})
	}
}

// TestIntegrity: a copy with a hash runs, and one that differs doesn't.
func TestIntegrity(t *testing.T) {
	r := newRig(t, "", Page{})
	r.Open(r.blog.URL + "/first")
	r.Run(`fetch("` + r.collector.URL + `/js/earshot.js").then(a => a.arrayBuffer()).then(b => crypto.subtle.digest("SHA-384", b)).then(d => { window.hash = btoa(String.fromCharCode(...new Uint8Array(d))) })`)
	hash := browsertest.Eval[string](r.Tab, `hash`)
	r.collector.Forget()
	r.blog.page.Snippet = Tag(r.collector.URL, `crossorigin integrity="sha384-`+hash+`"`)
	r.Open(r.blog.URL + "/second")
	r.collector.Wait(t, "pageview", 1)
}

// TestSandboxedAndXML: an opaque origin and a document that is no HTML.
func TestSandboxedAndXML(t *testing.T) {
	r := newRig(t, "", Page{})
	var kind string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", kind)
		if kind == "text/html" {
			w.Header().Set("Content-Security-Policy", "sandbox allow-scripts")
		}
		tag := `<script data-site="blog.earshot.test" src="` + r.collector.URL + `/js/earshot.js"></script>`
		_, _ = w.Write([]byte(`<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title>` + tag + `</head><body><p>x</p></body></html>`))
	}))
	t.Cleanup(server.Close)
	base := strings.Replace(server.URL, "127.0.0.1", "blog.earshot.test", 1)
	for i, k := range []string{"text/html", "application/xhtml+xml"} {
		kind = k
		r.Open(base + "/page?es=1AAAAAAAAA")
		r.collector.Wait(t, "pageview", i+1)
		r.Run(`dispatchEvent(new Event("scroll")); history.pushState({}, "", "")`)
		if p := r.Problems(); len(p) > 0 {
			t.Errorf("%s: console: %v", k, p)
		}
	}
}
