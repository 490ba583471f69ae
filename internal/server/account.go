package server

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/internal/turn"
)

type accountData struct {
	Form     *Form
	Email    *Form
	Password *Form
	Locales  []text.Locale
}

func (s *Server) accountForms(c *gin.Context) accountData {
	u := s.user(c)
	return accountData{
		Form:     newForm("name", u.Name, "locale", u.Locale, "theme", u.Theme),
		Email:    newForm("email", u.Email),
		Password: newForm(),
		Locales:  text.Locales(),
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
	changed.Name, changed.Locale, changed.Theme = f.Value("name"), f.Value("locale"), f.Value("theme")
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
	if l, ok := text.Parse(changed.Locale); ok {
		p = s.strings.Printer(l)
	}
	// The language just chosen must win over one in this page's address.
	requestOf(c).explicit = false
	return s.accountSaved(c, p.T("account.saved"))
}

// confirmed reports whether the form's password_now is the user's password, and
// notes an error at that field if not. So nobody can take an account over by an
// open browser or a stolen session.
func (s *Server) confirmed(c *gin.Context, f *Form) (bool, error) {
	user := s.user(c)
	id := strconv.FormatInt(user.ID, 10)
	counts := []count{{"confirm " + id + " " + network(requestOf(c).address), accountLimit}}
	_, refused := s.tryPassword(c, counts, turn.Asker{Class: turn.User, Key: id}, func(ctx context.Context) (meta.User, error) {
		right, err := s.Meta.VerifyPassword(ctx, user.ID, f.Value("password_now"))
		if err == nil && !right {
			err = meta.ErrCredentials
		}
		return *user, err
	})
	switch {
	case refused == nil:
		return true, nil
	case refused.Status != http.StatusUnprocessableEntity:
		return false, refused
	}
	f.fail("password_now", s.printer(c).T("account.password_wrong"))
	return false, nil
}

func (s *Server) saveEmail(c *gin.Context) error {
	refused := func(d *accountData, f *Form) { d.Email = f }
	return s.saveConfirmed(c, refused, func(ctx context.Context, f *Form) error {
		changed := *s.user(c)
		changed.Email = f.Value("email")
		return s.Meta.UpdateUser(ctx, changed)
	}, func(user meta.User) error {
		s.rememberDevice(c, user.Email)
		return s.accountSaved(c, s.printer(c).T("account.email_saved"))
	})
}

func (s *Server) savePassword(c *gin.Context) error {
	refused := func(d *accountData, f *Form) { d.Password = f }
	return s.saveConfirmed(c, refused, func(ctx context.Context, f *Form) error {
		return s.Meta.SetPassword(ctx, s.user(c).ID, f.Value("password"))
	}, func(user meta.User) error {
		return s.goOnAlone(c, user, s.printer(c).T("account.password_saved"))
	})
}

// saveConfirmed handles a form that asks for the current password. It saves and
// calls goOn with the stored user, or shows the page again with the form's
// errors.
func (s *Server) saveConfirmed(c *gin.Context, place func(*accountData, *Form), save func(context.Context, *Form) error, goOn func(meta.User) error) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ok, err := s.confirmed(c, f)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if ok {
		err := save(ctx, f)
		if err := f.take(s, s.printer(c), err); err != nil {
			return err
		}
	}
	if !f.OK() {
		d := s.accountForms(c)
		place(&d, f)
		return s.render(c, http.StatusUnprocessableEntity, "account", Page{Here: "/account", Data: d})
	}
	user, err := s.Meta.UserByID(ctx, s.user(c).ID)
	if err != nil {
		return err
	}
	return goOn(user)
}

// endOthers ends all of the user's other sessions.
func (s *Server) endOthers(c *gin.Context) error {
	ctx, id := c.Request.Context(), s.user(c).ID
	if err := s.Meta.EndSessions(ctx, id); err != nil {
		return err
	}
	user, err := s.Meta.UserByID(ctx, id)
	if err != nil {
		return err
	}
	return s.goOnAlone(c, user, s.printer(c).T("account.others_ended"))
}

// goOnAlone signs the user in again after all sessions have ended.
func (s *Server) goOnAlone(c *gin.Context, user meta.User, text string) error {
	if err := s.startSession(c, user); err != nil {
		return err
	}
	return s.accountSaved(c, text)
}

func (s *Server) accountSaved(c *gin.Context, text string) error {
	if err := s.flash(c, text); err != nil {
		return err
	}
	s.redirect(c, "/account")
	return nil
}
