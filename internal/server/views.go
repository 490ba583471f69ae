package server

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/text"
)

// views are the parsed templates: a set for each language, once with links
// that carry the language on and once without.
type views struct {
	pages   map[viewKey]*template.Template
	scripts map[text.Locale]string
}

type viewKey struct {
	locale   text.Locale
	explicit bool
	page     string
}

// loadViews parses layout.html, parts.html and every page, so that a broken
// template stops the program's start.
func loadViews(files fs.FS, catalog *text.Catalog, assets *assets, base baseurl.URL, now func() time.Time) (*views, error) {
	v := &views{pages: map[viewKey]*template.Template{}, scripts: map[text.Locale]string{}}
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	for _, locale := range text.Locales() {
		texts, err := json.Marshal(catalog.Prefix(locale, "js."))
		if err != nil {
			return nil, fmt.Errorf("encode strings: %w", err)
		}
		v.scripts[locale] = string(texts)
		for _, explicit := range []bool{false, true} {
			frame, err := template.New("").Funcs(funcs(catalog, locale, explicit, assets, base, now)).ParseFS(files, "layout.html", "parts.html")
			if err != nil {
				return nil, fmt.Errorf("parse templates: %w", err)
			}
			for _, name := range names {
				if name == "layout.html" || name == "parts.html" || name == "settings.html" {
					continue
				}
				parts := []string{name}
				if strings.HasPrefix(name, "settings_") {
					parts = []string{"settings.html", name} // a section in its frame
				}
				t, err := template.Must(frame.Clone()).ParseFS(files, parts...)
				if err != nil {
					return nil, fmt.Errorf("parse templates: %w", err)
				}
				v.pages[viewKey{locale, explicit, strings.TrimSuffix(path.Base(name), ".html")}] = t
			}
		}
	}
	return v, nil
}
