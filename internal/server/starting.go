package server

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Start is the progress of the program's start.
type Start struct {
	Stage   string // one of the Stage constants
	Percent int    // of StageDemo
}

// Stages of a start.
const (
	StageEngine = "engine" // the embedded ClickHouse starts
	StageAway   = "away"   // the ClickHouse server doesn't answer yet
	StageSchema = "schema"
	StageDemo   = "demo"
)

// Starting answers every page while the program starts: with 503 and the current
// stage. Browsers reload the page by themselves.
func (s *Server) Starting(now func() Start) http.Handler {
	r := gin.New()
	r.Use(s.begin, s.recover, s.secure)
	r.GET("/js/earshot.js", s.h(s.snippet))
	r.GET("/js/earshot-share.js", s.h(s.snippet))
	r.GET("/assets/*file", s.h(s.asset))
	r.GET("/favicon.ico", s.h(s.favicon))
	r.GET("/robots.txt", s.h(s.robots))
	r.NoRoute(s.h(func(c *gin.Context) error {
		c.Header("Cache-Control", "no-store")
		c.Header("Retry-After", "2")
		c.Header("Refresh", "1")
		return s.render(c, http.StatusServiceUnavailable, "starting", Page{Data: now(), HideLogin: true})
	}))
	return patient(headAsGet(r))
}
