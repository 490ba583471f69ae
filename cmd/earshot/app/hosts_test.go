package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestMetricsHosts: a web page can't read the metrics by DNS rebinding; a scraper
// that uses a private name can.
func TestMetricsHosts(t *testing.T) {
	h := onlyKnownHosts(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("figures")) }),
		"metrics.example.com:9090", []string{"Stats.Example.net", "two.example:9091"})
	for host, want := range map[string]bool{
		"localhost:9090": true, "localhost": true, "LOCALHOST.:9090": true, "127.0.0.1:9090": true, "[::1]:9090": true, "[fe80::1%25eth0]:9090": true, "10.0.0.5": true,
		"earshot:9090": true, "": true, "earshot.default.svc.cluster.local:9090": true, "node.internal": true, "box.home.arpa": true, "x.localhost:9090": true,
		"metrics.example.com:9090": true, "stats.example.net": true, "STATS.example.net.:443": true, "two.example:9090": true,
		"evil.example:9090": false, "evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "127.0.0.1.nip.io:9090": false,
		"evil.example.": false, "internal.evil.example": false, "notlocal.evil.example:9090": false, "127.1.evil.example": false, "[::1].evil.example": false, "x.stats.example.net": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Code == http.StatusOK; got != want {
			t.Errorf("%q: %d", host, w.Code)
		}
		if w.Code != http.StatusOK && (strings.Contains(w.Body.String(), "figures") || !strings.Contains(w.Body.String(), "EARSHOT_METRICS_HOSTS")) {
			t.Errorf("%q is answered %q", host, w.Body)
		}
	}
}
