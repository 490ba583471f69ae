package server

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
)

// funcs are the functions of templates in one language. Each call makes a Printer:
// it is cheap, and requests must not share one.
func funcs(catalog *text.Catalog, locale text.Locale, explicit bool, assets *assets, base baseurl.URL, now func() time.Time) template.FuncMap {
	p := func() *text.Printer { return catalog.Printer(locale) }
	asset := func(name string) string { return base.Link(assets.path(name)) }
	sprite := asset("icons.svg")
	return template.FuncMap{
		// t is the text of a key, with named values: {{t "sites.count" "count" 3}}.
		"t": func(key string, values ...any) string { return p().T(key, values...) },
		// href is a link of ours; it carries the URL's language on.
		"href": func(to string) string {
			if explicit {
				to = withLang(to, locale)
			}
			return base.Link(to)
		},
		"path":  base.Link, // a link of ours as it is
		"asset": asset,
		// icon is decoration: the text next to it says what it means. Names come
		// only from templates, so they need no escaping.
		"icon": func(name string) template.HTML {
			return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` +
				template.HTMLEscapeString(sprite+"#"+name) + `"></use></svg>`)
		},
		// say is a text that isn't in web/strings.yaml, in the page's language.
		"say":      func(t text.Text) string { return t.In(locale) },
		"dict":     dict,
		"int":      func(n any) string { return p().Value(n) },
		"number":   func(f float64) string { return p().Float(f, 2) },
		"date":     func(t time.Time) string { return p().Date(t) },
		"time":     func(t time.Time) string { return p().Time(t) },
		"ago":      func(t time.Time) string { return p().Ago(t, now()) },
		"duration": func(d time.Duration) string { return p().Duration(d) },
		"domain":   meta.DisplayDomain,
		"join":     func(list []string) string { return strings.Join(list, ", ") },

		"changeText": func(f *float64) string {
			if *f > 0 {
				return "+" + p().Percent(rounded(*f))
			}
			return p().Percent(rounded(*f))
		},
		"changeClass": changeClass,
		"changeIcon":  changeIcon,
	}
}

// dict makes a map for a template that takes several values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a key without a value")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		switch key := pairs[i].(type) {
		case string:
			m[key] = pairs[i+1]
		default:
			return nil, fmt.Errorf("dict: key %v is not a string", key)
		}
	}
	return m, nil
}

// rounded keeps one decimal only for small changes.
func rounded(f float64) float64 {
	if math.Abs(f) >= 10 {
		return math.Round(f)
	}
	return math.Round(f*10) / 10
}

func changeClass(f *float64, upIsGood bool) string {
	switch r := rounded(*f); {
	case r == 0:
		return ""
	case (r > 0) == upIsGood:
		return "change-good"
	}
	return "change-bad"
}

func changeIcon(f *float64) string {
	switch r := rounded(*f); {
	case r > 0:
		return "arrow-up"
	case r < 0:
		return "arrow-down"
	}
	return ""
}

// withLang is path with lang= set.
func withLang(to string, l text.Locale) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	q := u.Query()
	q.Set("lang", string(l))
	u.RawQuery = q.Encode()
	return u.String()
}

func urlQueryEscape(s string) string { return url.QueryEscape(s) }
