package server

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/web"
)

func TestPickForm(t *testing.T) {
	both := &assetFile{forms: []encodedForm{{coding: "br"}, {coding: "gzip"}, {}}}
	plain := &assetFile{forms: []encodedForm{{}}}
	tests := []struct {
		name, accept string
		file         *assetFile
		want         string
		ok           bool
	}{
		{"no header", "", both, "", true},
		{"a browser", "gzip, deflate, br, zstd", both, "br", true},
		{"gzip alone", "gzip", both, "gzip", true},
		{"brotli refused", "br;q=0, gzip", both, "gzip", true},
		{"gzip preferred", "br;q=0.5, gzip;q=0.9", both, "gzip", true},
		{"anything", "*", both, "br", true},
		{"plain asked for", "identity", both, "", true},
		{"upper case", "BR", both, "br", true},
		{"unknown", "zstd", both, "", true},
		{"nothing allowed", "identity;q=0", both, "", false},
		{"all refused", "*;q=0", both, "", false},
		{"only plain there", "br, gzip", plain, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := tt.file.pick(tt.accept)
			if got.coding != tt.want || ok != tt.ok {
				t.Errorf("pick(%q) = %q, %v; want %q, %v", tt.accept, got.coding, ok, tt.want, tt.ok)
			}
		})
	}
}

func needAssets(t *testing.T) map[string]string {
	t.Helper()
	m, err := web.Manifest()
	if errors.Is(err, web.ErrNotBuilt) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAssets(t *testing.T) {
	manifest := needAssets(t)
	r := newRig(t, nil)
	c := r.client()
	c.http.Transport = &http.Transport{DisableCompression: true}
	for name, path := range manifest {
		a := c.get("/" + path)
		if a.status != http.StatusOK || a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d, %s", name, a.status, a.header.Get("Cache-Control"))
		}
		if a.header.Get("Content-Type") == "" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: headers %v", name, a.header)
		}
	}
	for _, path := range []string{"/assets/", "/assets/../manifest.json", "/assets/%2e%2e/manifest.json", "/assets/app.js", "/assets/app.css.br", "/manifest.json"} {
		if a := c.get(path); a.status == http.StatusOK {
			t.Errorf("GET %s = 200", path)
		}
	}
}

// TestSnippetFile: the script that every blog loads is small, is cached for a day,
// and is revalidated without a body.
func TestSnippetFile(t *testing.T) {
	needAssets(t)
	r := newRig(t, nil)
	if _, ok := r.server.assets.files["js/earshot.js"]; !ok {
		t.Skip("the snippet is not built")
	}
	c := r.client()
	c.http.Transport = &http.Transport{DisableCompression: true}
	texts, tags := map[string]string{}, map[string]bool{}
	for coding, open := range map[string]func(io.Reader) io.Reader{
		"":     func(r io.Reader) io.Reader { return r },
		"br":   func(r io.Reader) io.Reader { return brotli.NewReader(r) },
		"gzip": func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z },
	} {
		a := c.do(http.MethodGet, "/js/earshot.js", nil, http.Header{"Accept-Encoding": {coding}})
		if a.status != http.StatusOK || a.header.Get("Content-Encoding") != coding {
			t.Fatalf("%q: %d, %v", coding, a.status, a.header)
		}
		text, err := io.ReadAll(open(bytes.NewReader([]byte(a.body))))
		if err != nil {
			t.Fatal(err)
		}
		texts[coding] = string(text)
		tag := a.header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) || tags[tag] {
			t.Errorf("%q: ETag %s is weak or another form's", coding, tag)
		}
		tags[tag] = true
		for name, want := range map[string]string{
			"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding", "Cross-Origin-Resource-Policy": "cross-origin",
			"Content-Type": "text/javascript; charset=utf-8", "Set-Cookie": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%q: %s: %s, want %s", coding, name, got, want)
			}
		}
		if got := a.header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%q: allowed to %q", coding, got)
		}
		again := c.do(http.MethodGet, "/js/earshot.js", nil, http.Header{"Accept-Encoding": {coding}, "If-None-Match": {`"other", W/` + tag}})
		if again.status != http.StatusNotModified || again.body != "" || again.header.Get("ETag") != tag {
			t.Errorf("%q: asked again, %d with %d bytes", coding, again.status, len(again.body))
		}
	}
	if texts[""] == "" || texts["br"] != texts[""] || texts["gzip"] != texts[""] {
		t.Error("the forms differ")
	}
	if a := c.do(http.MethodGet, "/js/earshot-share.js", nil, nil); a.status != http.StatusOK || a.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || a.body == texts[""] {
		t.Errorf("the snippet with the extension: %d, %v", a.status, a.header)
	}
	if a := c.do(http.MethodHead, "/js/earshot.js", nil, nil); a.status != http.StatusOK || a.body != "" {
		t.Errorf("HEAD answers %d", a.status)
	}
}

func TestHeaders(t *testing.T) {
	r := newRig(t, nil)
	r.owner()
	c := r.client()
	for _, path := range []string{"/login", "/", "/nothing", "/healthz", "/api/v2/nothing", "/js/earshot.js"} {
		h := c.get(path).header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Content-Security-Policy": policy,
			"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %s", path, name, got)
			}
		}
		want := "same-origin"
		if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/js/") {
			want = "cross-origin"
		}
		if got := h.Get("Cross-Origin-Resource-Policy"); got != want {
			t.Errorf("%s: Cross-Origin-Resource-Policy: %s, want %s", path, got, want)
		}
		if h.Get("Permissions-Policy") == "" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error("the policy has an unsafe- source")
	}
	secure := newRig(t, func(d *Deps) { d.BaseURL = baseurl.MustParse("https://stats.example.com/") })
	if got := secure.client().get("/login").header.Get("Strict-Transport-Security"); got == "" {
		t.Error("no Strict-Transport-Security behind https")
	}
}
