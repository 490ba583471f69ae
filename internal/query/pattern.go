package query

import (
	"regexp/syntax"
	"strings"
)

// Bounds of patterns. The database tries them on each row, and some that are
// short are costly: `.*0.{50}` takes fifty times as long as a word, as re2 then
// follows each way by itself.
const (
	maxPatternSize  = 500  // bytes of a pattern
	maxRepeats      = 100  // what {n} says, multiplied where one stands in another
	maxAlternatives = 100  // of a pattern
	maxPatterns     = 20   // of a question
	maxSteps        = 1000 // of all patterns of a question: instructions of their programs
)

// checkPattern refuses a pattern of a dimension's values that can't be tried. It
// returns the steps of its program.
func checkPattern(dimension, pattern string) (steps int, err error) {
	if len(pattern) > maxPatternSize {
		return 0, invalid("filters", "a pattern of %s is longer than %d bytes", "un motif de %s dépasse %d octets", dimension, maxPatternSize)
	}
	// Go's syntax is re2's, which the database runs too, but for some
	// names of classes: see RefusedPattern.
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, invalid("filters", "the pattern %q of %s is not a regular expression (re2): %v", "le motif %q de %s n’est pas une expression régulière (re2) : %v", pattern, dimension, err)
	}
	if most := repeats(re); most > maxRepeats {
		return 0, invalid("filters", "the pattern %q of %s repeats something %d times (nested repetitions multiply); at most %d are allowed", "le motif %q de %s répète quelque chose %d fois (les répétitions imbriquées se multiplient) ; %d au plus sont permises", pattern, dimension, most, maxRepeats)
	}
	if alternatives(re) > maxAlternatives {
		return 0, invalid("filters", "the pattern %q of %s has more than %d alternatives", "le motif %q de %s a plus de %d alternatives", pattern, dimension, maxAlternatives)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0, invalid("filters", "the pattern %q of %s is not a regular expression (re2): %v", "le motif %q de %s n’est pas une expression régulière (re2) : %v", pattern, dimension, err)
	}
	return len(prog.Inst), nil
}

// repeats is how often a pattern repeats its most repeated part by {n}, {n,} or
// {n,m}.
func repeats(re *syntax.Regexp) int {
	most := 1
	for _, sub := range re.Sub {
		most = max(most, repeats(sub))
	}
	if re.Op == syntax.OpRepeat {
		most *= max(re.Min, re.Max, 1)
	}
	return most
}

// alternatives is how many a pattern has, those without a choice left out.
func alternatives(re *syntax.Regexp) int {
	n := 0
	if re.Op == syntax.OpAlternate {
		n = len(re.Sub)
	}
	for _, sub := range re.Sub {
		n += alternatives(sub)
	}
	return n
}

// RefusedPattern is the error for a pattern that the database doesn't take,
// with the words that it has for it.
func RefusedPattern(words string) error {
	return invalid("filters", "ClickHouse refuses a pattern: %s", "ClickHouse refuse un motif : %s", strings.TrimSpace(words))
}
