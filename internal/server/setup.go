package server

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type setupData struct {
	Form  *Form
	Token string
}

// fresh says whether nobody has an account yet.
func (s *Server) fresh(c *gin.Context) (bool, error) {
	n, err := s.Meta.CountUsers(c.Request.Context())
	return err == nil && n == 0, err
}

// maySetUp says whether this browser may make the owner's account: while there
// is none, from this machine or by the link that the log prints.
func (s *Server) maySetUp(c *gin.Context, token string) (bool, error) {
	if fresh, err := s.fresh(c); err != nil || !fresh {
		return false, err
	}
	if token != "" {
		return s.Meta.SetupTokenValid(c.Request.Context(), token)
	}
	return fromThisMachine(c.Request), nil
}

func (s *Server) setupPage(c *gin.Context) error {
	token := c.Query("token")
	may, err := s.maySetUp(c, token)
	if err != nil {
		return err
	}
	if !may {
		return s.refuseSetup(c, token)
	}
	c.Header("Referrer-Policy", "no-referrer") // the address is a key
	return s.render(c, http.StatusOK, "setup", Page{HideLogin: true, Data: setupData{newForm(), token}})
}

func (s *Server) refuseSetup(c *gin.Context, token string) error {
	fresh, err := s.fresh(c)
	if err != nil {
		return err
	}
	if !fresh && token == "" && c.Request.Method == http.MethodGet {
		s.redirect(c, "/login")
		return nil
	}
	return &Error{Status: http.StatusForbidden, Key: "setup.refused"}
}

func (s *Server) setup(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	token := f.Value("token")
	may, err := s.maySetUp(c, token)
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
	owner, err := s.Meta.AddOwner(ctx, u, f.Value("password"))
	if errors.Is(err, meta.ErrHasOwner) {
		return &Error{Status: http.StatusForbidden, Key: "setup.refused"}
	}
	if err := f.take(s, p, err); err != nil {
		return err
	}
	if !f.OK() {
		return s.render(c, http.StatusUnprocessableEntity, "setup", Page{HideLogin: true, Data: setupData{f, token}})
	}
	if err := s.startSession(c, owner); err != nil {
		return err
	}
	if err := s.flash(c, p.T("setup.done")); err != nil {
		return err
	}
	s.redirect(c, "/sites/new")
	return nil
}
