package panel

import (
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Href is a link to another view of the current page.
func Href(v query.View) string { return "?" + v.Encode() }

// Address is a link to a view of the page at a path; values are a View's.
func Address(path, values string) string {
	if values == "" {
		return path
	}
	return path + "?" + values
}

// pageDims are the dimensions whose values are pages: each opens the report
// that needs a page.
func pageDims() []string {
	return []string{"event:page", "visit:entry_page", "visit:exit_page"}
}

// about is the view filtered by one value of the dimension, in place of any
// filter by that dimension.
func about(v query.View, dimension, value string) query.View {
	return v.With(func(v *query.View) {
		v.Metric = ""
		v.Filters = slices.DeleteFunc(v.Filters, func(f query.Filter) bool {
			return f.Dimension == dimension || dimension == "event:page" && slices.Contains(pageDims(), f.Dimension)
		})
		v.Filters = append(v.Filters, query.Filter{Op: query.Is, Dimension: dimension, Values: []string{value}})
	})
}

// toggled is the view with the filter "dimension is value", or without it
// where it has it already.
func toggled(v query.View, dimension, value string) query.View {
	return v.With(func(v *query.View) {
		if i := slices.IndexFunc(v.Filters, func(f query.Filter) bool {
			return f.Op == query.Is && f.Dimension == dimension && slices.Equal(f.Values, []string{value})
		}); i >= 0 {
			v.Filters = slices.Delete(v.Filters, i, i+1)
			return
		}
		v.Filters = append(v.Filters, query.Filter{Op: query.Is, Dimension: dimension, Values: []string{value}})
	})
}

// FilterDimensions are the dimensions that readers can filter by in the form, in
// its order: those of visits and events, one name for each.
func FilterDimensions() []string {
	var list []string
	for _, d := range metric.Dimensions() {
		if (d.Kind == metric.OfVisit || d.Kind == metric.OfEvent) && !d.Keyed() && d.Twin == "" {
			list = append(list, d.Name)
		}
	}
	return list
}

// filterable reports whether a click on a value can filter the dashboard by it.
func filterable(column query.Column) bool { return slices.Contains(FilterDimensions(), column.Key) }

// Filter is a filter in words: "Source is Google or Bing".
func (n Namer) Filter(f query.Filter) string {
	d, key, ok := metric.LookupDimension(f.Dimension)
	if !ok {
		return n.p.T("dash.filter.many")
	}
	what := d.Title.In(n.p.Locale)
	if key != "" {
		what += " " + key
	}
	values := make([]string, len(f.Values))
	for i, v := range f.Values {
		values[i] = n.Of(query.Column{Key: f.Dimension, Empty: d.Empty}, v)
	}
	return what + " " + n.p.T("dash.op."+string(f.Op)) + " " + strings.Join(values, " "+n.p.T("dash.or")+" ")
}

// RangeText is a view's days in words.
func RangeText(p *text.Printer, v query.View) string {
	loc := v.Site.Location
	if loc == nil {
		loc = time.UTC
	}
	from, to := v.Range.From.In(loc), v.Range.To.Add(-1).In(loc)
	if now := v.Now.In(loc); to.After(now) {
		to = now // a month that isn't over ends today
	}
	if p.Date(from) == p.Date(to) || to.Before(from) {
		return p.Date(from)
	}
	return p.T("dash.range", "from", p.Date(from), "to", p.Date(to))
}
