package journey

import (
	"context"
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

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// What three readers do, by minutes after midnight UTC, when the salt changes.
// The paths begin with the reader.
var aroundMidnight = []struct {
	minute        int
	reader, event string
}{
	{-40, "leaves", `"n":"pageview","u":"https://blog.earshot.test/leaves/a"`},
	{-10, "stays", `"n":"pageview","u":"https://blog.earshot.test/stays/a"`},
	{-2, "stays", `"n":"engagement","u":"https://blog.earshot.test/stays/a","e":16000,"sd":80`},
	{4, "stays", `"n":"engagement","u":"https://blog.earshot.test/stays/a","e":4000,"sd":90`},
	{5, "stays", `"n":"pageview","u":"https://blog.earshot.test/stays/b"`},
	{5, "leaves", `"n":"pageview","u":"https://blog.earshot.test/leaves/b"`}, // 45 minutes later
	{6, "comes", `"n":"pageview","u":"https://blog.earshot.test/comes/a"`},
	{30, "stays", `"n":"pageview","u":"https://blog.earshot.test/stays/c"`},
}

var readerAddr = map[string]string{"leaves": "81.2.69.1", "stays": "81.2.69.2", "comes": "81.2.69.3"}

// A visit that goes on over midnight is one, of one visitor, whether or not
// the program was started again meanwhile. Who comes back later has another
// hash: the salt did change.
func TestAVisitGoesOnOverMidnight(t *testing.T) {
	for _, tt := range []struct {
		name    string
		restart int // minute
	}{
		{"without a stop", 60},
		{"started again before midnight", -1},
		{"started again after it", 2},
		{"started again once the visit has both hashes", 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			midnight := time.Now().UTC().Truncate(24 * time.Hour)
			var clock atomic.Int64
			clock.Store(-60)
			config := app.Config{
				Settings: app.Settings{Data: t.TempDir(), LibCHDB: browsertest.Root(t) + "/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"},
				Listen:   "127.0.0.1:0", MetricsListen: "off",
				TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
				Log:            slog.New(slog.NewTextHandler(io.Discard, nil)),
				Now:            func() time.Time { return midnight.Add(time.Duration(clock.Load()) * time.Minute) },
			}
			store, err := meta.Open(filepath.Join(config.Data, meta.FileName))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := store.AddSite(t.Context(), meta.NewSite(domain)); err != nil {
				t.Fatal(err)
			}
			store.Close()
			server, stop := launch(t, config)
			for i, e := range aroundMidnight {
				if clock.Load() < int64(tt.restart) && e.minute > tt.restart {
					clock.Store(int64(tt.restart))
					arrived(t, config.Data, i)
					stop()
					server, stop = launch(t, config)
				}
				clock.Store(int64(e.minute))
				sendAs(t, server.URL(), readerAddr[e.reader], e.event)
			}
			db := arrived(t, config.Data, len(aroundMidnight))
			type figures struct {
				Reader                                                        string
				Visits, IDs, Visitors, Bounces, Minutes, Scroll, Read, Engage int64
			}
			var got []figures
			err = db.Select(t.Context(), `SELECT extract(path, '^/([a-z]+)/') AS reader, toInt64(sum(entry)), toInt64(uniqExact(visit)), toInt64(uniqExact(visitor)),
				toInt64(sum(bounce)), toInt64(sum(gap_ms) / 60000), toInt64(sum(scroll)), toInt64(sum(read)), toInt64(sum(engaged_ms)) FROM events GROUP BY reader ORDER BY reader`, nil,
				func(row *rows.Row) error {
					v := row.Cells()
					n := func(i int) int64 { return v[i].(int64) }
					got = append(got, figures{v[0].(string), n(1), n(2), n(3), n(4), n(5), n(6), n(7), n(8)})
					return nil
				})
			if err != nil {
				t.Fatal(err)
			}
			want := []figures{
				{"comes", 1, 1, 1, 1, 0, 0, 0, 0},
				{"leaves", 2, 2, 2, 2, 0, 0, 0, 0},
				{"stays", 1, 1, 1, 0, 40, 90, 1, 20_000},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sendAs sends what a reader does.
func sendAs(t *testing.T, base, addr, fields string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/event", strings.NewReader(fmt.Sprintf(`{"d":%q,%s}`, domain, fields)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
	req.Header.Set("X-Forwarded-For", addr)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("answered %s", resp.Status)
	}
}

// arrived waits until so many events are in the program's ClickHouse.
func arrived(t *testing.T, data string, n int) *clickhouse.DB {
	t.Helper()
	dsn, ok := embedded.Running(data)
	if !ok {
		t.Fatal("no ClickHouse runs")
	}
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	there := 0
	if !eventually.Is(func() bool {
		err = db.Select(context.Background(), `SELECT count() AS n FROM events`, nil, func(row *rows.Row) error { there = int(row.Int("n")); return nil })
		return err == nil && there == n
	}) {
		t.Fatalf("%d of %d events arrived: %v", there, n, err)
	}
	return db
}
