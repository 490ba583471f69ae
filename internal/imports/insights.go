package imports

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
)

// A file of insights has the columns date, network and account, and either one
// column for each figure, called as the network calls it, or the columns
// insight (the figure's name) and value. A column without any number is passed
// over unless it is called as a known figure, an empty cell is unknown.
var insightsForm = fileForm[event.Insight]{
	help: "The file has the column date and one column for each figure, as networks' own files do, or the columns insight and value; " +
		"and network and account, unless they are given by --network and --account:\n" +
		"  date,network,account,impressions,profile_visits\n  2026-01-31,x,alice,1830,42",
	kind:  event.Insights.Name,
	need:  [][]string{{"date"}, {"network"}, {"account"}},
	dates: []string{"date"},
	lines: parseInsights,
	when:  func(i event.Insight) time.Time { return i.Day },
	days:  true,
}

// notInsights are columns that are about something else.
var notInsights = []string{"", "date", "network", "account", "origin", "insight", "value", "followers", "follower", "following"}

// insightColumn is a column of an insight.
type insightColumn struct {
	column string // as the table has it
	name   string // the insight's; "" = what the title above the line says
}

func parseInsights(t *table, o options) (parser[event.Insight], []Question, []LineError) {
	if t.titled("post id", "tweet id") || t.content() {
		return nil, nil, []LineError{t.postsOfDays()}
	}
	if t.has("insight") && t.has("value") {
		decimal, asked := t.decimalOf([]string{"value"}, o)
		return func(l fileLine, o options) ([]event.Insight, *LineError) {
			name := l.insight(l.cell("insight"))
			if !validInsight(name) {
				return nil, l.bad("insight", BadInsight)
			}
			return insightsOf(l, o, decimal, []insightColumn{{"value", name}})
		}, asked, nil
	}
	list, wrong := t.series()
	var columns []string
	for _, s := range list {
		columns = append(columns, s.column)
	}
	decimal, asked := t.decimalOf(columns, o)
	return func(l fileLine, o options) ([]event.Insight, *LineError) { return insightsOf(l, o, decimal, list) }, asked, wrong
}

// postsOfDays is what is wrong with a file of posts as statistics of days: it has
// several lines of one day, where it has.
func (t *table) postsOfDays() LineError {
	lines := map[string]int{}
	for _, r := range t.records {
		for _, column := range []string{"date", "published"} {
			cell := t.cell(r, column)
			if cell == "" {
				continue
			}
			if other := lines[column+cell]; other > 0 {
				return LineError{Line: r.line, Other: other, Key: WrongKind, Text: cell}
			}
			lines[column+cell] = r.line
		}
	}
	return LineError{Line: t.header, Key: WrongKind}
}

// series are the columns that have a number somewhere, or should have.
func (t *table) series() (list []insightColumn, wrong []LineError) {
	of := map[string]string{}
	for i, column := range t.columns {
		place := strings.ToLower(column)
		counts := numeric
		if knownInsight(column) {
			counts = func(cell string) bool { return !tellsNothing(cell) }
		}
		ours := slices.ContainsFunc(ownHeadings, func(h heading) bool { at, ok := t.place[h.name]; return ok && at == i })
		if ours || slices.Contains(notInsights, place) || slices.Contains(notInsights, t.plain[i]) || !slices.ContainsFunc(t.records, func(r record) bool { return counts(t.cell(r, place)) }) {
			continue
		}
		name := metric.InsightNamed(column)
		if t.hasPrimary() && slices.Contains(primaryTitles, t.plain[i]) {
			list = append(list, insightColumn{place, ""})
			continue
		}
		if t.gained() && t.plain[i] == "total followers" {
			name = "new_follows"
		}
		switch other, twice := of[name]; {
		case !validInsight(name):
			wrong = append(wrong, LineError{Line: t.header, Column: column, Key: BadInsight})
		case twice:
			wrong = append(wrong, LineError{Line: t.header, Column: column, Key: Twice, Text: other})
		default:
			of[name] = column
			list = append(list, insightColumn{place, name})
		}
	}
	if len(list) == 0 && len(wrong) == 0 && len(t.records) > 0 {
		wrong = append(wrong, LineError{Line: t.header, Key: NoSeries, Text: strings.Join(t.columns, "; ")})
	}
	return list, wrong
}

// insight is the name of the insight that the file calls by title.
func (l fileLine) insight(title string) string {
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

func insightsOf(l fileLine, o options, decimal rune, list []insightColumn) ([]event.Insight, *LineError) {
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
		if tellsNothing(text) {
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

var insightReadings = readingKind[event.Insight]{
	fact: event.Insights, form: insightsForm,

	key:       func(i event.Insight) readingKey { return readingKey{i.Network, i.Account, i.Name, i.Day.Unix()} },
	origin:    func(i *event.Insight) *string { return &i.Origin },
	size:      func(i event.Insight) float64 { return i.Value },
	apart:     true,
	completed: func(i event.Insight, _ *event.Insight) event.Insight { return i },
	sum: func(a, b event.Insight) (event.Insight, bool) {
		a.Value += b.Value
		return a, metric.InsightAddsUp(a.Name)
	},
}
