package enrich

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ua-parser/uap-go/uaparser"
)

// The filter may only make uap-go faster, never change an answer: its own
// parser tries every rule.
func TestFilteredRulesAnswerAsUAPDoes(t *testing.T) {
	rules, err := newUAPRules()
	if err != nil {
		t.Fatal(err)
	}
	parser, err := uaparser.New(uaparser.WithMode(uaparser.EOsLookUpMode|uaparser.EUserAgentLookUpMode), uaparser.WithCacheSize(1))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i, c := range crawlers(t) {
		if i%5 == 0 { // uap-go's own parser takes half a millisecond each
			all = append(all, c.Instances...)
		}
	}
	for _, c := range agentCases {
		all = append(all, c.ua)
	}
	for _, ua := range all {
		lower := lowerForFilter(ua)
		want, got := parser.ParseUserAgent(ua), rules.browser(ua, lower)
		if namesBot(want.Family) {
			continue // no browser's name: the next rule is asked
		}
		if family := or(got.Family, "Other"); family != strings.TrimSpace(want.Family) || got.Major != strings.TrimSpace(want.Major) {
			t.Errorf("browser of %q = %v, uap-go says %v", ua, got, *want)
		}
		wantOS, gotOS := parser.ParseOs(ua), rules.system(ua, lower)
		if family := or(gotOS.Family, "Other"); family != strings.TrimSpace(wantOS.Family) || gotOS.Major != strings.TrimSpace(wantOS.Major) {
			t.Errorf("system of %q = %v, uap-go says %v", ua, gotOS, *wantOS)
		}
	}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func TestAtoms(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`Firefox`, "firefox"},
		{`(?i)FireFox/\d+`, "firefox/"},
		{`Fire(?:fox|bird)`, "firebird firefox"},
		{`(iPod|iPhone|iPad)`, "ipad iphone ipod"},
		{`[Bb]ot`, "bot"},
		{`(NX)/`, "nx/"},
		{`[MS]?IE `, "ie  mie  sie "},
		{`Mozilla.{1,200}(Ddg)/`, "ddg/"}, // not mozilla: all have it
		{`a{2}b`, ""},
		{`\d+`, ""},
		{`foo|\d`, ""},
		{`(foo)*bar`, "bar"},
		{`(foo)+`, "foo"},
		{`(?:foo){0,2}`, ""},
		{`écran`, ""},
	} {
		f, err := newFilter([]string{c.expr}, false)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(f.literal)
		slices.Sort(got)
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: atoms %q, want %q", c.expr, s, c.want)
		}
		if len(got) == 0 && len(f.always) != 1 {
			t.Errorf("%s has no atoms and is not always tried", c.expr)
		}
	}
}

// Whatever the text, a rule that matches is a candidate.
func FuzzFilter(f *testing.F) {
	exprs := []string{`Firefox/(\d+)`, `(?i)kelvin|ſharp`, `Fire(?:fox|bird)?`, `[Bb]ot\b`, `^(cf)/`, `(?:a|b|cd)efg?`, `x{3}`, `[MS]?IE (\d+)`, `(?i:S)afari`}
	plain, err := newFilter(exprs, false)
	if err != nil {
		f.Fatal(err)
	}
	folded, err := newFilter(exprs, true)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"Firefox/12", "KELVIN", "\u212aelvin", "ſafari", "Firebird", "cf/1", "MIE 5", "xxx", "beFg", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lower := lowerForFilter(s)
		check := func(fl *filter, flags string) {
			var got []int
			fl.candidates(lower, func(i int) bool { got = append(got, i); return true })
			if !slices.IsSorted(got) {
				t.Errorf("candidates %v are not in order", got)
			}
			for i, e := range exprs {
				if regexp.MustCompile(flags+e).MatchString(s) && !slices.Contains(got, i) {
					t.Errorf("%q matches %s%s and is left out", s, flags, e)
				}
			}
		}
		check(plain, "")
		check(folded, "(?i)")
	})
}
