package enrich

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/ua-parser/uap-go/uaparser"
)

//go:embed data/browsers.tsv
var browsersTSV string

// uapRules are uap-go's rules for browsers and systems, its matching and its
// replacements, tried through a filter and compiled when first needed. Its own
// Parser compiles all of them, devices included, and tries each in turn:
// BenchmarkUAPUnfiltered against BenchmarkAgentUncached says what that costs.
type uapRules struct {
	defs                uaparser.RegexDefinitions
	browsers, systems   *filter
	browserRe, systemRe []*lazyRegexp

	own      *filter // browsers.tsv
	ownNames []string
	ownRe    []*lazyRegexp
}

func newUAPRules() (*uapRules, error) {
	r := &uapRules{}
	if err := yaml.Unmarshal(uaparser.DefinitionYaml, &r.defs); err != nil {
		return nil, fmt.Errorf("read uap rules: %w", err)
	}
	r.defs.Device = nil
	var exprs []string
	for _, p := range r.defs.UA {
		exprs = append(exprs, withFlags(p.Expr, p.Flags))
		orDefault(&p.FamilyReplacement, "$1")
		orDefault(&p.V1Replacement, "$2")
		orDefault(&p.V2Replacement, "$3")
		orDefault(&p.V3Replacement, "$4")
	}
	var err error
	if r.browsers, r.browserRe, err = compileLater(exprs); err != nil {
		return nil, fmt.Errorf("read uap browser rules: %w", err)
	}
	exprs = exprs[:0]
	for _, p := range r.defs.OS {
		exprs = append(exprs, withFlags(p.Expr, p.Flags))
		orDefault(&p.OSReplacement, "$1")
		orDefault(&p.V1Replacement, "$2")
		orDefault(&p.V2Replacement, "$3")
		orDefault(&p.V3Replacement, "$4")
		orDefault(&p.V4Replacement, "$5")
	}
	if r.systems, r.systemRe, err = compileLater(exprs); err != nil {
		return nil, fmt.Errorf("read uap system rules: %w", err)
	}
	exprs = exprs[:0]
	for line := range strings.Lines(browsersTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, expr, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return nil, fmt.Errorf("read browsers.tsv: %q has no two fields", line)
		}
		r.ownNames = append(r.ownNames, name)
		exprs = append(exprs, "(?i)"+expr)
	}
	if r.own, r.ownRe, err = compileLater(exprs); err != nil {
		return nil, fmt.Errorf("read browsers.tsv: %w", err)
	}
	return r, nil
}

func withFlags(expr, flags string) string {
	if flags == "" {
		return expr
	}
	return "(?" + flags + ")" + expr
}

func orDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

func compileLater(exprs []string) (*filter, []*lazyRegexp, error) {
	f, err := newFilter(exprs, false)
	if err != nil {
		return nil, nil, err
	}
	res := make([]*lazyRegexp, len(exprs))
	for i, e := range exprs {
		res[i] = &lazyRegexp{expr: e}
	}
	return f, res, nil
}

// named is the answer of browsers.tsv, if it has one.
func (r *uapRules) named(ua, lower string) (found uaparser.UserAgent, ok bool) {
	r.own.candidates(lower, func(i int) bool {
		m := r.ownRe[i].get().FindStringSubmatch(ua)
		if ok = m != nil; ok {
			found.Family = r.ownNames[i]
			if len(m) > 1 {
				found.Major = m[1]
			}
			if len(m) > 2 {
				found.Minor = m[2]
			}
		}
		return !ok
	})
	return found, ok
}

// namesBot reports whether a name is one that uap-core's rules give to bots,
// which is none where a browser is asked for.
func namesBot(family string) bool {
	low := asciiLower(family)
	return strings.Contains(low, "bot") || strings.Contains(low, "spider") || strings.Contains(low, "crawl")
}

// browser is the first browser rule's answer of uap-go; the zero value where none matches.
func (r *uapRules) browser(ua, lower string) (found uaparser.UserAgent) {
	r.browsers.candidates(lower, func(i int) bool {
		rule := r.defs.UA[i]
		re := r.browserRe[i].get()
		if at := re.FindStringSubmatchIndex(ua); at != nil {
			family := expand(re, rule.FamilyReplacement, ua, at)
			if namesBot(family) {
				return true // a phone or an app is called so
			}
			found.Family = family
			found.Major = expand(re, rule.V1Replacement, ua, at)
			found.Minor = expand(re, rule.V2Replacement, ua, at)
		}
		return found.Family == ""
	})
	return found
}

// system is the first operating system rule's answer.
func (r *uapRules) system(ua, lower string) (found uaparser.Os) {
	r.systems.candidates(lower, func(i int) bool {
		rule := r.defs.OS[i]
		re := r.systemRe[i].get()
		if at := re.FindStringSubmatchIndex(ua); at != nil {
			found.Family = expand(re, rule.OSReplacement, ua, at)
			found.Major = expand(re, rule.V1Replacement, ua, at)
			found.Minor = expand(re, rule.V2Replacement, ua, at)
		}
		return found.Family == ""
	})
	return found
}

func expand(re *regexp.Regexp, template, ua string, at []int) string {
	return strings.TrimSpace(string(re.ExpandString(nil, template, ua, at)))
}
