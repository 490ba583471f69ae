// Package panel answers what a panel of a dashboard asks: rows, their names and
// words, marks and the chart, in the view of a URL (period, comparison, filters)
// and in its reader's language. Pages, files and the Stats API ask it; so can
// whatever shows a panel elsewhere. It knows nothing of HTTP, sessions and
// forms, writes nothing, and starts no goroutine.
//
// Its files, from what is asked to what that rests on:
//
//	panel.go       Engine, Request and Question: what is asked
//	answer.go      Answer: what a page gets; the same rows as the file
//	words.go       summary, notes, and what to do where there is nothing
//	source.go      where a panel's rows come from
//	kinds.go       what a kind of chart needs beside its picture
//	forecast.go, index.go, studies.go, besttimes.go, cascade.go, readings.go
//	               sources of their own, and what they say
//	live.go        who reads now
//	view.go        a view in words, links to other views
//	names.go       what values are called
//	site.go        what a question must know of its site
package panel

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/i18n"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Deps are what an Engine needs; all must be set but SourceNamed. Without a
// Runner there are views, but no answers.
type Deps struct {
	Runner   query.Runner // the statistics
	Accounts Accounts
	Studies  Studies
	Boards   []dashboards.Dashboard
	Texts    *i18n.Catalog
	// NetworkNames are the names of networks by key, which are those of visits'
	// sources too; a key without one is shown as it is.
	NetworkNames map[string]string
	// SourceNamed finds what visit:source calls a source by another of its
	// names; nil = a filter takes the one name alone.
	SourceNamed func(name string) (title string, ok bool)
	Now         func() time.Time
}

// Accounts know the accounts whose followers a site counts.
type Accounts interface {
	Accounts(ctx context.Context, site uint32) ([]meta.Account, error)
	// Competitors are those of others, the removed ones among them.
	Competitors(ctx context.Context, site uint32) ([]meta.AccountName, error)
}

// Studies know the studies that a site's users imported.
type Studies interface {
	Studies(ctx context.Context, site uint32) ([]meta.Study, error)
}

// Engine answers. Make one with New; it may be used by many at once.
type Engine struct {
	Deps
	firsts firsts
	pulses pulses
}

// New makes an Engine. It asks nothing yet.
func New(d Deps) *Engine { return &Engine{Deps: d} }

// Reader is who an answer is for.
type Reader struct {
	Locale i18n.Locale
	// Settings says that the reader may change the site's settings: sentences
	// then lead there.
	Settings bool
	Root     string // link of the site's pages: "/example.com"
}

// Request is one panel of one dashboard, as a URL asks for it.
type Request struct {
	Site      meta.Site
	Dashboard string // name; "" = the first
	Panel     string // id
	Values    url.Values
	Reader    Reader
}

// Rows of a list that the reader asked to see whole: limit=all.
const (
	limitParam = "limit"
	wholeList  = "all"
	wholeRows  = 5000
)

// Dashboard finds a dashboard by its name, the first where it is "".
func (e *Engine) Dashboard(name string) (dashboards.Dashboard, bool) {
	for i, d := range e.Boards {
		if d.Name == name || i == 0 && name == "" {
			return d, true
		}
	}
	return dashboards.Dashboard{}, false
}

// View reads the parameters of a URL. An error is a *query.InvalidError, for the
// reader, or the store's.
func (e *Engine) View(ctx context.Context, site meta.Site, values url.Values) (query.View, error) {
	of, err := e.Site(ctx, site)
	if err != nil {
		return query.View{}, err
	}
	if values.Get("period") == "all" && e.Runner != nil {
		if of.Since, err = query.Since(ctx, e.Runner, of); err != nil {
			return query.View{}, err
		}
	}
	return query.FromURL(of, values, e.Now())
}

// Question is a panel's query in a view, ready to be answered once: by Answer
// or by WriteCSV.
type Question struct {
	engine    *Engine
	reader    Reader
	dashboard dashboards.Dashboard
	panel     dashboards.Panel
	view      query.View // of the page
	whole     bool       // the list is asked for whole
	european  bool       // its file is wanted as European spreadsheets read it
	first     time.Time  // day of the site's first event; zero = none yet
	query     query.Query
	tell      told // what the source has to say; nil = nothing
}

// ErrNoPanel says that there is no such dashboard, or that it has no such
// panel.
var ErrNoPanel = fmt.Errorf("no such panel")

// Ask puts a request's question together. An error is ErrNoPanel, a
// *query.InvalidError for the reader, or the store's.
func (e *Engine) Ask(ctx context.Context, r Request) (*Question, error) {
	d, ok := e.Dashboard(r.Dashboard)
	if !ok {
		return nil, ErrNoPanel
	}
	p, ok := d.Panel(r.Panel)
	if !ok {
		return nil, ErrNoPanel
	}
	view, err := e.View(ctx, r.Site, r.Values)
	if err != nil {
		return nil, err
	}
	if _, ok := d.Subject(view.Filters); d.Needs != "" && !ok && p.ID != d.Choose {
		dim, _, _ := metric.LookupDimension(d.Needs)
		return nil, &query.InvalidError{Field: "f", Reason: metric.Text{
			EN: "this report is about one value of " + dim.Title.EN + "; choose it by a filter",
			FR: "ce rapport porte sur une seule valeur de " + dim.Title.FR + " ; choisissez-la par un filtre",
		}}
	}
	if err := e.recorded(ctx, &view.Site); err != nil {
		return nil, err
	}
	q := &Question{
		engine: e, reader: r.Reader, dashboard: d, panel: p, view: view,
		whole: r.Values.Get(limitParam) == wholeList, european: r.Values.Get(csvParam) == europeanCSV,
		first: startOf(view.Site, view.Site.Recorded.Events),
	}
	return q, q.ask(ctx)
}

// ask makes the query.
func (q *Question) ask(ctx context.Context) (err error) {
	p, own := q.panel, q.view
	metrics := p.Metrics
	if p.Follows != "" {
		metrics = []string{figure(q.dashboard, p, q.view.Metric)}
	}
	period := p.Period
	if period == "" {
		period = q.view.Range.Period
	}
	if period == "all" {
		if !slices.ContainsFunc(metrics, func(m string) bool { return !ofReaders(m) }) {
			own.Site.Since = q.first
		} else if own.Site.Since, err = query.Since(ctx, q.engine.Runner, own.Site); err != nil {
			return err
		}
	}
	if p.Period != "" || period == "all" {
		if own, err = own.InPeriod(period, "", ""); err != nil {
			return err
		}
		own.Interval = q.view.Interval
	}
	q.query = own.Query(metrics, p.By...)
	q.query.Filter = append(p.Filters(), q.query.Filter...)
	q.query.Limit = p.Limit
	if q.source() == nil {
		q.query.Marks, q.query.Project = true, true
	}
	if q.whole {
		q.query.Limit = 0
	}
	return nil
}

// figure is the metric that a panel shows of those that a click can bring to
// it: the asked one where it is among them.
func figure(d dashboards.Dashboard, p dashboards.Panel, asked string) string {
	list := d.Figures(p)
	for _, m := range list {
		if m == asked {
			return m
		}
	}
	return list[0]
}

// Parameters of a file's form.
const (
	csvParam    = "csv"
	europeanCSV = "european"
)

// WriteCSV gives the rows as a file. RFC 4180 unless csv=european asks for what
// French and most European spreadsheets open: semicolons, decimal commas and
// a byte order mark. Without titles, columns are named as the Stats API does.
func (q *Question) WriteCSV(ctx context.Context, w io.Writer, titles bool) error {
	return q.write(ctx, w, query.CSVOptions{Lang: string(q.reader.Locale), Titles: titles, European: q.european, BOM: q.european})
}

// FileName is what the file is called, with the panel's own days.
func (q *Question) FileName() string {
	// The longest day of a range is its last; To is the instant after it.
	r, loc := q.query.Range, q.view.Site.Location
	return fmt.Sprintf("%s-%s-%s-%s-%s.csv", q.view.Site.Domain, q.dashboard.Name, q.panel.ID,
		r.From.In(loc).Format(time.DateOnly), r.To.Add(-1).In(loc).Format(time.DateOnly))
}
