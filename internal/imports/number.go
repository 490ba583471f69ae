package imports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// tellsNothing reports whether a cell leaves its figure unknown: TikTok writes NAN and
// undefined, others a dash.
func tellsNothing(cell string) bool {
	return cell == "" || !isDigit(cell[0]) && slices.Contains(untoldWords, strings.ToLower(cell))
}

var untoldWords = []string{"-", "--", "–", "—", "n/a", "#n/a", "na", "n.a.", "nan", "null", "none", "undefined", "n/v", "n. v.", "k. a.", "k.a.", "n/d", "n.d.", "s.o."}

// signs is what a file shows of the signs in its numbers.
type signs struct {
	decimal   rune // 0 = nothing shows it
	line      int  // of the first number that can be read in two ways; 0 = none can
	column    string
	text      string
	plain     bool // every other number is whole and has no sign
	low, high uint64
}

// decimalOf finds out which sign stands before the decimals of the numbers in
// these columns. Where a number can be read in two ways and no other shows
// which, it is asked.
func (t *table) decimalOf(columns []string, o options) (rune, []Question) {
	s := signs{plain: true}
	for _, r := range t.records {
		for _, column := range columns {
			cell := t.cell(r, column)
			if sign := decimalSign(cell); sign != 0 {
				s.decimal = cmp.Or(s.decimal, sign)
			} else if strings.ContainsAny(cell, ".,") && numeric(cell) {
				if s.line == 0 {
					s.line, s.column, s.text = r.line, column, cell
				}
			} else if n, ok := parseCount(cell); ok && s.line >= 0 {
				if s.high == 0 && s.low == 0 {
					s.low = n
				}
				s.low, s.high = min(s.low, n), max(s.high, n)
			}
		}
	}
	return s.answer(t, o)
}

func (s signs) answer(t *table, o options) (rune, []Question) {
	switch {
	case o.Answers.Decimal == DecimalComma:
		return ',', nil
	case o.Answers.Decimal == DecimalPoint:
		return '.', nil
	case s.decimal != 0:
		return s.decimal, nil
	case s.line == 0:
		return '.', nil // any will do
	}
	q := Question{Key: AskDecimal, Open: true, Line: s.line, Column: t.titleOf(s.column), Text: s.text}
	for _, c := range []struct {
		value string
		sign  rune
	}{{DecimalPoint, '.'}, {DecimalComma, ','}} {
		n, ok := parseNumber(s.text, c.sign)
		if !ok {
			continue
		}
		q.Choices = append(q.Choices, Choice{Value: c.value, Reads: strconv.FormatFloat(n, 'f', -1, 64), Says: s.says(t, c.sign)})
	}
	return 0, []Question{q}
}

// says is what the file says for a decimal sign, which nothing shows for sure.
func (s signs) says(t *table, sign rune) (list []Saying) {
	points, slashes := t.dateSigns()
	groups := !strings.ContainsRune(s.text, sign)
	switch {
	case sign == ',' && points != "":
		list = append(list, Saying{Key: "points", A: points})
	case sign == '.' && slashes != "":
		list = append(list, Saying{Key: "slashes", A: slashes})
	}
	switch {
	case sign == ',' && t.comma == ';':
		list = append(list, Saying{Key: "semicolons"})
	case sign == '.' && t.comma == ',':
		list = append(list, Saying{Key: "commas"})
	}
	if groups && s.plain {
		list = append(list, Saying{Key: "whole"})
	}
	if s.high > 0 {
		list = append(list, Saying{Key: "others", A: fmt.Sprint(s.low), B: fmt.Sprint(s.high)})
	}
	return list
}

// dateSigns are the first dates with points and with slashes.
func (t *table) dateSigns() (points, slashes string) {
	for _, r := range t.records {
		for _, column := range []string{"date", "published"} {
			cell := t.cell(r, column)
			if w, ok := parseWritten(cell); ok && w.open {
				if w.points {
					points = cmp.Or(points, cell)
				} else {
					slashes = cmp.Or(slashes, cell)
				}
			}
		}
		if points != "" || slashes != "" {
			break
		}
	}
	return points, slashes
}

// decimalSign is the sign before a number's decimals, 0 where it doesn't show:
// 1,234 may be either.
func decimalSign(number string) rune {
	at := strings.LastIndexAny(number, ".,")
	if at < 0 || !numeric(number) {
		return 0
	}
	sign := rune(number[at])
	other := '.' + ',' - sign
	before, after := strings.TrimLeft(number[:at], "-+−"), strings.TrimRight(number[at+1:], " %\u00a0\u202f")
	switch {
	case strings.ContainsRune(before, sign): // 1,234,567
		return other
	case strings.ContainsRune(before, other): // 1,234.5
		return sign
	case len(after) != 3, len(before) > 3, before == "0", before == "":
		return sign
	}
	return 0
}

// parseNumber takes a number with decimals behind that sign, groups as
// parseCount has them, and a percent sign behind it: 12.5 % is 12.5.
func parseNumber(s string, decimal rune) (float64, bool) {
	s = strings.TrimRight(strings.TrimSuffix(s, "%"), " \u00a0\u202f")
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	} else if rest, ok := strings.CutPrefix(s, "−"); ok {
		sign, s = "-", rest
	}
	whole, part, parted := strings.Cut(s, string(decimal))
	if whole+part == "" || parted && (part == "" || strings.Trim(part, "0123456789") != "") || strings.ContainsRune(whole, decimal) {
		return 0, false
	}
	n, ok := parseCount(cmp.Or(whole, "0"))
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(sign+strconv.FormatUint(n, 10)+"."+part+"0", 64)
	return v, err == nil && math.Abs(v) <= maxValue
}

// numeric says that a cell may be a number, whatever its signs mean.
func numeric(s string) bool {
	for _, decimal := range ".," {
		if _, ok := parseNumber(s, decimal); ok {
			return true
		}
	}
	return false
}

// parseCount takes digits, in groups of three if they are parted by spaces,
// apostrophes, commas or points. "12.5K" is not a count: it is a rounding.
func parseCount(s string) (uint64, bool) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \u00a0\u202f'’,.", r) })
	if len(groups) == 0 {
		return 0, false
	}
	for i, g := range groups {
		if (i > 0 && len(g) != 3) || (i == 0 && len(groups) > 1 && len(g) > 3) {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(strings.Join(groups, ""), 10, 63)
	return n, err == nil
}

// wholeSign is the sign before decimals that are all 0, where the counts in
// these columns have them: X's files of before 2024 write 2.0. In a file that
// does, a number such as 1.777 can be read in two ways.
func (t *table) wholeSign(columns []string, o options) (rune, []Question) {
	s := signs{}
	for _, r := range t.records {
		for _, column := range columns {
			cell := t.cell(r, column)
			at := strings.LastIndexAny(cell, ".,")
			if at < 0 {
				continue
			}
			switch sign := decimalSign(cell); {
			case sign != 0 && rune(cell[at]) == sign && strings.Trim(cell[at+1:], "0") == "":
				s.decimal = cmp.Or(s.decimal, sign)
			case sign == 0 && numeric(cell) && s.line == 0:
				s.line, s.column, s.text = r.line, column, cell
			}
		}
	}
	if s.decimal == 0 || s.line == 0 {
		return s.decimal, nil
	}
	decimals := s.decimal
	s.decimal = 0
	sign, asked := s.answer(t, o)
	for i := range asked {
		for j, c := range asked[i].Choices {
			if c.Value == DecimalPoint && decimals == '.' || c.Value == DecimalComma && decimals == ',' {
				asked[i].Choices[j].Says = append(c.Says, Saying{Key: "zeros"})
			}
		}
	}
	return sign, asked
}

// parseWhole takes a count, behind whose sign there may be zeros.
func parseWhole(s string, decimal rune) (uint64, bool) {
	if decimal != 0 {
		v, ok := parseNumber(s, decimal)
		return uint64(max(v, 0)), ok && v >= 0 && v == math.Trunc(v)
	}
	return parseCount(s)
}

// maxValue bounds figures: above it, a float64 no longer has every whole number,
// and sums of a few would be past what an integer holds.
const maxValue = 1 << 53
