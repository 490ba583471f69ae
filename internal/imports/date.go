package imports

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Dates of files: 2026-01-31, 20260131, 31/01/2026, 31.01.26, "Sat, Jan 31,
// 2026", "31. Januar 2026", "31 janv.", each with or without a time of 24 or
// 12 hours and an offset from UTC. What a single date leaves open (the order of
// its numbers, its year) is found out from the file as a whole: see calendar.go.

// readISO reads what most files have, fast: 2026-01-31, and behind it nothing or a
// time with an offset of zero.
func (w *written) readISO(s string) bool {
	if !yearFirst(s) || len(s) < 10 || s[7] != '-' {
		return false
	}
	w.year, w.month, w.day = digits2(s)*100+digits2(s[2:]), digits2(s[5:]), digits2(s[8:])
	if _, _, _, ok := w.in(""); !ok || w.year <= 0 {
		return false
	}
	if len(s) == 10 {
		return true
	}
	if len(s) < 19 || s[10] != 'T' && s[10] != ' ' || s[13] != ':' || s[16] != ':' || len(s) > 19 && s[19:] != "Z" {
		return false
	}
	hour, minute, second := digits2(s[11:]), digits2(s[14:]), digits2(s[17:])
	w.timed, w.zoned = true, len(s) > 19
	w.clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
}

// yearFirst says that s begins with a year of four digits and a dash: nothing
// else has to be found out about such dates.
func yearFirst(s string) bool {
	return len(s) > 4 && s[4] == '-' && digits2(s) >= 0 && digits2(s[2:]) >= 0
}

// parseWritten takes a date apart; false = it has none of the forms.
func parseWritten(s string) (w written, ok bool) {
	var iso written
	if iso.readISO(s) {
		return iso, true
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r): // narrow and unbreakable ones among them
			return ' '
		case unicode.Is(unicode.Cf, r): // marks of direction
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	s = strings.TrimSpace(s)
	date, ok := w.cutClock(s)
	if !ok {
		return w, false
	}
	return w, w.readDate(strings.TrimRight(date, " ,"))
}

// readDate reads a date without its time.
func (w *written) readDate(s string) bool {
	if len(s) == 8 && strings.Trim(s, "0123456789") == "" { // 20260131
		w.year, w.month, w.day = digitsValue(s[:4]), digitsValue(s[4:6]), digitsValue(s[6:])
		_, _, _, ok := w.in("")
		return ok && w.year > 0
	}
	if s != "" && isDigit(s[0]) && strings.IndexFunc(s, unicode.IsLetter) < 0 && !strings.Contains(s, " ") {
		return w.readNumbers(strings.TrimSuffix(s, "."))
	}
	return w.readWords(s)
}

func (w *written) readNumbers(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) != 3 || strings.Trim(s, "0123456789-/.") != "" || len(s) != len(parts[0])+len(parts[1])+len(parts[2])+2 {
		return false
	}
	n := [3]int{digitsValue(parts[0]), digitsValue(parts[1]), digitsValue(parts[2])}
	w.points = strings.Contains(s, ".")
	switch {
	case len(parts[0]) == 4 && len(parts[1]) <= 2 && len(parts[2]) <= 2:
		w.year, w.month, w.day = n[0], n[1], n[2]
		_, _, _, ok := w.in("")
		return ok && w.year > 0
	case len(parts[0]) > 2 || len(parts[1]) > 2:
		return false
	case len(parts[2]) == 4 && n[2] > 0:
		w.long = true
	case len(parts[2]) != 2:
		return false
	}
	w.numbers, w.open = n, true
	return true
}

// readWords reads a date whose month is a word, in English, French or German.
func (w *written) readWords(s string) bool {
	var words []string
	for _, token := range tokens(s) {
		switch n := digitsValue(token); {
		case !isDigit(token[0]):
			words = append(words, token)
		case len(token) == 4 && w.year == 0 && n > 0:
			w.year = n
		case len(token) <= 2 && w.day == 0 && n >= 1 && n <= 31:
			w.day = n
		default:
			return false
		}
	}
	for _, word := range words {
		m := monthNamed(word)
		switch weekday := isWeekday(word); {
		case m > 0 && w.month == 0 && !(weekday && slices.ContainsFunc(words, func(other string) bool { return other != word && monthNamed(other) > 0 })):
			w.month = m // mar. is mardi in "mar. 25 août" alone
		case m > 0 && !weekday:
			return false
		case !weekday && m == 0 && !slices.Contains([]string{"er", "st", "nd", "rd", "th", "of", "le", "den"}, word):
			return false
		}
	}
	_, _, _, ok := w.in("")
	return w.month > 0 && ok
}

// tokens are the runs of letters and of digits in s; what else stands there may
// be a space, a comma, a point or an apostrophe.
func tokens(s string) []string {
	var out []string
	start := 0
	kind := func(r rune) int {
		switch {
		case unicode.IsDigit(r):
			return 1
		case unicode.IsLetter(r):
			return 2
		case strings.ContainsRune(" ,.", r):
			return 0
		}
		return 3
	}
	last := 0
	for i, r := range s {
		k := kind(r)
		if k == 3 {
			return nil
		}
		if k != last {
			if last != 0 {
				out = append(out, s[start:i])
			}
			start, last = i, k
		}
	}
	if last != 0 {
		out = append(out, s[start:])
	}
	return out
}

// months are names of months, by number; a name may be cut after three letters
// or more, where it is told apart by then.
var months = [...][]string{
	{"january", "janvier", "januar", "jänner"}, {"february", "février", "fevrier", "februar"}, {"march", "mars", "märz", "maerz", "mrz"},
	{"april", "avril"}, {"may", "mai"}, {"june", "juin", "juni"}, {"july", "juillet", "juli"}, {"august", "août", "aout"},
	{"september", "septembre"}, {"october", "octobre", "oktober"}, {"november", "novembre"}, {"december", "décembre", "decembre", "dezember"},
}

// monthNamed is the month that a word names, 0 for none.
func monthNamed(word string) int {
	if len([]rune(word)) < 3 {
		return 0
	}
	found := 0
	for i, names := range months {
		for _, name := range names {
			if name == word {
				return i + 1
			}
			if strings.HasPrefix(name, word) {
				if found > 0 && found != i+1 {
					return 0 // jui: juin or juillet
				}
				found = i + 1
			}
		}
	}
	return found
}

var weekdays = []string{
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
	"sonntag", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend",
}

func isWeekday(word string) bool {
	return len(word) >= 2 && slices.ContainsFunc(weekdays, func(name string) bool { return strings.HasPrefix(name, word) })
}
