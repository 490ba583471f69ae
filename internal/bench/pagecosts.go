package main

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/bench/pages"
)

const (
	madeSite  = "demo-001.example" // the first that earshot demo makes
	madeDays  = 91
	pageTurns = 3 // beside one that warms up
)

// way is one way in which the program answers. Ways are compared in the same
// run, on the same events.
type way struct {
	name  string
	flags []string // of earshot serve
}

// The first is the program as it is; the other reads no closed days.
var ways = []way{{name: "as it is"}, {name: "from events alone", flags: []string{"--events-alone"}}}

// view is a page in one view.
type view struct{ name, path string }

// views are those whose cost is measured.
func views(f favourites) []view {
	path := func(dashboard, period string, filters ...string) string {
		q := url.Values{"period": {period}}
		for i := 0; i < len(filters); i += 2 {
			q.Add("f", "is,"+filters[i]+",\""+filters[i+1]+"\"")
		}
		return "/" + madeSite + "/" + dashboard + "?" + q.Encode()
	}
	source, country, page := []string{"visit:source", f.source}, []string{"visit:country", f.country}, []string{"event:page", f.page}
	return []view{
		{"Overview, 28 days", path("overview", "28d")},
		{"Overview, 91 days", path("overview", "91d")},
		{"Overview, 12 months", path("overview", "12mo")},
		{"Overview, 28 days, one source", path("overview", "28d", source...)},
		{"Overview, 28 days, one country", path("overview", "28d", country...)},
		{"Overview, 28 days, one page", path("overview", "28d", page...)},
		{"Overview, 28 days, source and country", path("overview", "28d", slices.Concat(source, country)...)},
		{"Sharing, 28 days", path("sharing", "28d")},
		{"Engagement, 28 days", path("engagement", "28d")},
		{"Posts, 28 days", path("posts", "28d")},
		{"Growth, 28 days", path("growth", "28d")},
		{"One page, 28 days", path("page", "28d", page...)},
	}
}

// favourites are what most readers came by, from and to.
type favourites struct{ source, country, page string }

func (m *meter) favourites() (f favourites, err error) {
	for column, to := range map[string]*string{"source": &f.source, "country": &f.country, "path": &f.page} {
		*to, err = m.text("SELECT toString(" + column + ") AS most FROM events WHERE " + column + " != '' GROUP BY most ORDER BY count() DESC LIMIT 1")
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// made is the data folder of a site with so many events, made once for all
// sections, or the one that -data names.
func (b *bench) made(events int) (string, error) {
	if b.data != "" {
		return b.data, nil
	}
	data := filepath.Join(b.work, fmt.Sprintf("made-%d", events))
	if slices.Contains(b.folders, data) {
		return data, nil
	}
	b.folders = append(b.folders, data)
	_, err := command(b.binary, data, "", "demo", "--events", fmt.Sprint(events), "--sites", "1", "--days", fmt.Sprint(madeDays))
	return data, err
}

// eachMade runs do beside the program on each size of site, once for each way.
func (b *bench) eachMade(ways []way, do func(l *viewer, w way) error) error {
	sizes := b.pageEvents
	if b.data != "" {
		sizes = sizes[:1]
	}
	for _, events := range sizes {
		data, err := b.made(events)
		if err != nil {
			return err
		}
		for _, w := range ways {
			if err := b.lookAt(data, w, do); err != nil {
				return err
			}
		}
	}
	return nil
}

// viewer is a running program with somebody who looks at it.
type viewer struct {
	*meter
	browser *pages.Browser
	events  int
	closing closing
}

// closing is what closing the site's days cost while nothing else happened.
type closing struct {
	days int // that were closed
	cost cost
}

// closed waits until all days are closed that are over.
func (m *meter) closed() (c closing, err error) {
	open := func() (n int, err error) {
		text, err := m.text(`SELECT toString((SELECT uniqExact(site_id, day) FROM events WHERE day < today()) - (SELECT count() FROM closed_days FINAL))`)
		if err == nil {
			n, err = strconv.Atoi(text)
		}
		return n, err
	}
	if c.days, err = open(); err != nil || c.days <= 0 {
		return c, err
	}
	c.cost, err = m.of(func() error {
		for range 3600 {
			if n, err := open(); err != nil || n <= 0 {
				return err
			}
			time.Sleep(500 * time.Millisecond)
		}
		return errors.New("not all days are closed after half an hour")
	})
	return c, err
}

func (b *bench) lookAt(data string, w way, do func(l *viewer, w way) error) error {
	p, err := b.start(data, w.flags...)
	if err != nil {
		return err
	}
	defer p.stop()
	client, err := p.login()
	if err != nil {
		return err
	}
	base, err := url.Parse(p.base)
	if err != nil {
		return err
	}
	m, err := p.meter()
	if err != nil {
		return err
	}
	defer m.close()
	var c closing
	if len(w.flags) == 0 {
		if c, err = m.closed(); err != nil {
			return err
		}
	}
	if err := m.quiet(); err != nil {
		return err
	}
	browser, err := pages.Start(p.base, client.Jar.Cookies(base))
	if err != nil {
		return err
	}
	defer browser.Close()
	events, err := engineNumber(data, countSQL)
	if err != nil {
		return err
	}
	return do(&viewer{m, browser, int(events), c}, w)
}

// opened is what one opening of a page costs, medians of several, in ms.
type opened struct{ own, engine, last, statements, rows float64 }

func (o opened) both() float64 { return o.own + o.engine }

// open opens a page several times, once to warm up.
func (l *viewer) open(tab *pages.Tab, path string) (opened, error) {
	var own, engine, last, statements, rows []float64
	for i := range pageTurns + 1 {
		var page pages.Opening
		c, err := l.of(func() (err error) { page, err = tab.Open(l.program.base + path); return err })
		if err != nil {
			return opened{}, err
		}
		if i > 0 {
			own, engine, last = append(own, ms(c.own)), append(engine, ms(c.engine)), append(last, ms(page.Last))
			statements, rows = append(statements, float64(c.statements)), append(rows, float64(c.rows))
		}
	}
	return opened{median(own), median(engine), median(last), median(statements), median(rows)}, nil
}

// pageFigures measures what the opening of each page costs both programs, and
// how long the last panel lets its reader wait.
func pageFigures(b *bench, r *report) error {
	before := map[string]opened{} // by page and size, the first way's
	return b.eachMade(ways, func(l *viewer, w way) error {
		f, err := l.favourites()
		if err != nil {
			return err
		}
		if c := l.closing; c.days > 0 {
			whole := ms(c.cost.engine + c.cost.own)
			r.add(fmt.Sprintf("closing days, %s events", thousands(l.events)), fmt.Sprintf("processor time of both programs from a start on, for %d days", c.days),
				"%.0f ms a day, %.2f s a million events", whole/float64(c.days), whole/1000/float64(l.events)*1e6)
		}
		tab, err := l.browser.Tab(pages.Desktop, false)
		if err != nil {
			return err
		}
		defer tab.Close()
		for _, v := range views(f) {
			o, err := l.open(tab, v.path)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s, %s events", v.name, thousands(l.events))
			first, again := before[name]
			if !again {
				before[name] = o
			}
			value := fmt.Sprintf("ClickHouse %.0f ms, Earshot %.0f ms; last panel after %.0f ms; %.0f statements, %.2f million rows", o.engine, o.own, o.last, o.statements, o.rows/1e6)
			if again {
				name += ", " + w.name
				value += fmt.Sprintf("; %.1f times %q", o.both()/first.both(), ways[0].name)
			}
			r.add(name, fmt.Sprintf("one opening in Chromium, with comparison; processor time; warm, median of %d", pageTurns), "%s", value)
		}
		return nil
	})
}

// movingFigures measures what a page does while it comes to stand, as the
// browser itself tells it.
func movingFigures(b *bench, r *report) error {
	return b.eachMade(ways[:1], func(l *viewer, _ way) error {
		for _, size := range []pages.Size{pages.Desktop, pages.Phone} {
			tab, err := l.browser.Tab(size, true)
			if err != nil {
				return err
			}
			defer tab.Close()
			var figures, last, shift, blocked []float64
			for i := range pageTurns + 1 {
				if _, err := tab.Open(l.program.base + "/" + madeSite + "/overview?period=28d"); err != nil {
					return err
				}
				o, err := tab.Settle()
				if err != nil {
					return err
				}
				if i > 0 {
					figures, last = append(figures, ms(o.Figures)), append(last, ms(o.Last))
					shift, blocked = append(shift, o.Shift), append(blocked, ms(o.Blocked))
				}
			}
			r.add(fmt.Sprintf("Overview on a %s, %s events", size.Name, thousands(l.events)),
				fmt.Sprintf("28 days in Chromium, %d × %d, processor not throttled, live figures on; warm, median of %d", size.Width, size.Height, pageTurns),
				"CLS %.3f; total blocking time %.0f ms; key figures after %.0f ms, last panel after %.0f ms", median(shift), median(blocked), median(figures), median(last))
		}
		return nil
	})
}

// liveFigures measures what tabs cost that are open and watched, beside the
// same time without any.
func liveFigures(b *bench, r *report) error {
	const long = 20 * time.Second
	const rest = 10 * time.Second // of what opening a page leaves to do
	return b.eachMade(ways, func(l *viewer, w way) error {
		wait := func() error { time.Sleep(long); return nil }
		idle, err := l.of(wait)
		if err != nil {
			return err
		}
		perMinute := func(d time.Duration) float64 { return ms(d) * float64(time.Minute) / float64(long) }
		of := fmt.Sprintf("%s events", thousands(l.events))
		if len(ways) > 1 {
			of += ", " + w.name
		}
		r.add("no tab open, "+of, fmt.Sprintf("processor time of %v, per minute", long), "ClickHouse %.0f ms, Earshot %.0f ms", perMinute(idle.engine), perMinute(idle.own))
		open := 0
		for _, tabs := range []int{1, 5} {
			for ; open < tabs; open++ {
				tab, err := l.browser.Tab(pages.Desktop, true)
				if err != nil {
					return err
				}
				defer tab.Close()
				if _, err := tab.Open(l.program.base + "/" + madeSite + "/overview?period=28d"); err != nil {
					return err
				}
				if _, err := tab.Settle(); err != nil {
					return err
				}
			}
			time.Sleep(rest)
			c, err := l.of(wait)
			if err != nil {
				return err
			}
			r.add(fmt.Sprintf("live figures, open tabs: %d, %s", tabs, of), "the same, less that without a tab",
				"ClickHouse %.0f ms, Earshot %.0f ms a minute; %.0f statements", perMinute(c.engine-idle.engine), perMinute(c.own-idle.own), float64(c.statements)*float64(time.Minute)/float64(long))
		}
		return nil
	})
}

// diskFigures says what an event takes on disk, by table.
func diskFigures(b *bench, r *report) error {
	return b.eachMade(ways[:1], func(l *viewer, _ way) error {
		each, total, err := l.disk("earshot", l.events)
		if err != nil {
			return err
		}
		r.add(fmt.Sprintf("bytes per event, all tables, %s events", thousands(l.events)), fmt.Sprintf("active parts of earshot demo's site of %d days, after merges", madeDays), "%.1f: %s", total, strings.Join(each, ", "))
		return nil
	})
}
