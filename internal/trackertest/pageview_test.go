package trackertest

import (
	"slices"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

func paths(blog *Blog, events []Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, strings.TrimPrefix(e.URL, blog.URL))
	}
	return all
}

func TestPageview(t *testing.T) {
	r := opened(t, "", "/post?utm_source=x#part", Page{})
	got := r.collector.Settled(t, 1)
	if !slices.Equal(got, []string{"pageview"}) {
		t.Fatalf("one page open sent %q", got)
	}
	e := r.collector.Events("")[0]
	if e.URL != r.blog.URL+"/post?utm_source=x#part" || e.Domain != "blog.earshot.test" || e.Referrer != "" || e.Hash != 0 || e.Path != "/api/event" {
		t.Errorf("page view %+v", e)
	}
	if want := browsertest.Eval[string](r.Tab, `Intl.DateTimeFormat().resolvedOptions().timeZone`); e.Zone != want {
		t.Errorf("time zone %q, want %q", e.Zone, want)
	}
	if !strings.HasPrefix(e.Type, "text/plain") {
		t.Errorf("type %q would need a preflight", e.Type)
	}

	r.Run(`location.href = "/next"; new Promise(() => {}).catch(() => {}) && undefined`)
	next := r.collector.Wait(t, "pageview", 2)[1]
	if want := r.blog.URL + "/post?utm_source=x"; next.Referrer != want {
		t.Errorf("referrer %q, want %q", next.Referrer, want)
	}
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}

func TestSinglePageApplication(t *testing.T) {
	r := opened(t, "", "/a", Page{})
	r.collector.Wait(t, "pageview", 1) // beacons may overtake each other
	r.Run(`history.pushState({n: 1}, "", "/b")`)
	r.collector.Wait(t, "pageview", 2)
	r.Run(`history.replaceState({n: 2}, "", "/c"); history.pushState({}, "", "/c?page=2#top")`)
	r.collector.Wait(t, "pageview", 3)
	r.Run(`history.back()`) // to /c
	r.Run(`new Promise(done => setTimeout(done, 50))`)
	if got := browsertest.Eval[int](r.Tab, `history.state.n`); got != 2 {
		t.Errorf("state %d after going back, want 2", got)
	}
	r.Run(`history.back()`) // to /a
	views := r.collector.Wait(t, "pageview", 4)
	if got, want := paths(r.blog, views), []string{"/a", "/b", "/c", "/a"}; !slices.Equal(got, want) {
		t.Errorf("views %q, want %q", got, want)
	}
	if views[1].Referrer != r.blog.URL+"/a" {
		t.Errorf("referrer of the second view %q, want the first", views[1].Referrer)
	}
	r.Run(`location.hash = "elsewhere"`)
	if got := r.collector.Settled(t, 4); slices.Contains(got[4:], "pageview") {
		t.Errorf("a fragment counted as a page without data-hash: %q", got)
	}
}

// TestTidiedAddressIsNoSecondView: what a router puts in the address bar before
// its reader did anything is the page that was just counted, whenever that is.
// Afterwards it is another page.
func TestTidiedAddressIsNoSecondView(t *testing.T) {
	for _, when := range []string{
		`addEventListener("DOMContentLoaded", tidy)`,
		`addEventListener("load", tidy)`,
		`addEventListener("load", () => setTimeout(tidy, 200))`,
		`addEventListener("load", () => setTimeout(() => { history.replaceState({}, "", "/spa?a=1"); tidy() }))`,
	} {
		r := opened(t, "", "/spa", Page{
			Head: `<script>function tidy() { history.replaceState({}, "", "/spa/home"); window.tidied = 1 } ` + when + `</script>`,
			Body: `<button onclick='history.replaceState({}, "", "/spa/news")'>News</button>`,
		})
		r.Wait(`window.tidied`)
		if got := r.collector.Settled(t, 1); len(got) != 1 {
			t.Errorf("%s sent %q", when, got)
		}
		r.Click("button")
		views := r.collector.Wait(t, "pageview", 2)
		if got, want := paths(r.blog, views), []string{"/spa", "/spa/news"}; !slices.Equal(got, want) {
			t.Errorf("%s: views %q, want %q", when, got, want)
		}
		r.Run(`history.pushState({}, "", "/spa/b"); history.replaceState({}, "", "/spa/c")`)
		r.collector.Wait(t, "pageview", 4)
	}
}

func TestHashMode(t *testing.T) {
	r := opened(t, "data-hash", "/#/a", Page{})
	r.Run(`location.hash = "#/b"`)
	r.collector.Wait(t, "pageview", 2)
	r.Run(`history.back()`)
	views := r.collector.Wait(t, "pageview", 3)
	if got, want := paths(r.blog, views), []string{"/#/a", "/#/b", "/#/a"}; !slices.Equal(got, want) {
		t.Errorf("views %q, want %q", got, want)
	}
	if views[1].Hash != 1 {
		t.Errorf("h = %d, want 1", views[1].Hash)
	}
}

const hide = `<script>
	let hidden = true;
	Object.defineProperty(document, "hidden", { get: () => hidden });
	Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
	function show(visible) { hidden = !visible; document.dispatchEvent(new Event("visibilitychange", { bubbles: true })); }
</script>`

func TestHiddenPageCountsWhenSeen(t *testing.T) {
	r := newRig(t, "", Page{Head: hide})
	r.Open(r.blog.URL + "/prerendered?es=1AAAAAAAAA")
	r.Run(`history.pushState({}, "", "/prerendered/2"); history.replaceState({}, "", "/prerendered/3"); window.dispatchEvent(new Event("focus"))`)
	if got := r.collector.Settled(t, 0); len(got) > 0 {
		t.Fatalf("a page that nobody saw sent %q", got)
	}
	r.Run(`show(true); show(false); show(true)`)
	r.collector.Wait(t, "pageview", 1)
	if got := r.collector.Settled(t, 1); len(got) != 1 {
		t.Errorf("shown, hidden and shown again sent %q", got)
	}
}

func TestReturnFromCacheIsAPageView(t *testing.T) {
	r := opened(t, "", "/a", Page{})
	r.Run(`window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }))`)
	r.Run(`window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`)
	r.collector.Wait(t, "pageview", 2)

	r.Open(r.blog.URL + "/b")
	r.collector.Wait(t, "pageview", 3)
	r.Back() // whether or not the browser kept the page
	if views := r.collector.Wait(t, "pageview", 4); !strings.HasSuffix(views[3].URL, "/a") {
		t.Errorf("back shows %q", views[3].URL)
	}
}

func TestManual(t *testing.T) {
	r := newRig(t, "data-manual", Page{})
	r.Open(r.blog.URL + "/a")
	r.Run(`history.pushState({}, "", "/b"); window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`)
	if got := r.collector.Settled(t, 0); len(got) > 0 {
		t.Fatalf("sent %q on its own", got)
	}
	r.Run(`earshot("pageview", { props: { author: "Ada" } })`)
	r.Run(`history.pushState({}, "", "/c"); earshot("pageview", { u: "https://blog.example/as-said" })`)
	views := r.collector.Wait(t, "pageview", 2)
	if got := views[0].Properties(t)["author"]; got != "Ada" {
		t.Errorf("author %v", got)
	}
	if views[1].URL != "https://blog.example/as-said" {
		t.Errorf("address %q", views[1].URL)
	}
}

func TestExcludedPaths(t *testing.T) {
	r := newRig(t, `data-exclude="/admin, /drafts/*,/p.html"`, Page{})
	for path, sent := range map[string]bool{
		"/admin": false, "/admin?x=1": false, "/admin/": true, "/drafts/1": false, "/drafts/1/edit": false,
		"/drafts": true, "/administrator": true, "/p.html": false, "/blog/admin": true, "/": true,
	} {
		r.Open(r.blog.URL + path)
		r.Run(`earshot("Signup")`)
		want := 0
		if sent {
			want = 2
			r.collector.Wait(t, "Signup", 1)
		}
		if got := r.collector.Settled(t, want); len(got) != want {
			t.Errorf("%s sent %q", path, got)
		}
		r.collector.Forget()
	}
}

func TestCustomEvents(t *testing.T) {
	r := opened(t, "", "/post", Page{Head: `<script>
		window.earshot = window.earshot || function () { (earshot.q = earshot.q || []).push(arguments) };
		earshot("Early", { props: { n: 1 } });
	</script>`})
	r.Run(`earshot("Signup", { props: { plan: "pro", seats: 3 }, revenue: { currency: "EUR", amount: 9.9 } }); earshot("Plain")`)
	signup := r.collector.Wait(t, "Signup", 1)[0]
	if p := signup.Properties(t); p["plan"] != "pro" || p["seats"] != 3.0 || signup.Revenue["amount"] != 9.9 {
		t.Errorf("Signup %+v %v", signup.Revenue, p)
	}
	if signup.URL != r.blog.URL+"/post" {
		t.Errorf("of page %q", signup.URL)
	}
	r.collector.Wait(t, "Plain", 1)
	if early := r.collector.Wait(t, "Early", 1)[0]; early.Properties(t)["n"] != 1.0 {
		t.Errorf("Early %s", early.P)
	}
	if got := r.collector.Settled(t, 4); len(got) != 4 {
		t.Errorf("sent %q", got)
	}
}

func TestTwoSnippetsCountOnce(t *testing.T) {
	r := newRig(t, "", Page{})
	r.blog.page.Body = r.blog.page.Snippet
	r.Open(r.blog.URL + "/")
	r.Run(`history.pushState({}, "", "/b")`)
	r.collector.Wait(t, "pageview", 2)
	if got := r.collector.Settled(t, 2); len(got) != 2 {
		t.Errorf("sent %q", got)
	}
}
