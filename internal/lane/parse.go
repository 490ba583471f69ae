package lane

import (
	"bytes"
	"net/textproto"
	"strings"
)

// A request is served in the lane where it is
//
//	POST <one of the paths> HTTP/1.1
//
// with lines that end in CR LF, header fields of token characters, a colon,
// and a value of visible characters, spaces and tabs; with one Host and one
// Content-Length; where nothing says that the body is framed otherwise
// (Transfer-Encoding, Trailer), that an answer is awaited in between (Expect),
// or that the connection is to be anything but kept (Connection, Upgrade).
// Everything else is strange, which is no fault.

const maxHeaders = 40

type verdict byte

const (
	strange verdict = iota // net/http's
	more                   // not all of it is there
	plain                  // the lane's
)

// head is what a request begins with. It has no pointers into the buffer.
type head struct {
	path, host string
	keys, vals [maxHeaders]string
	n          int // header fields
	length     int // of the body
	size       int // of head and body
}

var ending = []byte("\r\n\r\n")

// parse reads the request that b begins with into h.
func (h *head) parse(b []byte, paths []string) (v verdict) {
	for _, h.path = range paths {
		if v = startsWith(b, h.path); v != strange {
			break
		}
	}
	if v != plain {
		return v
	}
	end := bytes.Index(b, ending)
	if end < 0 {
		if len(b) >= maxRequest {
			return strange
		}
		return more
	}
	text := string(b[:end+2])
	rest := text[len(method)+len(h.path)+len(version):]
	h.n, h.length = 0, 0
	lengths, hosts := 0, 0
	for rest != "" {
		line, after, ok := strings.Cut(rest, "\r\n")
		if !ok || h.n == maxHeaders {
			return strange
		}
		rest = after
		key, value, ok := cutField(line)
		if !ok {
			return strange
		}
		switch key {
		case "Content-Length":
			if h.length, ok = number(value); !ok {
				return strange
			}
			lengths++
		case "Host":
			h.host = value
			hosts++
			if !plainHost(value) {
				return strange
			}
		case "Connection":
			if !strings.EqualFold(value, "keep-alive") {
				return strange
			}
		case "Transfer-Encoding", "Trailer", "Te", "Expect", "Upgrade", "Content-Encoding", "Proxy-Connection", "Keep-Alive", "Pragma":
			return strange
		}
		h.keys[h.n], h.vals[h.n] = key, value
		h.n++
	}
	if lengths != 1 || hosts != 1 {
		return strange
	}
	h.size = end + len(ending) + h.length
	switch {
	case h.size > maxRequest:
		return strange
	case h.size > len(b):
		return more
	}
	return plain
}

const (
	method  = "POST "
	version = " HTTP/1.1\r\n"
)

// startsWith tells whether b begins with the request line of path, or may
// still come to.
func startsWith(b []byte, path string) verdict {
	for _, part := range [...]string{method, path, version} {
		n := min(len(b), len(part))
		if string(b[:n]) != part[:n] {
			return strange
		}
		if n < len(part) {
			return more
		}
		b = b[n:]
	}
	return plain
}

// cutField takes a line apart. The key comes back in its canonical form.
func cutField(line string) (key, value string, ok bool) {
	colon := strings.IndexByte(line, ':')
	if colon <= 0 {
		return "", "", false
	}
	key, value = line[:colon], strings.Trim(line[colon+1:], " \t")
	upper, canonical := true, true
	for i := range len(key) {
		c := key[i]
		if !isToken[c] {
			return "", "", false
		}
		if upper && 'a' <= c && c <= 'z' || !upper && 'A' <= c && c <= 'Z' {
			canonical = false
		}
		upper = c == '-'
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return "", "", false
		}
	}
	if !canonical {
		key = textproto.CanonicalMIMEHeaderKey(key)
	}
	return key, value, true
}

// isToken has the characters of a field's name (RFC 9110, 5.6.2).
var isToken = func() (is [256]bool) {
	for c := range 256 {
		is[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c > ' ' && c < 0x7f && strings.IndexByte("!#$%&'*+-.^_`|~", byte(c)) >= 0
	}
	return is
}()

// number reads a Content-Length: digits alone, and not too many.
func number(s string) (n int, ok bool) {
	if s == "" || len(s) > 7 {
		return 0, false
	}
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// plainHost has names, addresses and ports; what else net/http may take is
// asked there.
func plainHost(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte(".-_:[]", c) >= 0) {
			return false
		}
	}
	return s != ""
}
