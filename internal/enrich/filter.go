package enrich

import (
	"fmt"
	"math/bits"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// A rule list of the field is hundreds of regular expressions tried in order,
// half a millisecond a User-Agent. Nearly each of them needs some literal text
// to match, so one pass over the User-Agent finds which literals it has, and
// only the rules that they belong to are tried. The idea is RE2's FilteredRE2.

// filter tells which of a list of regular expressions may match a text. It
// never leaves out one that does match.
type filter struct {
	size    int
	always  []int32            // rules without a literal
	atoms   map[uint32][]int32 // first three bytes → literals that begin so
	begins  sieve              // of atoms' keys: most of a text's are none
	literal []string           // lower case, at least atomMin bytes
	rules   [][]int32          // by literal
}

const (
	atomMin  = 3
	atomMax  = 2048 // an alternation of more literals than this counts as none
	exactMax = 64   // texts that a part of an expression may be spelled out to
)

// newFilter reads expressions in Go's syntax; fold says that all of them
// ignore case.
func newFilter(exprs []string, fold bool) (*filter, error) {
	f := &filter{size: len(exprs), atoms: map[uint32][]int32{}}
	ids := map[string]int32{}
	for i, expr := range exprs {
		flags := syntax.Perl
		if fold {
			flags |= syntax.FoldCase
		}
		re, err := syntax.Parse(expr, flags)
		if err != nil {
			return nil, fmt.Errorf("parse rule %d: %w", i, err)
		}
		found := atomsOf(re)
		if len(found) == 0 {
			f.always = append(f.always, int32(i))
			continue
		}
		for _, a := range found {
			id, ok := ids[a]
			if !ok {
				id = int32(len(f.literal))
				ids[a] = id
				f.literal = append(f.literal, a)
				f.rules = append(f.rules, nil)
				f.atoms[key3(a, 0)] = append(f.atoms[key3(a, 0)], id)
				f.begins.add(key3(a, 0))
			}
			f.rules[id] = append(f.rules[id], int32(i))
		}
	}
	return f, nil
}

func key3(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16
}

// sieve is a set of numbers that sometimes has one that was not added.
type sieve [256]uint64

func (s *sieve) add(n uint32)      { s[sieveBit(n)/64] |= 1 << (sieveBit(n) % 64) }
func (s *sieve) has(n uint32) bool { return s[sieveBit(n)/64]&(1<<(sieveBit(n)%64)) != 0 }

func sieveBit(n uint32) uint32 { return n * 2654435761 >> 18 }

// candidates yields the rules that may match, in their order, until yield
// returns false. lower is lowerForFilter of the text.
func (f *filter) candidates(lower string, yield func(rule int) bool) {
	set := make([]uint64, (f.size+63)/64)
	for _, r := range f.always {
		set[r/64] |= 1 << (r % 64)
	}
	for i := 0; i+atomMin <= len(lower); i++ {
		key := key3(lower, i)
		if !f.begins.has(key) {
			continue
		}
		for _, id := range f.atoms[key] {
			if !strings.HasPrefix(lower[i:], f.literal[id]) {
				continue
			}
			for _, r := range f.rules[id] {
				set[r/64] |= 1 << (r % 64)
			}
		}
	}
	for w, word := range set {
		for word != 0 {
			if !yield(w*64 + bits.TrailingZeros64(word)) {
				return
			}
			word &= word - 1
		}
	}
}

// lowerForFilter lowers ASCII letters, and the two others that fold to ASCII:
// ſ and the Kelvin sign.
func lowerForFilter(s string) string {
	return asciiLower(foldsToASCII.Replace(s))
}

var foldsToASCII = strings.NewReplacer("\u017f", "s", "\u212a", "k")

// asciiLower lowers A to Z and leaves every other byte as it is.
func asciiLower(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if c := b[i]; 'A' <= c && c <= 'Z' {
					b[i] = c + 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// atomsOf returns literals, lower case, of which a match has at least one, or
// nil where there are none to tell.
func atomsOf(re *syntax.Regexp) []string {
	exact, atoms := literals(re)
	if a := usable(exact); a != nil {
		return a
	}
	return atoms
}

// literals returns all texts that re can match, where they are few, and the
// best atoms otherwise. Both are lower case, both may be nil.
func literals(re *syntax.Regexp) (exact, atoms []string) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText,
		syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}, nil
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= 0x80 {
				return nil, nil
			}
		}
		return []string{asciiLower(string(re.Rune))}, nil
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			lo, hi := re.Rune[i], re.Rune[i+1]
			if hi >= 0x80 || int(hi-lo)+len(exact) > 4 {
				return nil, nil
			}
			for r := lo; r <= hi; r++ {
				exact = append(exact, asciiLower(string(r)))
			}
		}
		return compact(exact), nil
	case syntax.OpCapture:
		return literals(re.Sub[0])
	case syntax.OpPlus:
		return nil, atomsOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return nil, atomsOf(re.Sub[0])
		}
	case syntax.OpQuest:
		if exact, _ = literals(re.Sub[0]); exact != nil {
			return compact(append(exact, "")), nil
		}
	case syntax.OpConcat:
		return concatLiterals(re.Sub)
	case syntax.OpAlternate:
		return alternateLiterals(re.Sub)
	}
	return nil, nil
}

// concatLiterals joins what stands side by side: iP(?:ad|od) is ipad and ipod.
func concatLiterals(subs []*syntax.Regexp) (exact, atoms []string) {
	run, whole := []string{""}, true
	flush := func() {
		if a := usable(run); better(a, atoms) {
			atoms = a
		}
		run = []string{""}
	}
	for _, sub := range subs {
		e, a := literals(sub)
		if e == nil || len(run)*len(e) > exactMax {
			whole = false
			flush()
			if e == nil {
				if better(a, atoms) {
					atoms = a
				}
				continue
			}
		}
		if len(e) > exactMax { // too many to go on with, not too many to look for
			if u := usable(e); better(u, atoms) {
				atoms = u
			}
			continue
		}
		joined := make([]string, 0, len(run)*len(e))
		for _, left := range run {
			for _, right := range e {
				joined = append(joined, left+right)
			}
		}
		run = joined
	}
	if whole {
		return compact(run), nil
	}
	flush()
	return nil, atoms
}

func alternateLiterals(subs []*syntax.Regexp) (exact, atoms []string) {
	whole, found := true, true
	for _, sub := range subs {
		e, a := literals(sub)
		whole = whole && e != nil
		exact = append(exact, e...)
		if u := usable(e); u != nil {
			a = u
		}
		found = found && a != nil
		atoms = append(atoms, a...)
	}
	if whole {
		return compact(exact), nil
	}
	if !found || len(atoms) > atomMax {
		return nil, nil
	}
	return nil, compact(atoms)
}

func compact(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// usable returns set where each text of it is long enough to look for.
func usable(set []string) []string {
	if len(set) == 0 || len(set) > atomMax || shortest(set) < atomMin {
		return nil
	}
	return set
}

// better prefers the set that fewer User-Agents have: none of the words that
// nearly all have, then the longer, then the smaller.
func better(a, b []string) bool {
	if a == nil || b == nil {
		return a != nil
	}
	if x, y := common(a), common(b); x != y {
		return y
	}
	if x, y := shortest(a), shortest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

func common(set []string) bool {
	for _, s := range set {
		for _, w := range [...]string{"mozilla", "applewebkit", "chrome", "safari", "version/", "windows", "android", "linux", "mobile", "iphone", "mac os x"} {
			if strings.Contains(w, strings.Trim(s, " /()")) {
				return true
			}
		}
	}
	return false
}

func shortest(set []string) int {
	n := len(set[0])
	for _, s := range set[1:] {
		n = min(n, len(s))
	}
	return n
}

// lazyRegexp compiles when first asked: most rules are never tried.
// The expression has passed newFilter, so that it is known to parse.
type lazyRegexp struct {
	once sync.Once
	expr string
	re   *regexp.Regexp
}

func (l *lazyRegexp) get() *regexp.Regexp {
	l.once.Do(func() { l.re = regexp.MustCompile(l.expr) })
	return l.re
}
