package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/bench/pages"
	"github.com/earshot-analytics/earshot/internal/bench/peers"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// peerFigures opens the Overview and asks, in turn with it, what the first
// view of other tools asks of tables in their shape, which have the same
// events.
func peerFigures(b *bench, r *report) error {
	return b.eachMade(ways[:1], func(l *viewer, _ way) error {
		dsn, ok := embedded.Running(l.program.data)
		if !ok {
			return fmt.Errorf("no engine runs on %s", l.program.data)
		}
		ctx := context.Background()
		var stores []*peers.Store
		for _, peer := range peers.All() {
			if err := peer.Fill(ctx, dsn); err != nil {
				return err
			}
			store, err := peer.Open(ctx, dsn)
			if err != nil {
				return err
			}
			defer store.Close()
			stores = append(stores, store)
		}
		if err := l.quiet(); err != nil {
			return err
		}
		f, err := l.favourites()
		if err != nil {
			return err
		}
		for _, v := range []struct {
			name, query string
			by          peers.Filter
			value       string
		}{
			{"first view", "", peers.None, ""},
			{"one source", "&f=is,visit:source," + f.source, peers.BySource, f.source},
			{"one country", "&f=is,visit:country," + f.country, peers.ByCountry, f.country},
		} {
			if err := l.beside(r, stores, v.name, v.query, v.by, v.value); err != nil {
				return err
			}
		}
		for _, peer := range peers.All() {
			_, each, err := l.disk(peer.Database(), l.events)
			if err != nil {
				return err
			}
			r.add(fmt.Sprintf("bytes per event, %s, %s events", peer.Name, thousands(l.events)), "all tables in its shape, by the number of Earshot's events; Umami has no engagements", "%.1f", each)
		}
		return nil
	})
}

const peerDays = 28

func (l *viewer) beside(r *report, stores []*peers.Store, name, query string, by peers.Filter, value string) error {
	tab, err := l.browser.Tab(pages.Desktop, false)
	if err != nil {
		return err
	}
	defer tab.Close()
	ask := []func() error{func() error {
		_, err := tab.Open(fmt.Sprintf("%s/%s/overview?period=%dd%s", l.program.base, madeSite, peerDays, query))
		return err
	}}
	for _, store := range stores {
		ask = append(ask, func() error { return store.Look(context.Background(), peerDays, time.Now(), by, value) })
	}
	engine, asked := make([][]float64, len(ask)), make([]counters, len(ask))
	for i := range pageTurns + 1 {
		for j, one := range ask {
			c, err := l.of(one)
			if err != nil {
				return err
			}
			if i > 0 {
				engine[j], asked[j] = append(engine[j], ms(c.engine)), c.counters
			}
		}
	}
	text := make([]string, len(ask))
	best := median(engine[1])
	for j := range ask {
		who := "Earshot"
		if j > 0 {
			who = peers.All()[j-1].Name
			best = min(best, median(engine[j]))
		}
		text[j] = fmt.Sprintf("%s %.0f ms (%d statements, %.2f million rows)", who, median(engine[j]), asked[j].statements, float64(asked[j].rows)/1e6)
	}
	r.add(fmt.Sprintf("Earshot ÷ the best peer, %s, %s events", name, thousands(l.events)),
		fmt.Sprintf("ClickHouse's processor time of %d days: the Overview opened in Chromium with comparison, and what the peers' default dashboards ask; in turn, warm, median of %d", peerDays, pageTurns),
		"%.2f: %s", median(engine[0])/best, strings.Join(text, ", "))
	return nil
}

// disk is how many bytes an event takes on disk, all tables of a database
// together and each, the largest first.
func (m *meter) disk(database string, events int) (each []string, total float64, err error) {
	const sql = `SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = {database:String} GROUP BY table ORDER BY bytes DESC`
	err = m.db.Select(context.Background(), sql, []rows.Arg{rows.Bind("database", database)}, func(row *rows.Row) error {
		bytes := float64(row.Uint("bytes")) / float64(max(events, 1))
		total += bytes
		if bytes >= 0.05 {
			each = append(each, fmt.Sprintf("%s %.1f", row.Text("table"), bytes))
		}
		return nil
	})
	return each, total, err
}
