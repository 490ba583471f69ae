package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// identify finds out who asks. A request without a session's cookie costs no
// query of the store and gets no cookie.
func (s *Server) identify(c *gin.Context) {
	req := requestOf(c)
	token := ""
	if cookie, err := c.Request.Cookie(sessionCookie); err == nil {
		token = cookie.Value
	}
	ctx, err := s.sessions.Load(c.Request.Context(), token)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Request = c.Request.WithContext(ctx)
	id := s.sessions.GetInt64(ctx, keyUser)
	if id == 0 {
		return
	}
	user, err := s.Meta.UserByID(ctx, id)
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		s.fail(c, err)
		return
	}
	seen := time.Unix(s.sessions.GetInt64(ctx, keySeen), 0)
	now := s.Now()
	if err != nil || user.Epoch != s.sessions.GetInt64(ctx, keyEpoch) || now.Sub(seen) > sessionIdle {
		if err := s.endSession(c); err != nil {
			s.fail(c, err)
		}
		return
	}
	req.user = &user
	if l, ok := text.Parse(user.Locale); ok && !req.explicit {
		req.locale = l
	}
	req.theme = validTheme(user.Theme)
	asks(c, turn.User, token)
	// The next person at the same browser could read what it has cached.
	c.Header("Cache-Control", "no-store")
	if now.Sub(seen) > sessionTouch {
		s.sessions.Put(ctx, keySeen, now.Unix())
	}
	if err := s.saveSession(c); err != nil {
		s.fail(c, err)
	}
}

// requireUser redirects strangers' pages to the login; their scripts get a 401.
func (s *Server) requireUser(c *gin.Context) {
	if s.user(c) == nil {
		s.sendToLogin(c)
	}
}

func (s *Server) sendToLogin(c *gin.Context) {
	if wantsJSON(c.Request) || c.Request.Method != http.MethodGet {
		s.fail(c, &Error{Status: http.StatusUnauthorized})
		return
	}
	c.Abort()
	s.redirect(c, "/login?next="+urlQueryEscape(c.Request.URL.RequestURI()))
}

// withSite loads the site named in the path, for those who may see it: users see
// every site, strangers the demo. A stranger gets the same answer for any other
// name that a site can have, so that it doesn't tell which sites exist; a name
// that no site can have is answered with 404.
func (s *Server) withSite(c *gin.Context) {
	req := requestOf(c)
	domain, err := meta.NormalizeDomain(c.Param("site"))
	if err != nil {
		s.fail(c, errNotFound)
		return
	}
	site, err := s.Meta.SiteByDomain(c.Request.Context(), domain)
	missing := errors.Is(err, meta.ErrNotFound)
	switch {
	case err != nil && !missing:
		s.fail(c, err)
	case req.user == nil && (missing || !site.Demo):
		s.sendToLogin(c)
	case missing:
		s.fail(c, errNotFound)
	default:
		req.site = &site
	}
}
