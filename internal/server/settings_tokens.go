package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type tokensData struct {
	Form   *Form
	Tokens []tokenRow
	Plain  string // a new token: it is shown only once
	API    string // where tokens are used: the Stats API
	Events string // and batches of events
}

type tokenRow struct {
	meta.Token
	LastDay time.Time // in the site's time zone; zero = it has no end
	Over    bool
}

func (s *Server) tokens(c *gin.Context, status int, d tokensData) error {
	site := requestOf(c).site
	tokens, err := s.Meta.Tokens(c.Request.Context(), site.ID)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		row := tokenRow{Token: t}
		if !t.Expires.IsZero() {
			row.LastDay, row.Over = t.Expires.In(site.Location()).Add(-time.Second), !s.Now().Before(t.Expires)
		}
		d.Tokens = append(d.Tokens, row)
	}
	d.API, d.Events = s.publicURL(c)+"/api/v2/query", s.publicURL(c)+"/api/events"
	return s.settings(c, status, "tokens", d)
}

func (s *Server) tokensPage(c *gin.Context) error {
	return s.tokens(c, http.StatusOK, tokensData{Form: newForm()})
}

// addToken answers with the page itself, not with a redirect: the token must be
// neither in a URL nor in the session's store.
func (s *Server) addToken(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	site, plain := requestOf(c).site, ""
	t := meta.Token{SiteID: site.ID, Kind: f.Value("kind"), Name: f.Value("name")}
	if day := f.Value("expires"); day != "" {
		t.Expires, err = meta.TokenEnd(day, site.Location())
	}
	if err == nil {
		_, plain, err = s.Meta.AddToken(c.Request.Context(), t)
	}
	if err := f.take(s, s.printer(c), err); err != nil {
		return err
	}
	if !f.OK() {
		return s.tokens(c, http.StatusUnprocessableEntity, tokensData{Form: f})
	}
	showsSecret(c)
	return s.tokens(c, http.StatusOK, tokensData{Form: newForm(), Plain: plain})
}

func (s *Server) removeToken(c *gin.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if err := s.Meta.RemoveToken(c.Request.Context(), requestOf(c).site.ID, id); err != nil {
		return err
	}
	return s.saved(c, "tokens", s.printer(c).T("tokens.removed"))
}
