// Package server is the web side of Earshot: pages, panels, exports, the
// Stats API and who may see them. cmd/earshot makes it and gives it its
// dependencies; it never opens a connection to ClickHouse itself and starts
// no goroutine.
//
// Rules of the package:
//
//   - A handler is a func(*gin.Context) error. It answers, or returns an error
//     that one adapter (errors.go) turns into a sentence for the user and a
//     cause in the log, with the request's id in both.
//   - Everything needs a login, except for what routes.go lists as public.
//   - Every text comes from web/strings.yaml; no page has inline script or
//     style; whatever came from outside is escaped by html/template.
//   - Paths in the code don't contain the path of the public address (see
//     internal/baseurl). It is added to whatever is sent: by s.link, redirect and
//     setCookie, and by the template functions href, path and asset.
//   - A page lives in a file of its own: routes.go names it, <page>.go answers
//     it, web/templates/<page>.html draws it.
package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/internal/turn"
	"github.com/earshot-analytics/earshot/web"
)

// New checks the dependencies, parses every template and reads the assets. It
// starts nothing. If the assets weren't built, that is logged and isn't an error:
// the pages work without scripts and styles.
func New(d Deps) (*Server, error) {
	if d.Meta == nil || d.Sessions == nil {
		return nil, errors.New("server: Meta and Sessions are needed")
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	s := &Server{Deps: d, logins: newThrottle(d.Now), passwords: turn.New("passwords", passwordTurns(), d.Registerer),
		held: turn.New("live figures", liveTurns(), d.Registerer), csrf: http.NewCrossOriginProtection()}
	if !d.BaseURL.IsZero() {
		// Behind a proxy that rewrites Host, browsers' Origin is the public one.
		if err := s.csrf.AddTrustedOrigin(d.BaseURL.Origin()); err != nil {
			return nil, fmt.Errorf("trust forms from %s: %w", d.BaseURL.Origin(), err)
		}
	}
	if s.Runner != nil {
		s.Runner = boundedRunner{s.Runner}
	}
	var err error
	if s.answers, err = newAnswers(d.TempDir, d.Registerer); err != nil {
		return nil, err
	}
	if s.strings, err = text.Load(web.Strings()); err != nil {
		return nil, err
	}
	if s.assets, err = loadAssets(web.Dist()); errors.Is(err, web.ErrNotBuilt) {
		d.Log.Error("pages come without styles and scripts", "err", err)
	} else if err != nil {
		return nil, err
	}
	if s.views, err = loadViews(web.Templates(), s.strings, s.assets, d.BaseURL, d.Now); err != nil {
		return nil, err
	}
	boards, err := dashboards.Load(dashboards.Files())
	if err != nil {
		return nil, err
	}
	s.panels = panel.New(panel.Deps{
		Runner: s.Runner, Accounts: d.Meta, Studies: d.Meta, Boards: boards, Texts: s.strings,
		NetworkNames: d.NetworkNames, SourceNamed: d.SourceNamed, Now: d.Now, Pulse: d.Pulse, EventsAlone: d.EventsAlone,
	})
	s.sessions = newSessions(d.Sessions)
	if s.handler, err = compressed(s.router()); err != nil {
		return nil, fmt.Errorf("compress answers: %w", err)
	}
	s.handler = patient(s.handler)
	return s, nil
}

// Handler answers all of the web side's requests, whose paths are stripped of
// the base's.
func (s *Server) Handler() http.Handler { return s.handler }

// router chains the middleware: first headers for every answer, then who asks, then
// the page.
func (s *Server) router() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	// origin decides which proxies to trust; gin trusts all by default.
	r.ForwardedByClientIP = false
	_ = r.SetTrustedProxies(nil)
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false // gin's own knows no base path: see lost
	r.MaxMultipartMemory = 1 << 20
	r.Use(s.begin, s.recover, s.secure)
	r.NoRoute(s.identify, s.h(s.lost))
	r.NoMethod(s.identify, s.h(func(*gin.Context) error { return &Error{Status: http.StatusMethodNotAllowed} }))
	s.routes(r)
	return headAsGet(r)
}

// headAsGet answers HEAD as GET; net/http leaves the body out.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(r.Context()) // a copy: net/http looks at its own
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}
