package server

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/i18n"
	"github.com/earshot-analytics/earshot/internal/meta"
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

// login answers a wrong password and an unknown address with the same words
// after the same time, and counts tries by address and by account.
func (s *Server) login(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	next := localPath(f.Value("next"))
	ctx, p := c.Request.Context(), s.printer(c)
	email := f.Value("email")
	keys := map[string]limit{
		addressKey(requestOf(c).address):    addressLimit,
		"account " + strings.ToLower(email): accountLimit,
	}
	status := http.StatusUnprocessableEntity
	if wait := s.logins.take(keys); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		c.Header("Retry-After", strconv.Itoa(seconds))
		f.fail("", p.T("login.wait", "count", seconds))
		status = http.StatusTooManyRequests
	} else {
		user, err := s.Meta.Authenticate(ctx, email, f.Value("password"))
		switch {
		case err == nil:
			s.logins.giveBack(keys)
			if err := s.startSession(c, user); err != nil {
				return err
			}
			s.redirect(c, next)
			return nil
		case errors.Is(err, meta.ErrCredentials):
			f.fail("", p.T("login.wrong"))
		default:
			s.logins.giveBack(keys)
			return err
		}
	}
	return s.render(c, status, "login", Page{HideLogin: true, Here: "/login", Data: loginData{Form: f, Next: next}})
}

func (s *Server) logout(c *gin.Context) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	// Nothing of what was shown stays in the browser's caches.
	c.Header("Clear-Site-Data", `"cache"`)
	s.redirect(c, "/")
	return nil
}

const themeCookie = "earshot_theme"

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

// validTheme is "light", "dark" or "" (as the system).
func validTheme(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return ""
}

type accountData struct {
	Form     *Form
	Password *Form
	Locales  []i18n.Locale
}

func (s *Server) accountForms(c *gin.Context) accountData {
	u := s.user(c)
	return accountData{
		Form:     newForm("name", u.Name, "email", u.Email, "locale", u.Locale, "theme", u.Theme),
		Password: newForm(),
		Locales:  i18n.Locales(),
	}
}

func (s *Server) accountPage(c *gin.Context) error {
	return s.render(c, http.StatusOK, "account", Page{Data: s.accountForms(c)})
}

func (s *Server) saveAccount(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	changed := *s.user(c)
	changed.Name, changed.Email = f.Value("name"), f.Value("email")
	changed.Locale, changed.Theme = f.Value("locale"), f.Value("theme")
	err = s.Meta.UpdateUser(c.Request.Context(), changed)
	if err := f.take(s, s.printer(c), err); err != nil {
		return err
	}
	if !f.OK() {
		d := s.accountForms(c)
		d.Form = f
		return s.render(c, http.StatusUnprocessableEntity, "account", Page{Data: d})
	}
	p := s.printer(c)
	if l, ok := i18n.Parse(changed.Locale); ok {
		p = s.strings.Printer(l)
	}
	if err := s.flash(c, p.T("account.saved")); err != nil {
		return err
	}
	// The language just chosen must win over one in this page's address.
	requestOf(c).explicit = false
	s.redirect(c, "/account")
	return nil
}

func (s *Server) savePassword(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, p, user := c.Request.Context(), s.printer(c), s.user(c)
	keys := map[string]limit{"password " + strconv.FormatInt(user.ID, 10): accountLimit}
	if wait := s.logins.take(keys); wait > 0 {
		return &Error{Status: http.StatusTooManyRequests}
	}
	right, err := s.Meta.VerifyPassword(ctx, user.ID, f.Value("password_now"))
	if err != nil {
		return err
	}
	if !right {
		f.fail("password_now", p.T("account.password_wrong"))
	} else {
		s.logins.giveBack(keys)
		err = s.Meta.SetPassword(ctx, user.ID, f.Value("password"))
		if err := f.take(s, p, err); err != nil {
			return err
		}
	}
	if !f.OK() {
		d := s.accountForms(c)
		d.Password = f
		return s.render(c, http.StatusUnprocessableEntity, "account", Page{Here: "/account", Data: d})
	}
	// The new password ended every session; this browser goes on in a new one.
	fresh, err := s.Meta.UserByID(ctx, user.ID)
	if err != nil {
		return err
	}
	if err := s.startSession(c, fresh); err != nil {
		return err
	}
	if err := s.flash(c, p.T("account.password_saved")); err != nil {
		return err
	}
	s.redirect(c, "/account")
	return nil
}
