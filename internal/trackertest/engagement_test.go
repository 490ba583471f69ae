package trackertest

import (
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// clock replaces the time that the snippet sees, so that a test says how long a
// reader read: pass(seconds), and act() for a sign of life.
const clock = `<script>
	let now = 1000;
	performance.now = () => now;
	function pass(seconds) { now += seconds * 1000 }
	function act() { window.dispatchEvent(new Event("pointermove")) }
	function read(seconds) { for (; seconds > 0; seconds--) { pass(1); act() } }
</script>`

const tall = `<div style="height:8000px">Long read</div>`

func TestEngagedTime(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         float64 // milliseconds; -1 = nothing is sent
	}{
		{"reading", `read(42)`, 42000},
		{"a glance", `pass(.9)`, -1},
		{"no sign of life for long", `read(5); pass(600)`, 35000},
		{"back after a while", `pass(600); act(); read(5)`, 35000},
		{"another window has the focus", `read(5); blur(); pass(20); act(); pass(20); refocus(); read(5)`, 10000},
		{"hidden", `read(5); show(false); pass(20); show(true); read(5); `, 5000},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := opened(t, "", "/post", Page{Body: tall, Head: clock + hide + `<script>hidden = false;
				let focus = true; document.hasFocus = () => focus && !hidden;
				function blur() { focus = false; window.dispatchEvent(new Event("blur")) }
				function refocus() { focus = true; act() }
			</script>`})
			r.Run(c.script)
			r.Run(`show(false)`)
			if c.want < 0 {
				if got := r.collector.Settled(t, 1); len(got) != 1 {
					t.Errorf("sent %q", got)
				}
				return
			}
			n := 1
			if c.name == "hidden" {
				n = 2
			}
			e := r.collector.Wait(t, "engagement", n)[n-1]
			if e.Engaged == nil || *e.Engaged != c.want {
				t.Errorf("engaged %v ms, want %v", *e.Engaged, c.want)
			}
			if e.URL != r.blog.URL+"/post" {
				t.Errorf("of page %q", e.URL)
			}
			r.Run(`show(true); show(false); dispatchEvent(new Event("pagehide"))`)
			if got := r.collector.Settled(t, 1+n); len(got) != 1+n {
				t.Errorf("said twice: %q", got)
			}
		})
	}
}

func TestScrollDepth(t *testing.T) {
	r := opened(t, "", "/post", Page{Body: tall, Head: clock})
	height := browsertest.Eval[float64](r.Tab, `innerHeight`)
	r.Run(`scrollTo(0, 4000 - innerHeight); new Promise(done => setTimeout(done, 100))`)
	r.Run(`scrollTo(0, 0); new Promise(done => setTimeout(done, 100))`)
	r.Run(`read(3); history.pushState({}, "", "/next")`)
	e := r.collector.Wait(t, "engagement", 1)[0]
	if *e.Scroll != 50 || *e.Engaged != 3000 || e.URL != r.blog.URL+"/post" {
		t.Errorf("depth %v, engaged %v, page %q; want 50, 3000 and the page left", *e.Scroll, *e.Engaged, e.URL)
	}
	r.Run(`read(2); location.href = "/away"`)
	e = r.collector.Wait(t, "engagement", 2)[1]
	if want := float64(int(height / 8000 * 100)); *e.Scroll != want || e.URL != r.blog.URL+"/next" {
		t.Errorf("depth of the next view %v, want %v; page %q", *e.Scroll, want, e.URL)
	}
}
