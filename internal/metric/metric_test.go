package metric

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/text"
)

func TestDocsAreUpToDate(t *testing.T) {
	have, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Docs(), string(have)); diff != "" {
		t.Errorf("run go run ./internal/metric/gendocs:\n%s", diff)
	}
}

func TestEveryEntryIsWhole(t *testing.T) {
	seen := map[string]bool{}
	both := func(name string, texts ...text.Text) {
		for _, text := range texts {
			if text.EN == "" || text.FR == "" {
				t.Errorf("%s lacks a text: %+v", name, text)
			}
		}
	}
	for _, m := range All() {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		both(m.Name, m.Title, m.Doc)
		if m.Formula == "" || m.Source == "" || m.Unit == "" || len(m.Parts) == 0 {
			t.Errorf("%s lacks a formula, source, unit or parts", m.Name)
		}
		read := regexp.MustCompile(`p\.(\w+)|\b(all_\w+)`).FindAllStringSubmatch(m.SQL+" "+m.Order, -1)
		var used []string
		for _, r := range read {
			used = append(used, r[1]+r[2])
		}
		for _, name := range m.Parts {
			if _, ok := LookupPart(name); !ok {
				t.Errorf("%s reads the part %s, which is not there", m.Name, name)
			}
			if !slices.Contains(used, name) {
				t.Errorf("%s lists the part %s without reading it", m.Name, name)
			}
		}
		for _, name := range used {
			if !slices.Contains(m.Parts, name) {
				t.Errorf("%s reads the part %s without listing it", m.Name, name)
			}
		}
	}
	for _, d := range Dimensions() {
		if seen[d.Name] {
			t.Errorf("%s is there twice", d.Name)
		}
		seen[d.Name] = true
		both(d.Name, d.Title, d.Doc)
		if d.Kind != OfTime {
			both(d.Name, d.Empty)
		}
		if d.SQL == "" || d.Kind == OfVisit && d.Visit == "" || d.Keyed() != strings.Contains(d.SQL, "{key:String}") {
			t.Errorf("%s lacks SQL", d.Name)
		}
	}
}

// Whoever comes from Plausible reads how a metric of the same name differs,
// and is not told that it is Plausible's.
func TestDifferencesAreTold(t *testing.T) {
	for _, name := range []string{"visits", "visit_duration", "scroll_depth", "time_on_page", "total_revenue"} {
		m, ok := Lookup(name)
		if !ok || strings.Contains(m.Source, "Plausible") || !strings.Contains(m.Doc.EN, "Plausible") || !strings.Contains(m.Doc.FR, "Plausible") {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for _, m := range All() {
		if m.Source == plausible && strings.Contains(m.Doc.EN, "Plausible") {
			t.Errorf("%s differs from its source", m.Name)
		}
	}
}

func TestLookupDimension(t *testing.T) {
	tests := []struct {
		name, found, key string
	}{
		{"event:page", "event:page", ""},
		{"event:props:author", "event:props:", "author"},
		{"event:props:a:b", "event:props:", "a:b"},
		{"event:props:", "", ""},
		{"event:pages", "", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		d, key, ok := LookupDimension(test.name)
		if d.Name != test.found || key != test.key || ok != (test.found != "") {
			t.Errorf("%s: %q, %q, %v", test.name, d.Name, key, ok)
		}
	}
}

func TestFilteredBy(t *testing.T) {
	tests := []struct {
		metric, dimension string
		want              bool
	}{
		{"visitors", "visit:source", true},
		{"visitors", "account:network", false},
		{"visitors", "left_out:reason", false},
		{"k_factor", "share:network", false},
		{"conversion_rate", "event:goal", true},
		{"followers", "account:handle", true},
		{"followers", "event:page", false},
		{"left_out", "left_out:reason", true},
		{"left_out", "event:page", false},
		{"post_visits", "account:network", true},
		{"post_visits", "post:page", true},
		{"post_visits", "visit:source", false},
		{"visitors", "post:page", false},
	}
	for _, test := range tests {
		m, _ := Lookup(test.metric)
		d, _, ok := LookupDimension(test.dimension)
		if !ok || (m.Stands(Place{Filters: []Filtered{{Dimension: d}}}) == nil) != test.want {
			t.Errorf("%s filtered by %s: %v", test.metric, test.dimension, !test.want)
		}
	}
}

func TestTakes(t *testing.T) {
	tests := []struct {
		metric, dimension string
		want              bool
	}{
		{"visitors", "event:page", true},
		{"visitors", "account:network", false},
		{"bounce_rate", "event:page", true},
		{"bounce_rate", "event:goal", false},
		{"share_visits", "share:network", true},
		{"share_rate", "share:network", false},
		{"k_factor", "visit:share_network", false},
		{"followers", "time:month", true},
		{"followers", "time:hour_of_day", false},
		{"followers", "visit:source", false},
		{"follower_cmgr", "time:month", true},
		{"follower_cmgr", "time:week", false},
		{"left_out", "left_out:agent", true},
		{"left_out", "time:hour_of_day", true},
		{"left_out", "visit:country", false},
		{"left_out", "account:network", false},
		{"visitors", "left_out:reason", false},
		{"followers", "left_out:reason", false},
		{"group_conversion_rate", "event:props:", false},
		{"post_visits", "account:network", true},
		{"post_visits", "post:id", true},
		{"post_visits", "time:hour_of_day", true},
		{"post_visits", "event:page", false},
		{"followers", "post:id", false},
	}
	for _, test := range tests {
		m, _ := Lookup(test.metric)
		d, _, ok := LookupDimension(strings.TrimSuffix(test.dimension, ":") + map[bool]string{true: ":x"}[strings.HasSuffix(test.dimension, ":")])
		if !ok || (m.Stands(Place{By: []By{{Name: d.Name, Dimension: d}}}) == nil) != test.want {
			t.Errorf("%s by %s: %v", test.metric, test.dimension, !test.want)
		}
	}
}

// Whoever asks, refuses or leaves out says so in one sentence.
func TestWhyAMetricCantStand(t *testing.T) {
	by := func(name string) Place {
		d, _, _ := LookupDimension(name)
		return Place{By: []By{{Name: name, Dimension: d}}}
	}
	filtered := func(name string, done bool) Place {
		d, _, _ := LookupDimension(name)
		return Place{Filters: []Filtered{{Dimension: d, Done: done}}}
	}
	tests := []struct {
		name, metric string
		place        Place
		en, fr       string // "" = it can
		filter       bool
	}{
		{"alone", "visitors", Place{}, "", "", false},
		{"by what its rows don't have", "followers", by("event:page"), `"followers" can't be asked by "event:page"`, `"followers" ne peut être ventilé par "event:page"`, false},
		{"by a key", "followers", by("event:props:author"), `"followers" can't be asked by "event:props:author"`, `"followers" ne peut être ventilé par "event:props:author"`, false},
		{"for what its rows don't have", "followers", filtered("visit:country", false), "Followers can't be filtered by “Country”.", "« Abonnés » ne peut être filtré par « Pays ».", true},
		{"for what readers did else", "followers", filtered("account:handle", true), "Followers can't be filtered by “Account”.", "« Abonnés » ne peut être filtré par « Compte ».", true},
		{"for a goal", "conversion_rate", filtered("event:goal", false), "", "", false},
		{"for a goal of the visit", "conversion_rate", filtered("event:goal", true), `"conversion_rate" needs a filter or a dimension event:goal, event:name or event:props`, `"conversion_rate" demande un filtre ou une dimension event:goal, event:name ou event:props`, false},
		{"groups without a dimension", "group_conversion_rate", filtered("event:goal", false), `"group_conversion_rate" needs at least one dimension`, `"group_conversion_rate" demande au moins une dimension`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := Lookup(tt.metric)
			var got Obstacle
			if o := m.Stands(tt.place); o != nil {
				got = *o
			}
			if got != (Obstacle{text.Text{EN: tt.en, FR: tt.fr}, tt.filter}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A part over fewer rows is the same aggregate with one condition more.
func TestPartsUnderACondition(t *testing.T) {
	for name, want := range map[string]string{
		"visits":      "uniqIf(visit, day = 1)",
		"engaged":     "sumIf(engaged_ms, day = 1)",
		"pageviews":   "countIf((name = 'pageview') AND day = 1)",
		"page_visits": "uniqIf(visit, (name = 'pageview') AND day = 1)",
	} {
		if p, _ := LookupPart(name); p.If("day = 1") != want {
			t.Errorf("%s: %s", name, p.If("day = 1"))
		}
	}
	for _, p := range ClosedParts() {
		if strings.Count(p.SQL, "(") != strings.Count(p.SQL, ")") || !regexp.MustCompile(`^\w+\([^()]*(\([^()]*\)[^()]*)*\)$`).MatchString(p.SQL) {
			t.Errorf("%s is more than one aggregate function: %s", p.Name, p.SQL)
		}
	}
}
