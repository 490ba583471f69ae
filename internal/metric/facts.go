package metric

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Facts are the rows of a kind of fact that has nothing to do with visits, and
// the metrics and dimensions over them. (Readings of accounts are no such rows:
// a figure of them is what there was at the end of a bucket.)
type Facts struct {
	*event.Entry
	// Rows is what is selected from instead of the table, a sub-select of a name,
	// which has the column ts; "" = the table.
	Rows   string
	Where  string // only rows where this holds are counted
	Awaits Awaited
	// Counted says that from the first of them on, where there are none there was
	// nothing: 0, not unknown.
	Counted bool
	// Sources says that Rows or joins read {sources:Array(String)} and
	// {networks:Array(String)}.
	Sources bool

	parts      []Part
	metrics    []Metric
	dimensions []Dimension
}

// kindsOfFacts are all of them, in the order of the docs.
func kindsOfFacts() []*Facts {
	return []*Facts{&leftOutFacts, &postFacts, &insightFacts, &mentionFacts}
}

// CountedFacts are those of which there is 0 where there are none.
func CountedFacts() []*Facts {
	return slices.DeleteFunc(kindsOfFacts(), func(f *Facts) bool { return !f.Counted })
}

// From is what the rows are selected from, and what has to hold of them.
func (f *Facts) From() (table string, where []string) {
	const site = "site_id = {site:UInt32}"
	if f.Where != "" {
		where = []string{f.Where}
	}
	switch {
	case f.Rows != "":
		return f.Rows, where
	case f.Time != "":
		return "(\n    SELECT " + f.Listed() + ", " + f.Time + " AS ts\n    FROM " + f.Entry.From() + "\n    WHERE " + site + "\n) AS " + f.Table + "_rows", where
	case f.Keeps == event.Sums: // sums of what is not added up yet are the same
		return f.Table, append([]string{site}, where...)
	}
	return f.Entry.From(), append([]string{site}, where...)
}

// has says that the rows have the dimension.
func (f *Facts) has(d Dimension) bool { return d.Facts == f || f.Accounts && d.Kind == OfAccount }

func factParts() (all []Part) {
	for _, f := range kindsOfFacts() {
		for _, p := range f.parts {
			p.Scope, p.Facts = Apart, f
			all = append(all, p)
		}
	}
	return all
}

func factMetrics() (all []Metric) {
	for _, f := range kindsOfFacts() {
		all = append(all, f.metrics...)
	}
	return all
}

func factDimensions() (all []Dimension) {
	for _, f := range kindsOfFacts() {
		for _, d := range f.dimensions {
			d.Kind, d.Facts = OfFacts, f
			all = append(all, d)
		}
	}
	return all
}
