// Package text speaks the languages of the app: texts that stand in the code in
// both (Text), the one strings file (web/strings.yaml), French spaces, plurals,
// numbers, dates and durations. It is called by whatever writes a sentence that
// a user sees, and knows nobody. It does no I/O and never guesses a missing
// string: a key that is not there comes out as "⟦key⟧", and a test of the app
// fails on it.
//
// A string holds named values in braces: "{count} visits to {site}". A key may
// have plural forms instead of one text:
//
//	sites.count:
//	  en: {one: "{count} site", other: "{count} sites"}
//	  fr: {one: "{count} site", other: "{count} sites"}
//
// The form is chosen by the value named "count", by the language's own rule
// (in French 0 is singular).
package text

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Locale is a language of the app, as it stands in URLs and settings.
type Locale string

// The languages that every string has.
const (
	English Locale = "en"
	French  Locale = "fr"
)

// Locales lists the languages in the order in which the app offers them.
func Locales() []Locale { return []Locale{English, French} }

// Name is the language's name in itself.
func (l Locale) Name() string {
	if l == French {
		return "Français"
	}
	return "English"
}

// Tag is the BCP 47 tag that numbers and dates are formatted by.
func (l Locale) Tag() language.Tag {
	if l == French {
		return language.French
	}
	return language.English
}

// Parse accepts "en" and "fr" and nothing else.
func Parse(s string) (Locale, bool) {
	l := Locale(s)
	return l, slices.Contains(Locales(), l)
}

// Match picks the language for an Accept-Language header; English when it
// names none of ours.
func Match(acceptLanguage string) Locale {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, i, confidence := language.NewMatcher([]language.Tag{language.English, language.French}).Match(tags...)
	if confidence == language.No {
		return English
	}
	return Locales()[i]
}

// entry is a key's text in one language; a text without plural forms has
// only other.
type entry struct{ one, other string }

// Catalog is the strings file, checked. It is safe for concurrent use.
type Catalog struct {
	texts map[Locale]map[string]entry
	keys  []string
}

// Load reads a strings file. It fails on a key that lacks a language, has an
// empty text, a language we don't have, or values in braces that differ
// between the languages.
func Load(src []byte) (*Catalog, error) {
	var file map[string]map[string]entry
	if err := yaml.Unmarshal(src, &file); err != nil {
		return nil, fmt.Errorf("read strings: %w", err)
	}
	c := &Catalog{texts: map[Locale]map[string]entry{}}
	for _, l := range Locales() {
		c.texts[l] = map[string]entry{}
	}
	for key, langs := range file {
		for name := range langs {
			if _, ok := Parse(name); !ok {
				return nil, fmt.Errorf("strings: %s: unknown language %q", key, name)
			}
		}
		var want []string
		for i, l := range Locales() {
			e := langs[string(l)]
			if strings.TrimSpace(e.other) == "" {
				return nil, fmt.Errorf("strings: %s: %s: no text", key, l)
			}
			if l == French {
				e.one, e.other = spaced(e.one), spaced(e.other)
			}
			names := placeholders(e.other)
			if i == 0 {
				want = names
			} else if !slices.Equal(want, names) {
				return nil, fmt.Errorf("strings: %s: values %v in %s, %v in %s", key, want, English, names, l)
			}
			c.texts[l][key] = e
		}
		c.keys = append(c.keys, key)
	}
	slices.Sort(c.keys)
	return c, nil
}

// UnmarshalYAML reads a text, or its plural forms.
func (e *entry) UnmarshalYAML(read func(any) error) error {
	var found any
	if err := read(&found); err != nil {
		return err
	}
	switch found := found.(type) {
	case string:
		*e = entry{found, found}
		return nil
	case map[string]any:
		var forms struct{ One, Other string }
		if err := read(&forms); err == nil && forms.One != "" && forms.Other != "" && len(found) == 2 {
			*e = entry{forms.One, forms.Other}
			return nil
		}
	}
	return errors.New("a text, or the plural forms one and other")
}

// placeholders are the names in braces, sorted, each once.
func placeholders(s string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(s, "{")
		if !ok {
			break
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			break
		}
		names, s = append(names, name), after
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Keys lists all keys, sorted.
func (c *Catalog) Keys() []string { return slices.Clone(c.keys) }

// Has tells whether the key exists.
func (c *Catalog) Has(key string) bool { _, ok := c.texts[English][key]; return ok }

// Prefix returns the plain texts whose key begins with prefix, by the rest of
// the key: what the browser's scripts get.
func (c *Catalog) Prefix(l Locale, prefix string) map[string]string {
	m := map[string]string{}
	for key, e := range c.texts[l] {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			m[rest] = e.other
			if e.one != e.other {
				m[rest+".one"] = e.one
			}
		}
	}
	return m
}

// Printer gives the texts of one language.
func (c *Catalog) Printer(l Locale) *Printer {
	if _, ok := c.texts[l]; !ok {
		l = English
	}
	return &Printer{Locale: l, texts: c.texts[l]}
}

// Printer formats for a reader of one language. It is not safe for concurrent
// use: make one a request; that costs nothing until a number is formatted.
type Printer struct {
	Locale  Locale
	texts   map[string]entry
	numbers *message.Printer
}

func (p *Printer) num() *message.Printer {
	if p.numbers == nil {
		p.numbers = message.NewPrinter(p.Locale.Tag())
	}
	return p.numbers
}

// T is the text of key with its named values put in: T("sites.count",
// "count", 3). Integers and floats are formatted in the language; everything
// else by fmt. The result is plain text: it is the template that escapes it.
func (p *Printer) T(key string, values ...any) string {
	e, ok := p.texts[key]
	if !ok || len(values)%2 != 0 {
		return "⟦" + key + "⟧"
	}
	text := e.other
	pairs := make([]string, 0, len(values))
	for i := 0; i < len(values); i += 2 {
		name := fmt.Sprint(values[i])
		if name == "count" && e.one != e.other && p.one(values[i+1]) {
			text = e.one
		}
		pairs = append(pairs, "{"+name+"}", p.Value(values[i+1]))
	}
	if len(pairs) == 0 {
		return text
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// one applies the language's cardinal plural rule.
func (p *Printer) one(v any) bool {
	n, ok := toInt(v)
	if !ok {
		return false
	}
	if n < 0 {
		n = -n
	}
	return plural.Cardinal.MatchPlural(p.Locale.Tag(), int(n%10_000_000), 0, 0, 0, 0) == plural.One
}

func toInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		return int64(v), true
	case uint32:
		return int64(v), true
	}
	return 0, false
}

// Value formats what stands in a text: whole numbers with their group
// separator, floats with at most one decimal, everything else by fmt.
func (p *Printer) Value(v any) string {
	if n, ok := toInt(v); ok {
		return p.Int(n)
	}
	switch v := v.(type) {
	case float64:
		return p.Float(v, 1)
	default:
		return fmt.Sprint(v)
	}
}
