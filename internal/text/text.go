package text

import "unicode"

// Text is a text in the languages of the product.
type Text struct{ EN, FR string }

// In is the text in a language; in one that there isn't, it is English.
func (t Text) In(l Locale) string {
	if l == French {
		return spaced(t.FR)
	}
	return t.EN
}

// Spaces at which no line breaks.
const (
	noBreak = '\u00a0'
	narrow  = '\u202f'
)

// spaced puts spaces that don't break a line where French has them: before
// ; : ! ? % and inside « ». Texts are typed with ordinary spaces, which an
// editor shows and a keyboard has; whatever says one takes it through here.
func spaced(s string) string {
	text := []rune(s)
	for i, r := range text {
		if r != ' ' {
			continue
		}
		if i > 0 && text[i-1] == '«' {
			text[i] = noBreak
		}
		if i+1 == len(text) || i+2 < len(text) && unicode.IsLetter(text[i+2]) {
			continue // no sign, or the beginning of something else: ?es=…, %d
		}
		switch text[i+1] {
		case ':', '»':
			text[i] = noBreak
		case ';', '!', '?', '%':
			text[i] = narrow
		}
	}
	return string(text)
}
