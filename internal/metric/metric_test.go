package metric

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	both := func(name string, texts ...Text) {
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
		if !ok || m.FilteredBy(d) != test.want {
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
		if !ok || m.Takes(d) != test.want {
			t.Errorf("%s by %s: %v", test.metric, test.dimension, !test.want)
		}
	}
}
