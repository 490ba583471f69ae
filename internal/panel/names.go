package panel

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	bcp47 "golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Namer says what the values of dimensions are called in one language. Texts
// that readers' browsers sent (pages, referrers, campaigns) stay as they are.
type Namer struct {
	p        *text.Printer
	texts    *text.Catalog
	networks map[string]string
	regions  display.Namer

	languages display.Namer
}

// Namer gives the names of a language.
func (e *Engine) Namer(l text.Locale) Namer {
	return Namer{p: e.Texts.Printer(l), texts: e.Texts, networks: e.NetworkNames, regions: display.Regions(l.Tag()), languages: display.Languages(l.Tag())}
}

// Of is a value's name, or the value itself if it has none.
func (n Namer) Of(column query.Column, value any) string {
	s, ok := rows.Text(value)
	if !ok {
		return n.number(column.Key, value)
	}
	if s == "" {
		return column.Empty.In(n.p.Locale)
	}
	switch column.Key {
	case "visit:country":
		if r, err := bcp47.ParseRegion(s); err == nil && r.IsCountry() {
			if name := n.regions.Name(r); name != "" {
				return name
			}
		}
	case metric.InsightName:
		return metric.InsightTitle(s).In(n.p.Locale)
	case "study:segment":
		return beside(s, n.segment)
	case "study:measure":
		return beside(s, n.measure)
	case "study:subject", "study:estimate", "study:unit":
		return n.text("study.", s)
	case "study:step":
		return n.p.T("study.step", "n", s)
	case "study:activity":
		if m, ok := metric.Lookup(s); ok {
			return m.Title.In(n.p.Locale)
		}
	case "study:network":
		return n.network(s)
	case "share:generation":
		return n.p.T("dash.generation", "n", s)
	}
	switch d, _, _ := metric.LookupDimension(column.Key); d.Names {
	case "":
		return s
	case metric.Networks:
		return n.network(s)
	case metric.Languages:
		return n.language(s)
	default:
		return n.text(d.Names, s)
	}
}

// language is the name of a language by its code.
func (n Namer) language(code string) string {
	if tag, err := bcp47.Parse(code); err == nil {
		if name := n.languages.Name(tag); name != "" {
			return name
		}
	}
	return code
}

// text is the string for a value that may have none: "channel.paid_search"
// for "Paid Search".
func (n Namer) text(prefix, value string) string {
	key := prefix + strings.NewReplacer(" ", "_", "-", "_", ":", "").Replace(strings.ToLower(value))
	if n.texts.Has(key) {
		return n.p.T(key)
	}
	return value
}

// beside names the part before a study's name in parentheses: "world" in
// "world (Survey)".
func beside(s string, name func(string) string) string {
	if at := strings.LastIndex(s, " ("); at > 0 && strings.HasSuffix(s, ")") {
		return name(s[:at]) + s[at:]
	}
	return name(s)
}

// measure names what a study measured. That a figure is a wish is said by the
// panel.
func (n Namer) measure(s string) string {
	if name := n.text("study.", s); name != s {
		return name
	}
	wish, ok := strings.CutPrefix(s, "wish: ")
	if !ok {
		return s
	}
	return upper(wish)
}

// segment is a group of people: a country by its two letters, or a name.
func (n Namer) segment(s string) string {
	if r, err := bcp47.ParseRegion(s); err == nil && r.IsCountry() && len(s) == 2 {
		if name := n.regions.Name(r); name != "" {
			return name
		}
	}
	return n.text("study.", s)
}

// network names a network by its own name. Ways of sharing that aren't networks
// have translated names.
func (n Namer) network(key string) string {
	if n.texts.Has("network." + key) {
		return n.p.T("network." + key)
	}
	if name, ok := n.networks[key]; ok {
		return name
	}
	return key
}

func (n Namer) number(key string, value any) string {
	i, ok := rows.Int(value)
	switch {
	case ok && key == "time:day_of_week":
		return n.p.T(fmt.Sprintf("weekday.%d", i))
	case ok && key == "time:hour_of_day":
		return n.p.T("dash.hour", "hour", fmt.Sprint(i))
	case value == nil:
		return ""
	}
	return fmt.Sprint(value)
}

// upper begins a sentence with a capital.
func upper(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
