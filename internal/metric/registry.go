package metric

import (
	"slices"
	"strings"
)

// All returns every metric, in the order of the docs.
func All() []Metric { return slices.Clone(metrics) }

// Dimensions returns every dimension, in the order of the docs. One whose
// name ends with ":" takes a key of the asker's.
func Dimensions() []Dimension { return slices.Clone(dimensions) }

// Lookup finds a metric by its name.
func Lookup(name string) (Metric, bool) {
	for _, m := range metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// LookupDimension finds a dimension by its name. Of one that takes a key it
// returns the key too: "event:props:author" has the key "author".
func LookupDimension(name string) (d Dimension, key string, ok bool) {
	for _, d := range dimensions {
		if d.Name == name && !d.Keyed() {
			return d, "", true
		}
		if d.Keyed() && len(name) > len(d.Name) && strings.HasPrefix(name, d.Name) {
			return d, name[len(d.Name):], true
		}
	}
	return Dimension{}, "", false
}

// LookupPart finds a part by its name.
func LookupPart(name string) (Part, bool) {
	for _, p := range parts {
		if p.Name == name {
			return p, true
		}
	}
	return Part{}, false
}

// Keyed says that the name goes on with a key: event:props:author.
func (d Dimension) Keyed() bool { return strings.HasSuffix(d.Name, ":") }

// Refuses says that the metric has no meaning on the dimension of this name.
func (m Metric) Refuses(dimension string) bool {
	return slices.ContainsFunc(m.Not, func(not string) bool {
		return not == dimension || strings.HasSuffix(not, ":") && strings.HasPrefix(dimension, not)
	})
}

// Takes says that the part can be grouped by the dimension.
func (p Part) Takes(d Dimension) bool {
	switch p.Scope {
	case Overall, OverallBase:
		return true
	case Account:
		return d.Kind == OfAccount || d.Kind == OfTime && d.Bucket != NoBucket
	}
	switch {
	case d.Kind == OfAccount:
		return false
	case d.Kind == OfTime:
		return true
	case p.Scope == Visit:
		return d.Visit != ""
	case p.Scope == Via:
		return d.Via != "" || d.Visit != ""
	}
	return true
}

// Takes says that the metric can be grouped by the dimension.
func (m Metric) Takes(d Dimension) bool {
	if m.Refuses(d.Name) {
		return false
	}
	for _, name := range m.Parts {
		if p, ok := LookupPart(name); !ok || !p.Takes(d) {
			return false
		}
	}
	return true
}

// Gauge says that the metric is a reading at a bucket's end, not a sum over
// the bucket: it is never added up over time.
func (m Metric) Gauge() bool {
	for _, name := range m.Parts {
		if p, _ := LookupPart(name); p.Scope == Account {
			return true
		}
	}
	return false
}
