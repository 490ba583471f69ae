package query

import (
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// A filter on a whole visit asks for what the visit has: its source, or, where
// a page is asked for, its entry page, as a list by page does. Filters on single
// events, such as a goal, pick the visits that have an event for which all of
// them hold.

// ofVisits renders filters that all have to hold for whole visits, as
// conditions on rows of s.
func (b *builder) ofVisits(filters []Filter, s *selection, scope metric.Scope) []string {
	var conditions []string
	var onEvents []Filter
	for _, f := range conjuncts(filters) {
		ofVisit, ofEvent := holders(f, scope)
		switch {
		case !ofEvent:
			conditions = append(conditions, b.condition(f, s, func(_ string, d metric.Dimension) (sql, join, where string) {
				sql, join, where, _ = mapped(scope, d)
				return sql, join, where
			}))
		case !ofVisit:
			onEvents = append(onEvents, f)
		default: // an alternative: anything else is a conjunct of its own
			either := make([]string, len(f.Filters))
			for i, inner := range f.Filters {
				either[i] = strings.Join(b.ofVisits([]Filter{inner}, s, scope), " AND ")
			}
			conditions = append(conditions, "("+strings.Join(either, " OR ")+")")
		}
	}
	if len(onEvents) > 0 {
		conditions = append(conditions, b.visitsWith(onEvents))
	}
	return conditions
}

// holders says whether a filter has parts that hold for whole visits of the
// scope, and such that hold for single events alone.
func holders(f Filter, scope metric.Scope) (ofVisit, ofEvent bool) {
	f.leaves(false, func(leaf Filter, inside bool) {
		d, _, _ := metric.LookupDimension(leaf.Dimension)
		_, _, _, ok := mapped(scope, d)
		ofVisit = ofVisit || ok || inside
		ofEvent = ofEvent || !ok && !inside
	})
	return ofVisit, ofEvent
}

// conjuncts takes filters that all have to hold apart into such that are no
// conjunctions themselves, by De Morgan's laws.
func conjuncts(filters []Filter) []Filter {
	var list []Filter
	for _, f := range filters {
		switch {
		case f.Op == And:
			list = append(list, conjuncts(f.Filters)...)
		case f.Op != Not:
			list = append(list, f)
		default:
			list = append(list, denied(f)...)
		}
	}
	return list
}

// denied takes a Not apart.
func denied(f Filter) []Filter {
	inner := f.Filters[0]
	switch inner.Op {
	case Not:
		return conjuncts(inner.Filters)
	case And, Or:
		nots := slices.Clone(inner.Filters)
		for i := range nots {
			nots[i] = Filter{Op: Not, Filters: []Filter{nots[i]}}
		}
		if inner.Op == Or {
			return conjuncts(nots)
		}
		return []Filter{{Op: Or, Filters: nots}}
	}
	return []Filter{f}
}

// mapped returns what the scopes of whole visits read for a dimension. It is
// not ok for one of single events that visits don't have as well.
func mapped(scope metric.Scope, d metric.Dimension) (sql, join, where string, ok bool) {
	switch {
	case scope != metric.Visit && scope != metric.Via:
		return "", "", "", false
	case d.Kind != metric.OfEvent:
		return d.SQL, d.Join, d.Where, true
	case scope == metric.Via && d.Via != "":
		return d.Via, d.ViaJoin, d.ViaWhere, true
	case d.Visit != "":
		return d.Visit, "", "", true
	}
	return "", "", "", false
}
