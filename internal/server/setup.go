package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// Making the owner's account needs the link that the log prints, even on this
// machine: a local connection may be a proxy's that forwards strangers without a
// header that says so.
type setupData struct {
	Form  *Form
	Token string
}

// fresh says whether nobody has an account yet.
func (s *Server) fresh(c *gin.Context) (bool, error) {
	n, err := s.Meta.CountUsers(c.Request.Context())
	return err == nil && n == 0, err
}

// setupToken is the token in what was pasted: the whole link or its end.
func setupToken(s string) string {
	if _, after, ok := strings.Cut(s, "token="); ok {
		s, _, _ = strings.Cut(after, "&")
	}
	return strings.TrimSpace(s)
}

func (s *Server) setupPage(c *gin.Context) error {
	token := setupToken(c.Query("token"))
	may, err := s.Meta.SetupTokenValid(c.Request.Context(), token)
	if err != nil {
		return err
	}
	if !may {
		return s.refuseSetup(c, token)
	}
	c.Header("Referrer-Policy", "no-referrer") // the address contains the token
	showsSecret(c)
	return s.render(c, http.StatusOK, "setup", Page{HideLogin: true, Data: setupData{newForm(), token}})
}

func (s *Server) refuseSetup(c *gin.Context, token string) error {
	fresh, err := s.fresh(c)
	if err != nil {
		return err
	}
	if token == "" && c.Request.Method == http.MethodGet {
		s.redirect(c, "/login") // which says where the link is
		return nil
	}
	if fresh {
		return &Error{Status: http.StatusForbidden, Key: "setup.wrong_link"}
	}
	return &Error{Status: http.StatusForbidden, Key: "setup.refused"}
}

func (s *Server) setup(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	token := f.Value("token")
	may, err := s.Meta.SetupTokenValid(c.Request.Context(), token) // before a password is hashed
	if err != nil {
		return err
	}
	if !may {
		return s.refuseSetup(c, token)
	}
	ctx, p := c.Request.Context(), s.printer(c)
	u := meta.User{Email: f.Value("email"), Name: f.Value("name")}
	if requestOf(c).explicit {
		u.Locale = string(requestOf(c).locale)
	}
	owner, err := s.Meta.AddOwner(ctx, token, u, f.Value("password"))
	if errors.Is(err, meta.ErrHasOwner) || errors.Is(err, meta.ErrNotFound) {
		return s.refuseSetup(c, token) // somebody else was faster
	}
	if err := f.take(s, p, err); err != nil {
		return err
	}
	if !f.OK() {
		showsSecret(c)
		return s.render(c, http.StatusUnprocessableEntity, "setup", Page{HideLogin: true, Data: setupData{f, token}})
	}
	if err := s.startSession(c, owner); err != nil {
		return err
	}
	s.rememberDevice(c, owner.Email)
	if err := s.flash(c, p.T("setup.done")); err != nil {
		return err
	}
	s.redirect(c, "/sites/new")
	return nil
}
