package peers

import (
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// Each tool's tables take the events in, and each of its questions has an
// answer.
func TestPeersAnswer(t *testing.T) {
	ctx, now := t.Context(), time.Now()
	db := chtest.Open(t, clickhouse.DefaultDatabase)
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	fill := func(seed uint64) {
		t.Helper()
		sites := []demo.ScaleSite{{ID: 1, Hostname: "demo-001.example", Location: time.UTC}}
		if err := (demo.Scale{Events: 2000, Days: 5, Seed: seed, Now: now}).Fill(ctx, db, sites, nil); err != nil {
			t.Fatal(err)
		}
	}
	fill(1)
	for i, peer := range All() {
		t.Run(peer.Name, func(t *testing.T) {
			dsn := chtest.Engine(t).DSN()
			if err := peer.Fill(ctx, dsn); err != nil {
				t.Fatal(err)
			}
			store, err := peer.Open(ctx, dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			for by, value := range map[Filter]string{None: "", BySource: "Google", ByCountry: "FR"} {
				if err := store.Look(ctx, 3, now, by, value); err != nil {
					t.Error(err)
				}
			}
			fill(uint64(i + 2))
			if err := peer.check(ctx, db, store.db); err == nil || !strings.Contains(err.Error(), "page views") {
				t.Errorf("more events in Earshot than in the tables: %v", err)
			}
		})
	}
}
