package query

import (
	"strings"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// Op is what a Filter does.
type Op string

// Operators. Those on values hold when any (is, contains, matches) or none
// (…_not) of the values fits; matches takes re2 patterns. An event without a
// property has no value that fits, so …_not hold for it; for is and is_not the
// value "" is the lack of one.
const (
	Is          Op = "is"
	IsNot       Op = "is_not"
	Contains    Op = "contains"
	ContainsNot Op = "contains_not"
	Matches     Op = "matches"
	MatchesNot  Op = "matches_not"
	And         Op = "and"
	Or          Op = "or"
	Not         Op = "not"
	HasDone     Op = "has_done"
	HasNotDone  Op = "has_not_done"
)

// Bounds of filters.
const (
	maxDepth     = 8    // nesting of filters
	maxFilters   = 100  // filters in a query
	maxValues    = 1000 // values of a filter
	maxAllValues = 2000 // values of all filters in a query
	maxTexts     = 200  // of them, those that are looked for in texts
	maxValueSize = 4000 // bytes of a value
	maxDone      = 10   // filters on what else a visit did, each a read of its own
)

// Filter keeps what it holds for. Operators on values read Dimension, Values
// and IgnoreCase; and, or, not, has_done and has_not_done read Filters (the
// last three exactly one).
type Filter struct {
	Op         Op
	Dimension  string
	Values     []string
	IgnoreCase bool
	Filters    []Filter
}

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

// checkPatterns refuses patterns that can't be tried, and adds what the others
// cost to n.
func (f Filter) checkPatterns(n *size) error {
	for _, v := range f.Values {
		if n.patterns++; n.patterns > maxPatterns {
			return n.check()
		}
		steps, err := checkPattern(f.Dimension, v)
		if err != nil {
			return err
		}
		if n.steps += steps; n.steps > maxSteps {
			return n.check()
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
