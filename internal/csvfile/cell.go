package csvfile

import (
	"fmt"
	"strings"
	"unicode"
)

// Cells that we write run in no spreadsheet. A text that a spreadsheet would
// take for a formula has an apostrophe before the sign that makes it one, and
// so has what would become one where the file is split otherwise than it was
// meant: a spreadsheet whose list separator is ";" splits a file of commas at
// each ";" in a text, whatever quotes stand around it, and at each line break.
//
// The signs are those of OWASP's "CSV injection", with the full-width ones that
// Japanese and Chinese spreadsheets take for the same, and the small forms.
// Texts that have apostrophes at such places already get one more, so that
// Plain gives every text back as it was.
const signs = "=+-@＝＋－＠﹦﹢﹣﹫"

// Cell is a text as it stands in a file that separates by comma: ',' or ';'.
func Cell(s string, comma rune) string {
	var b strings.Builder
	from := 0
	walk(s, func(p place) {
		if p.after != comma || p.quotes > 0 {
			b.WriteString(s[from:p.at])
			b.WriteByte('\'')
			from = p.at
		}
	})
	if from == 0 && b.Len() == 0 {
		return s
	}
	b.WriteString(s[from:])
	return b.String()
}

// JSONCell is a JSON text as it stands in such a file. It means the same as
// before: the signs are written as \u003d.
func JSONCell(s string, comma rune) string {
	var b strings.Builder
	from := 0
	walk(s, func(p place) {
		if p.after != comma && p.quotes == 0 {
			fmt.Fprintf(&b, `%s\u%04x`, s[from:p.at], p.sign)
			from = p.at + len(string(p.sign))
		}
	})
	b.WriteString(s[from:])
	return b.String()
}

// Plain is the text that Cell was given. Files of others keep such an
// apostrophe before their texts as well.
func Plain(cell string) string {
	if !strings.Contains(cell, "'") {
		return cell
	}
	var b strings.Builder
	from := 0
	walk(cell, func(p place) {
		if p.quotes > 0 {
			b.WriteString(cell[from : p.at-1])
			from = p.at
		}
	})
	b.WriteString(cell[from:])
	return b.String()
}

// place is where a spreadsheet could read a sign as the first of a cell.
type place struct {
	at     int // of the sign, in bytes
	sign   rune
	after  rune // the separator before it; 0 = the cell's beginning
	quotes int  // apostrophes that stand right before it
}

func walk(s string, found func(place)) {
	p := place{} // of a beginning, while one is open
	open := true
	for at, r := range s {
		breaks := r == '\t' || r == '\r' || r == '\n'
		if open && (strings.ContainsRune(signs, r) || breaks && p.after == 0) {
			p.at, p.sign = at, r
			found(p)
			open = false
		}
		switch {
		case breaks || r == ',' || r == ';':
			p, open = place{after: r}, true
		case !open:
		case r == '\'':
			p.quotes++
		case p.quotes == 0 && p.after != 0 && r == '"': // around the next cell, as that spreadsheet reads it
		case p.quotes == 0 && p.after == 0 && (unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)): // some trim them
		default:
			open = false
		}
	}
}
