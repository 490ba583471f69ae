package query

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/text"
)

// size is what filters together ask of the database.
type size struct{ filters, values, texts, patterns, steps, visits int }

func (s *size) add(o size) {
	s.filters, s.values, s.texts = s.filters+o.filters, s.values+o.values, s.texts+o.texts
	s.patterns, s.steps, s.visits = s.patterns+o.patterns, s.steps+o.steps, s.visits+o.visits
}

// check refuses a question whose filters ask too much of each row.
func (s size) check() error {
	switch {
	case s.filters > maxFilters:
		return invalid("filters", "there are more than %d filters", "il y a plus de %d filtres", maxFilters)
	case s.values > maxAllValues:
		return invalid("filters", "the filters have more than %d values together", "les filtres ont ensemble plus de %d valeurs", maxAllValues)
	case s.texts > maxTexts:
		return invalid("filters", "contains and contains_not have more than %d values together", "contains et contains_not ont ensemble plus de %d valeurs", maxTexts)
	case s.patterns > maxPatterns:
		return invalid("filters", "matches and matches_not have more than %d patterns together", "matches et matches_not ont ensemble plus de %d motifs", maxPatterns)
	case s.steps > maxSteps:
		return invalid("filters", "the patterns together are too complex: they have %d steps, at most %d are allowed; a letter, a class and each repetition of one is a step", "les motifs ensemble sont trop complexes : ils ont %d étapes, %d au plus sont permises ; une lettre, une classe et chacune de leurs répétitions est une étape", s.steps, maxSteps)
	case s.visits > maxDone:
		return invalid("filters", "has_done and has_not_done stand there more than %d times", "has_done et has_not_done figurent plus de %d fois", maxDone)
	}
	return nil
}

// check refuses a filter that can't be asked. It returns what this one asks.
func (f Filter) check(depth int) (size, error) {
	if depth > maxDepth {
		return size{}, invalid("filters", "filters are nested more than %d deep", "des filtres sont imbriqués sur plus de %d niveaux", maxDepth)
	}
	n := size{filters: 1}
	switch f.Op {
	case And, Or:
		if len(f.Filters) == 0 {
			return n, invalid("filters", "%q needs at least one filter", "%q demande au moins un filtre", f.Op)
		}
	case Not, HasDone, HasNotDone:
		if len(f.Filters) != 1 {
			return n, invalid("filters", "%q needs exactly one filter", "%q demande un seul filtre", f.Op)
		}
		if f.Op != Not {
			n.visits++
		}
	case Is, IsNot, Contains, ContainsNot, Matches, MatchesNot:
		if err := f.checkLeaf(); err != nil {
			return n, err
		}
		n.values = len(f.Values)
		switch f.Op {
		case Contains, ContainsNot:
			n.texts = len(f.Values)
		case Matches, MatchesNot:
			return n, f.checkPatterns(&n)
		}
	default:
		return n, invalid("filters", "unknown operator %q", "opérateur %q inconnu", f.Op)
	}
	for _, inner := range f.Filters {
		m, err := inner.check(depth + 1)
		if err != nil {
			return n, err
		}
		n.add(m)
	}
	return n, nil
}

func (f Filter) checkLeaf() error {
	d, key, ok := metric.LookupDimension(f.Dimension)
	switch {
	case !ok:
		if why, ok := metric.NotRecorded(f.Dimension); ok {
			return notRecorded("filters", f.Dimension, why)
		}
		return invalid("filters", "unknown dimension %q", "dimension %q inconnue", f.Dimension)
	case d.Kind == metric.OfTime:
		return invalid("filters", "%q can't be filtered by; choose the date range instead", "on ne filtre pas par %q ; choisissez plutôt la période", f.Dimension)
	case len(f.Values) == 0:
		return invalid("filters", "%s %s needs at least one value", "%s %s demande au moins une valeur", f.Op, f.Dimension)
	case len(f.Values) > maxValues:
		return invalid("filters", "%s %s has more than %d values", "%s %s a plus de %d valeurs", f.Op, f.Dimension, maxValues)
	case len(key) > maxValueSize || !utf8.ValidString(key):
		return invalid("filters", "the name of a property is too long or not valid UTF-8", "le nom d’une propriété est trop long ou n’est pas en UTF-8")
	}
	for _, v := range f.Values {
		if len(v) > maxValueSize || !utf8.ValidString(v) {
			return invalid("filters", "a value of %s is longer than %d bytes or not valid UTF-8", "une valeur de %s dépasse %d octets ou n’est pas en UTF-8", f.Dimension, maxValueSize)
		}
		if f.Dimension == "visit:country" && (f.Op == Is || f.Op == IsNot) && v != "" && !countryCode(v, f.IgnoreCase) {
			return invalid("filters", "%q is not a country's code of two letters, such as FR; for names there is visit:country_name", "%q n’est pas le code de deux lettres d’un pays, comme FR ; pour les noms, il y a visit:country_name", v)
		}
	}
	return nil
}

// countryCode says that a text has the form of a code of ISO 3166-1.
func countryCode(s string, anyCase bool) bool {
	if anyCase {
		s = strings.ToUpper(s)
	}
	return len(s) == 2 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func notRecorded(field, dimension string, why text.Text) error {
	return &InvalidError{field, text.Text{
		EN: fmt.Sprintf("%q is not recorded: %s", dimension, why.EN),
		FR: fmt.Sprintf("%q n’est pas enregistré : %s", dimension, why.FR),
	}}
}

// leaves calls visit for each filter on values, with whether it stands inside
// has_done or has_not_done.
func (f Filter) leaves(inside bool, visit func(leaf Filter, inside bool)) {
	if len(f.Filters) == 0 {
		visit(f, inside)
		return
	}
	inside = inside || f.Op == HasDone || f.Op == HasNotDone
	for _, inner := range f.Filters {
		inner.leaves(inside, visit)
	}
}

// Dimensions are those that the filter looks at.
func (f Filter) Dimensions() []metric.Filtered {
	var list []metric.Filtered
	f.leaves(false, func(leaf Filter, inside bool) {
		d, _, _ := metric.LookupDimension(leaf.Dimension)
		list = append(list, metric.Filtered{Dimension: d, Done: inside})
	})
	return list
}

// any says that some leaf outside has_done is on a dimension for which is
// holds.
func (f Filter) any(is func(name string, d metric.Dimension) bool) bool {
	found := false
	f.leaves(false, func(leaf Filter, inside bool) {
		if d, _, _ := metric.LookupDimension(leaf.Dimension); !inside && is(leaf.Dimension, d) {
			found = true
		}
	})
	return found
}

// expression returns a dimension as SQL, and the join that it needs.
type expression func(name string, d metric.Dimension) (sql, join, where string)

// condition renders a filter as SQL over the rows of one sub-select.
func (b *builder) condition(f Filter, s *selection, of expression) string {
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
	inner := &selection{table: "events", where: inRange()}
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
