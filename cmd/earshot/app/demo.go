package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/earshot-analytics/earshot/internal/demo"
	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
)

const demoSeed = 1 // the demo blog's history is the same everywhere

type demoCmd struct {
	Events int    `help:"How many events to make, over all sites." default:"1000000" placeholder:"N"`
	Sites  int    `help:"How many sites to spread them over; the first has most." default:"1" placeholder:"M"`
	Days   int    `help:"How many days back they reach." default:"90" placeholder:"D"`
	Pages  int    `help:"How many pages a site has." default:"500" placeholder:"P"`
	Shares int    `help:"Percent of the events that are shares, up to 10; 0 makes as many as the demo has, about 1." default:"0" placeholder:"S"`
	Seed   uint64 `help:"The same seed makes the same events." default:"1" placeholder:"S"`
}

func (demoCmd) Help() string {
	return "Example:\n  earshot demo --events 1000000 --sites 20 --days 365\n\nThe sites are demo-001.example and so on; existing ones are filled further."
}

func (c *demoCmd) Run(s *session) error {
	if c.Sites < 1 || c.Sites > 999 {
		return errors.New("the number of sites is 1 to 999")
	}
	return s.withMeta(func(m *meta.Store) error {
		var sites []demo.ScaleSite
		for i := range c.Sites {
			site, err := ensureSite(s.ctx, m, meta.NewSite(fmt.Sprintf("demo-%03d.example", i+1)))
			if err != nil {
				return err
			}
			sites = append(sites, demo.ScaleSite{ID: site.ID, Hostname: site.Domain, Location: site.Location()})
		}
		start := time.Now()
		scale := demo.Scale{Events: c.Events, Days: c.Days, Seed: c.Seed, Pages: c.Pages, Shares: c.Shares, Now: start}
		err := s.withClickHouse(func(db *store) error { return scale.Fill(s.ctx, db, sites, percentTo(s.Err, "events")) })
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Made about %d events on %d sites in %s.\n", c.Events, c.Sites, time.Since(start).Round(100*time.Millisecond))
		return nil
	})
}

// ensureSite adds the site unless its domain is there.
func ensureSite(ctx context.Context, m *meta.Store, site meta.Site) (meta.Site, error) {
	found, err := m.SiteByDomain(ctx, site.Domain)
	if errors.Is(err, meta.ErrNotFound) {
		return m.AddSite(ctx, site)
	}
	return found, err
}

// fillDemo adds the demo blog's site and history to a data folder if they are
// missing. Follower readings are written last, so if there are any, the history is
// complete.
func fillDemo(ctx context.Context, m *meta.Store, db *store, now time.Time, progress func(float64)) error {
	site := meta.NewSite(blog.Domain)
	site.Name, site.Timezone, site.Demo = "The demo blog", demo.Zone, true
	site, err := ensureSite(ctx, m, site)
	if err != nil {
		return fmt.Errorf("add the demo's site: %w", err)
	}
	filled := false
	err = db.Select(ctx, "SELECT count() AS readings FROM follower_counts WHERE site_id = {site:UInt32}", []rows.Arg{rows.Bind("site", site.ID)},
		func(row *rows.Row) error {
			filled = row.Uint("readings") > 0
			return nil
		})
	if err != nil {
		return fmt.Errorf("look for the demo's history: %w", err)
	}
	if filled {
		return nil
	}
	if err := m.MarkCompetitor(ctx, site.ID, meta.AccountName{Network: demo.RivalNetwork, Handle: demo.RivalAccount}); err != nil {
		return fmt.Errorf("mark the demo's competitor: %w", err)
	}
	if err := demo.History(ctx, db, site.ID, demoSeed, now, progress); err != nil {
		return fmt.Errorf("make the demo's history: %w", err)
	}
	return nil
}

// percentTo prints progress in tens of percent.
func percentTo(w io.Writer, what string) func(float64) {
	last := -1
	return func(f float64) {
		if ten := int(f * 10); ten > last {
			last = ten
			fmt.Fprintf(w, "%s: %d %%\n", what, ten*10)
		}
	}
}
