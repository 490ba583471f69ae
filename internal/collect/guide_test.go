package collect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
)

// The configurations that the docs print, run as they are printed: a reader
// reaches the collector through the blog's proxy and the one before Earshot,
// and is the visitor that they are without proxies.
func TestGuideOfProxies(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx isn't installed")
	}
	blog := printed(t, "snippet.md", "nginx")
	dir := t.TempDir()
	certificate(t, dir)
	m := &memory{}
	_, o := newTest(m)
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	col := New(o)
	mux := http.NewServeMux()
	mux.Handle("/api/", col.Handler())
	mux.HandleFunc("/js/earshot.js", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the snippet") })
	earshot := httptest.NewServer(mux)
	defer earshot.Close()
	behind := strings.TrimPrefix(earshot.URL, "http://")

	second := map[string]func(port string){
		"nginx": func(port string) {
			conf := strings.NewReplacer("127.0.0.1:8080", behind, "443", port, "stats.example.com", "localhost",
				"/etc/ssl/stats.pem", filepath.Join(dir, "cert.pem"), "/etc/ssl/stats.key", filepath.Join(dir, "key.pem")).Replace(printed(t, "configuration.md", "nginx"))
			runNginx(t, nginx, dir, "stats", conf)
		},
	}
	if caddy, err := exec.LookPath("caddy"); err == nil {
		second["caddy"] = func(port string) {
			conf := strings.NewReplacer("127.0.0.1:8080", behind, "192.0.2.7", "127.0.0.1", "stats.example.com {",
				fmt.Sprintf("{\n\tadmin off\n}\nhttps://localhost:%s {\n\ttls %s/cert.pem %s/key.pem", port, dir, dir)).Replace(printed(t, "configuration.md", "caddy"))
			file := filepath.Join(dir, "Caddyfile")
			if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
				t.Fatal(err)
			}
			start(t, exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", file), "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "HOME="+dir)
		}
	}
	for name, begin := range second {
		t.Run(name, func(t *testing.T) {
			m.recs = nil
			port, edge := freePort(t), freePort(t)
			begin(port)
			runNginx(t, nginx, dir, "blog-"+name, fmt.Sprintf("server {\nlisten 127.0.0.1:%s;\n%s\n}\n", edge, strings.ReplaceAll(blog, "HOST", "localhost:"+port)))
			client := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}}
			home := "http://127.0.0.1:" + edge
			eventually.True(t, "the script comes through", func() bool {
				resp, err := client.Get(home + "/js/earshot.js")
				if err != nil {
					return false
				}
				body, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				return string(body) == "the snippet"
			})
			req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, home+"/api/event", strings.NewReader(`{"n":"pageview","u":"/","d":"example.com"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("User-Agent", firefox)
			req.Header.Set("X-Forwarded-For", "198.51.100.1") // forged
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			events := m.events(t)
			if resp.StatusCode != http.StatusAccepted || len(events) != 1 {
				t.Fatalf("%d, %d events", resp.StatusCode, len(events))
			}
			plainly := &memory{}
			_, o := newTest(plainly)
			direct := httptest.NewRequest(http.MethodPost, PathEvent, strings.NewReader(`{"n":"pageview","u":"/","d":"example.com"}`))
			direct.RemoteAddr = "127.0.0.2:1"
			direct.Header.Set("User-Agent", firefox)
			New(o).Handler().ServeHTTP(httptest.NewRecorder(), direct)
			if want := plainly.events(t); events[0].Visitor != want[0].Visitor || events[0].Name != event.Pageview {
				t.Error("the reader is another visitor than without proxies")
			}
			if trouble, _ := col.ProxyTrouble(); trouble != "" {
				t.Errorf("trouble with proxies: %s", trouble)
			}
		})
	}
}

// printed is the code block of a language in a page of the docs.
func printed(t *testing.T, page, language string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(string(b))
	if m == nil {
		t.Fatalf("docs/%s prints no %s", page, language)
	}
	return m[1]
}

func runNginx(t *testing.T, nginx, dir, name, server string) {
	t.Helper()
	prefix := filepath.Join(dir, name)
	if err := os.MkdirAll(prefix, 0o700); err != nil {
		t.Fatal(err)
	}
	conf := "daemon off;\nmaster_process off;\npid " + prefix + "/pid;\nerror_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n"
	for _, temp := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += temp + "_temp_path " + filepath.Join(prefix, temp) + ";\n"
	}
	file := filepath.Join(prefix, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf+server+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(nginx, "-p", prefix, "-c", file, "-e", "stderr"))
}

// start runs a program until the test ends, and shows what it said if it fails.
func start(t *testing.T, cmd *exec.Cmd, env ...string) {
	t.Helper()
	var said strings.Builder
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, said.String())
		}
	})
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// certificate writes one of its own for localhost.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
