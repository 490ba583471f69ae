package enrich

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Hostname is u's host as it is stored and shown: lower case, without "www.",
// port and the root's dot, and an internationalized name as its readers write
// it, whichever way it came: "bücher.example" of "xn--bcher-kva.example".
func Hostname(u *url.URL) string {
	_, shown := hostname(u)
	return shown
}

// hostname is u's host in ASCII, as hosts are compared, and as Hostname has it.
func hostname(u *url.URL) (ascii, shown string) {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	ascii = strings.TrimPrefix(ASCIIHost(host), "www.")
	return cleanText(ascii, 255), cleanText(readable(ascii), 255)
}

// ASCIIHost is a host in lower case and in ASCII, as sites are named; what
// can't be written so is left as it is.
func ASCIIHost(host string) string {
	for i := 0; i < len(host); i++ {
		if host[i] >= 0x80 {
			if ascii, err := idna.Lookup.ToASCII(host); err == nil {
				return ascii
			}
			return host
		}
	}
	return host
}

// readable writes an internationalized name in its own letters, but for labels
// that mix the letters of alphabets that look alike: those are there to pass
// for another name.
func readable(ascii string) string {
	return inLetters(ascii, func(label string) bool { return !mixesAlphabets(label) })
}

// unicodeHost writes all labels in their own letters.
func unicodeHost(ascii string) string {
	return inLetters(ascii, func(string) bool { return true })
}

func inLetters(ascii string, fit func(label string) bool) string {
	if !strings.Contains(ascii, "xn--") {
		return ascii
	}
	labels := strings.Split(ascii, ".")
	for i, l := range labels {
		if u, err := idna.Display.ToUnicode(l); err == nil && fit(u) {
			labels[i] = u
		}
	}
	return strings.Join(labels, ".")
}

func mixesAlphabets(label string) bool {
	seen := 0
	for _, script := range [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee} {
		if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(script, r) }) {
			seen++
		}
	}
	return seen > 1
}
