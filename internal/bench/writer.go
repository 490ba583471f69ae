package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/write"
)

const (
	writerRows  = 100_000 // a round
	writerBatch = 10_000
)

// writerFigures compares the writer, which reads the spool, makes visits and
// keeps an outbox, with batches of clickhouse-go that are filled row by row,
// as its README does. Both write the same events into the same table, in turn.
func writerFigures(b *bench, r *report) error {
	const rounds = 5
	p, err := b.start(filepath.Join(b.work, "writer"))
	if err != nil {
		return err
	}
	defer p.stop()
	dsn, ok := embedded.Running(p.data)
	if !ok {
		return errors.New("no engine runs")
	}
	ctx := context.Background()
	db, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn})
	if err != nil {
		return err
	}
	defer db.Close()
	opts, err := driver.ParseDSN(dsn)
	if err != nil {
		return err
	}
	opts.Auth.Database = db.Database()
	plain, err := driver.Open(opts)
	if err != nil {
		return err
	}
	defer plain.Close()

	var ours, theirs, ratios []float64
	for round := range rounds + 1 {
		events := manyEvents(round)
		a, err := writeSpooled(ctx, filepath.Join(b.work, fmt.Sprintf("writer-%d", round)), db, events)
		if err != nil {
			return err
		}
		z, err := writePlain(ctx, plain, events)
		if err != nil {
			return err
		}
		if round > 0 { // the first warms up
			ours, theirs, ratios = append(ours, a), append(theirs, z), append(ratios, a/z)
		}
	}
	n, err := engineNumber(p.data, countSQL)
	if err != nil {
		return err
	}
	if want := int64(2 * (rounds + 1) * writerRows); n != want {
		return fmt.Errorf("%d rows of %d arrived", n, want)
	}
	r.add("writer ÷ plain clickhouse-go", fmt.Sprintf("%d events from the spool to ClickHouse beside batches of %d filled row by row, %d rounds in turn; median (min–max)", writerRows, writerBatch, rounds),
		"%.0f %% (%.0f–%.0f %%)", 100*median(ratios), 100*slices.Min(ratios), 100*slices.Max(ratios))
	r.add("rows written a second", "the same rounds, median", "%s, plain clickhouse-go %s", thousands(int(median(ours))), thousands(int(median(theirs))))
	return nil
}

// manyEvents are page views of many readers, as the collector spools them.
func manyEvents(round int) []event.Event {
	events := make([]event.Event, writerRows)
	begun := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for i := range events {
		events[i] = event.Event{
			Site: uint32(1000 + round), Time: begun.Add(time.Duration(i) * time.Millisecond), Visitor: uint64(1 + i*7919%40_000),
			Name: event.Pageview, Hostname: site, Path: fmt.Sprintf("/2026/post-%d/", i*31%500),
			Referrer: "google.com/", Source: "Google", Medium: "organic", Channel: "Organic Search", UTMSource: "newsletter",
			Country: []string{"FR", "DE", "US", "BR"}[i%4], Device: "Desktop", Browser: "Chrome", BrowserVersion: fmt.Sprintf("%d.0", 120+i%20),
			OS: "Windows", OSVersion: "10",
		}
	}
	return events
}

// writeSpooled gives how many events a second come from a spool into
// ClickHouse.
func writeSpooled(ctx context.Context, dir string, db *clickhouse.DB, events []event.Event) (float64, error) {
	s, err := spool.Open(filepath.Join(dir, "spool"), spool.Options{})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- s.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	for part := range slices.Chunk(events, 32) { // as many as share a commit at 64 connections
		recs := make([][]byte, len(part))
		for i := range part {
			recs[i] = event.AppendEvent(nil, &part[i])
		}
		if err := s.Append(ctx, recs...); err != nil {
			return 0, err
		}
	}
	w := write.New(write.Options{Source: s, Sink: db, History: noVisits{}, Dir: filepath.Join(dir, "outbox"), MaxRows: writerBatch, MaxWait: 20 * time.Millisecond})
	begun := time.Now()
	go func() { ended <- w.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	for s.Health().WaitingRecords > 0 {
		if time.Since(begun) > time.Minute {
			return 0, fmt.Errorf("the writer is not through after a minute: %s", w.Health().Reason)
		}
		time.Sleep(time.Millisecond)
	}
	return float64(len(events)) / time.Since(begun).Seconds(), nil
}

// noVisits is the history of a writer that runs already: reading live visits
// back is part of its start.
type noVisits struct{}

func (noVisits) Select(context.Context, string, []rows.Arg, func(*rows.Row) error) error { return nil }

// writePlain gives how many rows a second clickhouse-go puts into the table.
func writePlain(ctx context.Context, conn driver.Conn, events []event.Event) (float64, error) {
	begun := time.Now()
	for part := range slices.Chunk(events, writerBatch) {
		batch, err := conn.PrepareBatch(ctx, `INSERT INTO events (site_id, ts, name, visitor, visit, began, hostname, path, entry_path, referrer, source, medium, channel,
			utm_source, utm_medium, utm_campaign, utm_content, utm_term, country, device, browser, browser_version, os, os_version,
			via_share, share_id, share_network, share_kind, share_parent, props, revenue_currency, revenue_amount,
			entry, bounce, gap_ms, engaged_ms, scroll, scrolled, read)`)
		if err != nil {
			return 0, err
		}
		for i := range part {
			e := &part[i]
			if err := batch.Append(e.Site, e.Time, e.Name, e.Visitor, e.Visitor, e.Time, e.Hostname, e.Path, e.Path, e.Referrer, e.Source, e.Medium, e.Channel,
				e.UTMSource, e.UTMMedium, e.UTMCampaign, e.UTMContent, e.UTMTerm, e.Country, e.Device, e.Browser, e.BrowserVersion, e.OS, e.OSVersion,
				e.ViaShare, e.ShareID, e.ShareNetwork, e.ShareKind, e.ShareParent, map[string]string{}, e.RevenueCurrency, "0",
				uint8(1), int8(1), uint32(0), e.EngagedMS, uint8(0), uint8(0), uint8(0)); err != nil {
				return 0, err
			}
		}
		if err := batch.Send(); err != nil {
			return 0, err
		}
	}
	return float64(len(events)) / time.Since(begun).Seconds(), nil
}
