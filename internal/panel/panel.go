// Package panel computes what a panel of a dashboard shows: rows, names and
// sentences, marks and the chart, for the view in a URL (period, comparison,
// filters) and in the reader's language. Pages, files and the Stats API use it; so
// can anything else that shows panels. It knows nothing of HTTP, sessions and
// forms, writes nothing, and starts no goroutine.
//
// Its files, each resting on those below it:
//
//	page.go        AskPage: the questions of all panels of a page, asked together
//	panel.go       Ask: a request becomes a Question
//	compose.go     Question.Answer composes the answer
//	live.go        the visitors at this moment
//	source.go      where a panel's rows come from
//	words.go       summary, notes, and what to do if there are no rows
//	kinds.go       what a kind of chart needs besides the drawing
//	forecast.go, index.go, studies.go, besttimes.go, cascade.go, readings.go
//	               other sources of rows, and sentences about those
//	question.go    Question, and the reply while it is composed
//	view.go        a view in words, links to other views
//	names.go       names of dimensions' values
//	site.go, recorded.go
//	               what a question must know of its site
//	answer.go, engine.go, remembered.go
//	               the shape of answers; what an Engine needs and remembers
package panel

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Request is one panel of one dashboard, as a URL asks for it.
type Request struct {
	Site      meta.Site
	Dashboard string // name; "" = the first
	Panel     string // id
	Values    url.Values
	Reader    Reader
}

// Rows of a list that the reader wants to see in full: limit=all.
const (
	limitParam = "limit"
	wholeList  = "all"
	wholeRows  = 5000
)

// ErrNoPanel means that there is no such dashboard, or no such panel in it.
var ErrNoPanel = fmt.Errorf("no such panel")

// Ask makes a Question of a request. The error is ErrNoPanel, a
// *query.InvalidError to show to the reader, or one of the store.
func (e *Engine) Ask(ctx context.Context, r Request) (*Question, error) {
	d, ok := e.Dashboard(r.Dashboard)
	if !ok {
		return nil, ErrNoPanel
	}
	p, ok := d.Panel(r.Panel)
	if !ok {
		return nil, ErrNoPanel
	}
	view, err := e.recordedView(ctx, r.Site, r.Values)
	if err != nil {
		return nil, err
	}
	q := e.question(r, d, p, view, e.Runner)
	return q, q.ask(ctx)
}

// recordedView is a View that knows when its site's recording began.
func (e *Engine) recordedView(ctx context.Context, site meta.Site, values url.Values) (query.View, error) {
	view, err := e.View(ctx, site, values)
	if err != nil {
		return view, err
	}
	if err := e.recorded(ctx, &view.Site); err != nil {
		return view, err
	}
	return view, e.closed(ctx, &view.Site)
}

func (e *Engine) question(r Request, d dashboards.Dashboard, p dashboards.Panel, view query.View, runner rows.Runner) *Question {
	return &Question{
		engine: e, runner: runner, reader: r.Reader, dashboard: d, panel: p, view: view,
		whole: r.Values.Get(limitParam) == wholeList, european: r.Values.Get(csvParam) == europeanCSV,
		first: startOf(view.Site, view.Site.Recorded.Events),
	}
}

// ask builds the query.
func (q *Question) ask(ctx context.Context) (err error) {
	p, own := q.panel, q.view
	if _, ok := q.dashboard.Subject(own.Filters); q.dashboard.Needs != "" && !ok && p.ID != q.dashboard.Choose {
		dim, _, _ := metric.LookupDimension(q.dashboard.Needs)
		return &query.InvalidError{Field: "f", Reason: text.Text{
			EN: "this report is about one value of " + dim.Title.EN + "; choose it by a filter",
			FR: "ce rapport porte sur une seule valeur de " + dim.Title.FR + " ; choisissez-la par un filtre",
		}}
	}
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
		} else if own.Site.Since.IsZero() { // the view knows it where it is "all" itself
			if own.Site.Since, err = query.AskSince(ctx, q.runner, own.Site); err != nil {
				return err
			}
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

// Parameters of a file's form.
const (
	csvParam    = "csv"
	europeanCSV = "european"
)

// WriteCSV writes the rows as CSV: by RFC 4180, or, with csv=european, in the
// form that French and most European spreadsheets open (semicolons, decimal
// commas and a byte order mark). Without titles, columns have their names in the
// Stats API.
func (q *Question) WriteCSV(ctx context.Context, w io.Writer, titles bool) error {
	return q.write(ctx, w, query.CSVOptions{Lang: q.reader.Locale, Titles: titles, European: q.european, BOM: q.european})
}

// FileName is the name of the CSV file. It contains the panel's first and last
// day.
func (q *Question) FileName() string {
	// The longest day of a range is its last; To is the instant after it.
	r, loc := q.query.Range, q.view.Site.Location
	return fmt.Sprintf("%s-%s-%s-%s-%s.csv", q.view.Site.Domain, q.dashboard.Name, q.panel.ID,
		r.From.In(loc).Format(time.DateOnly), r.To.Add(-1).In(loc).Format(time.DateOnly))
}
