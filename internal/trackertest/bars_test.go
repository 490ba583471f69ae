package trackertest

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// windows remembers the windows that a page opens instead of opening them.
const windows = `<script>
	const opened = [];
	window.open = (address) => { opened.push(String(address)); return null };
</script>`

// bars are share bars as their makers print them; where a script of theirs does
// the work, a few lines do the same. PAGE is the page's address
// percent-encoded, RAW as it is, ID the share's.
var bars = []struct {
	name, markup string
	click        string // the selector of what the reader hits
	network      string // the one the event must end up with
	kind         string
	goes         string // the address that a link or a window opens; empty = none
}{
	{"AddToAny, link", `<div class="a2a_kit a2a_kit_size_32 a2a_default_style"><a class="a2a_button_facebook" href="https://www.addtoany.com/add_to/facebook?linkurl=PAGE&amp;linkname=A%20post" title="Facebook" rel="nofollow noopener" target="_blank">f</a><a class="a2a_dd addtoany_share_save addtoany_share" href="https://www.addtoany.com/share"></a></div>`,
		".a2a_button_facebook", "facebook", "link", "https://www.addtoany.com/add_to/facebook?linkurl=PAGE%3Fes=ID&linkname=A%20post"},
	{"AddToAny, script", `<div class="a2a_kit" data-a2a-url="RAW"><a class="a2a_button_mastodon" href="/#mastodon" target="_blank"><span class="a2a_svg a2a_s__default a2a_s_mastodon"><svg viewBox="0 0 32 32" width=32 height=32><path id=hit d="M0 0h32v32H0z"/></svg></span><span class="a2a_label">Mastodon</span></a></div>
		<script>document.querySelector(".a2a_button_mastodon").onclick = (e) => { e.preventDefault(); e.stopPropagation(); window.open("https://www.addtoany.com/add_to/mastodon?linkurl=PAGE&linkname=A") }</script>`,
		"#hit", "mastodon", "link", "https://www.addtoany.com/add_to/mastodon?linkurl=PAGE%3Fes=ID&linkname=A"},
	{"Jetpack", `<div class="sharedaddy sd-sharing-enabled"><div class="sd-content"><ul><li class="share-facebook"><a rel="nofollow noopener noreferrer" data-shared="sharing-facebook-42" class="share-facebook sd-button share-icon no-text" href="RAW?share=facebook" target="_blank" title="Click to share on Facebook"><span></span><span class="sharing-screen-reader-text">Facebook</span></a></li></ul></div></div>
		<script>document.querySelector("a.share-facebook").onclick = function (e) { e.preventDefault(); e.stopPropagation(); window.open(this.getAttribute("href"), "wpcomfacebook", "menubar=1,resizable=1,width=600,height=400") }</script>`,
		"a.share-facebook", "facebook", "link", "https://www.facebook.com/sharer.php?u=PAGE%3Fes=ID&t=Blog"},
	{"Jetpack, an icon", `<li class="share-x"><a rel="nofollow" data-shared="sharing-x-42" class="share-x sd-button share-icon" href="RAW?p=7&amp;share=x&amp;nb=1" target="_blank"><span id=hit>X</span></a></li>`,
		"#hit", "x", "link", "https://x.com/intent/post?url=PAGE%3Fp%3D7%26es=ID&text=Blog"},
	{"Jetpack, a network without a form", `<a rel="nofollow" data-shared="sharing-mastodon-42" class="share-mastodon sd-button" href="RAW?share=mastodon" target="_blank"><span>Mastodon</span></a>`,
		".share-mastodon", "mastodon", "link", "RAW?share=mastodon"},
	{"ShareThis", `<div class="sharethis-inline-share-buttons st-has-labels" data-url="RAW"><div class="st-btn st-first" data-network="facebook" style="display:inline-block"><img alt="facebook sharing button"><span class="st-label">Share</span></div><div class="st-btn st-last" data-network="sharethis">more</div></div>
		<script>document.querySelector(".st-btn").onclick = () => setTimeout(() => window.open("https://www.facebook.com/sharer.php?t=A&u=PAGE"), 50)</script>`,
		".st-label", "facebook", "button", "https://www.facebook.com/sharer.php?t=A&u=PAGE%3Fes=ID"},
	{"Shareaholic", `<div class="shareaholic-canvas" data-app="share_buttons" data-link="RAW"><ul class="shareaholic-share-buttons"><li class="shareaholic-share-button" data-service="linkedin"><a href="#linkedin"><i class="shareaholic-service-icon">in</i></a></li></ul></div>
		<script>document.querySelector(".shareaholic-share-button").onclick = (e) => { e.preventDefault(); window.open("https://www.shareaholic.com/api/share/?v=1&apitype=1&service=88&title=A&link=PAGE") }</script>`,
		".shareaholic-service-icon", "linkedin", "button", "https://www.shareaholic.com/api/share/?v=1&apitype=1&service=88&title=A&link=PAGE%3Fes=ID"},
	{"Sassy Social Share", `<div class="heateor_sss_sharing_container heateor_sss_horizontal_sharing" data-heateor-sss-href="RAW"><div class="heateor_sss_sharing_ul"><a aria-label="Whatsapp" class="heateor_sss_whatsapp" href="https://api.whatsapp.com/send?text=A%20PAGE" title="Whatsapp" rel="nofollow noopener" target="_blank"><span class="heateor_sss_svg"><svg width=32 height=32 viewBox="-6 -5 40 40"><path id=hit d="M0 0h32v32H0z"/></svg></span></a></div></div>`,
		"#hit", "whatsapp", "link", "https://api.whatsapp.com/send?text=A%20PAGE%3Fes=ID"},
	{"Sassy Social Share, script", `<ul class="heateor_sss_sharing_ul"><li class="heateorSssSharingRound"><i class="heateorSssSharing heateorSssRedditBackground" id=hit>r</i></li></ul>
		<script>hit.onclick = () => window.open("https://reddit.com/submit?url=PAGE&title=A", "popUpWindow", "height=400")</script>`,
		"#hit", "reddit", "button", "https://reddit.com/submit?url=PAGE%3Fes=ID&title=A"},
	{"Sassy Social Share, an icon with a class of its own", `<div class="heateor_sss_sharing_container heateor_sss_horizontal_sharing" data-heateor-sss-href="RAW"><div class="heateor_sss_sharing_ul"><a aria-label="Reddit" class="heateor_sss_button_reddit" href="https://reddit.com/submit?url=PAGE&amp;title=A" title="Reddit" rel="nofollow noopener" target="_blank"><span id=hit class="heateor_sss_svg heateor_sss_s__default heateor_sss_s_reddit" style="display:block;width:32px;height:32px">r</span></a></div></div>`,
		"#hit", "reddit", "link", "https://reddit.com/submit?url=PAGE%3Fes=ID&title=A"},
	{"Sassy Social Share, AMP", `<a class="heateor_sss_amp heateor_sss_amp_instapaper" href="https://www.instapaper.com/edit?url=PAGE&amp;title=A" title="Instapaper" rel="nofollow noopener" target="_blank"><i id=hit>i</i></a>`,
		"#hit", "instapaper", "link", "https://www.instapaper.com/edit?url=PAGE%3Fes=ID&title=A"},
	{"Social Snap", `<ul class="ss-social-icons-container"><li><a href="#" aria-label="LinkedIn" data-ss-ss-link="https://www.linkedin.com/shareArticle?title=A&amp;url=PAGE&amp;mini=true" class="ss-linkedin-color" rel="nofollow noopener" data-ss-ss-network-id="linkedin"><span id=hit>in</span></a></li></ul>
		<script>document.querySelector("[data-ss-ss-link]").onclick = function (e) { e.preventDefault(); window.open(this.getAttribute("data-ss-ss-link"), "_blank", "width=600") }</script>`,
		"#hit", "linkedin", "button", "https://www.linkedin.com/shareArticle?title=A&url=PAGE%3Fes=ID&mini=true"},
	{"AMP, a type of the page's own", `<amp-social-share type="fediverse" data-share-endpoint="https://social.example/share" data-param-text="A PAGE" role="button" style="display:inline-block;width:36px;height:36px">x</amp-social-share>
		<script>document.querySelector("amp-social-share").onclick = () => window.open("https://social.example/share?text=A%20PAGE", "_blank")</script>`,
		"amp-social-share", "mastodon", "button", "https://social.example/share?text=A%20PAGE%3Fes=ID"},
	{"Scriptless Social Sharing", `<div class="scriptlesssocialsharing"><div class="scriptlesssocialsharing__buttons"><a class="button twitter" target="_blank" href="https://twitter.com/intent/tweet?text=A&#038;url=PAGE&#038;related=A" rel="noopener noreferrer nofollow"><svg viewbox="0 0 512 512" class="scriptlesssocialsharing__icon twitter" width="10" height="10"><path d="M0 0h512v512H0z"></path></svg><span class="sss-name">X</span></a></div></div>`,
		".sss-name", "x", "link", "https://twitter.com/intent/tweet?text=A&url=PAGE%3Fes=ID&related=A"},
	{"Hugo, PaperMod", `<ul class="share-buttons"><li><a target="_blank" rel="noopener noreferrer" aria-label="share A on telegram" href="https://telegram.me/share/url?text=A&amp;url=PAGE"><svg viewBox="2 2 28 28" height="30" width="30"><path id=hit d="M0 0h30v30H0z"/></svg></a></li></ul>`,
		"#hit", "telegram", "link", "https://telegram.me/share/url?text=A&url=PAGE%3Fes=ID"},
	{"Hugo, Congo", `<section class="flex flex-row flex-wrap justify-center pt-4 text-xl"><a target="_blank" class="bg-neutral-300 m-1 rounded min-w-[2.4rem] inline-block text-center p-1" href="https://bsky.app/intent/compose?text=A&#43;PAGE" title="Post on Bluesky"><span class="relative inline-block align-text-bottom icon">b</span></a></section>`,
		".icon", "bluesky", "link", "https://bsky.app/intent/compose?text=A+PAGE%3Fes=ID"},
	{"Jekyll, Minimal Mistakes", `<section class="page__share"><h4 class="page__share-title">Share on</h4><a href="https://www.linkedin.com/shareArticle?mini=true&url=RAW" class="btn btn--linkedin" onclick="window.open(this.href, 'window', 'left=20,top=20,width=500,height=500,toolbar=1,resizable=0'); return false;" title="Share on LinkedIn"><i class="fab fa-fw fa-linkedin"></i><span id=hit> LinkedIn</span></a></section>`,
		"#hit", "linkedin", "link", "https://www.linkedin.com/shareArticle?mini=true&url=RAW%3Fes=ID"},
	{"Jekyll, Beautiful Jekyll", `<section id="social-share-section"><a href="https://www.facebook.com/sharer/sharer.php?u=PAGE" class="btn btn-social-icon btn-facebook" title="Share on Facebook"><span class="fab fa-fw fa-facebook" aria-hidden="true"></span><span class="sr-only">Facebook</span></a></section>`,
		".sr-only", "facebook", "link", "https://www.facebook.com/sharer/sharer.php?u=PAGE%3Fes=ID"},
	{"sharer.js", `<button class="button" data-sharer="telegram" data-title="A" data-url="RAW">Share</button>
		<script>document.querySelector("[data-sharer]").onclick = () => window.open("https://t.me/share/url?text=A&url=PAGE&to=", "", "width=600,height=480")</script>`,
		"[data-sharer]", "telegram", "button", "https://t.me/share/url?text=A&url=PAGE%3Fes=ID&to="},
	{"AMP", `<amp-social-share class="rounded" type="twitter" width="36" height="36" role="button" tabindex="0" style="display:inline-block;width:36px;height:36px">x</amp-social-share>
		<script>document.querySelector("amp-social-share").onclick = () => window.open("https://twitter.com/intent/tweet?text=A&url=PAGE", "_blank")</script>`,
		"amp-social-share", "x", "button", "https://twitter.com/intent/tweet?text=A&url=PAGE%3Fes=ID"},
	{"a link in a drawing", `<svg width=60 height=60><a xlink:href="https://www.reddit.com/submit?url=PAGE" target="_blank"><circle id=hit cx=30 cy=30 r=30 /></a></svg>`,
		"#hit", "reddit", "link", "https://www.reddit.com/submit?url=PAGE%3Fes=ID"},
	{"a web component", `<div id=host style="width:200px;height:30px"></div><script>
		host.attachShadow({ mode: "open" }).innerHTML = '<slot></slot><div id=inner></div>';
		host.shadowRoot.getElementById("inner").attachShadow({ mode: "open" }).innerHTML = '<a href="https://x.com/intent/post?url=PAGE"><b>Post</b></a>';</script>`,
		"#host", "x", "link", "https://x.com/intent/post?url=PAGE%3Fes=ID"},
	{"made after load", `<div id=late></div><script>setTimeout(() => { late.innerHTML = '<a id=hit href="https://www.threads.net/intent/post?text=PAGE">Threads</a>' }, 30)</script>`,
		"#hit", "threads", "link", "https://www.threads.net/intent/post?text=PAGE%3Fes=ID"},
}

// TestShareBars clicks through the share bars that are out there: each click is
// one share, of the network that it went to, and its ID goes out.
func TestShareBars(t *testing.T) {
	networks := lists(t)
	for _, bar := range bars {
		t.Run(bar.name, func(t *testing.T) {
			r := newRig(t, "", Page{File: "earshot-share.js", Head: windows + stay})
			page := r.blog.URL + "/post"
			fill := strings.NewReplacer("PAGE", strings.NewReplacer(":", "%3A", "/", "%2F").Replace(page), "RAW", page)
			r.blog.page.Body = fill.Replace(bar.markup)
			r.Open(page)
			r.collector.Wait(t, "pageview", 1)
			r.Wait(`document.querySelector(` + strconv.Quote(bar.click) + `)`)
			before := browsertest.Eval[string](r.Tab, `document.body.innerHTML`)
			if bar.click == "#host" { // its own box covers the link
				r.Run(`host.shadowRoot.getElementById("inner").shadowRoot.querySelector("b").click()`)
			} else {
				r.Click(bar.click)
			}
			share := r.collector.Wait(t, "share", 1)[0].Share
			if got, _ := networks.NormalizeNetwork(share.Network); got != bar.network || share.Kind != bar.kind || !firstHand.MatchString(share.ID) {
				t.Errorf("share %+v (%s), want %s by %s", *share, got, bar.network, bar.kind)
			}
			want := strings.ReplaceAll(fill.Replace(bar.goes), "ID", share.ID)
			r.Wait(`opened.concat(went).length > 0`)
			r.Run(`new Promise(done => setTimeout(done, 150))`)
			if got := browsertest.Eval[string](r.Tab, `const gone = opened.length ? opened : went; gone[gone.length - 1]`); got != want {
				t.Errorf("opened\n%s, want\n%s", got, want)
			}
			if got := r.collector.Settled(t, 2); len(got) != 2 {
				t.Errorf("one click sent %q: %s", got, r.collector.summary())
			}
			if after := browsertest.Eval[string](r.Tab, `document.body.innerHTML`); after != before {
				t.Errorf("the page is not as it was:\n%s\n%s", before, after)
			}
			if p := r.Problems(); len(p) > 0 {
				t.Errorf("console: %v", p)
			}
		})
	}
}

// TestBarsWithoutTheirScript clicks buttons that only name their network: both
// files know the attribute of ours, the second those of bars.
func TestBarsWithoutTheirScript(t *testing.T) {
	networks := lists(t)
	buttons := []struct{ markup, network string }{
		{`<div data-earshot-share="Mastodon"><b class=hit>toot</b></div>`, "mastodon"},
	}
	more := append(buttons, []struct{ markup, network string }{
		{`<button data-sharer="hackernews" data-url="RAW"><i class=hit>share</i></button>`, "hackernews"},
		{`<a href="javascript:void(0);" data-sharer="okru" data-url="RAW"><i class=hit>share</i></a>`, "odnoklassniki"},
		{`<a data-shared="sharing-facebook-42" class="share-facebook sd-button" href="RAW?share=facebook"><span class=hit>f</span></a>`, "facebook"},
		{`<a data-shared="sharing-jetpack-whatsapp-42" class="share-jetpack-whatsapp sd-button" href="RAW?share=jetpack-whatsapp&amp;nb=1"><span class=hit>w</span></a>`, "whatsapp"},
		{`<a class="a2a_button_hacker_news" href="/#hacker_news"><i class=hit>hn</i></a>`, "hackernews"},
		{`<a class="a2a_button_microsoft_teams"><i class=hit>t</i></a>`, "teams"},
		{`<span data-share-url="https://bsky.app/intent/compose?text=PAGE"><i class=hit>b</i></span>`, "bluesky"},
		{`<a class="goog-inline-block share-button sb-facebook" href="https://www.blogger.com/share-post.g?blogID=1&amp;postID=2&amp;target=facebook" target="_blank"><span class=hit>f</span></a>`, "facebook"},
		{`<a class="share-x sd-button" href="RAW?share=x"><span class=hit>x</span></a>`, "x"},
	}...)
	for file, buttons := range map[string][]struct{ markup, network string }{"earshot.js": buttons, shareFile: more} {
		r := newRig(t, "", Page{File: file, Head: windows + stay})
		for _, b := range buttons {
			r.blog.page.Body += "<p>" + strings.NewReplacer("PAGE", url.QueryEscape("http://blog.earshot.test/post"), "RAW", "http://blog.earshot.test/post").Replace(b.markup)
		}
		r.Open(r.blog.URL + "/post")
		r.collector.Wait(t, "pageview", 1)
		for i, b := range buttons {
			r.Run(`document.querySelectorAll(".hit")[` + strconv.Itoa(i) + `].click()`)
			share := r.collector.Wait(t, "share", i+1)[i].Share
			if got, _ := networks.NormalizeNetwork(share.Network); got != b.network {
				t.Errorf("%s: %q is %q, want %s", file, share.Network, got, b.network)
			}
		}
		if p := r.Problems(); len(p) > 0 {
			t.Errorf("console: %v", p)
		}
	}
}

// TestBarsFollow: the buttons of the same bars that follow an account.
func TestBarsFollow(t *testing.T) {
	r := opened(t, "", "/post", Page{File: shareFile, Head: windows + stay, Body: `
		<div class="a2a_kit a2a_follow"><a class="a2a_button_facebook" href="https://www.facebook.com/me"><i>f</i></a><a class="a2a_button_instagram" data-a2a-follow="me"><i>i</i></a></div>
		<div class="heateor_sss_sharing_ul"><a class="heateor_sss_button_instagram" href="https://www.instagram.com/me"><span class="heateor_sss_svg">i</span></a><a class="heateor_sss_amp heateor_sss_amp_youtube" href="https://www.youtube.com/@me?sub_confirmation=1"><i>y</i></a></div>
		<div class="sharethis-inline-follow-buttons"><div class="st-btn" data-network="twitter">t</div></div>
		<a href="https://x.com/me" class="ss-follow-network ss-twitter-color"><i>x</i></a>
		<amp-social-share type="instagram" data-share-endpoint="https://www.instagram.com/me">i</amp-social-share>
		<amp-social-share type="youtube-follow">y</amp-social-share>`})
	r.Run(`document.querySelectorAll("body *:not(script)").forEach(e => e.click())`)
	r.collector.Settled(t, 0)
	if got := r.collector.Events("share"); len(got) > 0 {
		t.Errorf("sent %s", r.collector.summary())
	}
}

// TestBarsMenus: what opens a menu or prints is no share.
func TestBarsMenus(t *testing.T) {
	r := opened(t, "", "/post", Page{File: "earshot-share.js", Head: windows + stay, Body: `
		<div class="st-btn" data-network="sharethis">more</div><div class="st-btn" data-network="print">print</div>
		<a class="a2a_button_print" href="/#print">print</a><a class="a2a_button_copy_link" href="/#copy_link">copy</a>
		<a class="heateor_sss_button_print" href="/post"><span class="heateor_sss_svg heateor_sss_s__default heateor_sss_s_print">p</span></a><a class="heateor_sss_button_comment" href="/post#comments">c</a>
		<a class="heateor_sss_more">more</a><span class="heateor_sss_svg">x</span><ul class="heateor_sss_sharing_ul"><li>y</li></ul>
		<amp-social-share type="system">sheet</amp-social-share>
		<a class="share-print sd-button" href="/post#print">print</a><a class="share-box" href="/about">about</a>`})
	r.Run(`document.querySelectorAll("body *:not(script)").forEach(e => e.click())`)
	if got := r.collector.Settled(t, 1); len(got) != 1 {
		t.Errorf("sent %s", r.collector.summary())
	}
}
