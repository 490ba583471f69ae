package collect

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A reader of JSON that takes what an event needs in one pass, without
// reflection: the decoder of the standard library costs more than all the
// rest of a request. It accepts exactly what encoding/json accepts (a fuzz
// test compares them).

const maxDepth = 100 // nested arrays and objects; real events have three

type scanner struct {
	s     string
	i     int
	depth int
	bad   bool
}

func (p *scanner) fail() { p.bad, p.i = true, len(p.s) }

// peek skips white space and gives the next byte, 0 at the end.
func (p *scanner) peek() byte {
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (p *scanner) take(c byte) bool {
	if p.peek() == c && p.i < len(p.s) {
		p.i++
		return true
	}
	return false
}

// object calls member for each member of the object that comes next. member
// must read the value.
func (p *scanner) object(member func(key string)) {
	if p.depth++; p.depth > maxDepth || !p.take('{') {
		p.fail()
		return
	}
	defer func() { p.depth-- }()
	if p.take('}') {
		return
	}
	for !p.bad {
		if p.peek() != '"' {
			break
		}
		key := p.text()
		if !p.take(':') {
			break
		}
		if member(key); p.take('}') {
			return
		}
		if !p.take(',') {
			break
		}
	}
	p.fail()
}

// skip reads a value of any kind.
func (p *scanner) skip() {
	switch p.peek() {
	case '{':
		p.object(func(string) { p.skip() })
	case '[':
		p.array()
	default:
		p.scalar()
	}
}

func (p *scanner) array() {
	if p.depth++; p.depth > maxDepth || !p.take('[') {
		p.fail()
		return
	}
	defer func() { p.depth-- }()
	if p.take(']') {
		return
	}
	for !p.bad {
		if p.skip(); p.take(']') {
			return
		}
		if !p.take(',') {
			break
		}
	}
	p.fail()
}

type kind byte

const (
	other kind = iota // an array or object: skipped
	null
	text
	number
	boolean
)

// scalar reads a value and gives it as text: "true", "12.50", a string's
// content. Arrays and objects are skipped.
func (p *scanner) scalar() (string, kind) {
	switch c := p.peek(); {
	case c == '"':
		return p.text(), text
	case c == '{' || c == '[':
		p.skip()
		return "", other
	case c == '-' || '0' <= c && c <= '9':
		return p.number(), number
	}
	switch {
	case p.word("true"):
		return "true", boolean
	case p.word("false"):
		return "false", boolean
	case p.word("null"):
		return "null", null
	}
	p.fail()
	return "", other
}

func (p *scanner) word(w string) bool {
	if strings.HasPrefix(p.s[p.i:], w) {
		p.i += len(w)
		return true
	}
	return false
}

func (p *scanner) digits() bool {
	from := p.i
	for p.i < len(p.s) && '0' <= p.s[p.i] && p.s[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}

func (p *scanner) is(chars string) bool {
	if p.i < len(p.s) && strings.IndexByte(chars, p.s[p.i]) >= 0 {
		p.i++
		return true
	}
	return false
}

func (p *scanner) number() string {
	from := p.i
	p.is("-")
	if !p.is("0") && !p.digits() {
		p.fail()
		return ""
	}
	if p.is(".") && !p.digits() {
		p.fail()
		return ""
	}
	if p.is("eE") {
		p.is("+-")
		if !p.digits() {
			p.fail()
			return ""
		}
	}
	return p.s[from:p.i]
}

// text reads a string. One without escapes shares the input's memory.
func (p *scanner) text() string {
	p.i++ // the quote
	from := p.i
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			return valid(p.s[from : p.i-1])
		case c == '\\':
			return p.escaped(from)
		case c < ' ':
			p.fail()
			return ""
		}
	}
	p.fail()
	return ""
}

func (p *scanner) escaped(from int) string {
	b := append(make([]byte, 0, 2*(p.i-from)+32), p.s[from:p.i]...)
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return valid(string(b))
		case c < ' ':
			p.fail()
			return ""
		case c != '\\':
			b = append(b, c)
			continue
		}
		if p.i == len(p.s) {
			break
		}
		c = p.s[p.i]
		p.i++
		if c == 'u' {
			r, ok := p.hex()
			if !ok {
				p.fail()
				return ""
			}
			b = utf8.AppendRune(b, r)
			continue
		}
		at := strings.IndexByte(`"\/bfnrt`, c)
		if at < 0 {
			p.fail()
			return ""
		}
		b = append(b, "\"\\/\b\f\n\r\t"[at])
	}
	p.fail()
	return ""
}

// hex reads the digits of \u, and the second half of a surrogate pair. Half a
// pair is the replacement character.
func (p *scanner) hex() (rune, bool) {
	r, ok := p.hex4(p.i)
	if !ok {
		return 0, false
	}
	p.i += 4
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	if strings.HasPrefix(p.s[p.i:], `\u`) {
		if low, ok := p.hex4(p.i + 2); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				p.i += 6
				return pair, true
			}
		}
	}
	return utf8.RuneError, true
}

func (p *scanner) hex4(at int) (rune, bool) {
	if at+4 > len(p.s) {
		return 0, false
	}
	for _, c := range []byte(p.s[at : at+4]) {
		if strings.IndexByte("0123456789abcdefABCDEF", c) < 0 {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(p.s[at:at+4], 16, 32)
	return rune(n), err == nil
}

// valid puts the replacement character in the place of each byte that is not
// part of UTF-8.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
