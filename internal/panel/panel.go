// Package panel answers what a panel of a dashboard asks: rows, their names and
// words, marks and the chart, in the view of a URL (period, comparison, filters)
// and in its reader's language. Pages, files and the Stats API ask it; so can
// whatever shows a panel elsewhere. It knows nothing of HTTP, sessions and
// forms, writes nothing, and starts no goroutine.
//
// Its files, from what is asked to what that rests on:
//
//	page.go        AskPage: all panels of a page, asked together
//	panel.go       Ask: what is asked becomes a Question
//	compose.go     Question.Answer: the answer is put together
//	live.go        who reads now
//	source.go      where a panel's rows come from
//	words.go       summary, notes, and what to do where there is nothing
//	kinds.go       what a kind of chart needs beside its picture
//	forecast.go, index.go, studies.go, besttimes.go, cascade.go, readings.go
//	               sources of their own, and what they say
//	question.go    a question, and a reply while it is composed
//	view.go        a view in words, links to other views
//	names.go       what values are called
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

// Rows of a list that the reader asked to see whole: limit=all.
const (
	limitParam = "limit"
	wholeList  = "all"
	wholeRows  = 5000
)

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
	return view, e.recorded(ctx, &view.Site)
}

func (e *Engine) question(r Request, d dashboards.Dashboard, p dashboards.Panel, view query.View, runner rows.Runner) *Question {
	return &Question{
		engine: e, runner: runner, reader: r.Reader, dashboard: d, panel: p, view: view,
		whole: r.Values.Get(limitParam) == wholeList, european: r.Values.Get(csvParam) == europeanCSV,
		first: startOf(view.Site, view.Site.Recorded.Events),
	}
}

// ask makes the query.
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

// WriteCSV gives the rows as a file. RFC 4180 unless csv=european asks for what
// French and most European spreadsheets open: semicolons, decimal commas and
// a byte order mark. Without titles, columns are named as the Stats API does.
func (q *Question) WriteCSV(ctx context.Context, w io.Writer, titles bool) error {
	return q.write(ctx, w, query.CSVOptions{Lang: q.reader.Locale, Titles: titles, European: q.european, BOM: q.european})
}

// FileName is what the file is called, with the panel's own days.
func (q *Question) FileName() string {
	// The longest day of a range is its last; To is the instant after it.
	r, loc := q.query.Range, q.view.Site.Location
	return fmt.Sprintf("%s-%s-%s-%s-%s.csv", q.view.Site.Domain, q.dashboard.Name, q.panel.ID,
		r.From.In(loc).Format(time.DateOnly), r.To.Add(-1).In(loc).Format(time.DateOnly))
}
