// Package export writes what is kept of a site as CSV files: its events, and
// readings of accounts and posts as internal/imports takes them again. The
// command line and the page of imports call it; it knows no flags, no files
// and no HTTP, and needs little memory whatever the size.
package export

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Kind is what is exported. Those of readings are called as imports of the
// same: meta.ImportKinds.
type Kind string

// Kinds of export.
const (
	Events    Kind = "events"
	Followers Kind = meta.ImportFollowers
	Posts     Kind = meta.ImportPosts
	Insights  Kind = meta.ImportInsights
)

// table says what of a table is exported, and in which order. Names are the
// schema's own.
type table struct {
	name    string
	from    string   // what is selected from; "" = the table of that name
	columns []string // nil = all but the site
	order   string
	link    string // the column whose paths are written as links of their site
	account bool   // its rows are of accounts
}

func tables() map[Kind]table {
	return map[Kind]table{
		Events: {name: "events", order: "toDate(ts), visitor, ts"},
		Followers: {
			name: "follower_counts", from: "follower_counts FINAL", order: "network, account, ts", account: true,
			columns: []string{"ts AS date", "network", "account", "followers", "following", "posts", "origin", "rounded", "ended"},
		},
		Posts: {
			name: "post_figures", from: "post_figures FINAL", order: "network, account, published, post, ts", account: true,
			link:    "page", // a path that is read again as a link
			columns: []string{"ts AS date", "network", "account", "post", "published", "url", "text", "page", "share_id", "likes", "comments", "reposts", "views", "origin"},
		},
		Insights: {
			name: "account_insights", from: metric.InsightRows, order: "network, account, insight, day", account: true,
			columns: []string{"toString(day) AS date", "network", "account", "insight", "value", "origin"},
		},
	}
}

// Accounts tells which accounts are somebody else's; internal/meta does.
type Accounts interface {
	Competitors(ctx context.Context, site uint32) ([]meta.AccountName, error)
}

// Exporter writes files.
type Exporter struct {
	Rows     rows.Runner
	Accounts Accounts
}

// Options say what of a kind is written.
type Options struct {
	From, To    time.Time // half-open; zero = all time
	Competitors bool      // their accounts too
}

// All time, as far as the tables' times go.
var begin, end = time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// Write writes a kind of a site's rows to out as they come, and says how many
// they are.
func (e Exporter) Write(ctx context.Context, kind Kind, site meta.Site, o Options, out io.Writer) (n int, err error) {
	t, ok := tables()[kind]
	if !ok {
		return 0, fmt.Errorf("there is no export of %q", kind)
	}
	if n, err = e.write(ctx, t, site, o, out); err != nil {
		return n, fmt.Errorf("export %s: %w", t.name, err)
	}
	return n, nil
}

func (e Exporter) write(ctx context.Context, t table, site meta.Site, o Options, out io.Writer) (n int, err error) {
	columns := t.columns
	if columns == nil {
		if columns, err = e.columns(ctx, t.name); err != nil {
			return 0, err
		}
	}
	sql, args, err := e.question(ctx, t, columns, site, o)
	if err != nil {
		return 0, err
	}
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c[strings.LastIndexByte(c, ' ')+1:]
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	w := csv.NewWriter(buffered)
	w.UseCRLF = true
	if err := w.Write(header); err != nil {
		return 0, err
	}
	record := make([]string, len(columns))
	err = e.Rows.Select(ctx, sql, args, func(row *rows.Row) error {
		for i, v := range row.Cells() {
			if path, ok := rows.Text(v); ok && header[i] == t.link {
				v = enrich.Link(path, site.Pages())
			}
			record[i] = cell(v)
		}
		n++
		return w.Write(record)
	})
	w.Flush()
	return n, errors.Join(err, w.Error(), buffered.Flush())
}

// question is the SELECT: the columns are the schema's own names; what comes
// from outside is bound.
func (e Exporter) question(ctx context.Context, t table, columns []string, site meta.Site, o Options) (sql string, args []rows.Arg, err error) {
	from, to := begin, end
	if !o.From.IsZero() {
		from = o.From
	}
	if !o.To.IsZero() {
		to = o.To
	}
	sql = "SELECT " + strings.Join(columns, ", ") + " FROM " + cmp.Or(t.from, t.name) +
		" WHERE site_id = {site:UInt32} AND ts >= fromUnixTimestamp({from:UInt32}) AND ts < fromUnixTimestamp({to:UInt32})"
	args = []rows.Arg{
		rows.Bind("site", site.ID), rows.Bind("from", uint32(from.Unix())), rows.Bind("to", uint32(to.Unix())),
		rows.Bind("tz", site.Location().String()),
	}
	if t.account && !o.Competitors {
		others, err := e.others(ctx, site.ID)
		if err != nil {
			return "", nil, err
		}
		if len(others) > 0 {
			sql += " AND NOT " + metric.OthersAccount
			args = append(args, rows.Bind("others", others))
		}
	}
	return sql + " ORDER BY " + t.order, args, nil
}

// others are the accounts that are somebody else's.
func (e Exporter) others(ctx context.Context, site uint32) ([]string, error) {
	accounts, err := e.Accounts.Competitors(ctx, site)
	var names []string
	for _, a := range accounts {
		names = append(names, query.AccountKey(a.Network, a.Handle))
	}
	return names, err
}

// columns are those of a table, but for the site.
func (e Exporter) columns(ctx context.Context, table string) (names []string, err error) {
	const sql = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} AND name != 'site_id' ORDER BY position"
	err = e.Rows.Select(ctx, sql, []rows.Arg{rows.Bind("table", table)}, func(row *rows.Row) error {
		names = append(names, row.Text("name"))
		return nil
	})
	return names, err
}
