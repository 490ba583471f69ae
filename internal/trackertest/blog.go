package trackertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Page is what a Blog answers on every path but /script.js.
type Page struct {
	Head    string // before the snippet, where inline scripts of a test go
	Snippet string // the snippet's element; see Tag
	File    string // which file that is, earshot.js where empty
	Body    string
	Script  string // text of /script.js
	Policy  string // content security policy, none where empty
}

// Tag returns the snippet's element with attributes beside src and data-site.
func Tag(collector, attributes string) string {
	return fmt.Sprintf(`<script defer data-site="blog.earshot.test" %s src="%s/js/earshot.js"></script>`, attributes, collector)
}

// Blog is a site of another origin than the collector's.
type Blog struct {
	URL string // http://blog.earshot.test:port

	mu   sync.Mutex
	page Page
	seen []string
}

// NewBlog starts a blog that ends with the test.
func NewBlog(t testing.TB, page Page) *Blog {
	t.Helper()
	b := &Blog{page: page}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.URL = strings.Replace(server.URL, "127.0.0.1", "blog.earshot.test", 1)
	return b
}

// Seen are the addresses asked for since the last call, without their host.
func (b *Blog) Seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := b.seen
	b.seen = nil
	return seen
}

// ServeHTTP answers with the page.
func (b *Blog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	page := b.page
	b.seen = append(b.seen, r.RequestURI)
	b.mu.Unlock()
	if page.Policy != "" {
		w.Header().Set("Content-Security-Policy", page.Policy)
	}
	switch r.URL.Path {
	case "/script.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write([]byte(page.Script))
	case "/favicon.ico":
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!doctype html><html lang=en><meta charset=utf-8><title>%s</title>%s%s<body style=margin:0>%s</body></html>",
			"Blog", page.Head, page.Snippet, page.Body)
	}
}
