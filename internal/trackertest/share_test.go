package trackertest

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/enrich"
)

// rareForms are those that earshot-share.js knows besides.
var rareForms = []form{
	{"line", "https://line.me/R/msg/text/?Read%20this%0D%0APAGE", "https://line.me/R/msg/text/?Read%20this%0D%0APAGE%3Fes=ID"},
	{"line", "line://msg/text/PAGE", "line://msg/text/PAGE%3Fes=ID"},
	{"hatena", "https://b.hatena.ne.jp/entry/RAW", "https://b.hatena.ne.jp/entry/RAW%3Fes=ID"},
	{"xing", "https://www.xing.com/app/user?op=share;url=PAGE", "https://www.xing.com/app/user?op=share;url=PAGE%3Fes=ID"},
	{"hatena", "https://b.hatena.ne.jp/entry/panel/?url=PAGE", "https://b.hatena.ne.jp/entry/panel/?url=PAGE%3Fes=ID"},
	{"email", "https://mail.google.com/mail/?view=cm&su=x&body=PAGE", "https://mail.google.com/mail/?view=cm&su=x&body=PAGE%3Fes=ID"},
	{"mastodon", "https://s2f.kytta.dev/?text=x%20PAGE", "https://s2f.kytta.dev/?text=x%20PAGE%3Fes=ID"},
	// Forms whose address says nothing of sharing carry an address of this site.
	{"instapaper", "https://www.instapaper.com/edit?url=PAGE&title=x", "https://www.instapaper.com/edit?url=PAGE%3Fes=ID&title=x"},
	{"livejournal", "https://www.livejournal.com/update.bml?subject=x&event=PAGE", "https://www.livejournal.com/update.bml?subject=x&event=PAGE%3Fes=ID"},
	{"linkedin", "https://www.linkedin.com/feed/?shareActive=true&shareUrl=PAGE", "https://www.linkedin.com/feed/?shareActive=true&shareUrl=PAGE%3Fes=ID"},
	{"lobsters", "https://lobste.rs/stories/new?url=PAGE&title=x", "https://lobste.rs/stories/new?url=PAGE%3Fes=ID&title=x"},
	{"diaspora", "https://diasp.org/bookmarklet?url=RAW&title=x", "https://diasp.org/bookmarklet?url=RAW%3Fes=ID&title=x"},
	{"douban", "http://www.douban.com/recommend/?url=PAGE", "http://www.douban.com/recommend/?url=PAGE%3Fes=ID"},
	{"telegram", "tg://msg?text=x%20PAGE", "tg://msg?text=x%20PAGE%3Fes=ID"},
	{"email", "https://outlook.live.com/mail/0/deeplink/compose?subject=x&body=PAGE", "https://outlook.live.com/mail/0/deeplink/compose?subject=x&body=PAGE%3Fes=ID"},
	{"email", "http://compose.mail.yahoo.com/?to=&subject=x&body=PAGE", "http://compose.mail.yahoo.com/?to=&subject=x&body=PAGE%3Fes=ID"},
	{"messenger", "fb-messenger://share?link=PAGE", "fb-messenger://share?link=PAGE%3Fes=ID"},
}

var firstHand = regexp.MustCompile(`^1[0-9A-Za-z]{9}$`)

type form struct{ network, href, after string }

// forms are the share forms of each network, as buttons link them. PAGE is the
// page's address percent-encoded, RAW as it is. The address that goes out has
// the share's ID at the end of the page's, where ID stands in after.
var forms = []form{
	{"x", "https://twitter.com/intent/tweet?url=PAGE&text=Read%20this", "https://twitter.com/intent/tweet?url=PAGE%3Fes=ID&text=Read%20this"},
	{"x", "https://x.com/intent/post?text=Read%20PAGE%20now&via=me", "https://x.com/intent/post?text=Read%20PAGE%3Fes=ID%20now&via=me"},
	{"x", "https://x.com/intent/tweet?text=Read+PAGE.+Now", "https://x.com/intent/tweet?text=Read+PAGE%3Fes=ID.+Now"},
	{"x", "https://x.com/intent/post?text=hello", "https://x.com/intent/post?text=hello"},
	{"facebook", "https://www.facebook.com/sharer/sharer.php?u=PAGE", "https://www.facebook.com/sharer/sharer.php?u=PAGE%3Fes=ID"},
	{"facebook", "https://facebook.com/sharer.php?u=RAW&t=x", "https://facebook.com/sharer.php?u=RAW%3Fes=ID&t=x"},
	{"messenger", "https://www.facebook.com/dialog/send?app_id=1&link=PAGE", "https://www.facebook.com/dialog/send?app_id=1&link=PAGE%3Fes=ID"},
	{"facebook", "https://www.facebook.com/dialog/share?app_id=1&href=PAGE", "https://www.facebook.com/dialog/share?app_id=1&href=PAGE%3Fes=ID"},
	{"linkedin", "https://www.linkedin.com/sharing/share-offsite/?url=PAGE%3Fa%3D1", "https://www.linkedin.com/sharing/share-offsite/?url=PAGE%3Fa%3D1%26es=ID"},
	{"linkedin", "https://www.linkedin.com/shareArticle?mini=true&url=PAGE%23part", "https://www.linkedin.com/shareArticle?mini=true&url=PAGE%3Fes=ID%23part"},
	{"reddit", "https://www.reddit.com/submit?url=PAGE&title=x", "https://www.reddit.com/submit?url=PAGE%3Fes=ID&title=x"},
	{"hackernews", "https://news.ycombinator.com/submitlink?u=PAGE&t=x", "https://news.ycombinator.com/submitlink?u=PAGE%3Fes=ID&t=x"},
	{"whatsapp", "https://wa.me/?text=PAGE", "https://wa.me/?text=PAGE%3Fes=ID"},
	{"whatsapp", "https://api.whatsapp.com/send?text=A%0APAGE%0AB", "https://api.whatsapp.com/send?text=A%0APAGE%3Fes=ID%0AB"},
	{"whatsapp", "whatsapp://send?text=PAGE", "whatsapp://send?text=PAGE%3Fes=ID"},
	{"telegram", "https://t.me/share/url?url=PAGE&text=x", "https://t.me/share/url?url=PAGE%3Fes=ID&text=x"},
	{"telegram", "https://telegram.me/share/url?url=PAGE", "https://telegram.me/share/url?url=PAGE%3Fes=ID"},
	{"bluesky", "https://bsky.app/intent/compose?text=%22x%22%20PAGE%2F", "https://bsky.app/intent/compose?text=%22x%22%20PAGE%2F%3Fes=ID"},
	{"threads", "https://www.threads.net/intent/post?text=PAGE", "https://www.threads.net/intent/post?text=PAGE%3Fes=ID"},
	{"threads", "https://threads.com/intent/post?url=PAGE", "https://threads.com/intent/post?url=PAGE%3Fes=ID"},
	{"mastodon", "https://share.joinmastodon.org/#text=x%20PAGE", "https://share.joinmastodon.org/#text=x%20PAGE%3Fes=ID"},
	{"mastodon", "https://social.example/share?text=x%20PAGE", "https://social.example/share?text=x%20PAGE%3Fes=ID"},
	{"mastodon", "https://tootpick.org/#text=x%20PAGE", "https://tootpick.org/#text=x%20PAGE%3Fes=ID"},
	{"pinterest", "https://www.pinterest.fr/pin/create/button/?url=PAGE&media=https%3A%2F%2Fcdn.example%2Fi.png", "https://www.pinterest.fr/pin/create/button/?url=PAGE%3Fes=ID&media=https%3A%2F%2Fcdn.example%2Fi.png"},
	{"tumblr", "https://www.tumblr.com/widgets/share/tool?canonicalUrl=PAGE", "https://www.tumblr.com/widgets/share/tool?canonicalUrl=PAGE%3Fes=ID"},
	{"vk", "https://vk.com/share.php?url=PAGE", "https://vk.com/share.php?url=PAGE%3Fes=ID"},
	{"buffer", "https://buffer.com/add?url=PAGE&text=x", "https://buffer.com/add?url=PAGE%3Fes=ID&text=x"},
	{"flipboard", "https://share.flipboard.com/bookmarklet/popout?v=2&url=PAGE", "https://share.flipboard.com/bookmarklet/popout?v=2&url=PAGE%3Fes=ID"},
	{"line", "https://social-plugins.line.me/lineit/share?url=PAGE", "https://social-plugins.line.me/lineit/share?url=PAGE%3Fes=ID"},
	{"xing", "https://www.xing.com/spi/shares/new?url=PAGE", "https://www.xing.com/spi/shares/new?url=PAGE%3Fes=ID"},
	{"hatena", "https://b.hatena.ne.jp/add?mode=confirm&url=PAGE", "https://b.hatena.ne.jp/add?mode=confirm&url=PAGE%3Fes=ID"},
	{"reddit", "https://www.addtoany.com/add_to/reddit?linkurl=PAGE&linkname=x", "https://www.addtoany.com/add_to/reddit?linkurl=PAGE%3Fes=ID&linkname=x"},
	{"mastodon", "https://social.example/share/?text=PAGE&title=x", "https://social.example/share/?text=PAGE%3Fes=ID&title=x"},
	{"other", "https://social.example/share?url=PAGE", "https://social.example/share?url=PAGE%3Fes=ID"},
	{"other", "https://plus.google.com/share?url=PAGE", "https://plus.google.com/share?url=PAGE%3Fes=ID"},
	{"mewe", "https://mewe.com/share?link=PAGE", "https://mewe.com/share?link=PAGE%3Fes=ID"},
	{"pocket", "https://getpocket.com/save?url=PAGE", "https://getpocket.com/save?url=PAGE%3Fes=ID"},
	{"pocket", "https://getpocket.com/edit?url=PAGE&title=x", "https://getpocket.com/edit?url=PAGE%3Fes=ID&title=x"},
	{"x", "https://x.com/intent/post?url=https%3A%2F%2Fsho.rt%2Fabc", "https://x.com/intent/post?url=https%3A%2F%2Fsho.rt%2Fabc"}, // another site's address stays as it is
	{"email", "mailto:?subject=x&body=Look%3A%20PAGE", "mailto:?subject=x&body=Look%3A%20PAGE%3Fes=ID"},
	{"viber", "viber://forward?text=PAGE", "viber://forward?text=PAGE%3Fes=ID"},
	{"odnoklassniki", "https://connect.ok.ru/offer?url=PAGE", "https://connect.ok.ru/offer?url=PAGE%3Fes=ID"},
	{"odnoklassniki", "https://connect.ok.ru/dk?st.cmd=WidgetSharePreview&st.shareUrl=PAGE", "https://connect.ok.ru/dk?st.cmd=WidgetSharePreview&st.shareUrl=PAGE%3Fes=ID"},
	{"sms", "sms:?&body=x%20PAGE", "sms:?&body=x%20PAGE%3Fes=ID"},
	{"email", "mailto:a@friend.example?body=RAW", "mailto:a@friend.example?body=RAW%3Fes=ID"},
}

func lists(t testing.TB) *enrich.Enricher {
	t.Helper()
	e, err := enrich.New(enrich.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestShareForms(t *testing.T) {
	t.Run("earshot.js", func(t *testing.T) { tryForms(t, "earshot.js", forms) })
	t.Run("earshot-share.js", func(t *testing.T) { tryForms(t, "earshot-share.js", append(rareForms, forms[0], forms[5], forms[22])) })
}

func tryForms(t *testing.T, file string, forms []form) {
	networks := lists(t)
	r := opened(t, "", "/post", Page{Head: stay, File: file})
	page := r.blog.URL + "/post"
	fill := strings.NewReplacer("PAGE", url.QueryEscape(page), "RAW", page)
	r.Run(`window.link = document.body.appendChild(document.createElement("a")); link.textContent = "share"`)
	for _, form := range forms {
		t.Run(form.href, func(t *testing.T) {
			r.collector.Forget()
			href := fill.Replace(form.href)
			r.Run(`went.length = 0; link.href = ` + strconv.Quote(href) + `; link.click()`)
			e := r.collector.Wait(t, "share", 1)[0]
			if !firstHand.MatchString(e.Share.ID) || e.Share.Kind != "link" || e.Share.Parent != "" || e.URL != page {
				t.Errorf("share %+v of %s", *e.Share, e.URL)
			}
			got, ok := networks.NormalizeNetwork(e.Share.Network)
			if !ok {
				got = "other"
			}
			if got != form.network {
				t.Errorf("network %q is %q, want %q", e.Share.Network, got, form.network)
			}
			want := strings.ReplaceAll(fill.Replace(form.after), "ID", e.Share.ID)
			if got := browsertest.Eval[string](r.Tab, `went[0]`); got != want {
				t.Errorf("opened\n%s, want\n%s", got, want)
			}
			r.Wait(`link.href === ` + strconv.Quote(href)) // as it was, for the next click
		})
	}
	if got := r.collector.Settled(t, 1); len(got) != 1 {
		t.Errorf("a share counted as more: %q", got)
	}
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}

func TestNoShare(t *testing.T) {
	r := opened(t, "", "/post", Page{Head: stay, Body: `
		<a href="mailto:me@blog.earshot.test?subject=Hello&body=Hi%20there">write</a>
		<a href="mailto:me@blog.earshot.test">write</a>
		<a href="sms:+15551234">text</a>
		<a href="/share?url=x#submit">here</a>
		<button>nothing</button>
		<div id=host></div>
		<script>host.attachShadow({ mode: "open" }).innerHTML = "<button>in a shadow tree</button>"</script>`})
	r.Run(`document.querySelectorAll("body a, body button").forEach(e => e.click()); host.shadowRoot.querySelector("button").click()`)
	if got := r.collector.Settled(t, 1); len(got) != 1 {
		t.Errorf("sent %s", r.collector.summary())
	}
}

// TestFollowIsNoShare: who follows an account, subscribes to the feed, writes to
// the site or opens a tool for the page shares nothing. Both files are asked,
// the second of more.
func TestFollowIsNoShare(t *testing.T) {
	both := []string{
		"https://twitter.com/intent/follow?original_referer=PAGE&region=follow_link&screen_name=me", "https://x.com/intent/user?user_id=1",
		"https://www.youtube.com/@me?sub_confirmation=1", "https://www.facebook.com/me", "https://www.linkedin.com/company/me/", "https://t.me/channel",
		"https://wa.me/15551234567", "https://www.patreon.com/bePatron?u=1234", "viber://chat?number=%2B15551234567", "https://ok.ru/group/1234", "https://me.us1.list-manage.com/subscribe?u=abc&id=def",
		"https://feedly.com/i/subscription/feed/RAW", "https://docs.google.com/document/d/1/edit?usp=share_link",
		"https://example.org/?utm_source=blog.earshot.test&ref=PAGE",
	}
	more := []string{
		"https://wa.me/15551234567?text=Hello", "https://api.whatsapp.com/send?phone=15551234567&text=Hello",
		"https://www.netvibes.com/subscribe.php?url=PAGE", "https://www.newsblur.com/?url=PAGE%2Ffeed%2F", "https://example.org/reader?url=PAGE",
		"https://translate.google.com/translate?sl=auto&tl=en&u=PAGE", "https://validator.w3.org/check?uri=PAGE", "https://web.archive.org/save/RAW",
		"https://example.org/login?redirect_url=PAGE", "https://example.org/pay?return_url=PAGE&amount=1", "https://calendar.google.com/calendar/render?action=TEMPLATE&text=x&details=PAGE",
		"https://github.com/me/blog/issues/new?body=PAGE", "https://go.example.net/?id=1&url=https%3A%2F%2Fshop.example%2F&sref=PAGE",
	}
	for file, hrefs := range map[string][]string{"earshot.js": both, shareFile: append(more, both...)} {
		r := opened(t, "", "/post", Page{Head: windows + stay, File: file})
		fill := strings.NewReplacer("PAGE", url.QueryEscape(r.blog.URL+"/post"), "RAW", r.blog.URL+"/post")
		r.Run(`window.link = document.body.appendChild(document.createElement("a"))`)
		for _, href := range hrefs {
			r.Run(`link.href = ` + strconv.Quote(fill.Replace(href)) + `; link.click(); window.open(link.href)`)
		}
		r.collector.Settled(t, 0)
		for _, e := range r.collector.Events("share") {
			t.Errorf("%s: a share of %s: %+v", file, e.URL, *e.Share)
		}
		if got := browsertest.Eval[string](r.Tab, `opened.concat(went).join(" ")`); strings.Contains(got, "es=") {
			t.Errorf("%s: an ID went out: %s", file, got)
		}
	}
}

func TestShareLoop(t *testing.T) {
	const parent = "1aB3dE5gH7"
	for _, c := range []struct{ name, attributes, path, clean string }{
		{"query", "", "/post?es=" + parent, "/post"},
		{"first of several", "", "/post?es=" + parent + "&fbclid=x#top", "/post?fbclid=x#top"},
		{"last of several", "", "/post?a=1&es=" + parent + "#top", "/post?a=1#top"},
		{"between", "", "/post?a=1&es=" + parent + "&b=2", "/post?a=1&b=2"},
		{"fragment", "", "/post#es=" + parent, "/post"},
		{"escaped twice", "", "/post?a=1%26es=" + parent, "/post?a=1"},
		{"escaped as HTML", "", "/post?a=1&amp;es=" + parent + "&b=2", "/post?a=1&amp;b=2"},
		{"escaped as HTML by number", "", "/post?a=1&#038;es=" + parent, "/post?a=1&#038"},
		{"another parameter", "data-param=via", "/post?via=" + parent, "/post"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := opened(t, c.attributes, c.path, Page{Head: stay,
				Body: `<a id=share href="https://x.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost">share</a>`})
			if got := browsertest.Eval[string](r.Tab, `location.href`); got != r.blog.URL+c.clean {
				t.Errorf("address bar shows %q, want %q", got, c.clean)
			}
			if got := r.collector.Events("pageview")[0].URL; got != r.blog.URL+c.path {
				t.Errorf("page view of %q, want the share in it", got)
			}
			r.Click("#share")
			share := r.collector.Wait(t, "share", 1)[0].Share
			if share.Parent != parent || share.ID[0] != '2' {
				t.Errorf("share %+v, want the second generation after %s", share, parent)
			}
			name := "es"
			if c.attributes != "" {
				name = "via"
			}
			if got := browsertest.Eval[string](r.Tab, `went[0]`); !strings.HasSuffix(got, "%2Fpost%3F"+name+"="+share.ID) {
				t.Errorf("opened %s", got)
			}
		})
	}
	t.Run("the last generation that an ID can name", func(t *testing.T) {
		r := opened(t, "", "/post?es=zaB3dE5gH7", Page{Head: stay,
			Body: `<a id=share href="https://x.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost">share</a>`})
		r.Click("#share")
		if share := r.collector.Wait(t, "share", 1)[0].Share; share.Parent != "zaB3dE5gH7" || !enrich.ValidShareID(share.ID) {
			t.Errorf("share %+v, want an ID", share)
		}
	})
	t.Run("a parameter of the site's own", func(t *testing.T) {
		r := opened(t, "", "/post?es=español&pages=1234567890", Page{})
		if got := browsertest.Eval[string](r.Tab, `location.search`); got != "?es=espa%C3%B1ol&pages=1234567890" {
			t.Errorf("query %q", got)
		}
	})
}

func TestShareSeenTwiceIsOne(t *testing.T) {
	r := opened(t, "", "/post", Page{Head: stay + `<script>
		const opened = [];
		window.open = (address) => { opened.push(String(address)); return null };
	</script>`, Body: `
		<a id=popup href="https://twitter.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost" onclick="window.open(this.href); return false">popup</a>
		<button id=script onclick="window.open('https://www.facebook.com/sharer.php?u=https%3A%2F%2Fblog.earshot.test%2Fpost', 'w')">script</button>
		<button id=other onclick="window.open('/help'); window.open()">help</button>
		<button id=mine data-earshot-share="mastodon"><i id=inner>toot</i></button>
		<a id=jetpack data-shared="sharing-facebook-4" class="share-facebook sd-button" href="/post?share=facebook&nb=1" onclick="return false">Facebook</a>`})
	r.Click("#popup")
	share := r.collector.Wait(t, "share", 1)[0].Share
	if want := "https://twitter.com/intent/tweet?url=https%3A%2F%2Fblog.earshot.test%2Fpost%3Fes=" + share.ID; browsertest.Eval[string](r.Tab, `opened[0]`) != want {
		t.Errorf("window %s, want %s", browsertest.Eval[string](r.Tab, `opened[0]`), want)
	}
	r.Click("#script")
	second := r.collector.Wait(t, "share", 2)[1].Share
	if second.Kind != "window" || second.Network != "https://www.facebook.com/sharer.php" || second.ID == share.ID {
		t.Errorf("a window of a script: %+v", second)
	}
	if got := browsertest.Eval[string](r.Tab, `opened[1]`); !strings.HasSuffix(got, "%2Fpost%3Fes="+second.ID) {
		t.Errorf("window %s", got)
	}
	r.Click("#other")
	r.Click("#inner")
	third := r.collector.Wait(t, "share", 3)[2].Share
	if third.Kind != "button" || third.Network != "mastodon" {
		t.Errorf("a marked button: %+v", third)
	}
	r.Click("#jetpack")
	fourth := r.collector.Wait(t, "share", 4)[3].Share
	if fourth.Kind != "link" || fourth.Network != "sharing-facebook-4" {
		t.Errorf("Jetpack's button: %+v", fourth)
	}
	if got := r.collector.Settled(t, 5); len(got) != 5 {
		t.Errorf("sent %q", got)
	}
	if got := browsertest.Eval[[]string](r.Tab, `opened.slice(2)`); len(got) != 2 || got[0] != "/help" {
		t.Errorf("other windows %q", got)
	}
	r.Run(`new Promise(done => setTimeout(done, 1050))`)
	r.Click("#popup")
	if again := r.collector.Wait(t, "share", 5)[4].Share; again.Network != share.Network || again.ID == share.ID {
		t.Error("the next share has the ID of the last")
	}
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}

func TestShareSheet(t *testing.T) {
	r := opened(t, "", "/post", Page{Head: `<script>
		const sheets = [];
		navigator.share = (data) => { sheets.push(data); return new Promise((resolve, reject) => Object.assign(window, { resolve, reject })) };
	</script>`})
	r.Run(`window.data = Object.freeze({ title: "T", url: location.href + "?a=1&b=2#part" }); window.result = navigator.share(data).then(() => "done", (e) => e.message); undefined`)
	if got := r.collector.Settled(t, 1); len(got) != 1 {
		t.Fatalf("counted before it took place: %q", got)
	}
	r.Run(`resolve()`)
	share := r.collector.Wait(t, "share", 1)[0].Share
	if share.Network != "native" || share.Kind != "native" {
		t.Errorf("share %+v", share)
	}
	if got, want := browsertest.Eval[string](r.Tab, `sheets[0].url`), r.blog.URL+"/post?a=1&b=2&es="+share.ID+"#part"; got != want {
		t.Errorf("shared %q, want %q", got, want)
	}
	if got := browsertest.Eval[string](r.Tab, `sheets[0].title + data.url.includes("es=") + result`); !strings.HasPrefix(got, "Tfalse") {
		t.Errorf("the page's own data: %s", got)
	}
	r.Run(`new Promise(done => setTimeout(done, 1050))`)
	r.Run(`window.result = navigator.share({ title: "no address" }).then(() => "done", (e) => e.message); reject(new Error("aborted"))`)
	if got := browsertest.Eval[string](r.Tab, `result`); got != "aborted" {
		t.Errorf("the page hears %q", got)
	}
	if browsertest.Eval[bool](r.Tab, `!!sheets[1].url`) {
		t.Error("an address came into a share that had none")
	}
	if got := r.collector.Settled(t, 2); len(got) != 2 {
		t.Errorf("an aborted share counted: %q", got)
	}
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}

func TestCopiedLinks(t *testing.T) {
	r := opened(t, "", "/post?utm_source=x", Page{Head: `<script>
		const copies = [];
		Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => { copies.push(text); return Promise.resolve() } } });
	</script>`, Body: `<p id=text>some words</p><p id=link></p>`})
	page := r.blog.URL + "/post"
	r.Run(`link.textContent = "Read " + location.origin + "/post today"; navigator.clipboard.writeText(location.origin + "/post")`)
	share := r.collector.Wait(t, "share", 1)[0].Share
	if share.Network != "copy" || share.Kind != "copy" {
		t.Errorf("share %+v", share)
	}
	if got := browsertest.Eval[string](r.Tab, `copies[0]`); got != page+"?es="+share.ID {
		t.Errorf("copied %q", got)
	}
	r.Run(`navigator.clipboard.writeText("curl " + location.origin + "/post.sh"); navigator.clipboard.writeText("words"); navigator.clipboard.writeText(7);
		getSelection().selectAllChildren(text); document.execCommand("copy")`)
	if got := r.collector.Settled(t, 2); len(got) != 2 {
		t.Errorf("copies of something else counted: %q", got)
	}
	if got := browsertest.Eval[string](r.Tab, `copies[1] + copies[2] + copies[3]`); got != "curl "+r.blog.URL+"/post.shwords7" {
		t.Errorf("changed a copy: %q", got)
	}
	r.Run(`new Promise(done => setTimeout(done, 1050))`)
	r.Run(`getSelection().selectAllChildren(link); document.execCommand("copy")`)
	r.collector.Wait(t, "share", 2)
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("console: %v", p)
	}
}
