package doctest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/proxytest"
)

// edge is a proxy of docs/hardening before something that says what it was
// asked.
type edge struct {
	t           *testing.T
	tls, plain  string // ports
	certificate *x509.CertPool
}

const hardenedHost = "stats.example.com"

// newEdge runs a proxy with the file that the docs have. Ports, certificate and
// the inner network are this machine's: there 127.0.0.2 is inside.
func newEdge(t *testing.T, file string, run func(t testing.TB, dir, conf string), change ...string) *edge {
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%s %s for %s by %s, %d bytes", r.Host, r.URL.Path, r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"], n)
	}))
	t.Cleanup(behind.Close)
	dir := t.TempDir()
	proxytest.Certificate(t, dir, hardenedHost)
	cert, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	e := &edge{t: t, tls: proxytest.Port(t), plain: proxytest.Port(t), certificate: x509.NewCertPool()}
	e.certificate.AppendCertsFromPEM(cert)
	changes := append([]string{
		"127.0.0.1:8080", strings.TrimPrefix(behind.URL, "http://"), "10.0.0.0/8", "127.0.0.2/32",
		"/etc/ssl/stats.pem", filepath.Join(dir, "cert.pem"), "/etc/ssl/stats.key", filepath.Join(dir, "key.pem"),
		"listen 443 ", "listen 127.0.0.1:" + e.tls + " ", "listen 80;", "listen 127.0.0.1:" + e.plain + ";",
		"{\n\tservers {", fmt.Sprintf("{\n\tadmin off\n\thttp_port %s\n\thttps_port %s\n\tskip_install_trust\n\tservers {", e.plain, e.tls),
		hardenedHost + " {\n", fmt.Sprintf("%s {\n\ttls %s %s\n", hardenedHost, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")),
	}, change...)
	run(t, dir, strings.NewReplacer(changes...).Replace(read(t, "docs/hardening/"+file)))
	eventually.True(t, file+" is served", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+e.tls)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return e
}

// client comes from an address of this machine, and asks under a name.
func (e *edge) client(from, name string) *http.Client {
	transport := &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: e.certificate, ServerName: name},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			port := e.tls
			if strings.HasSuffix(addr, ":80") {
				port = e.plain
			}
			return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext(ctx, network, "127.0.0.1:"+port)
		},
	}
	e.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (e *edge) ask(c *http.Client, method, url string, body int) (*http.Response, string) {
	e.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(strings.Repeat("x", body)))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "198.51.100.1") // forged
	r.Header.Set("X-Forwarded-Proto", "http")
	resp, err := c.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return resp, string(b)
}

// hardened is what both of the proxies do; large is how they answer a body that
// is too large.
func (e *edge) hardened(large int) {
	t := e.t
	const home = "https://" + hardenedHost
	for _, tt := range []struct {
		method, path    string
		body            int
		reader, insider int
	}{
		{"POST", "/api/event", 100, 200, 200},
		{"POST", "/api/event", 2 << 20, large, large},
		{"GET", "/api/pixel.gif", 0, 200, 200},
		{"GET", "/js/earshot.js", 0, 200, 200},
		{"GET", "/", 0, 404, 200},
		{"GET", "/login", 0, 404, 200},
		{"GET", "/setup", 0, 404, 200},
		{"GET", "/metrics", 0, 404, 200},
		{"GET", "/example.com/overview", 0, 404, 200},
		{"GET", "/js/../login", 0, 404, 200},
		{"GET", "/js/%2e%2e/login", 0, 404, 200},
		{"POST", "/api/v2/query", 100, 404, 200},
		{"POST", "/api/events", 4 << 20, 404, 200},
		{"POST", "/example.com/settings/import", 20 << 20, 404, 200},
	} {
		for from, want := range map[string]int{"127.0.0.1": tt.reader, "127.0.0.2": tt.insider} {
			body := tt.body
			if want == 404 {
				body = min(body, 10) // it is refused unread
			}
			resp, said := e.ask(e.client(from, hardenedHost), tt.method, home+tt.path, body)
			if resp.StatusCode != want {
				t.Errorf("%s %s from %s: %d", tt.method, tt.path, from, resp.StatusCode)
			}
			if resp.ProtoMajor != 2 || !strings.HasPrefix(resp.Header.Get("Strict-Transport-Security"), "max-age=") || strings.Contains(resp.Header.Get("Server"), "/") {
				t.Errorf("%s: %s, %v", tt.path, resp.Proto, resp.Header)
			}
			if resp.StatusCode == 200 && !strings.Contains(said, fmt.Sprintf("for [%s] by [https]", from)) {
				t.Errorf("%s from %s: %s", tt.path, from, said)
			}
		}
	}
	if resp, _ := e.ask(e.client("127.0.0.1", ""), "GET", "http://"+hardenedHost+"/a?b", 0); resp.StatusCode != 308 || resp.Header.Get("Location") != home+"/a?b" {
		t.Errorf("without TLS: %d, %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	if _, err := e.client("127.0.0.1", "other.example").Get("https://other.example/js/earshot.js"); err == nil {
		t.Error("another host has an answer")
	}
}

// silent says whether a connection that says nothing, not even of TLS, is
// closed.
func (e *edge) silent() {
	c, err := net.Dial("tcp", "127.0.0.1:"+e.tls)
	if err != nil {
		e.t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		e.t.Error("a silent connection stays")
	}
}

func TestHardenedNginx(t *testing.T) {
	proxytest.Find(t, "nginx")
	e := newEdge(t, "nginx.conf", func(t testing.TB, dir, conf string) { proxytest.Nginx(t, dir, "edge", conf) }, "client_header_timeout 10s", "client_header_timeout 1s")
	e.hardened(http.StatusRequestEntityTooLarge)
	e.silent()
	tooMany := 0
	client := e.client("127.0.0.2", hardenedHost)
	for range 20 {
		if resp, _ := e.ask(client, "POST", "https://"+hardenedHost+"/login", 10); resp.StatusCode == http.StatusTooManyRequests {
			tooMany++
		}
	}
	if tooMany < 5 {
		t.Errorf("%d of 20 log-ins at once are refused", tooMany)
	}
}

func TestHardenedCaddy(t *testing.T) {
	proxytest.Find(t, "caddy")
	newEdge(t, "Caddyfile", proxytest.Caddy).hardened(http.StatusBadGateway)
}

// The unit is one that systemd takes, and has little to take hold of.
func TestHardenedUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd")
	}
	if help, _ := exec.Command(analyze, "--help").CombinedOutput(); !strings.Contains(string(help), "--offline") {
		t.Skip("systemd is older than this check")
	}
	unit := filepath.Join(t.TempDir(), "earshot.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(read(t, "docs/hardening/earshot.service"), "/opt/earshot/earshot serve", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "earshot.service:") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", "--no-pager", unit).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
