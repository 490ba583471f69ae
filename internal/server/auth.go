package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/turn"
)

type loginData struct {
	Form *Form
	Next string
	// Fresh: there is no user yet; the page says how to make one.
	Fresh bool
}

func (s *Server) loginPage(c *gin.Context) error {
	next := localPath(c.Query("next"))
	if s.user(c) != nil {
		s.redirect(c, next)
		return nil
	}
	n, err := s.Meta.CountUsers(c.Request.Context())
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "login", Page{HideLogin: true, Data: loginData{Form: newForm(), Next: next, Fresh: n == 0}})
}

// login answers a wrong password and an unknown e-mail address with the same
// sentence after the same time. It counts tries per network, and per account and
// network; a browser that signed in before has its own count.
func (s *Server) login(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	next := localPath(f.Value("next"))
	email := strings.ToLower(f.Value("email"))
	from := network(requestOf(c).address)
	counts := []count{{"network " + from, networkLimit}}
	device := ""
	if len(email) > meta.MaxEmail { // no account has it: don't look it up, and don't show it again
		email = ""
		f.values["email"] = ""
	} else if device = s.device(c, email); device != "" {
		counts = []count{{"device " + device, accountLimit}}
	} else {
		counts = append(counts, count{"account " + from + " " + email, accountLimit})
	}
	who := turn.Asker{Class: turn.Stranger, Key: from}
	if device != "" {
		who = turn.Asker{Class: turn.User, Key: device}
	}
	user, refused := s.tryPassword(c, counts, who, func(ctx context.Context) (meta.User, error) {
		if email == "" {
			return meta.User{}, meta.ErrCredentials
		}
		return s.Meta.Authenticate(ctx, email, f.Value("password"))
	})
	if refused == nil {
		if err := s.startSession(c, user); err != nil {
			return err
		}
		s.rememberDevice(c, user.Email)
		s.redirect(c, next)
		return nil
	}
	if !strings.HasPrefix(refused.Key, "login.") {
		return refused
	}
	_, text := s.sentence(c, refused)
	f.fail("", text)
	return s.render(c, refused.Status, "login", Page{HideLogin: true, Here: "/login", Data: loginData{Form: f, Next: next}})
}

// tryPassword calls check if all counts have a try left, and logs the address of
// a failed try; docs/fail2ban reads that line, so its form must stay. The error is
// for the user.
func (s *Server) tryPassword(c *gin.Context, counts []count, who turn.Asker, check func(context.Context) (meta.User, error)) (meta.User, *Error) {
	wait, tell := s.logins.take(counts...)
	if wait > 0 {
		if tell {
			s.logFailure(c, "limit")
		}
		seconds := int(math.Ceil(wait.Seconds()))
		c.Header("Retry-After", strconv.Itoa(seconds))
		return meta.User{}, &Error{Status: http.StatusTooManyRequests, Key: "login.wait", Values: []any{"count", seconds}}
	}
	ctx := c.Request.Context()
	waits, cancel := context.WithTimeout(turn.With(ctx, who), passwordWait)
	defer cancel()
	done, err := s.passwords.Take(waits)
	if err != nil {
		s.logins.giveBack(counts...)
		c.Header("Retry-After", "10")
		return meta.User{}, &Error{Status: http.StatusServiceUnavailable, Key: "login.busy"}
	}
	defer done()
	user, err := check(ctx)
	switch {
	case err == nil:
		s.logins.giveBack(counts...)
		return user, nil
	case errors.Is(err, meta.ErrCredentials):
		s.logFailure(c, "password")
		return meta.User{}, &Error{Status: http.StatusUnprocessableEntity, Key: "login.wrong"}
	}
	s.logins.giveBack(counts...)
	return meta.User{}, asError(err)
}

func (s *Server) logFailure(c *gin.Context, reason string) {
	s.Log.Warn("log-in failed", "address", requestOf(c).address.String(), "reason", reason)
}

func (s *Server) logout(c *gin.Context) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	// The browser forgets the pages that it has cached.
	c.Header("Clear-Site-Data", `"cache"`)
	s.redirect(c, "/")
	return nil
}

// preferences keeps the theme: in the user's settings, or for a stranger in a
// cookie of this app that says "light" or "dark" and nothing else.
func (s *Server) preferences(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	theme := validTheme(f.Value("theme"))
	if user := s.user(c); user != nil {
		user.Theme = theme
		if err := s.Meta.UpdateUser(c.Request.Context(), *user); err != nil {
			return err
		}
	} else if theme == "" {
		s.setCookie(c, &http.Cookie{Name: themeCookie, MaxAge: -1})
	} else {
		s.setCookie(c, &http.Cookie{Name: themeCookie, Value: theme, MaxAge: 365 * 24 * 3600})
	}
	s.redirect(c, localPath(f.Value("next")))
	return nil
}
