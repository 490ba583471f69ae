package server

import (
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// demoSite adds the demo site with its history up to a moment.
func demoSite(t testing.TB, r *rig, store demo.Store, now time.Time) meta.Site {
	t.Helper()
	site := meta.NewSite("demo.example")
	site.Name, site.Timezone, site.Demo = "Slow Letters", demo.Zone, true
	site = r.site(site)
	if err := r.store.MarkCompetitor(t.Context(), site.ID, meta.AccountName{Network: demo.RivalNetwork, Handle: demo.RivalAccount}); err != nil {
		t.Fatal(err)
	}
	if err := demo.History(t.Context(), store, site.ID, 1, now, nil); err != nil {
		t.Fatal(err)
	}
	return site
}

// TestDev serves the demo's dashboards for developers:
//
//	EARSHOT_DEV=127.0.0.1:8099 go test ./internal/server -run TestDev -timeout 0
//
// Styles and scripts are those of the last npm run build before it.
func TestDev(t *testing.T) {
	address := os.Getenv("EARSHOT_DEV")
	if address == "" {
		t.Skip("EARSHOT_DEV names no address to serve on")
	}
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.NetworkNames = map[string]string{"mastodon": "Mastodon", "bluesky": "Bluesky", "x": "X"}
	})
	demoSite(t, r, db, time.Now())
	r.owner()
	r.site(meta.NewSite("empty.example"))
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("http://%s/demo.example, owner %s, password %q", l.Addr(), ownerEmail, ownerPassword)
	t.Error(http.Serve(l, r.server.Handler()))
}
