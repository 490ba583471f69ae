package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// report is what came out of a campaign.
type report struct {
	faults                  map[string]int
	acked, refused, unsure  int
	stored                  int
	lost, doubled, invented []int // numbers
	damage                  []harm
	excused                 int // lost, as the program said after a damage
	problems                []string
	skipped                 []string
	bots, leftOut           int
	readings                int // there
	batches                 string
	outages                 []string
	slowestStop, took       time.Duration
}

func (r *report) wrong(format string, args ...any) {
	if len(r.problems) < 50 {
		r.problems = append(r.problems, fmt.Sprintf(format, args...))
	}
}

func (r *report) err() error {
	if r == nil || len(r.lost)+len(r.doubled)+len(r.invented)+len(r.problems) == 0 {
		return nil
	}
	return fmt.Errorf("%d events lost, %d doubled, %d never sent, %d other figures wrong", len(r.lost), len(r.doubled), len(r.invented), len(r.problems))
}

func (r *report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lost %d, doubled %d of %d acknowledged events (%d refused, %d without an answer, %d stored) in %s\n",
		len(r.lost), len(r.doubled), r.acked, r.refused, r.unsure, r.stored, r.took.Round(time.Second))
	for _, name := range slices.Sorted(maps.Keys(r.faults)) {
		fmt.Fprintf(&b, "  %3d × %s\n", r.faults[name], name)
	}
	for _, d := range r.damage {
		if d.groups+d.records > 0 {
			fmt.Fprintf(&b, "  %s: the program reports %d groups and %d records\n", d.what, d.groups, d.records)
		}
	}
	fmt.Fprintf(&b, "  %d events missing by damage, all reported; slowest stop %s; %d of %d left-out hits counted\n",
		r.excused, r.slowestStop.Round(time.Millisecond), r.leftOut, r.bots)
	fmt.Fprintf(&b, "  %s; %d facts of other kinds\n", r.batches, r.readings)
	for _, s := range r.outages {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	for _, list := range []struct {
		what    string
		numbers []int
	}{{"lost", r.lost}, {"doubled", r.doubled}, {"never sent", r.invented}} {
		if len(list.numbers) > 0 {
			fmt.Fprintf(&b, "  %s: %v\n", list.what, list.numbers[:min(30, len(list.numbers))])
		}
	}
	for _, s := range r.skipped {
		fmt.Fprintf(&b, "  skipped: %s\n", s)
	}
	for _, s := range r.problems[:min(10, len(r.problems))] {
		fmt.Fprintf(&b, "  wrong: %s\n", s)
	}
	return b.String()
}

// reconcile compares what was sent with what ClickHouse has.
func (c *test) reconcile(ctx context.Context) error {
	db, err := c.database(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	c.l.odd.Range(func(what, _ any) bool { c.r.wrong("%s", what); return true })
	all := map[int]*sent{}
	for i := range c.l.all {
		for j := range c.l.all[i] {
			s := &c.l.all[i][j]
			all[s.n] = s
		}
	}
	stored := map[int]bool{}
	err = db.Select(ctx, "SELECT toInt64(props['n']) AS n, count() AS times FROM events GROUP BY n ORDER BY n", nil, func(row *rows.Row) error {
		n, times := int(row.Int("n")), row.Int("times")
		stored[n] = true
		if all[n] == nil {
			c.r.invented = append(c.r.invented, n)
		}
		if times > 1 {
			c.r.doubled = append(c.r.doubled, n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.r.stored = len(stored)
	c.losses(all, stored)
	c.whole(all, stored)
	return errors.Join(c.visits(ctx, db, all, stored), c.trees(ctx, db, all, stored), c.totals(ctx, db), c.closedDays(ctx, db), c.readings(ctx, db, all), c.leftOuts(ctx, db))
}

func (c *test) database(ctx context.Context) (*clickhouse.DB, error) {
	if c.engine != nil {
		return clickhouse.Open(ctx, clickhouse.Options{DSN: c.engine.DSN(), Dial: c.engine.Dial})
	}
	dsn, ok := embedded.Running(c.p.spec.Data)
	if !ok {
		return nil, errors.New("the engine doesn't run")
	}
	return clickhouse.Open(ctx, clickhouse.Options{DSN: dsn})
}

// losses finds acknowledged events that are missing. Only what waited at a
// damage may be, and not more than the program reported.
func (c *test) losses(all map[int]*sent, stored map[int]bool) {
	excuses := make([]int, len(c.r.damage))
	for _, n := range slices.Sorted(maps.Keys(all)) {
		switch all[n].fate {
		case refused:
			c.r.refused++
			continue
		case unsure:
			c.r.unsure++
			continue
		}
		c.r.acked++
		if stored[n] {
			continue
		}
		if i := slices.IndexFunc(c.r.damage, func(d harm) bool { return d.node == all[n].node && d.epoch == all[n].epoch }); i >= 0 {
			// An engagement is dropped where all that made its visit is lost.
			if excuses[i] < c.r.damage[i].records || all[n].kind == engagement && !lives(all, stored, all[n]) {
				if all[n].kind != engagement || lives(all, stored, all[n]) {
					excuses[i]++
				}
				c.r.excused++
				continue
			}
		}
		c.r.lost = append(c.r.lost, n)
		c.o.log.Debug("lost", "what", fmt.Sprintf("%+v", *all[n]))
	}
}

// whole checks that of each batch all is there or nothing, and how they fared.
// One that damage has met may lack an engagement whose visit was lost.
func (c *test) whole(all map[int]*sent, stored map[int]bool) {
	there, missing := map[int]int{}, map[int][]*sent{}
	for n, s := range all {
		if stored[n] {
			there[s.batch]++
		} else {
			missing[s.batch] = append(missing[s.batch], s)
		}
	}
	for n, list := range missing {
		if n == 0 || there[n] == 0 {
			continue
		}
		list = slices.DeleteFunc(list, func(s *sent) bool { return s.kind == engagement && !lives(all, stored, s) })
		if len(list) > 0 {
			c.r.wrong("of batch %d, %d events are there and %d not", n, there[n], len(list))
		}
	}
	k := &c.l.batches
	c.r.batches = fmt.Sprintf("%d batches acknowledged of %d; %d sent again before that, %d times known already",
		k.acked.Load(), k.made.Load(), k.again.Load(), k.replayed.Load())
}

// lives says whether an event before s that makes a visit of it is stored.
func lives(all map[int]*sent, stored map[int]bool, s *sent) bool {
	for n, o := range all {
		if o.visitor == s.visitor && n < s.n && o.kind != engagement && stored[n] {
			return true
		}
	}
	return false
}

// totals compares the totals by hour and the shares with the events.
func (c *test) totals(ctx context.Context, db *clickhouse.DB) error {
	figures := func(sql string) (out []any, err error) {
		err = db.Select(ctx, sql, nil, func(row *rows.Row) error { out = slices.Clone(row.Cells()); return nil })
		return out, err
	}
	names := []string{"events", "page views", "shares", "reshares", "visits", "bounces", "gap", "engaged", "scroll", "scrolled", "read", "visitors"}
	want, err := figures(`SELECT countIf(name != 'engagement'), countIf(name = 'pageview'), countIf(name = 'share'), countIf(name = 'share' AND share_parent != ''),
		sum(entry), sum(bounce), sum(gap_ms), sum(engaged_ms), sum(scroll), sum(scrolled), sum(read), uniq(visitor) FROM events`)
	if err != nil {
		return err
	}
	got, err := figures(`SELECT sum(events), sum(pageviews), sum(shares), sum(reshares), sum(visits), sum(bounces), sum(gap_ms), sum(engaged_ms),
		sum(scroll), sum(scrolled), sum(read), uniqMerge(visitors) FROM totals_hourly`)
	if err != nil {
		return err
	}
	for i, name := range names {
		if fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
			c.r.wrong("%s by hour: %v, events say %v", name, got[i], want[i])
		}
	}
	shares := fmt.Sprint(want[2])
	const ofSharing = `SELECT count(), sum(cityHash64(name, visit, share_id, via_share, ts)) FROM `
	if want, err = figures(ofSharing + "events WHERE name = 'share' OR (entry = 1 AND via_share != '')"); err != nil {
		return err
	}
	if got, err = figures(ofSharing + "sharing"); err != nil {
		return err
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.r.wrong("sharing: %v rows, events say %v", got[0], want[0])
	}
	rows, err := figures(`SELECT toInt64(count()), toInt64(uniqExact(share_id)) FROM shares`)
	if err != nil {
		return err
	}
	if fmt.Sprint(rows[0]) != shares || rows[0] != rows[1] {
		c.r.wrong("shares: %v rows of %v shares, events say %s", rows[0], rows[1], shares)
	}
	return nil
}

// readings checks the facts of other kinds that were spooled beside events.
func (c *test) readings(ctx context.Context, db *clickhouse.DB, all map[int]*sent) error {
	lost := 0
	for _, e := range readingKinds() {
		beside := map[string]int{} // the events' numbers, by records
		for n := range all {
			beside[string(readingOf(e, n))] = n
		}
		times := map[int]int{}
		stored := e.List()
		err := db.Select(ctx, "SELECT "+e.Listed()+" FROM "+e.Table, nil, func(row *rows.Row) error {
			stored.Reset()
			stored.Scan(row)
			n, ok := beside[string(stored.AppendRecord(nil, 0))]
			if !ok {
				c.r.wrong("a row of %s is none that was spooled: %v", e.Table, row.Cells())
			}
			times[n]++
			return nil
		})
		if err != nil {
			return err
		}
		for n, s := range all {
			if n%readingEvery != 0 || s.batch > 0 {
				continue
			}
			switch k := times[n]; {
			case k > 1:
				c.r.wrong("the reading in %s beside event %d is there %d times", e.Table, n, k)
			case k == 1:
				c.r.readings++
			case s.fate == acked:
				lost++
			}
		}
	}
	reported := 0
	for _, d := range c.r.damage {
		reported += d.records
	}
	if lost > reported {
		c.r.wrong("%d facts of other kinds are lost", lost)
	}
	return nil
}

func (c *test) leftOuts(ctx context.Context, db *clickhouse.DB) error {
	c.r.bots = int(c.l.bots.Load())
	err := db.Select(ctx, "SELECT sum(hits) AS hits_in_all FROM left_out", nil, func(row *rows.Row) error {
		c.r.leftOut = int(row.Int("hits_in_all"))
		return nil
	})
	if asked := int(c.l.botsAsked.Load()); c.r.leftOut > asked {
		c.r.wrong("%d hits of bots are counted, %d were sent", c.r.leftOut, asked)
	}
	return err
}
