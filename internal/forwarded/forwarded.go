// Package forwarded finds the address that a request came from behind
// proxies. Collect and server call it; it trusts nobody whom it isn't told to.
package forwarded

import (
	"net/http"
	"net/netip"
	"strings"
)

// How a request's address was found.
type How byte

const (
	Direct  How = iota // the connection's own, of whom nothing says that it is a proxy
	Header             // a trusted proxy named it
	Bare               // the connection's own: a trusted proxy that named none
	Unnamed            // the connection's own, of this machine or a private network: a proxy, by what it sends, that isn't trusted
	Local              // the connection's own, of this machine: a proxy that sends nothing, or somebody who tries things out
)

// Reader is the address that a request came from: the connection's, or behind
// trusted proxies the last one in X-Forwarded-For that is not a trusted
// proxy's. What stands before that one anybody could have written. Empty
// elements are skipped; what is no address ends the search.
func Reader(r *http.Request, trusted []netip.Prefix) (netip.Addr, How) {
	peer, _ := ParseAddr(r.RemoteAddr)
	lines := r.Header["X-Forwarded-For"]
	if len(trusted) == 0 || !Trusted(peer, trusted) {
		switch {
		case !peer.IsLoopback() && !peer.IsPrivate():
			return peer, Direct
		case len(lines) > 0 || r.Header["X-Real-Ip"] != nil || r.Header["Forwarded"] != nil:
			return peer, Unnamed
		case peer.IsLoopback():
			return peer, Local
		}
		return peer, Direct
	}
	addr, how := peer, Bare
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var hop string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, hop = rest[:at], rest[at+1:]
			} else {
				hop, more = rest, false
			}
			if hop = strings.TrimSpace(hop); hop == "" {
				continue
			}
			a, ok := ParseAddr(hop)
			if !ok {
				return addr, how
			}
			if addr, how = a, Header; !Trusted(a, trusted) {
				return addr, how
			}
		}
	}
	return addr, how
}

// ParseAddr reads an address as proxies and net/http write it: with or
// without a port, and of IPv6 with or without brackets.
func ParseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		s = strings.Trim(s, `"`)
		if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			a, err = netip.ParseAddr(s[1 : len(s)-1])
		} else {
			var ap netip.AddrPort
			ap, err = netip.ParseAddrPort(s)
			a = ap.Addr()
		}
		if err != nil {
			return netip.Addr{}, false
		}
	}
	return a.Unmap().WithZone(""), true
}

// Trusted says whether an address is one of the proxies'.
func Trusted(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Network is whose an address is, as limits count: of IPv6 its /64, which one
// customer has at least, of IPv4 the address itself.
func Network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // there are so many
	return p
}
