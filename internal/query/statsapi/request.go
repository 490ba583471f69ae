// Package statsapi reads and writes the JSON of POST /api/v2/query, which is
// Plausible's Stats API v2 with more metrics and dimensions. It is pure: the
// server asks for the token, the site and the statistics.
//
// Where Plausible's versions differ, it keeps to that of today: ranges such as
// 7d end with yesterday and 12mo with the last month that is over;
// bounce_rate, scroll_depth and durations are whole numbers, views_per_visit
// and percentages have two decimals; time:hour is written as
// 2026-01-31 09:00:00 in the site's time zone and longer buckets as dates, a
// week that the range cuts by the range's first day; empty buckets are left
// out.
package statsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Limits of a request.
const (
	MaxBody      = 1 << 20
	defaultLimit = 10_000
	maxNesting   = 8
)

// Request is a question, decoded and checked for form. Names and values are
// checked by query.Build.
type Request struct {
	SiteID     string
	Metrics    []string
	Dimensions []string
	Filters    []query.Filter
	Order      []query.Order
	Include    Include
	Pagination Pagination

	period   string // "7d"; "" = the two below
	from, to string
	filters  json.RawMessage // as asked
}

// Include asks for more than rows.
type Include struct {
	Imports    bool `json:"imports"`
	TimeLabels bool `json:"time_labels"`
	TotalRows  bool `json:"total_rows"`
	// TrimRelativeDateRange ends day at this moment, month and year with today.
	TrimRelativeDateRange bool `json:"trim_relative_date_range"`
}

// Pagination asks for some of the rows.
type Pagination struct {
	Limit  int `json:"limit"`
	Offset int `json:"offset"`
}

// invalid speaks English, as the API's field names do.
func invalid(field, format string, a ...any) error {
	return &query.InvalidError{Field: field, Reason: text.Text{EN: fmt.Sprintf(format, text.Quoted(a)...)}}
}

// Decode reads a request. An error is a *query.InvalidError that names the
// field at fault.
func Decode(body []byte) (Request, error) {
	var fields map[string]json.RawMessage
	if err := strict(body, &fields); err != nil || fields == nil {
		return Request{}, invalid("body", "this is not a JSON object%s", because(err))
	}
	r := Request{Pagination: Pagination{Limit: defaultLimit}, filters: json.RawMessage("[]")}
	known := map[string]func(json.RawMessage) error{
		"site_id":    func(m json.RawMessage) error { return decode("site_id", "a string", m, &r.SiteID) },
		"metrics":    func(m json.RawMessage) error { return decode("metrics", "a list of strings", m, &r.Metrics) },
		"dimensions": func(m json.RawMessage) error { return decode("dimensions", "a list of strings", m, &r.Dimensions) },
		"date_range": r.decodeRange,
		"filters":    r.decodeFilters,
		"order_by":   r.decodeOrder,
		"include": func(m json.RawMessage) error {
			return decode("include", "an object of imports, time_labels, total_rows and trim_relative_date_range, each true or false", m, &r.Include)
		},
		"pagination": r.decodePagination,
	}
	for _, name := range slices.Sorted(keys(fields)) {
		read, ok := known[name]
		if !ok {
			return Request{}, invalid(name, "there is no such field; a query has site_id, metrics, date_range, dimensions, filters, order_by, include and pagination")
		}
		if err := read(fields[name]); err != nil {
			return Request{}, err
		}
	}
	switch {
	case r.SiteID == "":
		return Request{}, invalid("site_id", "name the site, as \"example.com\"")
	case len(r.Metrics) == 0:
		return Request{}, invalid("metrics", "name at least one metric")
	case r.period == "" && r.from == "":
		return Request{}, invalid("date_range", "give one, as \"7d\" or [\"2026-01-01\", \"2026-01-31\"]")
	case r.Include.TimeLabels && !slices.ContainsFunc(r.Dimensions, bucketed):
		return Request{}, invalid("include", "time_labels needs a dimension of time")
	}
	return r, nil
}

func bucketed(name string) bool {
	d, _, _ := metric.LookupDimension(name)
	return name == "time" || d.Bucket != metric.NoBucket
}

func keys(m map[string]json.RawMessage) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// strict decodes one value and nothing after it, without unknown fields.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + strings.TrimPrefix(err.Error(), "json: ")
}

func decode(field, wanted string, m json.RawMessage, into any) error {
	if bytes.Equal(bytes.TrimSpace(m), []byte("null")) || strict(m, into) != nil {
		return invalid(field, "this must be %s", wanted)
	}
	return nil
}

func (r *Request) decodeRange(m json.RawMessage) error {
	if strict(m, &r.period) == nil && r.period != "" {
		return nil
	}
	var pair []string
	if strict(m, &pair) != nil || len(pair) != 2 || pair[0] == "" {
		return invalid("date_range", "this must be the name of a range, as \"7d\", or a list of two dates")
	}
	r.from, r.to = pair[0], pair[1]
	return nil
}

func (r *Request) decodeOrder(m json.RawMessage) error {
	const wanted = "a list of [metric or dimension, \"asc\" or \"desc\"]"
	var list [][]string
	if err := decode("order_by", wanted, m, &list); err != nil {
		return err
	}
	for _, o := range list {
		if len(o) != 2 || o[1] != "asc" && o[1] != "desc" {
			return invalid("order_by", "this must be %s", wanted)
		}
		r.Order = append(r.Order, query.Order{Key: o[0], Desc: o[1] == "desc"})
	}
	return nil
}

func (r *Request) decodePagination(m json.RawMessage) error {
	if err := decode("pagination", "an object of limit and offset, whole numbers", m, &r.Pagination); err != nil {
		return err
	}
	if p := r.Pagination; p.Limit < 1 || p.Limit > defaultLimit || p.Offset < 0 {
		return invalid("pagination", "limit must be between 1 and %d, offset not negative", defaultLimit)
	}
	return nil
}

func (r *Request) decodeFilters(m json.RawMessage) error {
	list, err := filterList(m, 1)
	r.Filters, r.filters = list, m
	return err
}

func filterList(m json.RawMessage, depth int) ([]query.Filter, error) {
	var raw []json.RawMessage
	if err := decode("filters", "a list of filters", m, &raw); err != nil {
		return nil, err
	}
	var list []query.Filter
	for _, one := range raw {
		f, err := filter(one, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// filter reads [op, dimension, [values], {case_sensitive}], [and|or, [filters]]
// or [not|has_done|has_not_done, filter].
func filter(m json.RawMessage, depth int) (query.Filter, error) {
	if depth > maxNesting {
		return query.Filter{}, invalid("filters", "filters are nested more than %d deep", maxNesting)
	}
	var raw []json.RawMessage
	var op string
	if strict(m, &raw) != nil || len(raw) < 2 || strict(raw[0], &op) != nil {
		return query.Filter{}, invalid("filters", "a filter must be [operator, dimension, [values]]")
	}
	if op == "does_not_contain" { // Plausible's older name
		op = string(query.ContainsNot)
	}
	f := query.Filter{Op: query.Op(op)}
	var err error
	switch f.Op {
	case query.And, query.Or:
		if len(raw) != 2 {
			return query.Filter{}, invalid("filters", "%q takes one list of filters", op)
		}
		f.Filters, err = filterList(raw[1], depth+1)
		return f, err
	case query.Not, query.HasDone, query.HasNotDone:
		if len(raw) != 2 {
			return query.Filter{}, invalid("filters", "%q takes one filter", op)
		}
		inner, err := filter(raw[1], depth+1)
		f.Filters = []query.Filter{inner}
		return f, err
	}
	named := strict(raw[1], &f.Dimension) == nil
	if why, ok := metric.NotRecorded(f.Dimension); ok {
		return query.Filter{}, invalid("filters", "%q is not recorded: %s", f.Dimension, why.EN)
	}
	if len(raw) < 3 || len(raw) > 4 || !named || strict(raw[2], &f.Values) != nil || f.Values == nil {
		return query.Filter{}, invalid("filters", "%q takes a dimension and a list of strings", op)
	}
	if len(raw) == 4 {
		modifiers := struct {
			CaseSensitive *bool `json:"case_sensitive"`
		}{}
		if err := decode("filters", "[operator, dimension, [values], {\"case_sensitive\": true or false}]", raw[3], &modifiers); err != nil {
			return query.Filter{}, err
		}
		f.IgnoreCase = modifiers.CaseSensitive != nil && !*modifiers.CaseSensitive
	}
	if d, _, ok := metric.LookupDimension(f.Dimension); ok && (f.Op == query.Is || f.Op == query.IsNot) {
		for i, v := range f.Values {
			if v == d.Empty.EN {
				f.Values[i] = ""
			}
		}
	}
	return f, nil
}
