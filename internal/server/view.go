package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Page is what a handler gives to render.
type Page struct {
	Site      *meta.Site // nil = the request's
	Tab       string     // which of the page's tabs or sections is shown
	Data      any        // the page's own values
	HideLogin bool       // no login button in the top bar
	Here      string     // path inside that shows this page again; "" = the request's
}

// view is what a template sees.
type view struct {
	Page
	User      *meta.User
	Locale    text.Locale
	Theme     string // "light", "dark", "" = as the system
	Languages []language
	Strings   string // JSON of the scripts' texts
	Flashes   []string
	RequestID string
	Version   string
}

// language is a choice of the language menu.
type language struct {
	Locale  text.Locale
	Name    string
	Href    string
	Current bool
}

const htmlType = "text/html; charset=utf-8"

// render answers with a page.
func (s *Server) render(c *gin.Context, status int, page string, p Page) error {
	body, err := s.page(c, page, p)
	if err != nil {
		return err
	}
	c.Data(status, htmlType, body)
	return nil
}

// page is a page's HTML; it also sets the headers that pages have. The template is
// executed before anything is written, so that a failing page is an error page and
// not half a page.
func (s *Server) page(c *gin.Context, page string, p Page) ([]byte, error) {
	req := requestOf(c)
	flash, err := s.takeFlash(c)
	if err != nil {
		return nil, err
	}
	if p.Site == nil {
		p.Site = req.site
	}
	v := view{
		Page: p, User: req.user, Locale: req.locale, Theme: req.theme,
		Strings: s.views.scripts[req.locale], RequestID: req.id, Version: s.Version,
	}
	if v.Here == "" {
		v.Here = localPath(c.Request.URL.RequestURI())
	}
	if flash != "" {
		v.Flashes = append(v.Flashes, flash)
	}
	for _, l := range text.Locales() {
		v.Languages = append(v.Languages, language{l, l.Name(), s.link(withLang(v.Here, l)), l == req.locale})
	}
	t, ok := s.views.pages[viewKey{req.locale, req.explicit, page}]
	if !ok {
		return nil, fmt.Errorf("render: no template %q", page)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", v); err != nil {
		return nil, fmt.Errorf("render %s: %w", page, err)
	}
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "private, no-cache")
	}
	c.Writer.Header().Add("Vary", "Accept-Language, Cookie")
	return out.Bytes(), nil
}

// redirect sends the browser to a path of ours, with the language that the
// URL asked for.
func (s *Server) redirect(c *gin.Context, to string) {
	if req := requestOf(c); req.explicit {
		to = withLang(to, req.locale)
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, s.link(to))
}

// lost answers unknown paths. A path with a trailing slash is redirected to the
// one without.
func (s *Server) lost(c *gin.Context) error {
	u := *c.Request.URL
	if u.Path == "/" || !strings.HasSuffix(u.Path, "/") || c.Request.Method != http.MethodGet {
		return errNotFound
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	c.Redirect(http.StatusMovedPermanently, s.link(localPath(u.RequestURI())))
	return nil
}
