package panel

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/chart"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Answer runs the query and composes the answer.
func (q *Question) Answer(ctx context.Context) (*Answer, error) {
	if q.whole {
		q.query.Limit = wholeRows // the file has them all
	}
	q.query.CountRows = true
	res, err := q.rows(ctx)
	if err != nil {
		return nil, err
	}
	return q.answer(res)
}

// answer composes an Answer from the query's result. It runs no further query.
func (q *Question) answer(res *query.Comparison) (*Answer, error) {
	a := reply{Question: q, Comparison: res, lang: q.reader.Locale, names: q.engine.Namer(q.reader.Locale)}
	a.p = a.names.p
	for _, col := range res.Columns {
		if !col.Metric {
			a.dims++
		}
		if !col.Mark {
			a.shown++ // the columns that mark rounded figures come last
		}
	}
	d := &Answer{
		ID: q.panel.ID, Kind: q.panel.Chart, Title: q.panel.Title.In(a.lang),
		Columns: a.columns(), Rows: a.rows(), Rounded: a.rounded(), Total: res.TotalRows, Estimated: res.Estimated,
		CSV: a.csv(),
	}
	if len(res.Rows) == 0 && res.TotalRows == 0 || a.nothing() {
		// A chart without data would look like a chart of zeros.
		d.Rows = [][]any{}
	}
	if q.panel.Follows != "" {
		d.Title = res.Columns[a.dims].Title.In(a.lang)
	}
	d.Labels, d.Names = a.labels()
	d.Links, d.Opens, d.Away = a.links(), a.opens(), a.away()
	a.compare(d)
	for i, b := range res.Buckets {
		if b.Incomplete && !b.Future && q.panel.Study == nil {
			d.Incomplete = append(d.Incomplete, i)
		}
	}
	if kindOf(q.panel).figures {
		d.Figures = a.figures()
	}
	picture, err := q.panel.Kind().Draw(chart.Input{
		Result: res.Result, Previous: res.Before, PreviousName: a.p.T("dash.before." + string(q.view.Compare)),
		Lang: a.lang, Name: a.names.Of, ProjectedName: a.p.T("dash.projected_all"),
	})
	if err != nil {
		return nil, err
	}
	d.Option, d.Regions, d.Colors = picture.Option, picture.Regions, picture.Colors
	d.Summary, d.Empty, d.Notes = a.summary(d), a.empty(), a.notes(d)
	return d, nil
}

func (a *reply) columns() []Column {
	out := make([]Column, a.shown)
	for i, c := range a.Columns[:a.shown] {
		out[i] = Column{
			Key: c.Key, Title: c.Title.In(a.lang), Metric: c.Metric, Unit: string(c.Unit), Time: string(c.Bucket), Projects: c.Projects,
			Hidden: i > 0 && (c.Key == postAddress || c.Key == "post:id"),
		}
		if c.Key == "post:published" {
			out[i].Time = "minute"
		}
		if m, ok := metric.Lookup(cmp.Or(c.Projects, c.Key)); ok && c.Metric {
			out[i].Doc, out[i].Reading = m.Doc.In(a.lang), m.MarkedBy != ""
		}
		switch c.Good {
		case metric.UpIsGood:
			out[i].Good = "up"
		case metric.DownIsGood:
			out[i].Good = "down"
		}
	}
	return out
}

// rows are the answer's rows, with times in the site's time zone.
func (a *reply) rows() [][]any {
	out := make([][]any, len(a.Rows))
	for i, row := range a.Rows {
		out[i] = make([]any, a.shown)
		for j, v := range row[:a.shown] {
			if t, ok := rows.Time(v); ok {
				v = clock(t, a.Columns[j].Bucket)
			}
			out[i][j] = v
		}
	}
	return out
}

// rounded says which rows have a rounded figure; nil if none has.
func (a *reply) rounded() []bool {
	if a.shown == len(a.Columns) {
		return nil
	}
	out := make([]bool, len(a.Rows))
	for i, row := range a.Rows {
		for _, v := range row[a.shown:] {
			n, _ := rows.Float(v)
			out[i] = out[i] || n > 0
		}
	}
	return out
}

// clock writes a bucket's start as CSV files do.
func clock(t time.Time, b metric.Bucket) string {
	if b == metric.Hour {
		return t.Format(time.DateTime)
	}
	return t.Format(time.DateOnly)
}

// nothing reports whether there is nothing to draw: over time, every value of
// the first metric is unknown or 0.
func (a *reply) nothing() bool {
	if len(a.Buckets) == 0 && !kindOf(a.panel).whole {
		return false
	}
	for _, row := range a.Rows {
		switch v := row[a.dims].(type) {
		case int64:
			if v != 0 {
				return false
			}
		case float64:
			return false
		}
	}
	return true
}

// labels are the texts of table cells, and of values in charts.
func (a *reply) labels() ([][]*string, []map[string]string) {
	if a.dims == 0 {
		return nil, nil
	}
	names := make([]map[string]string, a.dims)
	labels := make([][]*string, len(a.Rows))
	for j := range names {
		names[j] = map[string]string{}
	}
	for i, row := range a.Rows {
		labels[i] = make([]*string, a.dims)
		for j, c := range a.Columns[:a.dims] {
			if c.Bucket != metric.NoBucket {
				continue
			}
			name := a.names.Of(c, row[j])
			if raw, ok := rows.Text(row[j]); !ok || raw != name {
				labels[i][j] = &name
			}
			if key := a.valueKey(row[j]); key != "" {
				names[j][key] = name
			}
		}
	}
	if a.panel.Kind().Drawn() {
		return labels, names
	}
	return labels, nil
}

// valueKey is the key of a value in the chart's options.
func (a *reply) valueKey(v any) string {
	switch v := v.(type) {
	case string:
		if key := kindOf(a.panel).key; key != nil {
			return key(v)
		}
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// links filter the whole dashboard by a row's first value, or take that
// filter away again.
func (a *reply) links() []string {
	if a.dims == 0 || !filterable(a.Columns[0]) {
		return nil
	}
	out := make([]string, len(a.Rows))
	for i, row := range a.Rows {
		value, ok := rows.Text(row[0])
		if !ok {
			continue
		}
		out[i] = Href(toggled(a.view, a.Columns[0].Key, value))
	}
	return out
}

// opens are the addresses of the rows' own reports: the dashboard about one
// such value, with the same period and the other filters.
func (a *reply) opens() []string {
	if a.dims == 0 {
		return nil
	}
	key := a.Columns[0].Key
	if slices.Contains(pageDims(), key) {
		key = "event:page"
	}
	boards := a.engine.Boards
	i := slices.IndexFunc(boards, func(d dashboards.Dashboard) bool { return d.Needs != "" && d.Needs == key })
	if i < 0 || boards[i].Name == a.dashboard.Name {
		return nil
	}
	out := make([]string, len(a.Rows))
	for j, row := range a.Rows {
		if value, ok := rows.Text(row[0]); ok && value != "" {
			out[j] = Address(a.reader.Root+"/"+boards[i].Name, about(a.view, key, value).Encode())
		}
	}
	return out
}

// compare adds the metrics' values in the previous period.
func (a *reply) compare(d *Answer) {
	if a.Before == nil {
		return
	}
	d.Previous, d.Change = make([][]any, len(a.Rows)), make([][]*float64, len(a.Rows))
	for i, row := range a.BeforeRows {
		if row != nil {
			d.Previous[i], d.Change[i] = make([]any, a.shown-a.dims), a.Change[i][a.dims:a.shown]
			copy(d.Previous[i], row[a.dims:])
		}
	}
}

func (a *reply) figures() []Figure {
	followed := ""
	for _, p := range a.dashboard.Panels {
		if p.Follows == a.panel.ID {
			followed = figure(a.dashboard, p, a.view.Metric)
		}
	}
	columns := a.columns()
	out := make([]Figure, len(columns))
	for i, c := range columns {
		f := Figure{Column: c, Current: c.Key == followed}
		if len(a.Rows) > 0 {
			f.Value = a.Rows[0][i]
		}
		f.Rounded = c.Reading && f.Value != nil && slices.Contains(a.rounded(), true)
		if f.Value == nil {
			f.Why = a.Columns[i].Missing.In(a.lang)
		}
		if a.Before != nil {
			var was any
			if len(a.BeforeRows) > 0 && a.BeforeRows[0] != nil {
				was = a.BeforeRows[0][i]
				f.Change = a.Comparison.Change[0][i]
			}
			f.Previous = &was
		}
		if followed != "" {
			f.Link = Href(a.view.With(func(v *query.View) { v.Metric = c.Key }))
		}
		out[i] = f
	}
	return out
}

// csv is the address of the same rows as a file, in the form that the
// language's spreadsheets open.
func (a *reply) csv() string {
	v := a.view.Parameters()
	if a.whole {
		v.Set(limitParam, wholeList)
	}
	if a.lang == "fr" {
		v.Set(csvParam, europeanCSV)
	}
	return Address(a.reader.Root+"/"+a.dashboard.Name+"/"+a.panel.ID+".csv", v.Encode())
}
