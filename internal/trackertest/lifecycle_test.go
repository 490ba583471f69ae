package trackertest

import (
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// shift is clock for pages that the browser keeps alive: the time is the real
// one and what a test adds to it.
const shift = `<script>
	let added = 0; const real = performance.now.bind(performance);
	performance.now = () => real() + added;
	function pass(seconds) { added += seconds * 1000 }
	function act() { window.dispatchEvent(new Event("pointermove")) }
</script>`

// TestTimeAwayIsNoAttention: a page keeps the focus while the browser keeps it
// for the back button. The minutes that it is kept are nobody's attention, on
// neither of the two pages.
func TestTimeAwayIsNoAttention(t *testing.T) {
	r := newRig(t, "", Page{Head: shift, Body: tall})
	r.Open(r.blog.URL + "/a")
	r.collector.Wait(t, "pageview", 1)
	r.Run(`window.kept = 1; addEventListener("resume", () => pass(600), { once: true, capture: true }); act(); pass(2); act()`)
	r.Open(r.blog.URL + "/b")
	r.collector.Wait(t, "pageview", 2)
	r.Run(`act(); pass(2); act()`)
	r.Back()
	if !browsertest.Eval[bool](r.Tab, `window.kept === 1`) {
		t.Skip("the browser kept no page")
	}
	r.collector.Wait(t, "pageview", 3)
	r.Run(`act(); pass(3); act(); location.href = "/c"`)
	r.collector.Wait(t, "pageview", 4)
	for i, e := range r.collector.Wait(t, "engagement", 3) {
		if *e.Engaged > 8000 {
			t.Errorf("report %d of %s: %v ms, with the time away", i, e.URL, *e.Engaged)
		}
	}
}

// TestAwayWithTheFocus is the same for what stops a page in other ways: a time
// that jumps counts for 30 seconds at most, and not at all while the page is
// hidden.
func TestAwayWithTheFocus(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         float64
	}{
		{"hidden with the focus", `read(5); show(false); pass(3600); show(true); read(2)`, 2000},
		{"kept for the back button", `read(5); dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })); show(false); pass(25); show(true);
			dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })); read(2)`, 2000},
		{"frozen", `read(5); show(false); document.dispatchEvent(new Event("freeze")); pass(3600); document.dispatchEvent(new Event("resume")); show(true); read(2)`, 2000},
		{"a night's sleep in front of the page", `read(5); pass(36000); read(2)`, 37000 + 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := opened(t, "", "/post", Page{Body: tall, Head: clock + hide + `<script>hidden = false; document.hasFocus = () => true</script>`})
			r.Run(c.script + `; show(false)`)
			n := 2
			if strings.Contains(c.name, "sleep") {
				n = 1
			}
			reports := r.collector.Wait(t, "engagement", n)
			var total float64
			for _, e := range reports {
				total += *e.Engaged
			}
			if n == 2 {
				total -= 5000
			}
			if total > c.want {
				t.Errorf("%v ms after being away, want at most %v", total, c.want)
			}
		})
	}
}

// TestSwappedBeforePush: a router that puts another document in the page's
// place before pushState (as Astro's does), and one that scrolls up after it,
// give each page its own depth.
func TestSwappedBeforePush(t *testing.T) {
	r := opened(t, "", "/long", Page{Head: clock, Body: `<div id=page style="height:8000px">Long</div>`})
	const settle = `new Promise(done => setTimeout(done, 100))`
	r.Run(`scrollTo(0, 2000 - innerHeight); ` + settle)
	r.Run(`read(3); page.style.height = "2000px"; history.pushState({}, "", "/short")`)
	e := r.collector.Wait(t, "engagement", 1)[0]
	if *e.Scroll != 25 || !strings.HasSuffix(e.URL, "/long") {
		t.Errorf("depth %v of %s, want 25 of the long page", *e.Scroll, e.URL)
	}
	r.Run(`scrollTo(0, 2000); ` + settle)
	r.Run(`history.pushState({}, "", "/next"); page.style.height = "8000px"; scrollTo(0, 0); ` + settle)
	r.Run(`read(3); history.pushState({}, "", "/last")`)
	height := browsertest.Eval[float64](r.Tab, `innerHeight`)
	e = r.collector.Wait(t, "engagement", 2)[1]
	if want := float64(int(height / 8000 * 100)); *e.Scroll != want || !strings.HasSuffix(e.URL, "/next") {
		t.Errorf("depth %v of %s, want %v of the next page", *e.Scroll, e.URL, want)
	}
}
