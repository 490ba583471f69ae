// Package blog is the demo: a small real blog in French and English that
// carries the snippet and a share bar, served by Earshot itself under Base so
// that a newcomer can read, share and see both arrive in the dashboard. The
// demo's history generator reads the same list of posts. It knows nothing of
// Earshot but the snippet's address.
package blog

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/yuin/goldmark"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Base is the path inside the program that the blog is served under.
const Base = "/demo-blog/"

// Domain is the demo site's name in the snippet, the dashboards and the store.
const Domain = "demo.example"

//go:embed posts/*.md templates/*.html static/*
var files embed.FS

// Post is one article. Dates move with the clock, so that the demo never
// looks abandoned: Published is DaysAgo days before today.
type Post struct {
	Slug    string        `yaml:"-"`
	Title   string        `yaml:"title"`
	Lang    string        `yaml:"lang"` // "en" or "fr"
	DaysAgo int           `yaml:"days_ago"`
	Pull    int           `yaml:"pull"` // relative popularity in the generated history, 1–10
	Tags    []string      `yaml:"tags"`
	Summary string        `yaml:"summary"`
	Body    template.HTML `yaml:"-"`
	Minutes int           `yaml:"-"` // reading time at 220 words a minute, at least 1
}

// Path is the post's path on the server.
func (p Post) Path() string { return Base + p.Slug + "/" }

// Posts reads the embedded posts, newest first.
func Posts() ([]Post, error) {
	names, err := fs.Glob(files, "posts/*.md")
	if err != nil {
		return nil, err
	}
	posts := make([]Post, 0, len(names))
	for _, name := range names {
		post, err := readPost(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		posts = append(posts, post)
	}
	sort.Slice(posts, func(i, j int) bool { return posts[i].DaysAgo < posts[j].DaysAgo })
	return posts, nil
}

func readPost(name string) (Post, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return Post{}, err
	}
	_, rest, ok := bytes.Cut(text, []byte("---\n"))
	head, body, ok2 := bytes.Cut(rest, []byte("---\n"))
	if !ok || !ok2 {
		return Post{}, fmt.Errorf("no front matter")
	}
	post := Post{Slug: strings.TrimSuffix(path.Base(name), ".md")}
	if err := yaml.UnmarshalWithOptions(head, &post, yaml.Strict()); err != nil {
		return Post{}, err
	}
	var html bytes.Buffer
	if err := goldmark.Convert(body, &html); err != nil {
		return Post{}, err
	}
	post.Body = template.HTML(html.String()) // our own text, embedded at build time
	post.Minutes = max(1, len(strings.Fields(string(body)))/220)
	return post, nil
}

// words are the blog's own labels; it is a reader's page, not Earshot's UI.
var words = map[string]map[string]string{
	"en": {"share": "Pass it on", "copy": "Copy the link", "copied": "Copied", "native": "Share…", "all": "All posts", "min": "min read", "earlier": "Earlier", "later": "Later", "email": "E-mail"},
	"fr": {"share": "Faites passer", "copy": "Copier le lien", "copied": "Copié", "native": "Partager…", "all": "Tous les billets", "min": "min de lecture", "earlier": "Avant", "later": "Après", "email": "Courriel"},
}

type shareLink struct{ Key, Title, URL string }

// shareLinks is the share bar that blogs have: plain links, no script of the
// networks.
func shareLinks(lang, page, title string) []shareLink {
	u, t, both := url.QueryEscape(page), url.QueryEscape(title), url.QueryEscape(title+" "+page)
	mail := strings.ReplaceAll(both, "+", "%20")
	return []shareLink{
		{"mastodon", "Mastodon", "https://share.joinmastodon.org/#text=" + mail},
		{"bluesky", "Bluesky", "https://bsky.app/intent/compose?text=" + both},
		{"x", "X", "https://x.com/intent/post?url=" + u + "&text=" + t},
		{"facebook", "Facebook", "https://www.facebook.com/sharer/sharer.php?u=" + u},
		{"linkedin", "LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url=" + u},
		{"reddit", "Reddit", "https://www.reddit.com/submit?url=" + u + "&title=" + t},
		{"whatsapp", "WhatsApp", "https://wa.me/?text=" + both},
		{"email", words[lang]["email"], "mailto:?subject=" + strings.ReplaceAll(t, "+", "%20") + "&body=" + mail},
	}
}

type blog struct {
	posts []Post
	page  *template.Template
	now   func() time.Time
	at    baseurl.URL
}

// Handler serves the blog under Base, below the path of the server's public
// address. Its pages carry the snippet from the same server.
func Handler(now func() time.Time, at baseurl.URL) (http.Handler, error) {
	posts, err := Posts()
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	b := &blog{posts: posts, page: page, now: now, at: at}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	mux, base := http.NewServeMux(), at.Link(Base)
	mux.HandleFunc("GET "+base+"{$}", b.index)
	mux.HandleFunc("GET "+base+"{slug}/{$}", b.post)
	mux.Handle("GET "+base+"static/{file}", http.StripPrefix(base+"static/", http.FileServerFS(static)))
	return mux, nil
}

type postView struct {
	Post
	Published time.Time
}

// Date is the publication date in the post's language.
func (v postView) Date() string { return text.Locale(v.Lang).Date(v.Published) }

func (b *blog) view(p Post) postView {
	return postView{p, b.now().AddDate(0, 0, -p.DaysAgo)}
}

type pageData struct {
	Domain       string
	Root, Base   string // the server's link, without a closing slash, and the blog's
	Lang         string
	Title        string
	Words        map[string]string
	Canonical    string
	Post         *postView
	Posts        []postView
	Links        []shareLink
	Older, Newer *Post
}

func (b *blog) index(w http.ResponseWriter, _ *http.Request) {
	d := pageData{Domain: Domain, Root: b.at.Path(), Base: b.at.Link(Base), Lang: "en", Title: "Carried Words", Words: words["en"]}
	for _, p := range b.posts {
		d.Posts = append(d.Posts, b.view(p))
	}
	b.render(w, "index.html", d)
}

func (b *blog) post(w http.ResponseWriter, r *http.Request) {
	for i, p := range b.posts {
		if p.Slug != r.PathValue("slug") {
			continue
		}
		canonical := b.origin(r) + b.at.Link(p.Path())
		v := b.view(p)
		d := pageData{Domain: Domain, Root: b.at.Path(), Base: b.at.Link(Base), Lang: p.Lang, Title: p.Title, Words: words[p.Lang], Canonical: canonical,
			Post: &v, Links: shareLinks(p.Lang, canonical, p.Title)}
		if i > 0 {
			d.Newer = &b.posts[i-1]
		}
		if i+1 < len(b.posts) {
			d.Older = &b.posts[i+1]
		}
		b.render(w, "post.html", d)
		return
	}
	http.NotFound(w, r)
}

func (b *blog) origin(r *http.Request) string {
	if !b.at.IsZero() {
		return b.at.Origin()
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func (b *blog) render(w http.ResponseWriter, name string, d pageData) {
	var out bytes.Buffer
	if err := b.page.ExecuteTemplate(&out, name, d); err != nil {
		http.Error(w, "The demo blog has a fault.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(out.Bytes())
}
