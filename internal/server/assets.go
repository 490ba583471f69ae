package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/web"
)

// assets are the built files of package web, in memory with their compressed
// forms.
type assets struct {
	names map[string]string     // source name → path inside the program
	files map[string]*assetFile // path below dist
}

// assetFile is one asset.
type assetFile struct {
	kind  string        // Content-Type
	forms []encodedForm // best first; the last is the plain one
	// vary says that there is more than one form.
	vary bool
}

// encodedForm is a file in one content coding, with a strong ETag of its own: two
// codings are two sequences of bytes.
type encodedForm struct {
	coding string // "br", "gzip", "" = plain
	etag   string
	data   []byte
}

// contentTypes are the types of what we build; the machine's own list may differ.
var contentTypes = map[string]string{
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
	a := &assets{names: map[string]string{}, files: map[string]*assetFile{}}
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

func readForms(dist fs.FS, p string) (*assetFile, error) {
	f := &assetFile{kind: contentTypes[path.Ext(p)]}
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
		f.forms = append(f.forms, encodedForm{v.coding, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, data})
	}
	f.vary = len(f.forms) > 1
	return f, nil
}

// path is the path of a source file's built asset; if nothing was built, a path
// that answers 404.
func (a *assets) path(name string) string {
	if u, ok := a.names[name]; ok {
		return u
	}
	return "/assets/" + name
}

// pick chooses the best form that an Accept-Encoding header allows (RFC 9110,
// 12.5.3). It is false when the header forbids even the plain one.
func (f *assetFile) pick(accept string) (encodedForm, bool) {
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
	var best encodedForm
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
