package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// figures of one visitor's only visit.
type figures struct {
	rows, visits, bounces, durationMS, engagedMS, scroll, scrolled, read int64
	ids, hashes                                                          int64 // of visits and of visitors
}

// visits compares each visitor's figures with what a naive look at the events
// makes of them. Every visitor's events are minutes apart at most, so they are
// one visit.
func (c *test) visits(ctx context.Context, db *clickhouse.DB, all map[int]*sent, stored map[int]bool) error {
	want := naive(all, stored)
	seen := 0
	err := db.Select(ctx, `SELECT toInt64(extract(path, '^/v/([0-9]+)/')) AS v, count() AS n, sum(entry) AS visits, sum(bounce) AS bounces, sum(gap_ms) AS duration,
		sum(engaged_ms) AS engaged, sum(scroll) AS depth, sum(scrolled) AS views, sum(read) AS reads, uniqExact(visit) AS ids, uniqExact(visitor) AS hashes,
		dateDiff('ms', min(ts), max(ts)) AS span FROM events GROUP BY v ORDER BY v`, nil, func(row *rows.Row) error {
		visitor := row.Int("v")
		got := figures{
			rows: row.Int("n"), visits: row.Int("visits"), bounces: row.Int("bounces"), durationMS: row.Int("duration"),
			engagedMS: row.Int("engaged"), scroll: row.Int("depth"), scrolled: row.Int("views"), read: row.Int("reads"),
			ids: row.Int("ids"), hashes: row.Int("hashes"),
		}
		w, ok := want[int(visitor)]
		if !ok {
			c.r.wrong("visitor %d never was", visitor)
			return nil
		}
		seen++
		w.durationMS = row.Int("span") // of its events
		if got != *w {
			c.r.wrong("visitor %d: %s, not %s", visitor, got, *w)
		}
		return nil
	})
	if err == nil && seen != len(want) {
		c.r.wrong("%d visitors, not %d", seen, len(want))
	}
	return err
}

func (f figures) String() string {
	return fmt.Sprintf("%d rows, %d visits (%d IDs), %d bounces, %d ms, %d ms engaged, %d %% of depth in %d views, %d read, %d hashes",
		f.rows, f.visits, f.ids, f.bounces, f.durationMS, f.engagedMS, f.scroll, f.scrolled, f.read, f.hashes)
}

// naive computes each visitor's figures from the events that are stored.
func naive(all map[int]*sent, stored map[int]bool) map[int]*figures {
	type view struct{ engaged, depth int }
	type person struct {
		pageviews, active int
		views             map[int]*view
	}
	people := map[int]*person{}
	out := map[int]*figures{}
	for n, s := range all {
		if !stored[n] {
			continue
		}
		p, f := people[s.visitor], out[s.visitor]
		if p == nil {
			p, f = &person{views: map[int]*view{}}, &figures{visits: 1, ids: 1, hashes: 1}
			people[s.visitor], out[s.visitor] = p, f
		}
		f.rows++
		switch s.kind {
		case pageview:
			p.pageviews++
		case share, custom:
			p.active++
		case engagement:
			f.engagedMS += int64(s.engagedMS)
			if !stored[s.view] {
				break
			}
			v := p.views[s.view]
			if v == nil {
				v = &view{depth: -1}
				p.views[s.view] = v
			}
			v.engaged += s.engagedMS
			v.depth = max(v.depth, s.depth)
		}
	}
	for id, p := range people {
		f := out[id]
		if p.pageviews < 2 && p.active == 0 {
			f.bounces = 1
		}
		for _, v := range p.views {
			if v.depth >= 0 {
				f.scrolled++
				f.scroll += int64(v.depth)
			}
			if v.engaged >= int(event.ReadEngaged.Milliseconds()) && v.depth >= event.ReadScroll {
				f.read++
			}
		}
	}
	return out
}

// trees checks that each share stands in its parent's tree: the writer knows
// of it from what it has in memory, or after a crash from ClickHouse.
func (c *test) trees(ctx context.Context, db *clickhouse.DB, all map[int]*sent, stored map[int]bool) error {
	roots := map[int]string{}
	for _, n := range slices.Sorted(maps.Keys(stored)) {
		switch s := all[n]; {
		case s == nil || s.kind != share:
		case s.parent == 0:
			roots[n] = shareID(n)
		case roots[s.parent] == "": // never heard of: it is the root itself
			roots[n] = shareID(s.parent)
		default:
			roots[n] = roots[s.parent]
		}
	}
	return db.Select(ctx, "SELECT toInt64(props['n']) AS n, share_root FROM events WHERE name = 'share'", nil, func(row *rows.Row) error {
		if n, root := int(row.Int("n")), row.Text("share_root"); roots[n] != root {
			c.r.wrong("share %d is in the tree of %s, not %s", n, root, roots[n])
		}
		return nil
	})
}
