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

// refuses says that the metric has no meaning on the dimension of this name.
func (m Metric) refuses(dimension string) bool {
	return slices.ContainsFunc(m.Not, func(not string) bool {
		return not == dimension || strings.HasSuffix(not, ":") && strings.HasPrefix(dimension, not)
	})
}

// takes says that the part can be grouped by the dimension.
func (p Part) takes(d Dimension) bool {
	switch {
	case p.Scope == Overall, p.Scope == OverallBase:
		return true
	case d.Kind == OfTime:
		return p.Scope != Account || d.Bucket != NoBucket
	case !p.has(d):
		return false
	case p.Scope == Visit:
		return d.Visit != ""
	case p.Scope == Via:
		return d.Via != "" || d.Visit != ""
	}
	return true
}

// has says that the part's rows have the dimension.
func (p Part) has(d Dimension) bool {
	switch p.Scope {
	case Account:
		return d.Kind == OfAccount
	case Apart:
		return p.Facts.has(d)
	}
	return d.Kind == OfVisit || d.Kind == OfEvent
}

// takes says that the metric can be grouped by the dimension.
func (m Metric) takes(d Dimension) bool {
	return !m.refuses(d.Name) && m.all(func(p Part) bool { return p.takes(d) })
}

// filteredBy says that the metric can be filtered by the dimension.
func (m Metric) filteredBy(d Dimension) bool {
	if m.refuses(d.Name) && !m.NeedsGoal {
		return false
	}
	return m.all(func(p Part) bool { return p.has(d) })
}

// OfEvents says that the metric is computed from events alone, which have
// visits around them.
func (m Metric) OfEvents() bool {
	return m.all(func(p Part) bool { return p.Scope != Account && p.Scope != Apart })
}

func (m Metric) all(holds func(Part) bool) bool {
	return !slices.ContainsFunc(m.Parts, func(name string) bool {
		p, ok := LookupPart(name)
		return !ok || !holds(p)
	})
}

// Projection is the SQL of what the figure will be at a bucket's end, and the
// parts that it reads; "" where nothing can be said. Counts of what happened
// go on at the pace so far: so far ÷ part that has passed.
func (m Metric) Projection() (sql string, parts []string) {
	if m.Projected != "" {
		return m.Projected, append(slices.Clone(m.Parts), m.ProjectedParts...)
	}
	if m.Unit == Count && m.Empty == Zero && len(m.Parts) == 1 && !m.Gauge() {
		return "round(p." + m.Parts[0] + " / {passed:Float64})", m.Parts
	}
	return "", nil
}

// Facts are those that the metric is computed from, where it is from one kind of
// them alone; nil = it isn't.
func (m Metric) Facts() *Facts {
	var of *Facts
	for i, name := range m.Parts {
		p, ok := LookupPart(name)
		if !ok || i > 0 && p.Facts != of {
			return nil
		}
		of = p.Facts
	}
	return of
}

// Gauge says that the metric is a reading at a bucket's end, not a sum over
// the bucket: it is never added up over time.
func (m Metric) Gauge() bool {
	return m.all(func(p Part) bool { return p.Scope == Account })
}

// Awaited is what must come in before the metric has a figure.
func (m Metric) Awaited() Awaited {
	switch {
	case m.Awaits != "":
		return m.Awaits
	case m.Facts() != nil:
		return m.Facts().Awaits
	case m.Gauge():
		return AwaitsFollowers
	case m.Unit == Money:
		return AwaitsRevenue
	}
	return AwaitsHits
}
