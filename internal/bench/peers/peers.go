// Package peers makes tables in the shape of other tools' in Earshot's engine,
// fills them from Earshot's own events, and knows what these tools ask when
// somebody opens their default dashboard: what they ask, not their text. So
// all sides are measured on the same events and by the same engine.
//
// Sampling is off and nothing is imported. Sessions, which Plausible writes
// again with each event until its merges collapse them, are written once.
package peers

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/rows"
)

//go:embed plausible umami
var texts embed.FS

// Filter is what a dashboard is narrowed to.
type Filter string

// The filters that are measured.
const (
	None      Filter = ""
	BySource  Filter = "source"
	ByCountry Filter = "country"
)

// Peer is another tool.
type Peer struct {
	Name   string
	folder string // of the statements that make and fill its tables
	views  map[Filter][]question
}

// question is a statement over {from:DateTime} to {to:DateTime}, asked of the
// period before too where before says so.
type question struct {
	sql    string
	before bool
}

// All are the tools that Earshot is measured beside.
func All() []Peer { return []Peer{plausible, umami} }

// Database has the tool's tables.
func (p Peer) Database() string { return "earshot_" + p.folder }

// Fill makes the tool's tables anew and fills them from Earshot's events.
func (p Peer) Fill(ctx context.Context, dsn string) error {
	own, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn})
	if err != nil {
		return err
	}
	defer own.Close()
	if err := p.drop(ctx, own); err != nil {
		return err
	}
	if err := own.Exec(ctx, "CREATE DATABASE "+p.Database()); err != nil {
		return err
	}
	db, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn, Database: p.Database()})
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := p.statements("tables.sql")
	if err != nil {
		return err
	}
	for _, sql := range tables {
		if err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make the tables of %s: %w", p.Name, err)
		}
	}
	inserts, err := p.statements("fill.sql")
	if err != nil {
		return err
	}
	var days []string // one after the other: a statement has little memory
	err = own.Select(ctx, "SELECT toString(toDate(ts)) AS day FROM events GROUP BY day ORDER BY day", nil, func(row *rows.Row) error {
		days = append(days, row.Text("day"))
		return nil
	})
	if err != nil {
		return err
	}
	for _, day := range days {
		this := strings.NewReplacer("{events}", own.Database()+".events", "{day}", "toDate('"+day+"')")
		for _, sql := range inserts {
			if err := db.Exec(ctx, this.Replace(sql)); err != nil {
				return fmt.Errorf("fill the tables of %s: %w", p.Name, err)
			}
		}
	}
	return p.check(ctx, own, db)
}

// check holds the page views in each table against Earshot's.
func (p Peer) check(ctx context.Context, own, db rows.Runner) error {
	texts, err := p.statements("check.sql")
	if err != nil {
		return err
	}
	var want uint64
	const ours = "SELECT count() AS views FROM events WHERE site_id = {site:UInt32} AND name = 'pageview'"
	if err := own.Select(ctx, ours, siteArgs, func(row *rows.Row) error { want = row.Uint("views"); return nil }); err != nil {
		return err
	}
	return db.Select(ctx, texts[0], siteArgs, func(row *rows.Row) error {
		if got := row.Uint("views"); got != want {
			return fmt.Errorf("a table of %s has %d page views, and Earshot has %d", p.Name, got, want)
		}
		return nil
	})
}

// The site that earshot demo makes first is the only one.
var siteArgs = []rows.Arg{rows.Bind("site", uint64(1)), rows.Bind("website", "00000000-0000-0000-0000-000000000001")}

// Store has a tool's tables and answers questions about them.
type Store struct {
	peer Peer
	db   *clickhouse.DB
}

// Open opens the tables that Fill made.
func (p Peer) Open(ctx context.Context, dsn string) (*Store, error) {
	db, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn, Database: p.Database()})
	return &Store{p, db}, err
}

// Close removes the tables, as the data folder may be somebody's, and ends the
// connections.
func (s *Store) Close() {
	_ = s.peer.drop(context.Background(), s.db)
	_ = s.db.Close()
}

func (p Peer) drop(ctx context.Context, db *clickhouse.DB) error {
	return db.Exec(ctx, "DROP DATABASE IF EXISTS "+p.Database()+" SYNC")
}

// Look asks what the tool's dashboard asks for its first view of so many days
// in UTC, today the last, one question after the other. value is what is
// filtered by.
func (s *Store) Look(ctx context.Context, days int, now time.Time, by Filter, value string) error {
	today := now.UTC().Truncate(24 * time.Hour)
	from, to := today.AddDate(0, 0, 1-days), today.AddDate(0, 0, 1)
	ask := func(sql string, from, to time.Time) error {
		args := append(slices.Clone(siteArgs), rows.Bind("from", from), rows.Bind("to", to), rows.Bind("value", value))
		if err := s.db.Select(ctx, sql, args, func(*rows.Row) error { return nil }); err != nil {
			return fmt.Errorf("ask what %s asks: %w", s.peer.Name, err)
		}
		return nil
	}
	for _, q := range s.peer.views[by] {
		if err := ask(q.sql, from, to); err != nil {
			return err
		}
		if !q.before {
			continue
		}
		if err := ask(q.sql, from.AddDate(0, 0, -days), from); err != nil {
			return err
		}
	}
	return nil
}

var comment = regexp.MustCompile(`(?m)^--.*\n`)

func (p Peer) statements(file string) (all []string, err error) {
	text, err := texts.ReadFile(p.folder + "/" + file)
	if err != nil {
		return nil, err
	}
	for sql := range strings.SplitSeq(comment.ReplaceAllString(string(text), ""), ";\n") {
		if sql = strings.TrimSpace(sql); sql != "" {
			all = append(all, sql)
		}
	}
	return all, nil
}
