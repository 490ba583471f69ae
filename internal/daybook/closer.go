package daybook

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Times of a Closer.
const (
	every   = 30 * time.Second
	whole   = 10 * time.Minute   // how often all days are looked at, not the last few alone
	few     = 7 * 24 * time.Hour // these
	settle  = 2 * time.Minute    // from a day's end to its closing
	again   = 5 * time.Minute    // at least, from a closing to that of the same day
	clean   = time.Hour          // how often closings that don't count are removed
	inUse   = 15 * time.Minute   // for so long a question may read a closing after it was replaced
	quietly = "\nSETTINGS max_threads = 1, priority = 10"
	// As many sites' books are in memory at once, some 100 bytes a day each.
	sitesAtOnce = 50
)

var ever = time.Unix(0, 0) // events are not older

// Store is where the facts are.
type Store interface {
	rows.Runner
	Exec(ctx context.Context, sql string, args ...rows.Arg) error
}

// Site is a site and the zone that its days begin by.
type Site struct {
	ID   uint32
	Zone *time.Location
}

// Options of a Closer. All but Log are needed.
type Options struct {
	Store Store
	Sites func(context.Context) ([]Site, error)
	Now   func() time.Time
	Log   *slog.Logger
}

// Closer closes days.
type Closer struct {
	o       Options
	last    uint64 // closing
	tried   map[dayOf]time.Time
	looked  time.Time // at all days
	cleaned time.Time
}

type dayOf struct {
	site uint32
	day  time.Time
}

// New makes a Closer that does nothing until Run.
func New(o Options) *Closer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Closer{o: o, tried: map[dayOf]time.Time{}}
}

// Run closes days until ctx ends. What fails is tried again.
func (c *Closer) Run(ctx context.Context) error {
	for {
		now := c.o.Now()
		since := now.Add(-few)
		if now.Sub(c.looked) >= whole {
			since = ever
		}
		err := c.closeSince(ctx, since)
		if err == nil && now.Sub(c.looked) >= whole {
			c.looked = now
		}
		if err == nil && now.Sub(c.cleaned) >= clean {
			if err = c.Clean(ctx, time.Now()); err == nil {
				c.cleaned = now
			}
		}
		if err != nil && ctx.Err() == nil {
			c.o.Log.Warn("close days", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}

// CloseAll closes all days that are over, without waiting for what may come late.
func (c *Closer) CloseAll(ctx context.Context) error {
	clear(c.tried)
	return c.closeBefore(ctx, c.o.Now(), ever)
}

func (c *Closer) closeSince(ctx context.Context, since time.Time) error {
	return c.closeBefore(ctx, c.o.Now().Add(-settle), since)
}

// closeBefore closes the days since a time that were over at end.
func (c *Closer) closeBefore(ctx context.Context, end, since time.Time) error {
	sites, err := c.o.Sites(ctx)
	if err != nil {
		return fmt.Errorf("list sites: %w", err)
	}
	byZone := map[string][]uint32{}
	zones := map[string]*time.Location{}
	for _, s := range sites {
		name := s.Zone.String()
		byZone[name], zones[name] = append(byZone[name], s.ID), s.Zone
	}
	for name, ids := range byZone {
		for some := range slices.Chunk(ids, sitesAtOnce) {
			if err := c.closeSites(ctx, zones[name], some, end, since); err != nil {
				return err
			}
		}
	}
	return nil
}

// closeSites is closeBefore for sites of one zone.
func (c *Closer) closeSites(ctx context.Context, zone *time.Location, sites []uint32, end, since time.Time) error {
	all, err := books(ctx, c.o.Store, zone, sites, since)
	if err != nil {
		return err
	}
	// Of a day cut by since not all rows are known.
	from := time.Time{}
	if since.After(ever) {
		from = dateOf(since.In(zone)).AddDate(0, 0, happenedBefore+1)
	}
	for site, b := range all {
		for _, day := range b.due(dateOf(end.In(zone))) {
			if day.Before(from) || c.o.Now().Sub(c.tried[dayOf{site, day}]) < again {
				continue
			}
			c.tried[dayOf{site, day}] = c.o.Now()
			if err := c.close(ctx, query.Site{ID: site, Location: zone}, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// close closes one day, if no row that bears on it comes in meanwhile.
func (c *Closer) close(ctx context.Context, site query.Site, day time.Time) error {
	before, err := c.weigh(ctx, site, day)
	if err != nil {
		return err
	}
	closing := max(c.last+1, uint64(time.Now().UnixNano()))
	c.last = closing
	start := query.StartOfDay(day, site.Location)
	sql, args := query.CloseDay(site, start, closing)
	if err := c.o.Store.Exec(ctx, sql+quietly, args...); err != nil {
		return fmt.Errorf("close %s of site %d: %w", day.Format(time.DateOnly), site.ID, err)
	}
	after, err := c.weigh(ctx, site, day)
	if err != nil || after != before {
		return err
	}
	const commit = `INSERT INTO closed_days (site_id, zone, day, closing, layout, happened, begun)
SELECT {site:UInt32}, {tz:String}, {day:Date}, {closing:UInt64}, {layout:UInt64}, {happened:UInt64}, {begun:UInt64}`
	err = c.o.Store.Exec(ctx, commit, rows.Bind("site", site.ID), rows.Bind("tz", site.Location.String()), rows.Bind("day", day.Format(time.DateOnly)),
		rows.Bind("closing", closing), rows.Bind("layout", query.ClosedLayout()), rows.Bind("happened", after.happened), rows.Bind("begun", after.begun))
	if err != nil {
		return fmt.Errorf("note that %s of site %d is closed: %w", day.Format(time.DateOnly), site.ID, err)
	}
	return nil
}

// weighSQL counts the rows that bear on a day, of events: they may be there
// before those of totals_hourly, or after.
const weighSQL = `SELECT
    countIf(toDate(toStartOfHour(ts, 'UTC'), {tz:String}) BETWEEN {day:Date} - {happened:UInt16} AND {day:Date}) AS happened,
    countIf(toDate(toStartOfHour(began, 'UTC'), {tz:String}) BETWEEN {day:Date} - {begun:UInt16} AND {day:Date}) AS begun
FROM events
WHERE site_id = {site:UInt32} AND day >= {first:Date} AND day <= {last:Date}`

func (c *Closer) weigh(ctx context.Context, site query.Site, day time.Time) (w weight, err error) {
	args := []rows.Arg{
		rows.Bind("site", site.ID), rows.Bind("tz", site.Location.String()), rows.Bind("day", day.Format(time.DateOnly)),
		rows.Bind("happened", happenedBefore), rows.Bind("begun", begunBefore),
		// A zone's date is a day off UTC's at most.
		rows.Bind("first", day.AddDate(0, 0, -happenedBefore-1).Format(time.DateOnly)),
		rows.Bind("last", day.AddDate(0, 0, event.VisitDays+1).Format(time.DateOnly)),
	}
	err = c.o.Store.Select(ctx, weighSQL, args, func(row *rows.Row) error {
		w = weight{row.Uint("happened"), row.Uint("begun")}
		return nil
	})
	if err != nil {
		return w, fmt.Errorf("count the rows of %s of site %d: %w", day.Format(time.DateOnly), site.ID, err)
	}
	return w, nil
}

// Clean removes what doesn't count at a time: closings that were replaced or cut
// off, and those of sites that are gone. Questions may still read a closing that
// was just replaced, so that nothing goes while days were closed a short time ago.
func (c *Closer) Clean(ctx context.Context, now time.Time) error {
	clear(c.tried) // who isn't closed by now may be tried
	sites, err := c.o.Sites(ctx)
	if err != nil {
		return fmt.Errorf("list sites: %w", err)
	}
	ids := []uint32{}
	for _, s := range sites {
		ids = append(ids, s.ID)
	}
	args := []rows.Arg{rows.Bind("sites", ids), rows.Bind("before", uint64(now.Add(-inUse).UnixNano()))}
	var gone, idle uint64
	const find = `SELECT
    (SELECT count() FROM closed_days WHERE site_id NOT IN {sites:Array(UInt32)}) AS gone,
    (SELECT uniqExact(closing) FROM closed_values WHERE closing < {before:UInt64} AND closing NOT IN (SELECT closing FROM closed_days FINAL)
        AND (SELECT max(closing) FROM closed_days) < {before:UInt64}) AS idle`
	err = c.o.Store.Select(ctx, find, args, func(row *rows.Row) error {
		gone, idle = row.Uint("gone"), row.Uint("idle")
		return nil
	})
	if err == nil && gone > 0 {
		err = c.o.Store.Exec(ctx, "ALTER TABLE closed_days DELETE WHERE site_id NOT IN {sites:Array(UInt32)}", args...)
	}
	if err == nil && idle+gone > 0 {
		err = c.o.Store.Exec(ctx, "ALTER TABLE closed_values DELETE WHERE closing < {before:UInt64} AND closing NOT IN (SELECT closing FROM closed_days FINAL)", args...)
	}
	if err != nil {
		return fmt.Errorf("remove closings that don't count: %w", err)
	}
	return nil
}
