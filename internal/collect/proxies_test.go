package collect

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// Where many readers come to count as one, it is told: once in the log, on
// the pages as long as it lasts.
func TestProxyTrouble(t *testing.T) {
	const view = `{"n":"pageview","u":"/","d":"example.com"}`
	type request struct{ peer, header string }
	real := request{"10.0.0.1:1", "X-Forwarded-For: 203.0.113.9"}
	for _, c := range []struct {
		name     string
		requests []request
		trouble  string
		proxy    string
		says     string
	}{
		{"readers themselves", []request{{"203.0.113.9:1", ""}}, "", "", ""},
		{"a proxy as it should be", []request{real}, "", "", ""},
		{"no header", []request{{"10.0.0.1:1", ""}, {"10.0.0.1:2", ""}}, ProxyBare, "", "sends no X-Forwarded-For"},
		{"an empty one", []request{{"10.0.0.1:1", "X-Forwarded-For: ,"}}, ProxyBare, "", "sends no X-Forwarded-For"},
		{"another header", []request{{"10.0.0.1:1", "X-Real-IP: 203.0.113.9"}}, ProxyBare, "", "sends no X-Forwarded-For"},
		{"somebody tries it beside readers", []request{real, {"10.0.0.1:1", ""}}, "", "", ""},
		{"nobody named it", []request{{"172.17.0.1:1", "X-Forwarded-For: 203.0.113.9"}}, ProxyUnnamed, "172.17.0.1", "EARSHOT_TRUSTED_PROXIES"},
		{"nor that on this machine", []request{real, {"127.0.0.1:1", "X-Forwarded-For: 203.0.113.9"}}, ProxyUnnamed, "127.0.0.1", "EARSHOT_TRUSTED_PROXIES"},
		{"this machine alone", []request{{"127.0.0.1:1", ""}, {"[::1]:1", ""}}, ProxyLocal, "", "this machine itself"},
		{"this machine among others", []request{{"203.0.113.9:1", ""}, {"127.0.0.1:1", ""}}, "", "", ""},
		{"a blog on this machine", []request{{"127.0.0.1:1", "Origin: http://localhost:8080"}}, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			now := noon
			_, o := newTest(&memory{})
			o.Now = func() time.Time { return now }
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
			col := New(o)
			for range 3 {
				for _, r := range c.requests {
					askFrom(col, r.peer, view, r.header)
				}
			}
			trouble, proxy := col.ProxyTrouble()
			if trouble != c.trouble || proxy.IsValid() != (c.proxy != "") || c.proxy != "" && proxy.String() != c.proxy {
				t.Errorf("%q %v", trouble, proxy)
			}
			if lines := strings.Count(log.String(), "\n"); lines != min(1, len(c.says)) || !strings.Contains(log.String(), c.says) || strings.Contains(log.String(), "203.0.113.9") {
				t.Errorf("the log has %d lines:\n%s", lines, log.String())
			}
			now = now.Add(2 * time.Hour)
			if trouble, _ := col.ProxyTrouble(); trouble != "" {
				t.Errorf("two hours later: %s", trouble)
			}
		})
	}
}

func askFrom(c *Collector, peer, body, header string) {
	r := httptest.NewRequest("POST", PathEvent, strings.NewReader(body))
	r.Header.Set("User-Agent", firefox)
	r.RemoteAddr = peer
	if key, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(key, value)
	}
	c.Handler().ServeHTTP(httptest.NewRecorder(), r)
}
