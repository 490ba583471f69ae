package daybook_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/daybook"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

func TestMain(m *testing.M) { chtest.Main(m) }

const days = 6

var (
	first = time.Date(2026, 3, 26, 0, 0, 0, 0, time.UTC) // Europe's clocks change on the 29th
	now   = first.AddDate(0, 0, days-1).Add(15 * time.Hour)
)

// blog is a site with its readers, whose events come in one batch after the other.
type blog struct {
	t    *testing.T
	db   *clickhouse.DB
	r    *rand.Rand
	site daybook.Site
	n    int
}

// read has readers come, each for one visit; some read over midnight, and some
// come again on the same day of UTC.
func (b *blog) read(visits int) {
	b.t.Helper()
	var list []event.Row
	for range visits {
		b.n++
		start := first.Add(time.Duration(b.r.Int64N(int64(now.Sub(first)))))
		if b.r.IntN(4) == 0 {
			start = start.Truncate(24 * time.Hour).Add(24*time.Hour - time.Duration(b.r.IntN(900))*time.Second)
		}
		visitor := uint64(start.Sub(first)/(24*time.Hour))*100 + b.r.Uint64N(30)
		at, entry := start, fmt.Sprintf("/%d", b.r.IntN(4))
		source, country := []string{"", "Google", "Bing"}[b.r.IntN(3)], []string{"FR", "DE"}[visitor%2]
		for i := range 1 + b.r.IntN(4) {
			row := event.Row{Visit: uint64(b.n), Began: start, EntryPath: entry, Bounce: -1}
			row.Site, row.Visitor, row.Time, row.Name, row.Path, row.Source, row.Country = b.site.ID, visitor, at, event.Pageview, entry, source, country
			if i == 0 {
				row.Entry, row.Bounce = 1, 1
			} else {
				row.Path = fmt.Sprintf("/%d", b.r.IntN(4))
				if i > 1 {
					row.Bounce = 0
				}
			}
			list = append(list, row)
			at = at.Add(time.Duration(1+b.r.IntN(1200)) * time.Second)
		}
	}
	if err := b.db.Insert(b.t.Context(), fmt.Sprint("batch ", b.site.ID, b.n), event.Events.Of(list)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *blog) query() query.Site { return query.Site{ID: b.site.ID, Location: b.site.Zone} }

// closed are the dates that are closed, of those on which something happened.
func (b *blog) closed() (dates []string) {
	b.t.Helper()
	c, err := daybook.Closed(b.t.Context(), b.db, b.query())
	if err != nil {
		b.t.Fatal(err)
	}
	if c != nil {
		for _, d := range c.Days {
			if d.Closing != 0 {
				dates = append(dates, d.Start.Format("02"))
			}
		}
	}
	return dates
}

func (b *blog) closer(store daybook.Store) *daybook.Closer {
	return daybook.New(daybook.Options{Store: store, Now: func() time.Time { return now },
		Sites: func(context.Context) ([]daybook.Site, error) { return []daybook.Site{b.site}, nil }})
}

// agree asks the same of closed days and of events alone.
func (b *blog) agree(when string) {
	b.t.Helper()
	site := b.query()
	c, err := daybook.Closed(b.t.Context(), b.db, site)
	if err != nil {
		b.t.Fatal(err)
	}
	today, err := query.ParsePeriod(site, "7d", "", "", now)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, by := range []string{"", "event:page", "visit:source", "visit:exit_page", "time:day"} {
		q := query.Query{Site: site, Metrics: []string{"visitors", "visits", "pageviews", "bounce_rate"}, Range: today, Now: now}
		if by != "" {
			q.Dimensions = []string{by}
		}
		var answers []string
		for _, closed := range []*query.Closed{nil, c} {
			q.Site.Closed = closed
			res, err := query.Compare(b.t.Context(), b.db, q, query.Previous)
			if err != nil {
				b.t.Fatal(err)
			}
			answers = append(answers, fmt.Sprint(res.Rows, res.BeforeRows))
		}
		if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
			b.t.Fatalf("%s, by %s in %s:\n%s", when, by, b.site.Zone, diff)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func newBlog(t *testing.T, seed uint64) *blog {
	t.Helper()
	return &blog{t: t, db: chtest.New(t), r: rand.New(rand.NewPCG(seed, seed)), site: daybook.Site{ID: 7, Zone: time.UTC}}
}

// Days are closed when they are over, stay closed, and are closed again after
// something came in late.
func TestDaysAreClosedAndClosedAgain(t *testing.T) {
	b := newBlog(t, 1)
	b.read(200)
	if got := b.closed(); got != nil {
		t.Fatalf("closed before anybody closed them: %v", got)
	}
	c := b.closer(b.db)
	for range 2 {
		if err := c.CloseAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(b.closed(), " "); got != "26 27 28 29 30" {
			t.Fatalf("closed: %s", got)
		}
	}
	var closings uint64
	err := b.db.Select(t.Context(), "SELECT uniqExact(closing) AS n FROM closed_values", nil, func(row *rows.Row) error {
		closings = row.Uint("n")
		return nil
	})
	if err != nil || closings != 5 {
		t.Errorf("%d closings of five days, %v", closings, err)
	}
	b.agree("closed")
	late := event.Row{Visit: 1 << 40, Began: first.AddDate(0, 0, 1).Add(time.Hour), EntryPath: "/late"}
	late.Site, late.Visitor, late.Time, late.Name, late.Path, late.Entry = b.site.ID, 1<<40, late.Began, event.Pageview, "/late", 1
	if err := b.db.Insert(t.Context(), "late", event.Events.Of([]event.Row{late})); err != nil {
		t.Fatal(err)
	}
	// It bears on the days after it, too.
	if got := strings.Join(b.closed(), " "); got != "26" {
		t.Errorf("closed with a late event of the 27th: %s", got)
	}
	b.agree("late")
	if err := c.CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.closed(), " "); got != "26 27 28 29 30" {
		t.Errorf("closed again: %s", got)
	}
	b.agree("closed again")
}

// failing is a store that fails, or lets something happen, before statements with
// a text.
type failing struct {
	*clickhouse.DB
	before string
	do     func() error
}

func (f failing) Exec(ctx context.Context, sql string, args ...rows.Arg) error {
	if strings.Contains(sql, f.before) {
		if err := f.do(); err != nil {
			return err
		}
	}
	return f.DB.Exec(ctx, sql, args...)
}

// A closing that is cut off, or that events come in between, doesn't count.
func TestACutClosingDoesNotCount(t *testing.T) {
	b := newBlog(t, 2)
	b.read(100)
	cut := errors.New("cut off")
	for _, before := range []string{"INSERT INTO closed_values", "INSERT INTO closed_days"} {
		err := b.closer(failing{b.db, before, func() error { return cut }}).CloseAll(t.Context())
		if !errors.Is(err, cut) {
			t.Fatal(err)
		}
		if got := b.closed(); got != nil {
			t.Errorf("cut off before %s: closed %v", before, got)
		}
		b.agree("cut off")
	}
	// Events come in whenever a day is closed: none is.
	busy := failing{b.db, "INSERT INTO closed_values", func() error { b.read(60); return nil }}
	if err := b.closer(busy).CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.agree("busy")
	if err := b.closer(b.db).CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.closed(), " "); got != "26 27 28 29 30" {
		t.Errorf("closed: %s", got)
	}
	b.agree("closed")
}

// Whatever comes in when, however often closing fails, and whichever zone the site
// is moved to: closed days answer as events do.
func TestClosedDaysAreAlwaysRight(t *testing.T) {
	b := newBlog(t, 3)
	zones := []string{"UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"}
	for i := range 10 {
		b.read(1 + b.r.IntN(60))
		if b.r.IntN(3) == 0 {
			b.site.Zone = zone(t, zones[b.r.IntN(len(zones))])
		}
		closer := b.closer(failing{b.db, "INSERT", func() error {
			if b.r.IntN(6) == 0 {
				return errors.New("cut off")
			}
			return nil
		}})
		_ = closer.CloseAll(t.Context()) // fails by chance
		if b.r.IntN(3) == 0 {
			b.read(1 + b.r.IntN(5))
		}
		b.agree(fmt.Sprint("step ", i))
	}
}

// Days that another version of the program closed are closed anew.
func TestDaysOfAnotherLayoutAreClosedAnew(t *testing.T) {
	b := newBlog(t, 4)
	b.read(60)
	c := b.closer(b.db)
	if err := c.CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The same closings, later ones that lack what is computed now.
	err := b.db.Exec(t.Context(), "INSERT INTO closed_days SELECT site_id, zone, day, closing + 1, layout + 1, happened, begun FROM closed_days")
	if err != nil {
		t.Fatal(err)
	}
	if got := b.closed(); got != nil {
		t.Fatalf("closed by another version: %v", got)
	}
	if err := c.CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.closed(), " "); got != "26 27 28 29 30" {
		t.Errorf("closed anew: %s", got)
	}
}

// What doesn't count is removed: closings that were replaced, and those of sites
// that are gone. What counts stays.
func TestWhatDoesNotCountIsRemoved(t *testing.T) {
	b := newBlog(t, 5)
	b.read(60)
	c := b.closer(b.db)
	if err := c.CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	// An hour later.
	old := "INSERT INTO closed_values SELECT * REPLACE (closing - 3600000000000 - 1 AS closing) FROM closed_values"
	if err := b.db.Exec(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	count := func(of string) (n uint64) {
		t.Helper()
		err := b.db.Select(t.Context(), "SELECT count() AS n FROM "+of, nil, func(row *rows.Row) error { n = row.Uint("n"); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	all := count("closed_values")
	if err := c.Clean(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "half of the rows are left", func() bool { return count("closed_values") == all/2 })
	b.agree("cleaned")
	b.site.ID++
	if err := c.Clean(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "nothing is left of a site that is gone", func() bool { return count("closed_values")+count("closed_days FINAL") == 0 })
}

// Two programs that close the same days at once, as on several nodes, change no
// figure.
func TestTwoClosersAtOnce(t *testing.T) {
	b := newBlog(t, 6)
	b.read(120)
	ended := make(chan error)
	for range 2 {
		go func() { ended <- b.closer(b.db).CloseAll(t.Context()) }()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(b.closed(), " "); got != "26 27 28 29 30" {
		t.Errorf("closed: %s", got)
	}
	b.agree("closed by two")
}

// A site without an event has no closed days, and nothing is closed of it.
func TestAnEmptySite(t *testing.T) {
	b := newBlog(t, 7)
	if err := b.closer(b.db).CloseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.closed(); got != nil {
		t.Errorf("closed: %v", got)
	}
	b.agree("empty")
}
