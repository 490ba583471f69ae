package install

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// blog is a page, a script and an endpoint, each as a case has it.
type blog struct {
	page, contentType, policy string
	status                    int
	script, scriptType        string
	endpoint                  func(w http.ResponseWriter, r *http.Request)
	below                     string // path of script and endpoint
}

func (b blog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if path != "/" {
		var ok bool
		if path, ok = strings.CutPrefix(path, b.below); !ok {
			path = "/elsewhere"
		}
	}
	switch path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if b.contentType != "" {
			w.Header().Set("Content-Type", b.contentType)
		}
		if b.policy != "" {
			w.Header().Set("Content-Security-Policy", b.policy)
		}
		if b.status != 0 {
			w.WriteHeader(b.status)
		}
		io.WriteString(w, b.page)
	case "/js/earshot.js", "/js/earshot-share.js":
		w.Header().Set("Content-Type", b.scriptType)
		io.WriteString(w, b.script)
	case "/api/event":
		b.endpoint(w, r)
	default:
		http.NotFound(w, r)
	}
}

func answers(status int, contentType, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestCheck(t *testing.T) {
	const line = `<html><head><script defer data-site="blog.example" data-local src="/js/earshot.js"></script></head><body>Words</body></html>`
	whole := blog{page: line, script: `x="/api/event"`, scriptType: "text/javascript", endpoint: func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("X-Debug-Request") != "true" {
			t.Errorf("the endpoint is asked with %s %v", r.Method, r.Header)
		}
		io.WriteString(w, "203.0.113.9")
	}}
	site := meta.NewSite("blog.example")
	for _, c := range []struct {
		name   string
		change func(b *blog, s *meta.Site)
		want   string // keys of what is bad or to be warned of, and what was found where it says more
	}{
		{"all is well", func(*blog, *meta.Site) {}, ""},
		{"no snippet", func(b *blog, _ *meta.Site) { b.page = "<html><p>Words" }, "missing"},
		{"a snippet in a comment", func(b *blog, _ *meta.Site) { b.page = "<html><!-- " + line + " -->" }, "missing"},
		{"a pixel alone", func(b *blog, _ *meta.Site) { b.page = `<html><img src="/api/pixel.gif?d=blog.example">` }, "pixel"},
		{"another site", func(b *blog, _ *meta.Site) { b.page = strings.Replace(line, "blog.example", "blog.exmaple", 1) }, "other_site=blog.exmaple"},
		{"one of two sites", func(b *blog, _ *meta.Site) {
			b.page = strings.Replace(line, "blog.example", "a.net, www.Blog.example", 1)
		}, ""},
		{"beside another's", func(b *blog, _ *meta.Site) {
			b.page = `<script data-site="a.net" src="/js/earshot.js"></script>` + line
		}, ""},
		{"a page that is gone", func(b *blog, _ *meta.Site) { b.status = 404 }, "page_status=404"},
		{"a page behind a wall", func(b *blog, _ *meta.Site) { b.status = 403 }, "page_refused=403"},
		{"no page", func(b *blog, _ *meta.Site) { b.contentType = "application/json" }, "page_other=application/json"},
		{"a script that is gone", func(b *blog, _ *meta.Site) { b.page = strings.Replace(line, "/js/", "/nowhere/", 1) }, "script_status endpoint_404?no"},
		{"a page in the script's place", func(b *blog, _ *meta.Site) { b.scriptType, b.script = "text/html", "<html>" }, "script_html"},
		{"another script", func(b *blog, _ *meta.Site) { b.script = "alert(1)" }, "script_other"},
		{"a policy against the script", func(b *blog, _ *meta.Site) { b.policy = "script-src 'none'; connect-src 'self'" }, "script_policy=script-src"},
		{"one against everything", func(b *blog, _ *meta.Site) { b.policy = "default-src https://elsewhere.example" }, "script_policy=default-src endpoint_policy=default-src"},
		{"one in the page, against the endpoint", func(b *blog, _ *meta.Site) {
			b.page = `<meta http-equiv="content-security-policy" content="script-src 'self'; connect-src 'none'">` + line
		}, "endpoint_policy=connect-src"},
		{"one that lets both", func(b *blog, _ *meta.Site) { b.policy = "default-src 'none'; script-src 'self'; connect-src *" }, ""},
		{"a nonce", func(b *blog, _ *meta.Site) {
			b.policy, b.page = "script-src 'nonce-abc' 'strict-dynamic'", strings.Replace(line, "<script ", `<script nonce="abc" `, 1)
		}, ""},
		{"no endpoint", func(b *blog, _ *meta.Site) { b.endpoint = answers(404, "text/html", "<html>") }, "endpoint_404"},
		{"one that takes no posts", func(b *blog, _ *meta.Site) { b.endpoint = answers(405, "text/plain", "") }, "endpoint_405"},
		{"one that is forbidden", func(b *blog, _ *meta.Site) { b.endpoint = answers(403, "text/html", "<html>") }, "endpoint_403"},
		{"a page in its place", func(b *blog, _ *meta.Site) { b.endpoint = answers(200, "text/html", "<html>") }, "endpoint_html"},
		{"one that leads on", func(b *blog, _ *meta.Site) {
			b.endpoint = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x/", http.StatusMovedPermanently) }
		}, "endpoint_redirect=/x/"},
		{"one that is down", func(b *blog, _ *meta.Site) { b.endpoint = answers(502, "text/html", "<html>") }, "endpoint_busy"},
		{"one that lost the header on the way", func(b *blog, _ *meta.Site) {
			b.endpoint = answers(400, "application/json", `{"errors":{"url":["is required"]}}`)
		}, ""},
		{"one of its own", func(b *blog, _ *meta.Site) {
			b.page = strings.Replace(line, "data-local", `data-local data-endpoint="/stats"`, 1)
		}, "endpoint_404"},
		{"a server below a path", func(b *blog, _ *meta.Site) {
			b.page, b.below = strings.Replace(line, `src="/`, `src="/my/stats/`, 1), "/my/stats"
		}, ""},
		{"a script below a path, and no endpoint there", func(b *blog, _ *meta.Site) {
			b.page, b.below, b.endpoint = strings.Replace(line, `src="/`, `src="/my/stats/`, 1), "/my/stats", answers(404, "text/html", "<html>")
		}, "endpoint_404"},
		{"this computer", func(b *blog, _ *meta.Site) { b.page = strings.Replace(line, "data-local", "", 1) }, "local=127.0.0.1"},
		{"another parameter", func(_ *blog, s *meta.Site) { s.ShareParam = "via" }, "param=via"},
		{"hash mode", func(_ *blog, s *meta.Site) { s.HashMode = true }, "hash"},
		{"by hand", func(b *blog, _ *meta.Site) { b.page = strings.Replace(line, "data-local", "data-local data-manual", 1) }, "manual"},
		{"excluded", func(b *blog, _ *meta.Site) {
			b.page = strings.Replace(line, "data-local", `data-local data-exclude="/a, /*"`, 1)
		}, "excluded=/"},
		{"Jetpack's bar", func(b *blog, _ *meta.Site) { b.page = line + `<div class="sharedaddy sd-sharing-enabled">` }, "bars=Jetpack"},
		{"Jetpack's bar, and the file for it", func(b *blog, _ *meta.Site) {
			b.page = strings.Replace(line, "earshot.js", "earshot-share.js", 1) + `<div class="sharedaddy">`
		}, ""},
		{"WordPress with plain permalinks", func(b *blog, _ *meta.Site) {
			b.page = `<meta name="generator" content="WordPress 6.1">` + line + `<a href="/?p=4">`
		}, "plain_permalinks"},
		{"and told so", func(b *blog, s *meta.Site) {
			s.PageParams = []string{"p"}
			b.page = `<meta name="generator" content="WordPress 6.1">` + line + `<a href="/?p=4">`
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, s := whole, site
			c.change(&b, &s)
			srv := httptest.NewServer(b)
			defer srv.Close()
			var got []string
			for _, f := range (Checker{Client: srv.Client()}).Check(t.Context(), s, srv.URL+"/") {
				switch {
				case f.Level == Good:
				case f.What != "" && !strings.Contains(f.What, srv.URL):
					got = append(got, f.Key+"="+f.What)
				default:
					got = append(got, f.Key)
				}
			}
			want := strings.ReplaceAll(c.want, " endpoint_404?no", "")
			if text := strings.Join(got, " "); text != want {
				t.Errorf("found %q, not %q", text, want)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	private := errors.New("private")
	refused := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("dial: %w", private) })}
	c := Checker{Client: refused, Private: func(err error) bool { return errors.Is(err, private) }}
	if got := c.Check(t.Context(), meta.NewSite("blog.example"), ""); len(got) != 1 || got[0] != (Finding{Bad, "page_private", "blog.example"}) {
		t.Errorf("%+v", got)
	}
	c.Private = nil
	if got := c.Check(t.Context(), meta.NewSite("blog.example"), "http://blog.example:8080/x"); len(got) != 1 || got[0] != (Finding{Bad, "page_unreachable", "blog.example:8080"}) {
		t.Errorf("%+v", got)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestExcluded(t *testing.T) {
	for list, paths := range map[string][2]string{
		"/admin, /drafts/*": {"/admin /drafts/ /drafts/a/b", "/ /admin/ /drafts"}, "*/x": {"/x /a/x", "/xy"}, "/a*b*c": {"/abc /a-b-b-c", "/ab /abcd"}, "": {"", "/"},
	} {
		for i, want := range []bool{true, false} {
			for path := range strings.FieldsSeq(paths[i]) {
				if excluded(list, path) != want {
					t.Errorf("%q and %s: %v", list, path, !want)
				}
			}
		}
	}
}
