package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/web"
)

// assets are the built files of package web, in memory with their compressed
// forms.
type assets struct {
	names map[string]string // source name → path inside the program
	files map[string]*file  // path below dist
}

// file is one asset.
type file struct {
	kind  string // Content-Type
	forms []form // best first; the last is the plain one
	// vary says that there is a choice of forms.
	vary bool
}

// form is a file in one content coding, with a strong ETag of its own: two
// codings are two sequences of bytes.
type form struct {
	coding string // "br", "gzip", "" = plain
	etag   string
	data   []byte
}

// kinds are the types of what we build; the machine's own list may differ.
var kinds = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".json":  "application/json",
	".txt":   "text/plain; charset=utf-8",
}

// loadAssets reads every built file. When nothing was built, it gives empty
// assets and web.ErrNotBuilt.
func loadAssets(dist fs.FS) (*assets, error) {
	a := &assets{names: map[string]string{}, files: map[string]*file{}}
	manifest, err := web.Manifest()
	if err != nil {
		return a, err
	}
	for name, p := range manifest {
		a.names[name] = "/" + p
	}
	err = fs.WalkDir(dist, ".", func(p string, d fs.DirEntry, err error) error {
		ext := path.Ext(p)
		if err != nil || d.IsDir() || ext == ".br" || ext == ".gz" || !strings.Contains(p, "/") {
			return err
		}
		f, err := readForms(dist, p)
		if err != nil {
			return err
		}
		a.files[p] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	return a, nil
}

func readForms(dist fs.FS, p string) (*file, error) {
	f := &file{kind: kinds[path.Ext(p)]}
	if f.kind == "" {
		f.kind = mime.TypeByExtension(path.Ext(p))
	}
	for _, v := range []struct{ suffix, coding string }{{".br", "br"}, {".gz", "gzip"}, {"", ""}} {
		data, err := fs.ReadFile(dist, p+v.suffix)
		if errors.Is(err, fs.ErrNotExist) && v.suffix != "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		f.forms = append(f.forms, form{v.coding, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, data})
	}
	f.vary = len(f.forms) > 1
	return f, nil
}

// path is where a source file is served; unbuilt, one that isn't there.
func (a *assets) path(name string) string {
	if u, ok := a.names[name]; ok {
		return u
	}
	return "/assets/" + name
}

// snippet answers /js/earshot.js and /js/earshot-share.js, the scripts that
// blogs load: a day of cache, then a question that costs no body.
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

// pick chooses the best form that an Accept-Encoding header allows (RFC 9110,
// 12.5.3). It is false when the header forbids even the plain one.
func (f *file) pick(accept string) (form, bool) {
	weights := map[string]float64{}
	for item := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(item, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
			if v, err := strconv.ParseFloat(q, 64); err == nil {
				weight = v
			}
		}
		if coding = strings.ToLower(strings.TrimSpace(coding)); coding != "" {
			weights[coding] = weight
		}
	}
	any, hasAny := weights["*"]
	var best form
	top := 0.0
	for _, v := range f.forms {
		name, weight := v.coding, 0.0
		if name == "" {
			name = "identity"
		}
		w, named := weights[name]
		switch {
		case named:
			weight = w
		case hasAny:
			weight = any
		case v.coding == "":
			weight = 0.001 // allowed unless forbidden, the last choice
		}
		if weight > top {
			best, top = v, weight
		}
	}
	return best, top > 0
}

// matches says whether an If-None-Match header names etag.
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}
