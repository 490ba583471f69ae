package imports

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
)

// A file of insights has the columns date, network and account, and either one
// column for each figure, called as the network calls it, or the columns
// insight (the figure's name) and value. A column without any number is passed
// over unless it is called as a known figure, an empty cell is unknown.
var insightsForm = form[event.Insight]{
	need:  [][]string{{"date"}, {"network"}, {"account"}},
	dates: []string{"date"},
	lines: parseInsights,
}

// notInsights are columns that are about something else.
var notInsights = []string{"", "date", "network", "account", "origin", "insight", "value", "followers", "following"}

// maxValue bounds figures: above it, a float64 no longer has every whole number,
// and sums of a few would be past what an integer holds.
const maxValue = 1 << 53

// kind tells by its columns what a file holds.
func (t *table) kind() string {
	switch {
	case t.has("followers"):
		return meta.ImportFollowers
	case slices.ContainsFunc([]string{"post", "post id", "published", "page"}, t.has):
		return meta.ImportPosts
	case t.has("insight") && t.has("value"), slices.ContainsFunc(t.columns, knownInsight), t.titled():
		return meta.ImportInsights
	}
	return meta.ImportFollowers
}

// knownInsight says that a column's title is one of a figure that many networks
// have.
func knownInsight(title string) bool {
	name := metric.InsightNamed(title)
	return slices.ContainsFunc(metric.KnownInsights(), func(k metric.KnownInsight) bool { return k.Name == name })
}

// titled says that the file has one figure, which a line above the columns
// names: Meta calls the figure's own column "Primary".
func (t *table) titled() bool { return t.title != "" && t.has("primary") }

// series is a column of an insight.
type series struct {
	column string // as the table has it
	name   string // the insight's; "" = what the title above the line says
}

func parseInsights(t *table) (parser[event.Insight], []LineError) {
	if t.has("insight") && t.has("value") {
		decimal := t.decimal([]string{"value"})
		return func(l line, o options) ([]event.Insight, *LineError) {
			name := l.insight(unquoted(l.cell("insight")))
			if !validInsight(name) {
				return nil, l.bad("insight", BadInsight)
			}
			return insightsOf(l, o, decimal, []series{{"value", name}})
		}, nil
	}
	list, wrong := t.series()
	var columns []string
	for _, s := range list {
		columns = append(columns, s.column)
	}
	decimal := t.decimal(columns)
	return func(l line, o options) ([]event.Insight, *LineError) { return insightsOf(l, o, decimal, list) }, wrong
}

// series are the columns that have a number somewhere, or should have.
func (t *table) series() (list []series, wrong []LineError) {
	of := map[string]string{}
	for _, column := range t.columns {
		place := strings.ToLower(strings.TrimSpace(column))
		counts := numeric
		if knownInsight(column) {
			counts = func(cell string) bool { return !untold(cell) }
		}
		if slices.Contains(notInsights, place) || !slices.ContainsFunc(t.records, func(r record) bool { return counts(t.cell(r, place)) }) {
			continue
		}
		name := metric.InsightNamed(column)
		if place == "primary" && t.titled() {
			list = append(list, series{place, ""})
			continue
		}
		switch other, twice := of[name]; {
		case !validInsight(name):
			wrong = append(wrong, LineError{Line: 1, Column: column, Key: BadInsight})
		case twice:
			wrong = append(wrong, LineError{Line: 1, Column: column, Key: Twice, Text: other})
		default:
			of[name] = column
			list = append(list, series{place, name})
		}
	}
	if len(list) == 0 && len(wrong) == 0 && len(t.records) > 0 {
		wrong = append(wrong, LineError{Line: 1, Key: NoSeries})
	}
	return list, wrong
}

// insight is the name of the insight that the file calls by title.
func (l line) insight(title string) string {
	name, known := l.insights[title]
	if !known {
		name = strings.Clone(metric.InsightNamed(title))
		l.insights[strings.Clone(title)] = name
	}
	return name
}

func validInsight(name string) bool {
	return name != "" && utf8.RuneCountInString(name) <= event.MaxInsightName
}

func insightsOf(l line, o options, decimal rune, list []series) ([]event.Insight, *LineError) {
	at, bad := l.written("date", o)
	if bad != nil {
		return nil, bad
	}
	y, m, d := at.Date()
	i := event.Insight{Site: o.Site.ID, Day: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Origin: event.OriginImport}
	if i.Network, i.Account, bad = l.whose(o); bad != nil {
		return nil, bad
	}
	var out []event.Insight
	for _, s := range list {
		text := l.cell(s.column)
		if untold(text) {
			continue
		}
		var ok bool
		if i.Value, ok = parseNumber(text, decimal); !ok {
			return nil, l.bad(s.column, BadNumber)
		}
		if i.Name = s.name; i.Name == "" {
			if i.Name = l.insight(l.record.title); !validInsight(i.Name) {
				return nil, &LineError{Line: l.record.line, Column: l.record.title, Key: BadInsight}
			}
		}
		out = append(out, i)
	}
	return out, nil
}

// untold says that a cell leaves its figure unknown.
func untold(cell string) bool {
	return slices.Contains([]string{"", "-", "--", "–", "—", "n/a"}, strings.ToLower(cell))
}

// decimal is the sign before the decimals of the numbers in these columns: as
// the file shows, or else as files that are separated so have it.
func (t *table) decimal(columns []string) rune {
	for _, r := range t.records {
		for _, column := range columns {
			if sign := decimalSign(t.cell(r, column)); sign != 0 {
				return sign
			}
		}
	}
	if t.comma == ';' {
		return ','
	}
	return '.'
}

// decimalSign is the sign before a number's decimals, 0 where it doesn't show:
// 1,234 may be either.
func decimalSign(number string) rune {
	at := strings.LastIndexAny(number, ".,")
	if at < 0 {
		return 0
	}
	sign := rune(number[at])
	other := '.' + ',' - sign
	before, after := number[:at], strings.TrimRight(number[at+1:], " %\u00a0\u202f")
	switch {
	case strings.ContainsRune(before, sign): // 1,234,567
		return other
	case strings.ContainsRune(before, other): // 1,234.5
		return sign
	case len(after) != 3, len(strings.TrimLeft(before, "-+")) > 3, strings.TrimLeft(before, "-+") == "0", before == "":
		return sign
	}
	return 0
}

// parseNumber takes a number with decimals behind that sign, groups as
// parseCount has them, and a percent sign behind it: 12.5 % is 12.5.
func parseNumber(s string, decimal rune) (float64, bool) {
	s = strings.TrimRight(strings.TrimSuffix(s, "%"), " \u00a0\u202f")
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	} else if rest, ok := strings.CutPrefix(s, "−"); ok {
		sign, s = "-", rest
	}
	whole, part, parted := strings.Cut(s, string(decimal))
	if whole+part == "" || parted && (part == "" || strings.Trim(part, "0123456789") != "") || strings.ContainsRune(whole, decimal) {
		return 0, false
	}
	n, ok := parseCount(cmp.Or(whole, "0"))
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(sign+strconv.FormatUint(n, 10)+"."+part+"0", 64)
	return v, err == nil && math.Abs(v) <= maxValue
}

// numeric says that a cell may be a number, whatever its signs mean.
func numeric(s string) bool {
	for _, decimal := range ".," {
		if _, ok := parseNumber(s, decimal); ok {
			return true
		}
	}
	return false
}

var insightReadings = kind[event.Insight]{
	name: meta.ImportInsights, form: insightsForm,

	key:    func(i event.Insight) key { return key{i.Network, i.Account, i.Name, i.Day.Unix()} },
	origin: func(i *event.Insight) *string { return &i.Origin },
	size:   func(i event.Insight) float64 { return i.Value },
	apart:  true, days: true,
	same:      func(a, b event.Insight) bool { return a.Value == b.Value },
	completed: func(i event.Insight, _ *event.Insight) event.Insight { return i },

	encode: event.AppendInsight, decode: event.DecodeInsight,

	table:   "account_insights",
	seconds: "toUnixTimestamp(toDateTime(day, 'UTC'))",
	columns: "network, account, insight, toUInt64(toUnixTimestamp(toDateTime(day, 'UTC'))), value, origin",
	scan: func(site uint32, c *cells) event.Insight {
		return event.Insight{Site: site, Network: c.name(), Account: c.name(), Name: c.name(), Day: c.time(), Value: c.decimal(), Origin: c.name()}
	},
	insert: Readings.InsertInsights,
}
