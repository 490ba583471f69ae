package dashboards

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/earshot-analytics/earshot/internal/chart"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

func TestOurOwn(t *testing.T) {
	list, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
	}
	if want := []string{"overview", "growth", "posts", "engagement", "sharing", "page", "article"}; !slices.Equal(names, want) {
		t.Errorf("tabs %v, want %v", names, want)
	}
	var figures, tops []string
	for _, p := range list[0].Panels {
		if p.Chart == "figures" {
			figures = p.Metrics
		}
		tops = append(tops, p.By...)
	}
	if want := []string{"visitors", "visits", "pageviews", "shares", "followers", "engaged_time", "bounce_rate"}; !slices.Equal(figures, want) {
		t.Errorf("overview's figures are %v, want %v", figures, want)
	}
	for _, by := range []string{"event:page", "visit:entry_page", "visit:source", "visit:channel", "share:network", "visit:country", "visit:device"} {
		if !slices.Contains(tops, by) {
			t.Errorf("overview has no panel by %s", by)
		}
	}
}

const good = `title: {en: A, fr: B}
panels:
  - id: one
    title: {en: A, fr: B}
    chart: figures
    metrics: [visitors]
`

func TestLoadRefuses(t *testing.T) {
	panel := func(lines string) string { return good + "  - id: two\n    title: {en: A, fr: B}\n" + lines }
	for name, c := range map[string]struct{ src, want string }{
		"no YAML":                {"title: [", "a.yaml:1: "},
		"unknown key":            {good + "    colour: red\n", `a.yaml:7: unknown field "colour"`},
		"key given twice":        {good + "    chart: bars\n", `a.yaml:7: mapping key "chart" already defined`},
		"no panels":              {"title: {en: A, fr: B}\n", "a.yaml:1: no panels"},
		"no French title":        {strings.Replace(good, ", fr: B", "", 1), "a.yaml:1: a text needs both en and fr"},
		"panel without a title":  {good + "  - id: two\n    chart: figures\n    metrics: [visits]\n", "a.yaml:7: a text needs both en and fr"},
		"half a note":            {panel("    chart: figures\n    metrics: [visits]\n    note: {en: A}\n"), "a.yaml:11: a text needs both en and fr"},
		"panel named twice":      {good + strings.SplitAfterN(good, "panels:\n", 2)[1], `a.yaml:7: a second panel "one"`},
		"panel named live":       {strings.Replace(good, "id: one", "id: live", 1), `a.yaml:3: "live" can't be a panel's id`},
		"id that is no address":  {strings.Replace(good, "id: one", "id: One two", 1), `a.yaml:3: "One two" can't be`},
		"unknown metric":         {panel("    chart: figures\n    metrics: [visits, folowers]\n"), `a.yaml:10: unknown metric "folowers"`},
		"no metrics":             {panel("    chart: table\n    by: [event:page]\n"), "no metrics"},
		"unknown dimension":      {panel("    chart: bars\n    metrics: [visits]\n    by: [visit:moon]\n"), `a.yaml:11: unknown dimension "visit:moon"`},
		"filter that is none":    {panel("    chart: figures\n    metrics: [visits]\n    filter: [\"is,visit:source,Google\", \"is,visit:source\"]\n"), `a.yaml:11: f: "is,visit:source" is not`},
		"filter by nothing":      {panel("    chart: figures\n    metrics: [visits]\n    filter: [\"is,visit:moon,1\"]\n"), `a.yaml:11: f: unknown dimension "visit:moon"`},
		"visits of bots":         {panel("    chart: figures\n    metrics: [left_out, visits]\n    filter: [\"is,left_out:reason,bot\"]\n"), "a.yaml:10: Visits can't be filtered by “Reason”"},
		"unknown chart":          {panel("    metrics: [visits]\n    by: [event:page]\n    chart: pie\n"), `a.yaml:11: unknown chart "pie"`},
		"unknown width":          {panel("    chart: figures\n    metrics: [visits]\n    width: narrow\n"), `a.yaml:11: unknown width "narrow"`},
		"unknown period":         {panel("    chart: figures\n    metrics: [visits]\n    period: 3w\n"), `a.yaml:11: unknown period "3w"`},
		"followers by page":      {panel("    chart: bars\n    metrics: [visitors, followers]\n    by: [event:page]\n"), "a.yaml:10: \"followers\" can't be asked by \"event:page\""},
		"visitors by account":    {panel("    chart: bars\n    metrics: [visitors]\n    by: [account:handle]\n"), "a.yaml:10: \"visitors\" can't be asked by \"account:handle\""},
		"goal's metric":          {panel("    chart: figures\n    metrics: [conversion_rate]\n"), "a.yaml:10: \"conversion_rate\" needs a filter or a dimension event:goal"},
		"line without time":      {panel("    chart: line\n    metrics: [visits]\n    by: [event:page]\n"), "a.yaml:9: line takes a dimension of time first"},
		"line of two units":      {panel("    chart: line\n    metrics: [visits, bounce_rate]\n    by: [time]\n"), "a.yaml:9: line takes metrics of one unit"},
		"lines of two metrics":   {panel("    chart: line\n    metrics: [visits, visitors]\n    by: [time, visit:source]\n"), "a.yaml:9: line takes one metric"},
		"bars of time":           {panel("    chart: bars\n    metrics: [visits]\n    by: [time:day]\n"), "a.yaml:9: bars takes no dimension of time"},
		"money on an axis":       {panel("    chart: line\n    metrics: [total_revenue]\n    by: [time]\n"), "a.yaml:9: line takes no amounts of money"},
		"money in a tile":        {panel("    chart: figures\n    metrics: [average_revenue]\n"), "a.yaml:9: figures takes no amounts of money"},
		"figures by page":        {panel("    chart: figures\n    metrics: [visits]\n    by: [event:page]\n"), "a.yaml:9: figures takes 0 dimensions"},
		"heat map of days":       {panel("    chart: heatmap\n    metrics: [visits]\n    by: [time:day, time:hour]\n"), "a.yaml:9: heatmap takes two cycles"},
		"map of pages":           {panel("    chart: map\n    metrics: [visitors]\n    by: [event:page]\n"), "a.yaml:9: map takes the dimension visit:country"},
		"needs nothing known":    {"needs: event:moon\n" + good, `a.yaml:1: unknown dimension "event:moon"`},
		"needs without choice":   {"needs: event:page\n" + good, `a.yaml:1: choose "" is no panel by event:page`},
		"chooses another thing":  {"needs: event:page\nchoose: one\n" + good, `a.yaml:2: choose "one" is no panel by event:page`},
		"chooses for nothing":    {"choose: one\n" + good, `a.yaml:1: choose goes with needs`},
		"loop without rates":     {panel("    chart: loop\n    metrics: [visitors, sharers]\n"), "a.yaml:9: loop takes the metrics visitors, share_rate"},
		"cascade of a metric":    {panel("    chart: cascade\n    metrics: [shares]\n"), "a.yaml:9: cascade takes 0 metric, not 1"},
		"cascade by network":     {panel("    chart: cascade\n    by: [share:network]\n"), "a.yaml:9: cascade takes 0 dimensions"},
		"part of a cascade":      {panel("    chart: cascade\n    limit: 9\n"), "a.yaml:9: cascade asks its own question"},
		"bubbles of two":         {panel("    chart: bubbles\n    metrics: [shares, share_visits]\n    by: [share:network]\n"), "a.yaml:9: bubbles takes 3 metric"},
		"study by the moon":      {panel("    chart: grouped\n    study: {by: [period, moon]}\n"), `a.yaml:10: "moon" can't stand here`},
		"study's period second":  {panel("    chart: diverging\n    study: {by: [measure, period]}\n"), `a.yaml:10: "period" can't stand here`},
		"study as a map":         {panel("    chart: map\n    study: {by: [segment]}\n"), "a.yaml:9: map can't show a study"},
		"study of one dimension": {panel("    chart: grouped\n    study: {by: [period]}\n"), "a.yaml:9: grouped can't show a study"},
		"study's unknown unit":   {panel("    chart: bars\n    study: {by: [measure], unit: moons}\n"), `a.yaml:10: unknown unit "moons"`},
		"study's unknown key":    {panel("    chart: bars\n    study: {colour: red}\n"), `a.yaml:10: unknown field "colour"`},
		"study that is filtered": {panel("    chart: bars\n    study: {by: [measure]}\n    filter: [\"is,visit:source,Google\"]\n"), "a.yaml:10: a study takes no filter"},
		"study beside visits":    {panel("    chart: bars\n    study: {by: [measure]}\n    metrics: [visits]\n    by: [event:page]\n"), "a.yaml:10: beside metrics a study is grouped"},
		"index of columns":       {panel("    chart: columns\n    study: {index: true}\n"), "a.yaml:10: an index is a line"},
		"changes of followers":   {panel("    chart: diverging\n    metrics: [visits, followers]\n"), "a.yaml:9: diverging compares countries: Followers can't be filtered by"},
		"forecast of visits":     {panel("    chart: forecast\n    metrics: [visits]\n    by: [time]\n"), "a.yaml:9: forecast takes the metric followers"},
		"follows nothing":        {panel("    chart: area\n    metrics: [visits]\n    by: [time]\n    follows: three\n"), `a.yaml:12: "three" is no panel of figures`},
		"follows what can't be":  {panel("    chart: table\n    metrics: [pageviews]\n    by: [visit:share_network]\n    follows: three\n") + "  - id: three\n    title: {en: A, fr: B}\n    chart: figures\n    metrics: [followers]\n", "a.yaml:12: \"followers\" can't be asked by \"visit:share_network\""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(c.src)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	t.Run("reserved name", func(t *testing.T) {
		_, err := Load(fstest.MapFS{"settings.yaml": {Data: []byte(good)}})
		if err == nil || !strings.Contains(err.Error(), `"settings" can't be a dashboard's name`) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("every fault of every file", func(t *testing.T) {
		_, err := Load(fstest.MapFS{
			"a.yaml": {Data: []byte(panel("    chart: pie\n    metrics: [moons]\n"))},
			"b.yaml": {Data: []byte("title: {en: A, fr: B}\n")},
		})
		for _, want := range []string{`a.yaml:9: unknown chart`, `a.yaml:10: unknown metric`, `b.yaml:1: no panels`} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q in it", err, want)
			}
		}
	})
}

// A chart is added by lines of data alone: any metric on any of its dimensions
// loads as a table.
func TestAnyTableLoads(t *testing.T) {
	for _, m := range metric.All() {
		for _, d := range metric.Dimensions() {
			if d.Keyed() || m.Stands(metric.Place{By: []metric.By{{Name: d.Name, Dimension: d}}}) != nil {
				continue
			}
			src := good + "  - id: two\n    title: {en: A, fr: B}\n    chart: table\n    metrics: [" + m.Name + "]\n    by: ['" + d.Name + "']\n"
			if _, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(src)}}); err != nil {
				t.Errorf("%s by %s: %v", m.Name, d.Name, err)
			}
		}
	}
}

func TestCards(t *testing.T) {
	d := Dashboard{Panels: []Panel{
		{ID: "a", Width: "half"}, {ID: "b", Card: "x", Width: "third"}, {ID: "c"}, {ID: "d", Card: "x"},
	}}
	var got []string
	for _, c := range d.Cards(nil) {
		ids := c.Width
		for _, p := range c.Panels {
			ids += " " + p.ID
		}
		got = append(got, ids)
	}
	if want := []string{"half a", "third b d", " c"}; !slices.Equal(got, want) {
		t.Errorf("cards %q, want %q", got, want)
	}
}

// A dashboard of one page offers the pages first, then everything about one.
func TestSubject(t *testing.T) {
	d := Dashboard{Needs: "event:page", Choose: "all", Panels: []Panel{{ID: "all"}, {ID: "a"}, {ID: "b"}}}
	is := func(dimension string, values ...string) query.Filter {
		return query.Filter{Op: query.Is, Dimension: dimension, Values: values}
	}
	for name, c := range map[string]struct {
		filters []query.Filter
		subject string
		panels  string
	}{
		"none chosen":   {nil, "", " all"},
		"one chosen":    {[]query.Filter{is("visit:source", "Google"), is("event:page", "/a")}, "/a", " a b"},
		"two at a time": {[]query.Filter{is("event:page", "/a", "/b")}, "", " all"},
		"another thing": {[]query.Filter{is("visit:entry_page", "/a")}, "", " all"},
		"all but one":   {[]query.Filter{{Op: query.IsNot, Dimension: "event:page", Values: []string{"/a"}}}, "", " all"},
	} {
		t.Run(name, func(t *testing.T) {
			panels := ""
			for _, card := range d.Cards(c.filters) {
				panels += " " + card.Panels[0].ID
			}
			if got, ok := d.Subject(c.filters); got != c.subject || ok != (c.subject != "") || panels != c.panels {
				t.Errorf("subject %q %v, panels%s", got, ok, panels)
			}
		})
	}
}

func TestEveryKindIsUsed(t *testing.T) {
	list, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, d := range list {
		for _, p := range d.Panels {
			used[p.Chart] = true
		}
	}
	for _, k := range chart.Kinds() {
		if !used[k.Name] {
			t.Errorf("no panel shows a %s, so no test draws one", k.Name)
		}
	}
}
