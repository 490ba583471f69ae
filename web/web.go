// Package web is everything that the browser gets, embedded in the binary:
// the page templates, the strings, and what web/build.mjs makes of static/
// and tracker/ (scripts and styles with a content hash in their names, the
// snippet, and their compressed forms). internal/server serves it.
package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed templates
var templates embed.FS

//go:embed strings.yaml
var stringsYAML []byte

//go:embed all:dist
var dist embed.FS

// ErrNotBuilt says that the binary was compiled before "npm run build".
var ErrNotBuilt = errors.New("web assets are not built: run npm run build, then build the program again")

// Templates holds layout.html, the parts and one file a page.
func Templates() fs.FS { return sub(templates, "templates") }

// Strings is the strings file, as internal/text reads it.
func Strings() []byte { return stringsYAML }

// Dist holds the built files: assets/, js/earshot.js and manifest.json, with
// a .br and a .gz beside each file that compresses.
func Dist() fs.FS { return sub(dist, "dist") }

// Manifest maps a source name ("app.js", "icons.svg") to its path below
// Dist ("assets/app.4KX2T7.js"). The error is ErrNotBuilt where there is none.
func Manifest() (map[string]string, error) {
	src, err := fs.ReadFile(dist, "dist/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("read asset manifest: %w", err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(src, &m); err != nil {
		return nil, fmt.Errorf("read asset manifest: %w", err)
	}
	return m, nil
}

// sub cannot fail: the folder is embedded above.
func sub(f fs.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err)
	}
	return s
}
