package trackertest

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// stay keeps the page where it is and remembers the address that each click
// would have opened, as the browser sees it after the snippet's turn.
const stay = `<script>
	const went = [];
	for (const type of ["click", "auxclick"]) addEventListener(type, (event) => {
		const link = event.composedPath().find((e) => e.href);
		if (link && event.button < 2) went.push(link.href.baseVal || link.href);
		event.preventDefault();
	});
</script>`

func TestOutboundAndDownloads(t *testing.T) {
	r := opened(t, "", "/post", Page{Head: stay, Body: `
		<a id=out href="https://other.example/path?x=1">out</a>
		<a id=icon href="https://icon.example/"><svg width=40 height=40><circle id=circle r=20 cx=20 cy=20 /></svg></a>
		<a id=stopped href="https://stopped.example/" onclick="event.stopPropagation(); return false">stopped</a>
		<div id=host></div>
		<a id=pdf href="/files/report.pdf?v=2#page=3">report</a>
		<a id=zip href="/files/all.zip">all</a>
		<a id=inside href="/other">in</a> <a id=part href="#part">part</a>
		<a id=mail href="mailto:me@blog.earshot.test">mail</a> <a id=tel href="tel:+15551234">call</a>
		<a id=follow href="https://x.com/intent/follow?screen_name=me">follow me</a>
		<a id=profile href="https://www.facebook.com/me">me there</a>
		<a id=post href="https://www.facebook.com/share/p/abc/?mibextid=xyz">a post there</a>
		<script>
			host.attachShadow({ mode: "open" }).innerHTML = '<a id=deep href="https://shadow.example/"><b>deep</b></a>';
		</script>`})
	sent := func(name string, n int) Event {
		t.Helper()
		return r.collector.Wait(t, name, n)[n-1]
	}
	const outbound, download = "Outbound Link: Click", "File Download"

	r.Click("#out")
	if got := sent(outbound, 1); got.Properties(t)["url"] != "https://other.example/path?x=1" || got.URL != r.blog.URL+"/post" {
		t.Errorf("outbound %s of %s", got.P, got.URL)
	}
	r.Click("#circle")
	if got := sent(outbound, 2).Properties(t)["url"]; got != "https://icon.example/" {
		t.Errorf("a click on an icon in a link: %v", got)
	}
	r.Do(chromedp.Click(chromedp.CSS("#out"), chromedp.NodeVisible))
	sent(outbound, 3)
	r.Run(`out.dispatchEvent(new MouseEvent("auxclick", { button: 1, bubbles: true, cancelable: true, composed: true }))`)
	sent(outbound, 4)
	r.Run(`out.dispatchEvent(new MouseEvent("auxclick", { button: 2, bubbles: true, cancelable: true, composed: true }))`)
	r.Click("#stopped")
	if got := sent(outbound, 5).Properties(t)["url"]; got != "https://stopped.example/" {
		t.Errorf("a click that a handler stopped, and none for the right button: %v", got)
	}
	r.Run(`host.shadowRoot.querySelector("b").click()`)
	if got := sent(outbound, 6).Properties(t)["url"]; got != "https://shadow.example/" {
		t.Errorf("a link in a shadow tree: %v", got)
	}
	r.Run(`out.focus()`)
	r.Do(chromedp.KeyEvent("\r"))
	sent(outbound, 7)

	r.Click("#pdf")
	if got := sent(download, 1).Properties(t)["url"]; got != r.blog.URL+"/files/report.pdf?v=2#page=3" {
		t.Errorf("download %v", got)
	}
	r.Click("#zip")
	sent(download, 2)

	r.collector.Forget()
	for _, id := range []string{"inside", "part", "mail", "tel"} {
		r.Run(id + `.click()`)
	}
	if got := r.collector.Settled(t, 0); len(got) > 0 {
		t.Errorf("links that leave nothing sent %q", got)
	}
	for i, id := range []string{"follow", "profile", "post"} {
		r.Run(id + `.click()`)
		sent(outbound, i+1)
	}
	if got := r.collector.Settled(t, 0); slices.Contains(got, "share") {
		t.Errorf("a link to a profile or a post is a share: %q", got)
	}
}
