package trackertest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

const shareFile = "earshot-share.js"

// clipboard hears what a copy puts into the clipboard after the snippet's turn.
const clipboard = `window.got = {}; addEventListener("copy", (e) => { for (const type of ["text/plain", "text/html"]) got[type] = e.clipboardData.getData(type) })`

func TestCopiedSelections(t *testing.T) {
	r := opened(t, "", "/post", Page{File: shareFile, Body: `<p id=text></p><input id=field size=60><p id=other>words</p>`})
	page := r.blog.URL + "/post"
	r.Run(clipboard)
	r.Run(`text.innerHTML = "Read <b>this</b>: <a href='/post'>" + location.href + "</a>"; getSelection().selectAllChildren(text); document.execCommand("copy")`)
	share := r.collector.Wait(t, "share", 1)[0].Share
	if got, want := browsertest.Eval[string](r.Tab, `got["text/plain"]`), "Read this: "+page+"?es="+share.ID; got != want || share.Kind != "copy" {
		t.Errorf("copied %q, want %q", got, want)
	}
	if got, want := browsertest.Eval[string](r.Tab, `got["text/html"]`), `Read <b>this</b>: <a href="`+page+"?es="+share.ID+`">`+page+"?es="+share.ID+`</a>`; got != want {
		t.Errorf("copied\n%s, want\n%s", got, want)
	}
	if got := browsertest.Eval[string](r.Tab, `text.textContent`); got != "Read this: "+page {
		t.Errorf("the page shows %q", got)
	}
	r.Run(`new Promise(done => setTimeout(done, 1050))`)
	r.Run(`field.value = location.href; field.select(); document.execCommand("copy")`)
	share = r.collector.Wait(t, "share", 2)[1].Share
	if got := browsertest.Eval[string](r.Tab, `got["text/plain"]`); got != page+"?es="+share.ID {
		t.Errorf("copied from a field %q", got)
	}
	r.Run(`new Promise(done => setTimeout(done, 1050))`)
	r.Run(`document.addEventListener("copy", (e) => { e.clipboardData.setData("text/plain", "words. Read more: " + location.href); e.preventDefault() }, { once: true });
		getSelection().selectAllChildren(other); document.execCommand("copy")`)
	share = r.collector.Wait(t, "share", 3)[2].Share
	if got := browsertest.Eval[string](r.Tab, `got["text/plain"]`); got != "words. Read more: "+page+"?es="+share.ID {
		t.Errorf("copied what the page put there %q", got)
	}
	r.Run(`getSelection().selectAllChildren(other); document.execCommand("copy")`)
	if got := r.collector.Settled(t, 4); len(got) != 4 {
		t.Errorf("other words are a share: %q", got)
	}
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}

func TestCopyHandling(t *testing.T) {
	for how, shares := range map[string]int{"count": 1, "off": 0} {
		t.Run(how, func(t *testing.T) {
			r := opened(t, "data-copy="+how, "/post", Page{File: shareFile, Body: `<input id=field size=60>`, Head: `<script>
				const copies = [];
				Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => { copies.push(text); return Promise.resolve() } } });
			</script>`})
			r.Run(clipboard)
			r.Run(`field.value = location.href; field.select(); document.execCommand("copy"); navigator.clipboard.writeText(location.href)`)
			if got := r.collector.Settled(t, 1+shares); len(got) != 1+shares {
				t.Errorf("sent %q", got)
			}
			if got := browsertest.Eval[string](r.Tab, `copies[0] + (got["text/plain"] || "")`); got != r.blog.URL+"/post" {
				t.Errorf("copied %q", got)
			}
		})
	}
}

const three = `<a id=x href="https://x.com/intent/post?url=PAGE">x</a> <a id=mail href="mailto:?body=PAGE">mail</a> <a id=toot href="https://social.example/share?text=PAGE">toot</a> <a id=part href="https://x.com/intent/tweet?url=PAGE%23part">part</a>`

func withPage(markup string) string {
	return strings.ReplaceAll(markup, "PAGE", url.QueryEscape("http://blog.earshot.test/post"))
}

func TestNetworksWanted(t *testing.T) {
	r := opened(t, `data-networks="email, mastodon"`, "/post", Page{File: shareFile, Head: stay, Body: withPage(three)})
	r.Click("#x")
	r.Click("#mail")
	r.Click("#toot")
	r.collector.Wait(t, "share", 2)
	if got := r.collector.Settled(t, 4); len(got) != 4 || got[1] != "Outbound Link: Click" {
		t.Errorf("sent %q", got)
	}
	if got := browsertest.Eval[[]string](r.Tab, `went`); len(got) != 3 || strings.Contains(got[0], "es=") || !strings.Contains(got[1], "es=") {
		t.Errorf("opened %q", got)
	}
}

func TestIDInFragment(t *testing.T) {
	r := opened(t, `data-place=fragment`, "/post#es=1aB3dE5gH7", Page{File: shareFile, Head: stay, Body: withPage(three)})
	r.Click("#x")
	r.Click("#part")
	shares := r.collector.Wait(t, "share", 2)
	want := []string{withPage("https://x.com/intent/post?url=PAGE%23es=") + shares[0].Share.ID, withPage("https://x.com/intent/tweet?url=PAGE%3Fes=") + shares[1].Share.ID + "%23part"}
	if got := browsertest.Eval[[]string](r.Tab, `went`); got[0] != want[0] || got[1] != want[1] {
		t.Errorf("opened %q, want %q", got, want)
	}
	if shares[0].Share.Parent != "1aB3dE5gH7" {
		t.Errorf("parent %q", shares[0].Share.Parent)
	}
}

func TestShareSheetText(t *testing.T) {
	r := opened(t, "", "/post", Page{File: shareFile, Head: `<script>
		const sheets = [];
		navigator.share = (data) => { sheets.push(data); return Promise.resolve() };
	</script>`})
	r.Run(`navigator.share({ title: "T", text: "Read <" + location.href + ">, please" })`)
	share := r.collector.Wait(t, "share", 1)[0].Share
	if got, want := browsertest.Eval[string](r.Tab, `sheets[0].text`), "Read <"+r.blog.URL+"/post?es="+share.ID+">, please"; got != want {
		t.Errorf("shared %q, want %q", got, want)
	}
}

func TestAddressBar(t *testing.T) {
	const parent = "1aB3dE5gH7"
	r := opened(t, "data-bar", "/post?es="+parent, Page{File: shareFile, Head: stay, Body: withPage(three)})
	bar := func() string { return browsertest.Eval[string](r.Tab, `location.href`) }
	first := bar()
	if want := r.blog.URL + "/post#es=2_"; !strings.HasPrefix(first, want) || !strings.HasSuffix(first, parent) || len(first) != len(want)+8+len(parent) {
		t.Fatalf("the address bar shows %q", first)
	}
	r.Run(`window.link = document.getElementById("x"); link.href = "https://x.com/intent/post?url=" + encodeURIComponent(location.href); link.click()`)
	share := r.collector.Wait(t, "share", 1)[0].Share
	if share.Parent != parent || strings.Contains(first, share.ID) || share.ID[1] == '_' {
		t.Errorf("share %+v", share)
	}
	if got, want := browsertest.Eval[string](r.Tab, `went[0]`), "https://x.com/intent/post?url="+url.QueryEscape(r.blog.URL+"/post")+"%3Fes="+share.ID; got != want {
		t.Errorf("opened %q, want %q", got, want)
	}

	r.Run(`history.pushState({}, "", "/next"); new Promise(done => setTimeout(done, 20))`)
	r.Run(`dispatchEvent(new Event("scroll"))`)
	next := bar()
	if !strings.HasPrefix(next, r.blog.URL+"/next#es=2_") || !strings.HasSuffix(next, parent) {
		t.Errorf("the next page's address %q", next)
	}
	r.Run(`history.back(); new Promise(done => setTimeout(done, 150))`)
	views := r.collector.Wait(t, "pageview", 3)
	if views[1].URL != r.blog.URL+"/next" || views[2].URL != r.blog.URL+"/post" {
		t.Errorf("views of %s and %s, want no ID of the reader's own", views[1].URL, views[2].URL)
	}
	r.Do(chromedp.Reload())
	views = r.collector.Wait(t, "pageview", 4)
	if views[3].URL != r.blog.URL+"/post" {
		t.Errorf("a reload is a view of %s", views[3].URL)
	}
	if got := bar(); got == first || !strings.HasPrefix(got, r.blog.URL+"/post#es=1_") {
		t.Errorf("after a reload the address bar shows %q", got)
	}

	// Another reader, by an address copied from there.
	const copied = "2_B3dE5gH7"
	other := opened(t, "data-bar", "/post#es="+copied+parent, Page{File: shareFile})
	if got := other.collector.Events("pageview")[0].URL; got != other.blog.URL+"/post#es="+copied+parent {
		t.Errorf("a visit by the address is a view of %s", got)
	}
	if got, want := browsertest.Eval[string](other.Tab, `location.href`), other.blog.URL+"/post#es=3_"; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, copied) {
		t.Errorf("its reader's address bar shows %q", got)
	}
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}

// TestRealGestures opens share links as a browser does, with the middle button
// and the keyboard, and looks at what the network is asked for.
func TestRealGestures(t *testing.T) {
	for _, file := range []string{"earshot.js", shareFile} {
		t.Run(file, func(t *testing.T) {
			r := newRig(t, "", Page{File: file})
			network := NewBlog(t, Page{})
			form := strings.Replace(network.URL, "blog.", "social.", 1) + "/share?text="
			r.blog.page.Body = `<a id=link target=_blank rel=noopener href="` + form + url.QueryEscape(r.blog.URL+"/post") + `"><svg width=60 height=60><circle id=hit cx=30 cy=30 r=30 /></svg></a>`
			r.Open(r.blog.URL + "/post")
			r.collector.Wait(t, "pageview", 1)
			asked := func(n int) {
				t.Helper()
				id := r.collector.Wait(t, "share", n)[n-1].Share.ID
				want := "/share?text=" + url.QueryEscape(r.blog.URL+"/post") + "%3Fes=" + id
				for range 100 {
					for _, seen := range network.Seen() {
						if strings.HasPrefix(seen, "/share") {
							if seen != want {
								t.Errorf("the network is asked for %s, want %s", seen, want)
							}
							return
						}
					}
					r.Run(`new Promise(done => setTimeout(done, 30))`)
				}
				t.Error("the network is asked for nothing")
			}
			r.Do(chromedp.MouseClickXY(30, 30, chromedp.ButtonMiddle))
			asked(1)
			r.Run(`new Promise(done => setTimeout(done, 1050))`)
			r.Run(`link.focus()`)
			r.Do(chromedp.KeyEvent("\r"))
			asked(2)
		})
	}
}

// TestNothingBreaks: whatever goes wrong in the snippet, the page's own calls
// go through as the page made them.
func TestNothingBreaks(t *testing.T) {
	for _, file := range []string{"earshot.js", shareFile} {
		t.Run(file, func(t *testing.T) {
			r := opened(t, `data-exclude="/a(b, /[c, /d+"`, "/post", Page{File: file, Head: `<script>
				const calls = [];
				navigator.share = (...args) => { calls.push(args.length); return Promise.reject(new TypeError("no data")) };
				window.open = (...args) => { calls.push(String(args[0])); return null };
				Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => { calls.push(text); return Promise.resolve("copied") } } });
			</script>`, Body: `<link rel=canonical href="https://blog.earshot.test/post"><meta property="og:url" content="https://blog.earshot.test/post">
				<a id=broken href="https://x.com/intent/post?text=%E0%A4%A&url=x">broken</a>`})
			if got := browsertest.Eval[string](r.Tab, `navigator.share().catch(e => e.message)`); got != "no data" {
				t.Errorf("navigator.share() without data: %q", got)
			}
			r.Run(`window.open(); window.open({ toString() { return "/help" } }); broken.addEventListener("click", (e) => { calls.push("clicked"); e.preventDefault() }); broken.click()`)
			text := `location.href + " \uD800 lone"`
			if got := browsertest.Eval[string](r.Tab, `navigator.clipboard.writeText(`+text+`)`); got != "copied" {
				t.Errorf("writeText answers %q", got)
			}
			if !browsertest.Eval[bool](r.Tab, `calls.length === 5 && calls[1] === "undefined" && calls[2] === "/help" && calls[3] === "clicked" && calls[4] === `+text) {
				t.Errorf("calls %v", browsertest.Eval[string](r.Tab, `JSON.stringify(calls)`))
			}
			if got := browsertest.Eval[string](r.Tab, `document.querySelector("[rel=canonical]").href + document.querySelector("[property='og:url']").content`); got != "https://blog.earshot.test/posthttps://blog.earshot.test/post" {
				t.Errorf("canonical and og:url are %s", got)
			}
			if p := r.Problems(); len(p) > 0 {
				t.Errorf("console: %v", p)
			}
		})
	}
}
