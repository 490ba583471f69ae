// Package baseurl reads the address under which readers and users reach the
// program, such as https://stats.example.com or https://blog.example/stats,
// and is the one place that knows of its path.
//
// The rule: inside the program every path is without the base's path. Strip
// takes it off as a request comes in; whatever goes out in a page, an answer,
// a header or a cookie has it put on by Link or Path.
package baseurl

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// URL is such an address. The zero value is none: each request says by which
// address it came, and there is no path.
type URL struct {
	origin string // as a browser writes it: lower case, no default port
	path   string // "/stats"; "" = none
}

// Parse reads an address; "" is the zero URL. Its error is a sentence for
// whoever set it.
func Parse(s string) (URL, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return URL{}, nil
	}
	out, err := parse(s)
	if err != nil {
		return URL{}, fmt.Errorf("%q: %w; give one such as https://stats.example.com or https://blog.example/stats", s, err)
	}
	return out, nil
}

// MustParse is Parse for addresses that stand in code.
func MustParse(s string) URL {
	u, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func parse(s string) (URL, error) {
	u, err := url.Parse(s)
	var syntax *url.Error
	switch {
	case errors.As(err, &syntax):
		return URL{}, syntax.Err // without the address, which Parse says
	case err != nil:
		return URL{}, err
	case u.Scheme != "http" && u.Scheme != "https":
		return URL{}, errors.New("it must begin with http:// or https://")
	case u.User != nil:
		return URL{}, errors.New("a user name and password can't be part of it")
	case strings.ContainsAny(s, "?#"):
		return URL{}, errors.New("it ends with its path: no ? and no #")
	}
	host, err := readHost(u.Hostname())
	if err != nil {
		return URL{}, err
	}
	port, err := readPort(u.Scheme, u.Port())
	if err != nil {
		return URL{}, err
	}
	path, err := readPath(u.EscapedPath())
	if err != nil {
		return URL{}, err
	}
	return URL{u.Scheme + "://" + host + port, path}, nil
}

// readHost gives a host as it stands in a browser's Origin header.
func readHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		switch {
		case addr.Zone() != "":
			return "", errors.New("an address with a zone is this machine's alone")
		case addr.Is6():
			return "[" + addr.String() + "]", nil
		}
		return addr.String(), nil
	}
	wrong := fmt.Errorf("%q is no host", host)
	ascii := strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.ContainsFunc(ascii, func(r rune) bool { return r >= 0x80 }) {
		var err error
		if ascii, err = idna.Lookup.ToASCII(ascii); err != nil {
			return "", wrong
		}
	}
	if len(ascii) > 253 {
		return "", wrong
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", wrong
		}
	}
	return ascii, nil
}

// readPort gives ":8443", or "" for a scheme's own port.
func readPort(scheme, port string) (string, error) {
	if port == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("%s is no port: there are 1 to 65535", port)
	}
	if scheme == "http" && n == 80 || scheme == "https" && n == 443 {
		return "", nil
	}
	return ":" + strconv.FormatUint(n, 10), nil
}

// readPath gives a path without its closing slash. Only characters that are
// written in one way everywhere are taken, so that the path is the same bytes
// in a request, a cookie, a page and a proxy's settings.
func readPath(escaped string) (string, error) {
	path := strings.TrimRight(escaped, "/")
	if path == "" {
		return "", nil
	}
	for part := range strings.SplitSeq(path[1:], "/") {
		switch {
		case part == "":
			return "", errors.New("its path has two slashes in a row")
		case part == "." || part == "..":
			return "", fmt.Errorf("its path may not have %q as a part", part)
		case strings.ContainsFunc(part, func(r rune) bool { return !unreserved(r) }):
			return "", errors.New("the parts of its path may have the letters a to z, digits and - . _ ~")
		}
	}
	return path, nil
}

// unreserved are the characters of RFC 3986, 2.3.
func unreserved(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
}

// IsZero holds where no address is set.
func (u URL) IsZero() bool { return u.origin == "" }

// String is the whole address, without a closing slash.
func (u URL) String() string { return u.origin + u.path }

// Origin is scheme, host and port, as in a browser's Origin header.
func (u URL) Origin() string { return u.origin }

// HTTPS says whether browsers come by https.
func (u URL) HTTPS() bool { return strings.HasPrefix(u.origin, "https:") }

// Path is the address's path, such as "/stats", without a closing slash;
// "" where it has none.
func (u URL) Path() string { return u.path }

// Link is where a browser finds what is at path inside the program.
func (u URL) Link(path string) string { return u.path + path }

// UnmarshalText is Parse, for flags.
func (u *URL) UnmarshalText(text []byte) (err error) {
	*u, err = Parse(string(text))
	return err
}

// Strip takes the base's path off a request, in place. A request without it
// stays as it is: it is a health check on the machine itself, or came through
// a proxy that has taken the path off.
func (u URL) Strip(r *http.Request) {
	if u.path == "" {
		return
	}
	rest, ok := u.cut(r.URL.Path)
	if !ok {
		return
	}
	r.URL.Path = rest
	if r.URL.RawPath != "" {
		r.URL.RawPath, _ = u.cut(r.URL.RawPath) // written otherwise: Path says the same
	}
}

func (u URL) cut(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, u.path)
	switch {
	case !ok || rest != "" && rest[0] != '/':
		return "", false
	case rest == "":
		return "/", true
	}
	return rest, true
}

// Whole is a stripped request as it came, for a handler that makes addresses
// of its own from the request's.
func (u URL) Whole(r *http.Request) *http.Request {
	if u.path == "" {
		return r
	}
	out := new(http.Request)
	*out = *r
	out.URL = new(url.URL)
	*out.URL = *r.URL
	out.URL.Path = u.path + r.URL.Path
	if r.URL.RawPath != "" {
		out.URL.RawPath = u.path + r.URL.RawPath
	}
	return out
}
