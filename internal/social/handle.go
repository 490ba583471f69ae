package social

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// ParseHandle runs c.Parse on what people paste: apps and pages put invisible
// characters around names.
func ParseHandle(c Connector, input string) (Account, bool) { return c.Parse(seen(input)) }

// seen is input without characters that can't be seen (marks of direction,
// zero-width spaces, soft hyphens), with a plain @.
func seen(input string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '＠':
			return '@'
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return -1
		}
		return r
	}, input))
}

// profileURL splits "https://host/path", with or without the scheme.
func profileURL(input string) (host, path string, ok bool) {
	u, ok := address(input)
	if !ok {
		return "", "", false
	}
	return strings.ToLower(u.Host), strings.Trim(u.Path, "/"), true
}

// address is input as the address of a page, with or without the scheme.
func address(input string) (*url.URL, bool) {
	input = strings.TrimSpace(input)
	if !strings.Contains(input, "://") {
		if !strings.Contains(input, "/") {
			return nil, false
		}
		input = "https://" + input
	}
	u, err := url.Parse(input)
	return u, err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// inAddress is the path of a profile's address on one of hosts.
func inAddress(input string, hosts ...string) (path string, ok bool) {
	host, path, ok := profileURL(input)
	for _, sub := range []string{"www.", "m.", "mobile."} {
		host = strings.TrimPrefix(host, sub)
	}
	return path, ok && slices.Contains(hosts, host)
}

// profiles is where a network shows people: https://host/name.
type profiles struct {
	hosts []string
	pages string // first parts of a path that are nobody's name, with spaces between them
}

// nameOn takes name, @name and the address of name's profile, for networks
// whose names have no upper and lower case.
func nameOn(input string, valid *regexp.Regexp, on profiles) (Account, bool) {
	name := strings.TrimSpace(input)
	if path, ok := inAddress(name, on.hosts...); ok {
		name, _, _ = strings.Cut(path, "/")
		if slices.Contains(strings.Fields(on.pages), strings.ToLower(name)) {
			return Account{}, false
		}
	}
	name = strings.ToLower(strings.TrimPrefix(name, "@"))
	return Account{Handle: name}, valid.MatchString(name)
}

// readableHost is a host as people read it: münchen.example, whichever way it
// was written. asciiHost is the form that servers are asked by.
func readableHost(host string) string {
	if u, err := idna.Lookup.ToUnicode(host); err == nil {
		return u
	}
	return strings.ToLower(host)
}

func asciiHost(host string) string {
	if a, err := idna.Lookup.ToASCII(host); err == nil {
		return a
	}
	return host
}
