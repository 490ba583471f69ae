package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
)

// maxForm bounds the body of an ordinary form.
const maxForm = 64 << 10

// Form is a form's values and what is wrong with them, field by field; the
// field "" is the form as a whole. Passwords are never shown again: the
// template leaves their value out.
type Form struct {
	values map[string]string
	errs   map[string]string
}

// newForm has the given values: pairs of name and value.
func newForm(pairs ...string) *Form {
	f := &Form{values: map[string]string{}, errs: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values[pairs[i]] = pairs[i+1]
	}
	return f
}

// readForm reads the request's form. It trims spaces, but not those of passwords.
func readForm(c *gin.Context) (*Form, error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, &Error{Status: http.StatusBadRequest, Cause: err}
	}
	f := newForm()
	for name, v := range c.Request.PostForm {
		f.values[name] = v[0]
		if !strings.Contains(name, "password") {
			f.values[name] = strings.TrimSpace(v[0])
		}
	}
	return f, nil
}

// Value is a field's value, "" where it was not sent.
func (f *Form) Value(name string) string { return f.values[name] }

// Checked says whether a checkbox was on.
func (f *Form) Checked(name string) bool { return f.values[name] != "" }

// Error is what is wrong with a field, "" = nothing.
func (f *Form) Error(name string) string { return f.errs[name] }

// OK holds while nothing is wrong.
func (f *Form) OK() bool { return len(f.errs) == 0 }

// fail notes an error at a field, unless the field has one.
func (f *Form) fail(name, text string) {
	if f.errs[name] == "" {
		f.errs[name] = text
	}
}

// take notes a *meta.InvalidError at its field, in the user's language, and
// returns any other error.
func (f *Form) take(s *Server, p *text.Printer, err error) error {
	var inv *meta.InvalidError
	if !errors.As(err, &inv) {
		return err
	}
	text := inv.Message
	if key := "invalid." + inv.Field + "." + inv.Reason; s.strings.Has(key) {
		text = p.T(key)
	}
	f.fail(inv.Field, text)
	return nil
}
