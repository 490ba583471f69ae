package blog

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
)

func TestBlogServesEveryPostWithSnippetAndShareBar(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	h, err := Handler(now, baseurl.URL{})
	if err != nil {
		t.Fatal(err)
	}
	posts, err := Posts()
	if err != nil {
		t.Fatal(err)
	}
	langs := map[string]int{}
	for _, p := range posts {
		langs[p.Lang]++
		body := get(t, h, p.Path(), http.StatusOK)
		for _, want := range []string{
			`<html lang="` + p.Lang + `">`, `data-site="demo.example"`, `src="/js/earshot.js"`,
			`sharer.php?u=http%3A%2F%2Fexample.com%2Fdemo-blog%2F` + p.Slug + `%2F`,
			`share.joinmastodon.org/#text=`, `mailto:?subject=`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %s", p.Path(), want)
			}
		}
	}
	if langs["en"] < 6 || langs["fr"] < 6 {
		t.Errorf("posts by language: %v, want at least 6 each", langs)
	}
	index := get(t, h, Base, http.StatusOK)
	if n := strings.Count(index, `<li lang=`); n != len(posts) {
		t.Errorf("index lists %d posts of %d", n, len(posts))
	}
	if !strings.Contains(index, "17 November 2026") {
		t.Error("the newest post is not dated six days before today")
	}
	get(t, h, Base+"no-such-post/", http.StatusNotFound)
	get(t, h, Base+"static/blog.css", http.StatusOK)
}

func TestBlogBelowAPath(t *testing.T) {
	h, err := Handler(time.Now, baseurl.MustParse("https://blog.example/stats"))
	if err != nil {
		t.Fatal(err)
	}
	body := get(t, h, "/stats"+Base+"the-plateau/", http.StatusOK)
	for _, want := range []string{
		`src="/stats/js/earshot.js"`, `href="/stats/demo.example"`, `href="/stats/demo-blog/static/blog.css"`,
		`rel="canonical" href="https://blog.example/stats/demo-blog/the-plateau/"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("a post lacks %s", want)
		}
	}
	if n := strings.Count(get(t, h, "/stats"+Base, http.StatusOK), `<a href="/stats/demo-blog/`); n < 12 {
		t.Errorf("the index links to %d posts", n)
	}
	get(t, h, "/stats"+Base+"static/blog.css", http.StatusOK)
}

func get(t *testing.T, h http.Handler, path string, status int) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != status {
		t.Fatalf("GET %s: status %d, want %d", path, w.Code, status)
	}
	return w.Body.String()
}
