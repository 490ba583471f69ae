package app

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// A malicious web page, open in a browser on this machine or in its network, could
// point its own domain at the metrics' port and read them: the browser takes both
// for the same origin (DNS rebinding). So the port answers only if Host is a name
// that no stranger can own: an IP address, a name without a dot (as containers
// have), a name below one of privateNames, the machine's own name, the one of
// --metrics-listen or one of --metrics-hosts.
var privateNames = []string{".localhost", ".internal", ".local", ".home.arpa"}

func onlyKnownHosts(next http.Handler, listen string, more []string) http.Handler {
	known := map[string]bool{}
	for _, name := range more {
		known[plainHost(name)] = true
	}
	known[plainHost(listen)] = true
	if name, err := os.Hostname(); err == nil {
		known[plainHost(name)] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := plainHost(r.Host)
		_, err := netip.ParseAddr(host)
		isPrivate := func(end string) bool { return strings.HasSuffix(host, end) }
		if err != nil && strings.Contains(host, ".") && !known[host] && !slices.ContainsFunc(privateNames, isPrivate) {
			http.Error(w, "metrics are not served under this name: put it into EARSHOT_METRICS_HOSTS", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainHost is a host without its port, brackets and closing dot.
func plainHost(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = host
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(hostport, "[]")), ".")
}
