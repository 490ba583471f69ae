package server

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/forwarded"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/internal/turn"
)

const requestKey = "earshot.request"

// request is what the middleware finds out about a request.
type request struct {
	id       string
	https    bool
	address  netip.Addr // the client's, behind trusted proxies
	user     *meta.User // nil = a stranger
	site     *meta.Site // of /:site, set by withSite
	locale   text.Locale
	explicit bool // the language stands in the URL: links carry it on
	theme    string
	printer  *text.Printer
}

// requestOf is the request's, never nil after begin.
func requestOf(c *gin.Context) *request {
	if v, ok := c.Get(requestKey); ok {
		return v.(*request)
	}
	return &request{locale: text.English}
}

// User is who is signed in, nil for a stranger.
func (s *Server) user(c *gin.Context) *meta.User { return requestOf(c).user }

// printer is for the language of the request.
func (s *Server) printer(c *gin.Context) *text.Printer {
	req := requestOf(c)
	if req.printer == nil {
		req.printer = s.strings.Printer(req.locale)
	}
	return req.printer
}

// begin gives the request its id, and finds out the client's address and the
// language of the answer.
func (s *Server) begin(c *gin.Context) {
	req := &request{id: rand.Text()[:12]}
	req.address, req.https = s.origin(c.Request)
	if l, ok := text.Parse(c.Query("lang")); ok {
		req.locale, req.explicit = l, true
	} else {
		req.locale = text.Match(c.GetHeader("Accept-Language"))
	}
	if cookie, err := c.Request.Cookie(themeCookie); err == nil {
		req.theme = validTheme(cookie.Value)
	}
	c.Set(requestKey, req)
	c.Header("X-Request-Id", req.id)
	asks(c, turn.Stranger, "address "+network(req.address))
}

// origin is the client's address and whether it speaks https, by the
// forwarding headers of trusted proxies.
func (s *Server) origin(r *http.Request) (netip.Addr, bool) {
	https := r.TLS != nil || s.BaseURL.HTTPS()
	addr, _ := forwarded.Reader(r, s.TrustedProxies)
	if forwarded.Trusted(peer(r), s.TrustedProxies) {
		if proto, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ","); strings.EqualFold(strings.TrimSpace(proto), "https") {
			https = true
		}
	}
	return addr, https
}

// peer is the other end of the TCP connection; invalid where there is none.
func peer(r *http.Request) netip.Addr {
	addr, _ := forwarded.ParseAddr(r.RemoteAddr)
	return addr
}

// publicURL is the address under which browsers reach this server, without a
// closing slash.
func (s *Server) publicURL(c *gin.Context) string {
	if !s.BaseURL.IsZero() {
		return s.BaseURL.String()
	}
	scheme := "http"
	if requestOf(c).https {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host
}

// link is where a browser finds the path inside the program.
func (s *Server) link(path string) string { return s.BaseURL.Link(path) }

// localPath is next if it is a path on this server, and "/" if it could lead
// elsewhere ("//evil", "/\evil", "https:…"), or out of the path of the public
// address ("/../evil").
func localPath(next string) string {
	u, err := url.Parse(next) // refuses control characters
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if part == "." || part == ".." {
			return "/"
		}
	}
	return next
}

func stack() []byte { return debug.Stack() }

const themeCookie = "earshot_theme"

// validTheme is "light", "dark" or "" (as the system).
func validTheme(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return ""
}

// settingsPath is a section of a site's settings; "" is the first.
func settingsPath(site meta.Site, section string) string {
	p := "/" + url.PathEscape(site.Domain) + "/settings"
	if section != "" {
		p += "/" + section
	}
	return p
}
