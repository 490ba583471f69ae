package journey

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Who reads now is known without a question, and is what a question finds: on
// two sites, after a restart too.
func TestReadersNowAreWhatAQuestionFinds(t *testing.T) {
	// At noon no visit of the test goes on over midnight.
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	var clock atomic.Int64 // seconds after noon
	now := func() time.Time { return noon.Add(time.Duration(clock.Load()) * time.Second) }
	config := app.Config{
		Settings: app.Settings{Data: t.TempDir(), LibCHDB: browsertest.Root(t) + "/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"},
		Listen:   "127.0.0.1:0", MetricsListen: "off",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Log:            slog.New(slog.NewTextHandler(io.Discard, nil)), Now: now,
	}
	store, err := meta.Open(filepath.Join(config.Data, meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	var sites []meta.Site
	for _, name := range []string{"one.example", "two.example"} {
		site := meta.NewSite(name)
		site.Demo = true // anybody may look
		if site, err = store.AddSite(t.Context(), site); err != nil {
			t.Fatal(err)
		}
		sites = append(sites, site)
	}
	store.Close()
	server, stop := launch(t, config)
	sent := 0
	var db *clickhouse.DB
	send := func(site, reader int, name string) {
		t.Helper()
		body := fmt.Sprintf(`{"n":%q,"u":"https://%[2]s/","d":%[2]q,"e":4000,"sd":50}`, name, sites[site].Domain)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/api/event", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", fmt.Sprintf("81.2.69.%d", reader))
		req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted || resp.Header.Get("X-Plausible-Dropped") != "" {
			t.Fatalf("an event was answered with %s, %v", resp.Status, resp.Header)
		}
		sent++
	}
	readers := func(when string, want ...int64) {
		t.Helper()
		db = arrived(t, config.Data, sent)
		found, err := query.AskPulses(t.Context(), db, []uint32{sites[0].ID, sites[1].ID}, now().Add(-panel.LiveWindow), now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for i, site := range sites {
			if n := found[site.ID].Visitors; n != want[i] {
				t.Fatalf("%s: the question finds %d readers of %s, not %d", when, n, site.Domain, want[i])
			}
			var p panel.Pulse
			if !eventually.Is(func() bool { // the writer tells of it a moment after it is there
				p = pulseOf(t, server, site.Domain)
				return p.Readers == want[i]
			}) {
				t.Errorf("%s: %d readers of %s, the question finds %d", when, p.Readers, site.Domain, want[i])
			}
			if p.Seen < noon.UnixMilli() {
				t.Errorf("%s: somebody asked: %+v", when, p)
			}
		}
	}
	again := func() {
		stop()
		server, stop = launch(t, config)
	}
	readers("nobody", 0, 0)
	send(0, 1, "pageview")
	send(0, 2, "pageview")
	send(1, 2, "pageview")
	readers("three", 2, 1)
	before := pulseOf(t, server, sites[0].Domain)
	clock.Store(180)
	send(0, 1, "engagement")
	readers("one reads on", 2, 1)
	if p := pulseOf(t, server, sites[0].Domain); p != before {
		t.Errorf("reading on is nothing new to show: %+v, before it %+v", p, before)
	}
	again()
	readers("after a restart", 2, 1)
	clock.Store(301)
	readers("two have gone", 1, 0)
	send(1, 1, "pageview")
	send(1, 3, "Signup")
	readers("others came", 1, 2)
	again()
	clock.Store(181 + 300)
	readers("one has gone while it started", 0, 2)
	clock.Store(301 + 301)
	readers("nobody is left", 0, 0)
}

func pulseOf(t *testing.T, server *app.Server, domain string) (p panel.Pulse) {
	t.Helper()
	resp, err := http.Get(server.URL() + "/" + domain + "/overview/live.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return p
}
