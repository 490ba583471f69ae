package server

import (
	"net/http"
	"path"
	"strconv"

	"github.com/gin-gonic/gin"
)

// snippet answers /js/earshot.js and /js/earshot-share.js, the scripts that
// blogs load: cached for a day, then revalidated by ETag.
func (s *Server) snippet(c *gin.Context) error {
	return s.serve(c, path.Join("js", path.Base(c.Request.URL.Path)), "public, max-age=86400")
}

// asset answers files whose name changes with their content.
func (s *Server) asset(c *gin.Context) error {
	return s.serve(c, path.Join("assets", path.Clean("/"+c.Param("file"))), "public, max-age=31536000, immutable")
}

func (s *Server) favicon(c *gin.Context) error {
	c.Redirect(http.StatusFound, s.link(s.assets.path("logo.svg")))
	return nil
}

// robots keeps search engines out of dashboards; the demo blog isn't one.
func (s *Server) robots(c *gin.Context) error {
	c.Header("Cache-Control", "public, max-age=86400")
	c.String(http.StatusOK, "User-agent: *\nAllow: %s\nDisallow: %s\n", s.link("/demo-blog/"), s.link("/"))
	return nil
}

func (s *Server) serve(c *gin.Context, name, cache string) error {
	f, ok := s.assets.files[name]
	if !ok {
		return errNotFound
	}
	h := c.Writer.Header()
	if f.vary {
		h.Add("Vary", "Accept-Encoding")
	}
	v, ok := f.pick(c.GetHeader("Accept-Encoding"))
	if !ok {
		return &Error{Status: http.StatusNotAcceptable}
	}
	h.Set("Cache-Control", cache)
	h.Set("ETag", v.etag)
	if matches(c.GetHeader("If-None-Match"), v.etag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	h.Set("Content-Type", f.kind)
	if v.coding != "" {
		h.Set("Content-Encoding", v.coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(v.data)))
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(v.data) // the client is gone: nobody to tell
	return nil
}
