package statsapi

import (
	"encoding/json"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Response is an answer as JSON has it.
type Response struct {
	Results []Row          `json:"results"`
	Meta    map[string]any `json:"meta"`
	Query   Echo           `json:"query"`
}

// Row is a group's values, in the order asked.
type Row struct {
	Metrics    []any `json:"metrics"`
	Dimensions []any `json:"dimensions"`
}

// Echo is the question as it was understood.
type Echo struct {
	SiteID     string          `json:"site_id"`
	Metrics    []string        `json:"metrics"`
	DateRange  [2]string       `json:"date_range"`
	Dimensions []string        `json:"dimensions"`
	Filters    json.RawMessage `json:"filters"`
	OrderBy    [][2]string     `json:"order_by"`
	Include    Include         `json:"include"`
	Pagination Pagination      `json:"pagination"`
}

// Warning says why a metric has no value.
type Warning struct {
	Code    string `json:"code"`
	Warning string `json:"warning"`
}

// Respond writes an answer.
func (r Request) Respond(res *query.Result) Response {
	answer := Response{Results: []Row{}, Meta: map[string]any{}, Query: r.echo(res)}
	for _, values := range res.Rows {
		row := Row{Metrics: []any{}, Dimensions: []any{}}
		for i, c := range res.Columns {
			if c.Metric {
				row.Metrics = append(row.Metrics, figure(values[i]))
			} else {
				row.Dimensions = append(row.Dimensions, label(c, values[i]))
			}
		}
		answer.Results = append(answer.Results, row)
	}
	if r.Include.Imports {
		answer.Meta["imports_included"] = false
		answer.Meta["imports_skip_reason"] = "no_imported_data"
	}
	if r.Include.TotalRows {
		answer.Meta["total_rows"] = res.TotalRows
	}
	if r.Include.TimeLabels {
		answer.Meta["time_labels"] = timeLabels(res)
	}
	if res.Estimated {
		answer.Meta["estimated"] = true
	}
	warnings := map[string]Warning{}
	for i, c := range res.Columns {
		if c.Missing.EN != "" {
			warnings[c.Key] = Warning{"filter_not_applicable", c.Missing.EN}
		} else if w, ok := revenueWarning(res, i); ok {
			warnings[c.Key] = w
		}
	}
	if len(warnings) > 0 {
		answer.Meta["metric_warnings"] = warnings
	}
	return answer
}

func (r Request) echo(res *query.Result) Echo {
	loc := res.Query.Site.Location
	if loc == nil {
		loc = time.UTC
	}
	span := res.Query.Range
	e := Echo{
		SiteID: r.SiteID, Metrics: r.Metrics, Dimensions: r.Dimensions, Filters: r.filters,
		DateRange: [2]string{span.From.In(loc).Format(time.RFC3339), span.To.Add(-time.Second).In(loc).Format(time.RFC3339)},
		OrderBy:   [][2]string{}, Include: r.Include, Pagination: r.Pagination,
	}
	if e.Dimensions == nil {
		e.Dimensions = []string{}
	}
	for _, o := range res.Order() {
		e.OrderBy = append(e.OrderBy, [2]string{o.Key, map[bool]string{true: "desc", false: "asc"}[o.Desc]})
	}
	return e
}

// label writes a dimension's value.
func label(c query.Column, v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return c.Empty.EN
		}
	case time.Time:
		return timeLabel(c.Bucket, v)
	}
	return v
}

func timeLabel(b metric.Bucket, t time.Time) string {
	if b == metric.Hour {
		return t.Format(time.DateTime)
	}
	return t.Format(time.DateOnly)
}

func timeLabels(res *query.Result) []string {
	labels := []string{}
	for _, c := range res.Columns {
		if c.Bucket == metric.NoBucket {
			continue
		}
		for _, b := range res.Buckets {
			labels = append(labels, timeLabel(c.Bucket, b.Label(c.Bucket)))
		}
	}
	return labels
}
