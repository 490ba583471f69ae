package server

import (
	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/imports"
)

// routes is the list of everything that the server answers, public things
// first. A literal path wins over a parameter; a site's name has a dot in it
// (or is "localhost"), so it never hides a page.
func (s *Server) routes(r *gin.Engine) {
	// For blogs and machines: no session, no cookie, readable from anywhere.
	r.GET("/js/earshot.js", s.h(s.snippet))
	r.GET("/js/earshot-share.js", s.h(s.snippet))
	r.GET("/assets/*file", s.h(s.asset))
	r.GET("/favicon.ico", s.h(s.favicon))
	r.GET("/robots.txt", s.h(s.robots))
	r.GET("/healthz", s.h(s.healthz))
	if s.Collect != nil {
		for _, path := range []string{"/api/event", "/api/events", "/api/pixel.gif"} {
			r.Any(path, gin.WrapH(s.Collect))
		}
	}
	r.POST("/api/v2/query", s.h(s.stats))
	if s.Demo != nil {
		r.Any("/demo-blog/*path", s.withoutPolicy, func(c *gin.Context) { s.Demo.ServeHTTP(c.Writer, s.BaseURL.Whole(c.Request)) })
	}

	// Pages open to strangers; each handler decides what they may see.
	open := r.Group("/", s.identify, s.sameOrigin)
	open.GET("/", s.h(s.sitesPage))
	open.GET("/setup", s.h(s.setupPage))
	open.POST("/setup", s.h(s.setup))
	open.GET("/login", s.h(s.loginPage))
	open.POST("/login", s.h(s.login))
	open.POST("/logout", s.h(s.logout))
	open.POST("/preferences", s.h(s.preferences))

	// Dashboards: a stranger sees the demo's.
	s.dashboardRoutes(open.Group("/:site", s.withSite))

	// Pages for users.
	own := open.Group("/", s.requireUser)
	own.GET("/account", s.h(s.accountPage))
	own.POST("/account", s.h(s.saveAccount))
	own.POST("/account/email", s.h(s.saveEmail))
	own.POST("/account/password", s.h(s.savePassword))
	own.POST("/account/sessions", s.h(s.endOthers))
	own.GET("/status", s.h(s.statusPage))
	own.GET("/sites/new", s.h(s.newSitePage))
	own.POST("/sites/new", s.h(s.newSite))

	set := own.Group("/:site/settings", s.withSite)
	set.GET("", s.h(s.generalPage))
	set.POST("", s.h(s.saveGeneral))
	set.GET("/snippet", s.h(s.snippetPage))
	set.POST("/snippet", s.h(s.checkSnippet))
	set.GET("/snippet/status.json", s.h(s.snippetStatus))
	set.GET("/accounts", s.h(s.accountsPage))
	set.POST("/accounts", s.h(s.addAccount))
	set.POST("/accounts/:id", s.h(s.changeAccount))
	set.GET("/import", s.h(s.importPage))
	set.POST("/import", s.h(s.previewImport))
	set.POST("/import/:id", s.h(s.changeImport))
	for _, kind := range imports.Kinds() {
		set.GET("/import/"+kind+".csv", s.h(s.exportHistory(kind)))
	}
	set.GET("/studies", s.h(s.studiesPage))
	set.POST("/studies", s.h(s.importStudies))
	set.POST("/studies/:id/remove", s.h(s.removeStudy))
	set.GET("/tokens", s.h(s.tokensPage))
	set.POST("/tokens", s.h(s.addToken))
	set.POST("/tokens/:id/remove", s.h(s.removeToken))
	set.GET("/remove", s.h(s.removePage))
	set.POST("/remove", s.h(s.removeSite))
}
