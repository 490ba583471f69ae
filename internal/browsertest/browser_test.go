package browsertest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

func serve(t *testing.T, html string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		_, _ = w.Write([]byte(html))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const sound = `<!doctype html><html lang="en"><title>Sound</title><main><h1>Sound</h1><p id="out">quiet</p><button>Say</button></main></html>`

// recorder lets a test see whether a helper would have failed it.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, format)
	_ = args
}

func TestBrowser(t *testing.T) {
	browser := New(t)

	t.Run("a page opens, answers and is drawn", func(t *testing.T) {
		tab := browser.Tab(t)
		tab.Open(serve(t, sound))
		tab.Run(`document.querySelector("button").onclick = () => { out.textContent = "said" }`)
		tab.Click("button")
		tab.Wait(`out.textContent === "said"`)
		if got := Eval[string](tab, `Promise.resolve(document.title)`); got != "Sound" {
			t.Errorf("title %q", got)
		}
		file := filepath.Join(t.TempDir(), "shots", "page.png")
		tab.Screenshot(file)
		if png, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
			t.Errorf("screenshot: %v", err)
		}
		Axe(t, tab)
		if p := tab.Problems(); len(p) != 0 {
			t.Errorf("problems %v", p)
		}
	})

	t.Run("tabs share no cookies", func(t *testing.T) {
		url := serve(t, sound)
		one, two := browser.Tab(t), browser.Tab(t)
		one.Open(url)
		one.Run(`document.cookie = "a=1"`)
		two.Open(url)
		if got := Eval[string](two, `document.cookie`); got != "" {
			t.Errorf("the second tab sees %q", got)
		}
	})

	t.Run("problems of a page are seen", func(t *testing.T) {
		tab := browser.Tab(t)
		tab.Open(serve(t, `<!doctype html><title>x</title><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><script>inline()</script>`))
		tab.Run(`setTimeout(() => { throw new Error("thrown") })`)
		said := func() string {
			var text strings.Builder
			for _, p := range tab.Problems() {
				text.WriteString(p.Text)
			}
			return text.String()
		}
		eventually.True(t, "the exception is seen", func() bool { return strings.Contains(said(), "thrown") })
		if got := said(); !strings.Contains(got, "Content Security Policy") || !strings.Contains(got, "thrown") {
			t.Errorf("problems: %s", got)
		}
		seen := &recorder{TB: t}
		Axe(seen, tab)
		if len(seen.errors) == 0 {
			t.Error("axe found nothing on a page without a language or an alternative text")
		}
	})

	t.Run("test names resolve, others do not", func(t *testing.T) {
		tab := browser.Tab(t)
		tab.Open(strings.Replace(serve(t, sound), "127.0.0.1", "blog.earshot.test", 1))
		if got := Eval[string](tab, `location.hostname`); got != "blog.earshot.test" {
			t.Errorf("on %q", got)
		}
		if !Eval[bool](tab, `isSecureContext`) {
			t.Error("blog.earshot.test is no secure context")
		}
		if Eval[bool](tab, `fetch("https://example.com/").then(() => true, () => false)`) {
			t.Error("a public name resolved")
		}
	})
}
