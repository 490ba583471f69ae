package server

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// zipped accepts gzip, as browsers do, and decompresses the answer; packed is its
// compressed length, 0 if it wasn't compressed.
func (c *client) zipped(t *testing.T, method, path, body string, header http.Header) (a answer, packed int) {
	t.Helper()
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	a = c.do(method, path, strings.NewReader(body), h)
	if vary := a.header.Values("Vary"); !slices.ContainsFunc(vary, func(v string) bool { return strings.Contains(v, "Accept-Encoding") }) {
		t.Errorf("%s: Vary: %q", path, vary)
	}
	if a.header.Get("Content-Encoding") == "" {
		return a, 0
	}
	if coding := a.header.Get("Content-Encoding"); coding != "gzip" {
		t.Fatalf("%s: Content-Encoding: %s", path, coding)
	}
	z, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	packed, a.body = len(a.body), string(text)
	return a, packed
}

// Pages, data and files are compressed without loss, and no cache may keep what a
// user sees.
func TestAnswersAreCompressed(t *testing.T) {
	owner, token := crowdedRig(t, 2000)
	for _, path := range []string{
		"/", "/demo.example/overview?period=today", "/demo.example/overview/pages.json?period=today", "/demo.example/overview/pages.csv?period=today&limit=all",
		"/demo.example/settings/tokens", "/account", "/status", "/nothing-here.example/x/y/z", "/demo.example/settings/import/followers.csv",
		"/demo.example/overview/live.json",
	} {
		a, packed := owner.zipped(t, "GET", path, "", nil)
		plain := owner.do("GET", path, nil, http.Header{"Accept-Encoding": {"identity"}})
		switch {
		case a.status != plain.status || a.header.Get("Content-Type") != plain.header.Get("Content-Type"):
			t.Errorf("%s: %d %v, plain %d %v", path, a.status, a.header, plain.status, plain.header)
		case a.status == http.StatusOK && a.body != plain.body:
			if len(a.body) != len(plain.body) { // a page contains its request's number
				t.Errorf("%s: %d bytes, plain %d", path, len(a.body), len(plain.body))
			}
		case len(a.body) >= compressFrom && (packed == 0 || packed > len(a.body)*3/4):
			t.Errorf("%s: %d bytes came as %d", path, len(a.body), packed)
		case len(a.body) < compressFrom && packed > 0:
			t.Errorf("%s: %d bytes are compressed to %d", path, len(a.body), packed)
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control: %s", path, got)
		}
	}
	key := http.Header{"Authorization": {"Bearer " + token}}
	const question = `{"site_id":"demo.example","metrics":["visitors"],"date_range":"day","dimensions":["event:page"]}`
	a, packed := owner.client().zipped(t, "POST", "/api/v2/query", question, key)
	if packed == 0 || !json.Valid([]byte(a.body)) {
		t.Errorf("Stats API: %d, %d bytes from %d", a.status, len(a.body), packed)
	}
	key.Set("Accept", "text/csv")
	a, packed = owner.client().zipped(t, "POST", "/api/v2/query", question, key)
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if packed == 0 || err != nil || len(rows) != 2001 {
		t.Errorf("Stats API, CSV: %d, %d rows from %d bytes, %v", a.status, len(rows), packed, err)
	}
}

// An answer isn't compressed if its length could reveal a secret.
func TestSecretsAreNotCompressed(t *testing.T) {
	owner, _ := crowdedRig(t, 300)
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}}
	a, packed := owner.zipped(t, "POST", "/demo.example/settings/tokens", "name=reflected&kind=stats", form)
	if a.status != http.StatusOK || packed > 0 || a.header.Get("Cache-Control") != "no-store" || a.header.Get("No-Gzip-Compression") != "" {
		t.Errorf("a new token: %d, %d bytes, %v", a.status, packed, a.header)
	}
	const path = "/demo.example/overview/pages.json?period=today&limit=all"
	for from, want := range map[string]bool{"": true, "none": true, "same-origin": true, "same-site": false, "cross-site": false} {
		if _, packed := owner.zipped(t, "GET", path, "", http.Header{"Sec-Fetch-Site": {from}}); (packed > 0) != want {
			t.Errorf("asked for from %q: compressed to %d bytes", from, packed)
		}
	}
	fresh := newRig(t, nil)
	link, err := fresh.store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, packed = fresh.client().zipped(t, "GET", "/setup?token="+link, "", nil)
	if a.status != http.StatusOK || packed > 0 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the first account: %d, %d bytes, %v", a.status, packed, a.header)
	}
}

// Assets, and the snippet, keep their own encodings and ETags.
func TestAssetsAreNotCompressedTwice(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	for _, path := range []string{"/js/earshot.js", r.server.assets.path("app.js")} {
		a := c.do("GET", path, nil, http.Header{"Accept-Encoding": {"gzip"}})
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil || a.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %v %v", path, a.header, err)
		}
		once, err := io.ReadAll(z)
		if err != nil || bytes.HasPrefix(once, []byte{0x1f, 0x8b}) {
			t.Errorf("%s: %v, %q", path, err, once[:min(len(once), 20)])
		}
		if vary := a.header.Values("Vary"); len(vary) != 1 {
			t.Errorf("%s: Vary %q", path, vary)
		}
		again := c.do("GET", path, nil, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {a.header.Get("ETag")}})
		if again.status != http.StatusNotModified {
			t.Errorf("%s: %d", path, again.status)
		}
	}
}
