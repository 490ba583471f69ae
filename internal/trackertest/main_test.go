package trackertest

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

var (
	browser  browsertest.Browser
	built    sync.Once
	snippets map[string][]byte
)

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func theSnippets(t testing.TB) map[string][]byte {
	t.Helper()
	built.Do(func() { snippets = Snippets(t) })
	return snippets
}

// rig is a reader's tab, the blog that it reads and the blog's collector.
type rig struct {
	*browsertest.Tab
	blog      *Blog
	collector *Collector
}

// newRig makes a blog whose snippet has the attributes given. Nothing is open
// yet.
func newRig(t testing.TB, attributes string, page Page) rig {
	t.Helper()
	tab := browser.Tab(t)
	collector := NewCollector(t, theSnippets(t))
	if page.Snippet == "" {
		page.Snippet = Tag(collector.URL, attributes)
	}
	if page.File != "" {
		page.Snippet = strings.Replace(page.Snippet, "earshot.js", page.File, 1)
	}
	return rig{tab, NewBlog(t, page), collector}
}

// opened is newRig with the page at path open and its page view taken.
func opened(t testing.TB, attributes, path string, page Page) rig {
	t.Helper()
	r := newRig(t, attributes, page)
	r.Open(r.blog.URL + path)
	r.collector.Wait(t, "pageview", 1)
	return r
}
