package server

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// policy is the content security policy: a page loads only from this server, has
// no inline script or style, can't be framed, and sends forms only here.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers that every answer has.
func (s *Server) secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	path := c.Request.URL.Path
	if strings.HasPrefix(path, "/js/") {
		h.Set("Access-Control-Allow-Origin", "*") // a script with an integrity attribute is requested with CORS
	}
	if strings.HasPrefix(path, "/js/") || strings.HasPrefix(path, "/api/") {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	} else {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
	if requestOf(c).https {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// withoutPolicy lets the demo blog set its own content security policy, as any
// blog does.
func (s *Server) withoutPolicy(c *gin.Context) {
	c.Writer.Header().Del("Content-Security-Policy")
}

// sameOrigin rejects requests that another site made a browser send (CSRF).
func (s *Server) sameOrigin(c *gin.Context) {
	if err := s.csrf.Check(c.Request); err != nil {
		s.fail(c, &Error{Status: http.StatusForbidden, Cause: err})
	}
}
