// Package dashboards holds the dashboards as data, a YAML file each, and the
// strict loader that reads them. internal/panel answers what it loads; adding a
// chart is adding a few lines to a file. The loader refuses at the program's
// start whatever could not be drawn, with file and line: an unknown key,
// metric, dimension or chart, a metric that can't be split by a dimension, a
// missing title. It does no I/O but reading the file system that it is given.
//
// A file <name>.yaml is the dashboard at /{site}/<name>:
//
//	title: {en: Growth, fr: Croissance}
//	order: 2                    # place among the tabs
//	needs: event:page           # shows one value of this: a filter "is" must choose it
//	choose: pages               # the panel shown alone until one is chosen
//	panels:
//	  - id: followers           # in the panel's address and its CSV's name
//	    title: {en: …, fr: …}
//	    chart: line             # a kind of internal/chart
//	    metrics: [followers]    # of internal/metric; none where the chart asks its own question
//	    by: [time, account:network]
//	    filter: ["is,visit:device,Mobile"]  # always, beside the page's own; as f= in a URL
//	    limit: 10               # rows; none = all
//	    width: half             # full (unless set), two-thirds, half, third
//	    card: audience          # panels that name the same card are its tabs
//	    follows: figures        # shows the figure that was clicked there
//	    period: 12mo            # its own period, whatever the page shows
//	    note: {en: …, fr: …}    # a sentence under it
//	    index: true             # followings as lines from 100 on (chart: line, metrics: [followers])
//	    study:                  # figures of studies instead of metrics
//	      measures: ["* change"]
//	      subjects: [Facebook]
//	      segments: [world]
//	      unit: percent         # or count, ratio, rank
//	      by: [measure, segment]  # and period, subject
//	      index: true           # yearly rates as sizes and their level (chart: line)
//
// A study beside metrics, in a grouped chart, sets the site's own growth by
// year against that of the study's subjects, year by year from their first.
package dashboards

import (
	"embed"
	"io/fs"
	"slices"

	"github.com/earshot-analytics/earshot/internal/chart"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/study"
	"github.com/earshot-analytics/earshot/internal/text"
)

//go:embed *.yaml
var files embed.FS

// Files are the dashboards that come with the program.
func Files() fs.FS { return files }

// Title is a text in the product's languages; both are needed.
type Title struct {
	EN string `yaml:"en"`
	FR string `yaml:"fr"`
}

// In is the text in "fr" or else English.
func (t Title) In(lang text.Locale) string { return text.Text(t).In(lang) }

// Dashboard is one file.
type Dashboard struct {
	Name   string  `yaml:"-"` // of the file, without its ending
	Title  Title   `yaml:"title"`
	Order  int     `yaml:"order"`
	Needs  string  `yaml:"needs"`
	Choose string  `yaml:"choose"`
	Panels []Panel `yaml:"panels"`
}

// Panel is one chart. Its fields are those of the package comment.
type Panel struct {
	ID      string   `yaml:"id"`
	Title   Title    `yaml:"title"`
	Chart   string   `yaml:"chart"`
	Metrics []string `yaml:"metrics"`
	By      []string `yaml:"by"`
	Filter  []string `yaml:"filter"`
	Limit   int      `yaml:"limit"`
	Width   string   `yaml:"width"`
	Card    string   `yaml:"card"`
	Follows string   `yaml:"follows"`
	Period  string   `yaml:"period"`
	Note    Title    `yaml:"note"`
	Index   bool     `yaml:"index"`
	Study   *Study   `yaml:"study"`
}

// Study says which figures of studies a panel shows, instead of metrics or,
// in a grouped chart, beside them.
type Study struct {
	Measures []string `yaml:"measures"` // * stands for any text; none = all
	Subjects []string `yaml:"subjects"`
	Segments []string `yaml:"segments"`
	Unit     string   `yaml:"unit"`  // percent (unless set), count, ratio, rank
	By       []string `yaml:"by"`    // period, subject, measure, segment
	Index    bool     `yaml:"index"` // yearly rates as sizes, with the levels they lead to
}

// Selection is what internal/study reads.
func (s Study) Selection() study.Selection {
	unit := metric.Unit(s.Unit)
	if unit == "" {
		unit = metric.Percent
	}
	return study.Selection{Measures: s.Measures, Subjects: s.Subjects, Segments: s.Segments, Unit: unit, By: s.By}
}

// Kind is the panel's kind of chart.
func (p Panel) Kind() chart.Kind {
	k, _ := chart.Lookup(p.Chart) // Load has seen to it
	return k
}

// Filters are the panel's own filters.
func (p Panel) Filters() []query.Filter {
	var list []query.Filter
	for _, s := range p.Filter {
		f, _ := query.ParseFilter(s) // Load has seen to it
		list = append(list, f)
	}
	return list
}

// Panel finds a panel by its id.
func (d Dashboard) Panel(id string) (Panel, bool) {
	i := slices.IndexFunc(d.Panels, func(p Panel) bool { return p.ID == id })
	if i < 0 {
		return Panel{}, false
	}
	return d.Panels[i], true
}

// AsksRole says that the panel asks whose an account is: it sets one's own
// accounts beside those of others.
func (p Panel) AsksRole() bool {
	return slices.Contains(p.By, metric.AccountRole) || slices.ContainsFunc(p.Filters(), func(f query.Filter) bool { return f.Dimension == metric.AccountRole })
}

// Figures lists the metrics that a click can bring to the panel: its own,
// then those of the panel that it follows.
func (d Dashboard) Figures(p Panel) []string {
	list := slices.Clone(p.Metrics)
	if from, ok := d.Panel(p.Follows); ok {
		for _, m := range from.Metrics {
			if !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	return list
}

// Card is a frame on the page: one panel, or several as tabs.
type Card struct {
	Width  string
	Panels []Panel
}

// Subject is the value that a dashboard which needs one shows: that of the
// first filter that chooses a single one.
func (d Dashboard) Subject(filters []query.Filter) (value string, ok bool) {
	for _, f := range filters {
		if d.Needs != "" && f.Dimension == d.Needs && f.Op == query.Is && len(f.Values) == 1 && !f.IgnoreCase {
			return f.Values[0], true
		}
	}
	return "", false
}

// Cards groups the panels into frames, in the order of the file. The panel to
// choose from stands alone while there is no subject, and not with the others.
func (d Dashboard) Cards(filters []query.Filter) []Card {
	var cards []Card
	at := map[string]int{}
	_, chosen := d.Subject(filters)
	for _, p := range d.Panels {
		if d.Needs != "" && (p.ID == d.Choose) == chosen {
			continue
		}
		if i, ok := at[p.Card]; ok && p.Card != "" {
			cards[i].Panels = append(cards[i].Panels, p)
			continue
		}
		at[p.Card] = len(cards)
		cards = append(cards, Card{Width: p.Width, Panels: []Panel{p}})
	}
	return cards
}
