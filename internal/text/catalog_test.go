package text

import (
	"strings"
	"testing"
	"time"
)

const sample = `
hello: {en: "Hello", fr: "Bonjour"}
visits:
  en: {one: "{count} visit to {site}", other: "{count} visits to {site}"}
  fr: {one: "{count} visite sur {site}", other: "{count} visites sur {site}"}
rate: {en: "Rate {rate}", fr: "Taux {rate}"}
js.copied: {en: "Copied", fr: "Copié"}
js.rows:
  en: {one: "{count} row", other: "{count} rows"}
  fr: {one: "{count} ligne", other: "{count} lignes"}
ago.never: {en: "never", fr: "jamais"}
ago.now: {en: "just now", fr: "à l’instant"}
ago.minutes: {en: {one: "{count} minute ago", other: "{count} minutes ago"}, fr: {one: "il y a {count} minute", other: "il y a {count} minutes"}}
ago.hours: {en: {one: "{count} hour ago", other: "{count} hours ago"}, fr: {one: "il y a {count} heure", other: "il y a {count} heures"}}
ago.days: {en: {one: "{count} day ago", other: "{count} days ago"}, fr: {one: "il y a {count} jour", other: "il y a {count} jours"}}
`

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestT(t *testing.T) {
	c := load(t)
	tests := []struct {
		name   string
		locale Locale
		key    string
		values []any
		want   string
	}{
		{"plain", English, "hello", nil, "Hello"},
		{"plain French", French, "hello", nil, "Bonjour"},
		{"one", English, "visits", []any{"count", 1, "site", "a"}, "1 visit to a"},
		{"many", English, "visits", []any{"count", 1234, "site", "a"}, "1,234 visits to a"},
		{"none", English, "visits", []any{"count", 0, "site", "a"}, "0 visits to a"},
		{"none is singular in French", French, "visits", []any{"count", int64(0), "site", "a"}, "0 visite sur a"},
		{"many in French", French, "visits", []any{"count", uint64(1234567), "site", "a"}, "1\u00a0234\u00a0567 visites sur a"},
		{"a value that looks like a value", English, "visits", []any{"count", 2, "site", "{count}"}, "2 visits to {count}"},
		{"a float", French, "rate", []any{"rate", 12.34}, "Taux 12,3"},
		{"no such key", English, "absent", nil, "⟦absent⟧"},
		{"half a value", English, "hello", []any{"count"}, "⟦hello⟧"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(c.Printer(tt.locale).T(tt.key, tt.values...), "\u202f", "\u00a0")
			if got != tt.want {
				t.Errorf("T = %q, want %q", got, tt.want)
			}
		})
	}
	if got := c.Printer("xx").T("hello"); got != "Hello" {
		t.Errorf("an unknown language says %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]string{
		"a missing language":   `a: {en: "x"}`,
		"an empty text":        `a: {en: "x", fr: " "}`,
		"an unknown language":  `a: {en: "x", fr: "y", de: "z"}`,
		"different values":     `a: {en: "x {count}", fr: "y {n}"}`,
		"half a plural":        `a: {en: {one: "x"}, fr: "y"}`,
		"a form we don't have": `a: {en: {one: "x", few: "y", other: "z"}, fr: "y"}`,
		"a number":             `a: {en: 1, fr: "y"}`,
		"a key twice":          "a: {en: x, fr: y}\na: {en: x, fr: y}",
		"a list":               `[a]`,
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := Load([]byte(src)); err == nil {
				t.Error("loaded")
			}
		})
	}
}

func TestPrefix(t *testing.T) {
	got := load(t).Prefix(French, "js.")
	want := map[string]string{"copied": "Copié", "rows": "{count} lignes", "rows.one": "{count} ligne"}
	if len(got) != len(want) {
		t.Fatalf("Prefix = %v", got)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s = %q, want %q", k, got[k], v)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := map[string]Locale{
		"":                                 English,
		"fr":                               French,
		"fr-CA,fr;q=0.9,en;q=0.8":          French,
		"en-GB,fr;q=0.5":                   English,
		"de-DE,de;q=0.9,fr;q=0.5,en;q=0.2": French,
		"ja":                               English,
		"*":                                English,
		"not a language;;;":                English,
		strings.Repeat("fr,", 2000):        French,
	}
	for header, want := range tests {
		if got := Match(header); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", header, got, want)
		}
	}
}

func TestFormats(t *testing.T) {
	c := load(t)
	en, fr := c.Printer(English), c.Printer(French)
	day := time.Date(2026, 5, 1, 9, 5, 0, 0, time.UTC)
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace
	tests := []struct{ name, got, want string }{
		{"date", en.Date(day), "1 May 2026"},
		{"first of the month in French", fr.Date(day), "1er mai 2026"},
		{"date in French", fr.Date(day.AddDate(0, 3, 1)), "2 août 2026"},
		{"time", en.Time(day), "1 May 2026, 09:05"},
		{"time in French", fr.Time(day), "1er mai 2026 à 09:05"},
		{"percent", en.Percent(12.345), "12.3%"},
		{"percent in French", fr.Percent(12.345), "12,3 %"},
		{"negative percent", en.Percent(-4), "-4%"},
		{"seconds", en.Duration(8 * time.Second), "8 s"},
		{"minutes", en.Duration(72 * time.Second), "1 min 12 s"},
		{"whole minutes", en.Duration(2 * time.Minute), "2 min"},
		{"hours", en.Duration(65*time.Minute + 10*time.Second), "1 h 5 min"},
		{"nothing", en.Duration(0), "0 s"},
		{"back", en.Duration(-72 * time.Second), "-1 min 12 s"},
		{"never", en.Ago(time.Time{}, day), "never"},
		{"now", en.Ago(day.Add(-time.Second), day), "just now"},
		{"a clock ahead", en.Ago(day.Add(time.Minute), day), "just now"},
		{"a minute", en.Ago(day.Add(-time.Minute), day), "1 minute ago"},
		{"hours ago", fr.Ago(day.Add(-5*time.Hour), day), "il y a 5 heures"},
		{"days ago", en.Ago(day.AddDate(0, 0, -3), day), "3 days ago"},
		{"long ago", en.Ago(day.AddDate(-1, 0, 0), day), "1 May 2025"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if plain(tt.got) != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}
