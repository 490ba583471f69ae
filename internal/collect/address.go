package collect

import (
	"net/http"
	"net/netip"
	"strings"
)

// readerAddr is the address that a request came from: the connection's, or
// behind trusted proxies the last one in X-Forwarded-For that is not a
// trusted proxy's. What stands before that one anybody could have written.
func readerAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, _ := parseAddr(r.RemoteAddr)
	if len(trusted) == 0 || !isIn(peer, trusted) {
		return peer
	}
	addr := peer
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var hop string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, hop = rest[:at], rest[at+1:]
			} else {
				hop, more = rest, false
			}
			a, ok := parseAddr(strings.TrimSpace(hop))
			if !ok {
				return addr
			}
			if addr = a; !isIn(a, trusted) {
				return addr
			}
		}
	}
	return addr
}

// parseAddr reads an address with or without a port.
func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}

func isIn(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
