package server

import (
	"cmp"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// A session ends after a month, after a week without use, and when the password
// changes. Its last use is stored every few minutes, not at each request.
const (
	sessionCookie = "earshot_session"
	sessionLife   = 30 * 24 * time.Hour
	sessionIdle   = 7 * 24 * time.Hour
	sessionTouch  = 5 * time.Minute
)

// Keys of a session's data.
const (
	keyUser  = "user"
	keyEpoch = "epoch"
	keySeen  = "seen"
	keyFlash = "flash"
)

func newSessions(store scs.CtxStore) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Lifetime = sessionLife
	m.ErrorFunc = nil // we call Load and Commit ourselves
	return m
}

// startSession signs a user in with a new session token, so that a token planted
// before the log-in is useless (session fixation).
func (s *Server) startSession(c *gin.Context, user meta.User) error {
	ctx := c.Request.Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, keyUser, user.ID)
	s.sessions.Put(ctx, keyEpoch, user.Epoch)
	s.sessions.Put(ctx, keySeen, s.Now().Unix())
	requestOf(c).user = &user
	return s.saveSession(c)
}

func (s *Server) endSession(c *gin.Context) error {
	if err := s.sessions.Destroy(c.Request.Context()); err != nil {
		return err
	}
	requestOf(c).user = nil
	s.setCookie(c, &http.Cookie{Name: sessionCookie, MaxAge: -1})
	return nil
}

// saveSession stores changed data and sends the cookie; without a change it
// does nothing. Call it before the answer begins.
func (s *Server) saveSession(c *gin.Context) error {
	ctx := c.Request.Context()
	if s.sessions.Status(ctx) != scs.Modified {
		return nil
	}
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	s.setCookie(c, &http.Cookie{Name: sessionCookie, Value: token, MaxAge: int(expiry.Sub(s.Now()).Seconds())})
	return nil
}

// setCookie sets one of the app's own cookies; no other site's request
// carries it, and no script reads it.
func (s *Server) setCookie(c *gin.Context, cookie *http.Cookie) {
	cookie.Path = cmp.Or(cookie.Path, s.BaseURL.Path(), "/")
	cookie.HttpOnly = true
	cookie.SameSite = cmp.Or(cookie.SameSite, http.SameSiteLaxMode)
	cookie.Secure = requestOf(c).https
	// An answer has one cookie per name: the last one set.
	h := c.Writer.Header()
	kept := h.Values("Set-Cookie")
	h.Del("Set-Cookie")
	for _, v := range kept {
		if old, err := http.ParseSetCookie(v); err == nil && old.Name != cookie.Name {
			h.Add("Set-Cookie", v)
		}
	}
	http.SetCookie(c.Writer, cookie)
}

// flash shows a user a sentence on the next page.
func (s *Server) flash(c *gin.Context, text string) error {
	s.sessions.Put(c.Request.Context(), keyFlash, text)
	return s.saveSession(c)
}

// takeFlash is the sentence to show now, "" = none.
func (s *Server) takeFlash(c *gin.Context) (string, error) {
	req := requestOf(c)
	if req.user == nil {
		return "", nil
	}
	text := s.sessions.PopString(c.Request.Context(), keyFlash)
	return text, s.saveSession(c)
}
