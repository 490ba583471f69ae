package query

import (
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// dimensionSQL returns a dimension as SQL, and the join that it needs.
type dimensionSQL func(name string, d metric.Dimension) (sql, join, where string)

// condition renders a filter as SQL over the rows of one sub-select.
func (b *builder) condition(f Filter, s *selection, of dimensionSQL) string {
	switch f.Op {
	case And, Or:
		list := make([]string, len(f.Filters))
		for i, inner := range f.Filters {
			list[i] = b.condition(inner, s, of)
		}
		return "(" + strings.Join(list, map[Op]string{And: " AND ", Or: " OR "}[f.Op]) + ")"
	case Not:
		return "NOT " + b.condition(f.Filters[0], s, of)
	case HasDone:
		return b.visitsWith(f.Filters)
	case HasNotDone:
		return "NOT " + b.visitsWith(f.Filters)
	}
	d, key, _ := metric.LookupDimension(f.Dimension)
	f.Values = b.q.Site.alsoNamed(f)
	sql, join, where := of(f.Dimension, d)
	s.join(join)
	test := b.test(f, b.keyed(sql, key), d.Keyed())
	if where != "" && d.Kind != metric.OfVisit {
		// Without it "is not" would hold for rows of quite another sort.
		return "(" + where + " AND " + test + ")"
	}
	return test
}

// alsoNamed are a filter's values, of sources their titles too: Twitter finds
// what is stored as X.
func (s Site) alsoNamed(f Filter) []string {
	if s.SourceNamed == nil || f.Dimension != "visit:source" || f.Op != Is && f.Op != IsNot {
		return f.Values
	}
	values := slices.Clone(f.Values)
	for _, v := range f.Values {
		if title, ok := s.SourceNamed(v); ok && v != "" && !slices.Contains(values, title) {
			values = append(values, title)
		}
	}
	return values
}

// visitsWith picks the visits that have an event for which all filters hold.
func (b *builder) visitsWith(filters []Filter) string {
	inner := &selection{table: "events", in: b.aroundRange()}
	for _, f := range filters {
		inner.and(b.condition(f, inner, rowExpression))
	}
	return "visit IN\n(\n" + indent("SELECT visit\n"+inner.from()) + "\n)"
}

// test renders an operator on values over an expression. What an event may
// lack (a property) fits no text and no pattern where it is lacking, not even
// one that an empty text fits; "is" finds the lack by the value "".
func (b *builder) test(f Filter, sql string, lacking bool) string {
	var hits []string
	switch f.Op {
	case Is, IsNot:
		if f.IgnoreCase {
			sql = "lowerUTF8(" + sql + ")"
		}
		for _, v := range f.Values {
			p := b.arg("String", v)
			if f.IgnoreCase {
				p = "lowerUTF8(" + p + ")"
			}
			hits = append(hits, p)
		}
		hits = []string{sql + " IN (" + strings.Join(hits, ", ") + ")"}
	case Contains, ContainsNot:
		position := "position("
		if f.IgnoreCase {
			position = "positionCaseInsensitiveUTF8("
		}
		for _, v := range f.Values {
			hits = append(hits, position+sql+", "+b.arg("String", v)+") > 0")
		}
	case Matches, MatchesNot:
		for _, v := range f.Values {
			if f.IgnoreCase {
				v = "(?i)" + v
			}
			hits = append(hits, "match("+sql+", "+b.arg("String", v)+")")
		}
	}
	test := hits[0]
	if len(hits) > 1 {
		test = "(" + strings.Join(hits, " OR ") + ")"
	}
	if lacking && f.Op != Is && f.Op != IsNot {
		test = "(" + sql + " != '' AND " + test + ")"
	}
	if f.Op == IsNot || f.Op == ContainsNot || f.Op == MatchesNot {
		return "NOT (" + test + ")"
	}
	return test
}

func rowExpression(_ string, d metric.Dimension) (sql, join, where string) {
	return d.SQL, d.Join, d.Where
}
