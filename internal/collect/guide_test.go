package collect

import (
	"context"
	"fmt"
	"io"
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

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/proxytest"
)

// The configurations that the docs print, run as they are printed: a reader
// reaches the collector through the blog's proxy and the one before Earshot,
// and is the visitor that they are without proxies.
func TestGuideOfProxies(t *testing.T) {
	proxytest.Find(t, "nginx")
	blog := printed(t, "snippet.md", "nginx")
	dir := t.TempDir()
	proxytest.Certificate(t, dir, "localhost")
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
			proxytest.Nginx(t, dir, "stats", conf)
		},
	}
	if _, err := exec.LookPath("caddy"); err == nil {
		second["caddy"] = func(port string) {
			conf := strings.NewReplacer("127.0.0.1:8080", behind, "192.0.2.7", "127.0.0.1", "stats.example.com {",
				fmt.Sprintf("{\n\tadmin off\n}\nhttps://localhost:%s {\n\ttls %s/cert.pem %s/key.pem", port, dir, dir)).Replace(printed(t, "configuration.md", "caddy"))
			proxytest.Caddy(t, dir, conf)
		}
	}
	for name, begin := range second {
		t.Run(name, func(t *testing.T) {
			m.recs = nil
			port, edge := proxytest.Port(t), proxytest.Port(t)
			begin(port)
			proxytest.Nginx(t, dir, "blog-"+name, fmt.Sprintf("server {\nlisten 127.0.0.1:%s;\n%s\n}\n", edge, strings.ReplaceAll(blog, "HOST", "localhost:"+port)))
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
