package trackertest

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// copier is a clipboard that takes what it is given, or refuses it.
const copier = `<script>
	const copies = [];
	let refuse;
	Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => {
		copies.push(text);
		return refuse ? Promise.reject(new DOMException("no", "NotAllowedError")) : Promise.resolve();
	} } });
</script>`

// hasty lets a second pass at once: until then earshot.js takes another copy for
// the same act, and earshot-share.js until the next click.
const hasty = `<script>{ const later = setTimeout; window.setTimeout = (call, ms) => later(call, ms / 1e3) }</script>`

// aSecond passes in a hasty page, behind the seconds that began before it.
const aSecond = `new Promise(done => setTimeout(done, 1100))`

// TestCopiedAddresses: whichever address of the blog is copied, it is a copy of
// that page.
func TestCopiedAddresses(t *testing.T) {
	for _, file := range []string{"earshot.js", shareFile} {
		r := opened(t, "", "/%E4%BD%A0/comments/2?utm_source=x", Page{File: file, Head: hasty + copier})
		for _, c := range []struct{ name, text, page, copied string }{
			{"what the address bar shows", "BLOG/%E4%BD%A0/comments/2", "/你/comments/2", "BLOG/%E4%BD%A0/comments/2?es=ID"},
			{"the same in small letters", "BLOG/%e4%bd%a0/comments/2", "/你/comments/2", "BLOG/%e4%bd%a0/comments/2?es=ID"},
			{"unescaped", "BLOG/你/comments/2#end", "/你/comments/2", "BLOG/你/comments/2?es=ID#end"},
			{"the post of a page of comments", "BLOG/%E4%BD%A0/", "/你/", "BLOG/%E4%BD%A0/?es=ID"},
			{"another post, with its title", "A post: BLOG/2026/a-post.html\n", "/2026/a-post.html", "A post: BLOG/2026/a-post.html?es=ID\n"},
			{"in Markdown", "[A post](BLOG/a-post).", "/a-post", "[A post](BLOG/a-post?es=ID)."},
			{"a short link", "BLOG/?p=12", "/?p=12", "BLOG/?p=12&es=ID"},
			{"the front page", "BLOG/", "/", "BLOG/?es=ID"},
		} {
			r.collector.Forget()
			fill := strings.NewReplacer("BLOG", r.blog.URL)
			r.Run(`dispatchEvent(new MouseEvent("click")); navigator.clipboard.writeText(` + strconv.Quote(fill.Replace(c.text)) + `)`)
			e := r.collector.Wait(t, "share", 1)[0]
			r.Run(aSecond)
			u, err := url.Parse(e.URL)
			if err != nil {
				t.Fatal(err)
			}
			page := u.Path
			if u.RawQuery != "" {
				page += "?" + u.RawQuery
			}
			if page != c.page || u.Scheme+"://"+u.Host != r.blog.URL || e.Share.Network != "copy" || e.Share.Kind != "copy" {
				t.Errorf("%s, %s: %+v of %s, want %s", file, c.name, *e.Share, e.URL, c.page)
			}
			want := strings.ReplaceAll(fill.Replace(c.copied), "ID", e.Share.ID)
			if got := browsertest.Eval[string](r.Tab, `copies.at(-1)`); got != want {
				t.Errorf("%s, %s: copied %q, want %q", file, c.name, got, want)
			}
		}
		r.collector.Forget()
		for _, text := range []string{"curl BLOG/install.sh | sh", "https://other.example/%E4%BD%A0/comments/2", "words", "//blog.earshot.test"} {
			r.Run(`dispatchEvent(new MouseEvent("click")); navigator.clipboard.writeText(` + strconv.Quote(strings.ReplaceAll(text, "BLOG", r.blog.URL)) + `)`)
		}
		if got := r.collector.Settled(t, 0); len(got) > 0 {
			t.Errorf("%s: copies of something else counted: %q", file, got)
		}
		if p := r.Problems(); len(p) > 0 {
			t.Errorf("%s: console: %v", file, p)
		}
	}
}

// TestCopyRefused: what the clipboard didn't take is no share, and what the
// page does then is one.
func TestCopyRefused(t *testing.T) {
	for _, file := range []string{"earshot.js", shareFile} {
		r := opened(t, "", "/post", Page{File: file, Head: hasty + copier, Body: `<p id=text></p>`})
		r.Run(`refuse = true; window.heard = navigator.clipboard.writeText(location.href).catch((e) => e.name)`)
		if got := browsertest.Eval[string](r.Tab, `heard`); got != "NotAllowedError" {
			t.Errorf("%s: the page hears %q", file, got)
		}
		if got := r.collector.Settled(t, 1); len(got) != 1 {
			t.Errorf("%s: a refused copy counted: %q", file, got)
		}
		r.Run(`text.textContent = location.href; getSelection().selectAllChildren(text); document.execCommand("copy")`)
		if e := r.collector.Wait(t, "share", 1)[0]; e.Share.Kind != "copy" || e.URL != r.blog.URL+"/post" {
			t.Errorf("%s: %+v of %s", file, *e.Share, e.URL)
		}
		r.Run(aSecond)
		r.Run(`refuse = false; dispatchEvent(new MouseEvent("click")); navigator.clipboard.writeText(location.href)`)
		r.collector.Wait(t, "share", 2)
		if p := r.Problems(); len(p) > 0 {
			t.Errorf("%s: console: %v", file, p)
		}
	}
}
