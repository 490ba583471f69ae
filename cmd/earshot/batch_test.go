package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// batch sends page views n to m of as many readers, under a key, and gives
// the status and the answer.
func (p *program) batch(token, key string, from, to int, at time.Time) (int, string, http.Header) {
	p.t.Helper()
	var lines strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&lines, `{"n":"pageview","u":"https://example.com/%d","ip":"81.2.%d.%d","user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0","timestamp":%q}`+"\n",
			i, i/250, i%250, at.Format(time.RFC3339))
	}
	req, err := http.NewRequest(http.MethodPost, p.url+"/api/events", strings.NewReader(lines.String()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error(), nil
	}
	return resp.StatusCode, string(b), resp.Header
}

func (p *program) waitFor(site, token string, want int) {
	p.t.Helper()
	var got int
	if !eventually.Is(func() bool { got = p.pageviews(site, token); return got >= want }) || got != want {
		p.t.Fatalf("%d page views, not %d", got, want)
	}
}

func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

// Batches under keys, sent again at once, together, after kill -9 before and
// after the writer was there: each counts once.
func TestBatchesCountOnce(t *testing.T) {
	needEngine(t)
	data := filepath.Join(t.TempDir(), "data")
	run(t, data, "site", "add", "example.com")
	ingest := run(t, data, "token", "add", "--kind", "ingest", "--site", "example.com")
	stats := run(t, data, "token", "add", "--site", "example.com")
	now := time.Now().UTC()
	p := serve(t, data)

	if code, body, _ := p.batch(stats, "", 0, 1, now); code != http.StatusForbidden {
		t.Errorf("a token for statistics: %d %s", code, body)
	}
	if code, body, _ := p.batch("nothing", "", 0, 1, now); code != http.StatusUnauthorized {
		t.Errorf("no token: %d %s", code, body)
	}

	// Ten at once and one behind them are one.
	answers := make([]string, 10)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { _, answers[i], _ = p.batch(ingest, "one", 0, 500, now) })
	}
	all.Wait()
	code, first, header := p.batch(ingest, "one", 0, 500, now)
	if code != http.StatusAccepted || header.Get("Idempotency-Replayed") != "true" || !strings.Contains(first, `"accepted":500,`) {
		t.Fatalf("%d %s %v", code, first, header)
	}
	for _, a := range answers {
		if a != first {
			t.Errorf("answered %s, then %s", a, first)
		}
	}
	p.waitFor("example.com", stats, 500)

	// Killed before anything of it can be in ClickHouse; the answer may be lost.
	for i := range 5 {
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			p.batch(ingest, fmt.Sprint("killed", i), 1000*(i+1), 1000*(i+1)+200, now)
		}()
		if i%2 == 0 {
			<-sent
		} else {
			time.Sleep(time.Duration(i) * time.Millisecond)
		}
		p.kill()
		<-sent
		p = serve(t, data)
		if code, body, _ := p.batch(ingest, fmt.Sprint("killed", i), 1000*(i+1), 1000*(i+1)+200, now); code != http.StatusAccepted || !strings.Contains(body, `"accepted":200,`) {
			t.Fatalf("after kill -9: %d %s", code, body)
		}
	}
	p.waitFor("example.com", stats, 1500)

	// Acknowledged and long in ClickHouse, it is known after a restart too.
	p.stop()
	p = serve(t, data)
	if code, body, h := p.batch(ingest, "one", 0, 500, now); code != http.StatusAccepted || body != first || h.Get("Idempotency-Replayed") != "true" {
		t.Errorf("after a restart: %d %s", code, body)
	}
	// Without a key, twice is twice.
	for range 2 {
		if code, body, _ := p.batch(ingest, "", 0, 10, now); code != http.StatusAccepted {
			t.Errorf("%d %s", code, body)
		}
	}
	p.waitFor("example.com", stats, 1520)
	// What comes last is written last: what would count twice is there by then.
	if code := p.pageview("example.com", "/last"); code != http.StatusAccepted {
		t.Errorf("the last page view: %d", code)
	}
	p.waitFor("example.com", stats, 1521)
}

// Whatever strangers send, the log has nothing of it.
func TestLogsHaveNothingOfReaders(t *testing.T) {
	needEngine(t)
	data := filepath.Join(t.TempDir(), "data")
	run(t, data, "site", "add", "example.com")
	ingest := run(t, data, "token", "add", "--kind", "ingest", "--site", "example.com")
	p := serve(t, data, "--log-level", "debug", "--trusted-proxies", "127.0.0.1,::1", "--limit-address", "5")
	const addr, agent, page = "81.2.69.142", "SecretBrowser/1.0", "/secret-page"
	send := func(path, contentType, body string) {
		req, err := http.NewRequest(http.MethodPost, p.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", addr)
		req.Header.Set("User-Agent", agent)
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Referer", "https://example.com"+page)
		req.Header.Set("Authorization", "Bearer "+ingest)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	for _, body := range []string{
		`{"n":"pageview","u":"https://example.com` + page + `"}`,
		`{"n":"pageview","u":"https://unknown.example` + page + `"}`,
		`{"n":"pageview","u":"data:` + page + `"}`,
		`{"n":"engagement","u":"https://example.com` + page + `"}`,
		`{"n":"share","u":"https://example.com` + page + `","sh":{"i":"` + page + `"}}`,
		`{"n":"pageview","u":"https://example.com/` + strings.Repeat(page, 500) + `"}`,
		page, `{"u":"` + page, strings.Repeat(page, 200_000),
	} {
		send("/api/event", "text/plain", body)
		send("/api/events", "application/json", body)
		send("/api/events", "application/json", "["+body+"]")
		send("/api/event", page, body)
		send(page, "text/plain", body)
		send("/api/v2/query", "application/json", body)
	}
	for range 50 { // into the limit
		send("/api/event", "text/plain", `{"n":"pageview","u":"https://example.com`+page+`"}`)
	}
	p.stop()
	for what, text := range map[string]string{"address": addr, "User-Agent": agent, "page": page, "token": ingest} {
		if log := p.out.String(); strings.Contains(log, text) {
			at := strings.Index(log, text)
			t.Errorf("the log has a reader's %s: …%s…", what, log[max(0, at-200):min(len(log), at+50)])
		}
	}
}
