// Package export writes what is kept of a site as CSV files, one for each kind
// of fact of event.Entries, as internal/imports takes them again. The command
// line and the page of imports call it; it knows no flags, no files and no HTTP,
// and needs little memory whatever the size.
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
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

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

// Write writes a site's rows of a kind to out as they come, and says how many
// they are.
func (e Exporter) Write(ctx context.Context, kind *event.Entry, site meta.Site, o Options, out io.Writer) (n int, err error) {
	if n, err = e.write(ctx, kind, site, o, out); err != nil {
		return n, fmt.Errorf("export %s: %w", kind.Name, err)
	}
	return n, nil
}

func (e Exporter) write(ctx context.Context, kind *event.Entry, site meta.Site, o Options, out io.Writer) (n int, err error) {
	var header, columns []string
	link := -1
	for _, c := range kind.Columns {
		if c.Name == event.Site {
			continue
		}
		if c.Holds == event.Page {
			link = len(columns)
		}
		header, columns = append(header, c.In()), append(columns, selected(c))
	}
	sql, args, err := e.question(ctx, kind, columns, site, o)
	if err != nil {
		return 0, err
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
			if path, ok := rows.Text(v); ok && i == link {
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

// selected is a column as a file has it: a date has no hour.
func selected(c event.Heading) string {
	if c.Type == "Date" {
		return "toString(" + c.Name + ")"
	}
	return c.Name
}

// question is the SELECT: the columns are the schema's own names; what comes
// from outside is bound.
func (e Exporter) question(ctx context.Context, kind *event.Entry, columns []string, site meta.Site, o Options) (sql string, args []rows.Arg, err error) {
	from, to := begin, end
	if !o.From.IsZero() {
		from = o.From
	}
	if !o.To.IsZero() {
		to = o.To
	}
	at := cmp.Or(kind.Time, event.When)
	sql = "SELECT " + strings.Join(columns, ", ") + " FROM " + kind.From() +
		" WHERE site_id = {site:UInt32} AND " + at + " >= fromUnixTimestamp({from:UInt32}) AND " + at + " < fromUnixTimestamp({to:UInt32})"
	args = []rows.Arg{
		rows.Bind("site", site.ID), rows.Bind("from", uint32(from.Unix())), rows.Bind("to", uint32(to.Unix())),
		rows.Bind("tz", site.Location().String()),
	}
	if kind.Accounts && !o.Competitors {
		others, err := e.others(ctx, site.ID)
		if err != nil {
			return "", nil, err
		}
		if len(others) > 0 {
			sql += " AND NOT " + metric.OthersAccount
			args = append(args, rows.Bind("others", others))
		}
	}
	return sql + " ORDER BY " + kind.Order, args, nil
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
