package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/event"
)

// MaxInsertRows is the most that one insert takes: one block, so that it is in
// the table and in its views as a whole or not at all.
const MaxInsertRows = 500_000

// column is one column of an insert: its name in the table, and its values as
// the slice that the driver wants, which is good until the next column's.
type column[R any] struct {
	name   string
	values func(rows []R, m *memory) any
}

// memory is what the columns of an insert use one after the other, a slice for
// each type of value: the driver copies what it is given.
type memory struct{ slices []any }

func slice[V any](m *memory, n int) []V {
	for _, s := range m.slices {
		if vs, ok := s.([]V); ok {
			return vs[:n]
		}
	}
	vs := make([]V, n)
	m.slices = append(m.slices, vs)
	return vs
}

// of makes a column from what one row has.
func of[R, V any](name string, value func(*R) V) column[R] {
	return column[R]{name, func(rows []R, m *memory) any {
		vs := slice[V](m, len(rows))
		for i := range rows {
			vs[i] = value(&rows[i])
		}
		return vs
	}}
}

// few is of for a text with few different values (LowCardinality). The driver
// takes each value of these as an interface and looks it up in a map; equal
// texts in a row share one here, which saves an allocation a cell, and an
// empty text, which most are, is nil: the driver's way to say that it is the
// default, without a look.
func few[R any](name string, value func(*R) string) column[R] {
	return column[R]{name, func(rows []R, m *memory) any {
		vs := slice[any](m, len(rows))
		var last any
		lastText := ""
		for i := range rows {
			if s := value(&rows[i]); s != lastText {
				if last, lastText = s, s; s == "" {
					last = nil
				}
			}
			vs[i] = last
		}
		return vs
	}}
}

// insert sends rows as one block under token. The same token again changes
// nothing, in the table and in its views, for as long as the tables remember
// (their last 10,000 blocks); the rows must then be the same ones.
func insert[R any](ctx context.Context, db *DB, table, token string, columns []column[R], rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	doing := fmt.Sprintf("insert %d rows into %s", len(rows), table)
	if token == "" {
		return fmt.Errorf("%s: %w", doing, errors.New("no deduplication token"))
	}
	if len(rows) > MaxInsertRows {
		return fmt.Errorf("%s: more than %d", doing, MaxInsertRows)
	}
	ctx = driver.Context(ctx, driver.WithSettings(driver.Settings{
		"async_insert":                                       0,
		"insert_deduplicate":                                 1,
		"insert_deduplication_token":                         token,
		"optimize_on_insert":                                 0, // a merge while inserting buys nothing here
		"max_partitions_per_insert_block":                    0, // an import may span decades
		"deduplicate_blocks_in_dependent_materialized_views": 1,
	}))
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	batch, err := db.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return wrap(ctx, doing, err)
	}
	defer batch.Close()
	var m memory
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values(rows, &m)); err != nil {
			return fmt.Errorf("%s: column %s: %w", doing, c.name, err)
		}
	}
	return wrap(ctx, doing, batch.Send())
}

// InsertEvents adds rows to the events, and by its views to the totals and the
// shares. See insert for what the token promises.
func (db *DB) InsertEvents(ctx context.Context, token string, rows []event.Row) error {
	return insert(ctx, db, "events", token, eventColumns(), rows)
}

// InsertLeftOut adds counts of hits that were kept out.
func (db *DB) InsertLeftOut(ctx context.Context, token string, rows []event.LeftOut) error {
	return insert(ctx, db, "left_out", token, leftOutColumns(), rows)
}

// InsertFollowerCounts adds readings of accounts. A reading of the same
// account at the same time replaces the one before.
func (db *DB) InsertFollowerCounts(ctx context.Context, token string, rows []event.FollowerCount) error {
	return insert(ctx, db, "follower_counts", token, followerCountColumns(time.Now()), rows)
}

// InsertPostFigures adds readings of posts. A reading of the same post at the
// same time replaces the one before.
func (db *DB) InsertPostFigures(ctx context.Context, token string, rows []event.PostFigures) error {
	return insert(ctx, db, "post_figures", token, postFiguresColumns(time.Now()), rows)
}

// InsertInsights adds days' figures of accounts. One of the same account, name
// and day replaces the one before.
func (db *DB) InsertInsights(ctx context.Context, token string, rows []event.Insight) error {
	return insert(ctx, db, "account_insights", token, insightColumns(time.Now()), rows)
}

func eventColumns() []column[event.Row] {
	type row = event.Row
	return []column[row]{
		of("site_id", func(r *row) uint32 { return r.Site }),
		of("ts", func(r *row) time.Time { return r.Time }),
		few("name", func(r *row) string { return r.Name }),
		of("visitor", func(r *row) uint64 { return r.Visitor }),
		of("visit", func(r *row) uint64 { return r.Visit }),
		few("hostname", func(r *row) string { return r.Hostname }),
		of("path", func(r *row) string { return r.Path }),
		of("entry_path", func(r *row) string { return r.EntryPath }),
		of("referrer", func(r *row) string { return r.Referrer }),
		few("source", func(r *row) string { return r.Source }),
		few("medium", func(r *row) string { return r.Medium }),
		few("channel", func(r *row) string { return r.Channel }),
		few("utm_source", func(r *row) string { return r.UTMSource }),
		few("utm_medium", func(r *row) string { return r.UTMMedium }),
		few("utm_campaign", func(r *row) string { return r.UTMCampaign }),
		few("utm_content", func(r *row) string { return r.UTMContent }),
		few("utm_term", func(r *row) string { return r.UTMTerm }),
		few("country", func(r *row) string { return r.Country }),
		few("device", func(r *row) string { return r.Device }),
		few("browser", func(r *row) string { return r.Browser }),
		few("browser_version", func(r *row) string { return r.BrowserVersion }),
		few("os", func(r *row) string { return r.OS }),
		few("os_version", func(r *row) string { return r.OSVersion }),
		of("via_share", func(r *row) string { return r.ViaShare }),
		of("share_id", func(r *row) string { return r.ShareID }),
		few("share_network", func(r *row) string { return r.ShareNetwork }),
		few("share_kind", func(r *row) string { return r.ShareKind }),
		of("share_parent", func(r *row) string { return r.ShareParent }),
		of("share_root", func(r *row) string { return r.ShareRoot }),
		of("share_generation", func(r *row) uint8 { return r.ShareGeneration }),
		few("via_network", func(r *row) string { return r.ViaNetwork }),
		few("via_kind", func(r *row) string { return r.ViaKind }),
		of("via_generation", func(r *row) uint8 { return r.ViaGeneration }),
		of("via_age", func(r *row) uint32 { return r.ViaAge }),
		of("props", func(r *row) any { return propsMap(r.Props) }),
		few("revenue_currency", func(r *row) string { return r.RevenueCurrency }),
		of("revenue_amount", func(r *row) *string {
			if r.RevenueAmount == "" {
				return nil // 0, without reading it
			}
			return &r.RevenueAmount
		}),
		of("passive", func(r *row) uint8 { return bit(r.Passive) }),
		of("entry", func(r *row) uint8 { return r.Entry }),
		of("bounce", func(r *row) int8 { return r.Bounce }),
		of("gap_ms", func(r *row) uint32 { return r.GapMS }),
		of("engaged_ms", func(r *row) uint32 { return r.EngagedMS }),
		of("scroll", func(r *row) uint8 { return r.Scroll }),
		of("scrolled", func(r *row) uint8 { return r.Scrolled }),
		of("read", func(r *row) uint8 { return r.Read }),
	}
}

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// propsMap is nil, the driver's empty map, for the many rows without.
func propsMap(props []event.Prop) any {
	if len(props) == 0 {
		return nil
	}
	m := make(map[string]string, len(props))
	for _, p := range props {
		m[p.Key] = p.Value
	}
	return m
}

func leftOutColumns() []column[event.LeftOut] {
	type row = event.LeftOut
	return []column[row]{
		of("site_id", func(r *row) uint32 { return r.Site }),
		of("ts", func(r *row) time.Time { return r.Time }),
		few("reason", func(r *row) string { return r.Reason }),
		few("agent", func(r *row) string { return r.Agent }),
		of("hits", func(r *row) uint64 { return uint64(r.Count) }),
	}
}

func followerCountColumns(now time.Time) []column[event.FollowerCount] {
	type row = event.FollowerCount
	return []column[row]{
		of("site_id", func(r *row) uint32 { return r.Site }),
		few("network", func(r *row) string { return r.Network }),
		few("account", func(r *row) string { return r.Account }),
		of("ts", func(r *row) time.Time { return r.Time }),
		of("followers", func(r *row) uint64 { return r.Followers }),
		of("following", func(r *row) *uint64 { return r.Following }),
		of("posts", func(r *row) *uint64 { return r.Posts }),
		few("origin", func(r *row) string { return r.Origin }),
		of("rounded", func(r *row) bool { return r.Rounded }),
		of("ended", func(r *row) bool { return r.Ended }),
		of("recorded", func(*row) time.Time { return now }),
	}
}

func postFiguresColumns(now time.Time) []column[event.PostFigures] {
	type row = event.PostFigures
	return []column[row]{
		of("site_id", func(r *row) uint32 { return r.Site }),
		few("network", func(r *row) string { return r.Network }),
		few("account", func(r *row) string { return r.Account }),
		of("post", func(r *row) string { return r.Post }),
		of("ts", func(r *row) time.Time { return r.Time }),
		of("published", func(r *row) time.Time { return r.Published }),
		of("url", func(r *row) string { return r.URL }),
		of("text", func(r *row) string { return r.Text }),
		of("page", func(r *row) string { return r.Page }),
		of("share_id", func(r *row) string { return r.ShareID }),
		of("likes", func(r *row) *uint64 { return r.Likes }),
		of("comments", func(r *row) *uint64 { return r.Comments }),
		of("reposts", func(r *row) *uint64 { return r.Reposts }),
		of("views", func(r *row) *uint64 { return r.Views }),
		few("origin", func(r *row) string { return r.Origin }),
		of("recorded", func(*row) time.Time { return now }),
	}
}

func insightColumns(now time.Time) []column[event.Insight] {
	type row = event.Insight
	return []column[row]{
		of("site_id", func(r *row) uint32 { return r.Site }),
		few("network", func(r *row) string { return r.Network }),
		few("account", func(r *row) string { return r.Account }),
		few("insight", func(r *row) string { return r.Name }),
		of("day", func(r *row) time.Time { return r.Day }),
		of("value", func(r *row) float64 { return r.Value }),
		few("origin", func(r *row) string { return r.Origin }),
		of("recorded", func(*row) time.Time { return now }),
	}
}
