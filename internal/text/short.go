package text

import (
	"reflect"
	"unicode/utf8"
)

// maxQuoted is how many characters of what somebody sent a sentence repeats.
const maxQuoted = 300

// Short is text up to so many characters, with … where there were more.
func Short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// Quoted are the values of a sentence about what somebody sent: a reader knows
// a long text by its beginning.
func Quoted(values []any) []any {
	short := make([]any, len(values))
	for i, v := range values {
		if r := reflect.ValueOf(v); r.Kind() == reflect.String {
			v = Short(r.String(), maxQuoted)
		} else if err, ok := v.(error); ok {
			v = Short(err.Error(), maxQuoted)
		}
		short[i] = v
	}
	return short
}
