package app

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/csvfile"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

type exportCmd struct {
	Events    exportEventsCmd    `cmd:"" help:"Write a site's events."`
	Followers exportFollowersCmd `cmd:"" help:"Write a site's follower counts, as earshot import followers takes them."`
	Posts     exportPostsCmd     `cmd:"" help:"Write the figures of the posts of a site's accounts, as earshot import posts takes them."`
	Insights  exportInsightsCmd  `cmd:"" help:"Write what networks' own statistics say of a site's accounts, as earshot import insights takes it."`
}

type exportFlags struct {
	Site   string `required:"" help:"The site." placeholder:"DOMAIN"`
	From   string `help:"First day, in the site's time zone." placeholder:"YYYY-MM-DD"`
	To     string `help:"Last day." placeholder:"YYYY-MM-DD"`
	Output string `help:"File to make; - is the standard output." short:"o" default:"-" placeholder:"FILE"`
}

type exportEventsCmd struct{ exportFlags }

func (exportEventsCmd) Help() string {
	return "Example:\n  earshot export events --site example.com --from 2026-01-01 -o events.csv\n\nTimes are UTC. Cells that a spreadsheet would run as a formula begin with an apostrophe."
}

func (c *exportEventsCmd) Run(s *session) error {
	return c.run(s, rawTable{
		name: "events", order: "toDate(ts), visitor, ts",
		without: "site_id",
	})
}

type exportFollowersCmd struct{ exportAccounts }

func (exportFollowersCmd) Help() string {
	return "Example:\n  earshot export followers --site example.com -o followers.csv"
}

func (c *exportFollowersCmd) Run(s *session) error { return c.run(s, followersTable) }

// exportAccounts is an export of what accounts have.
type exportAccounts struct {
	exportFlags
	Competitors bool `help:"Competitors' accounts too; else one's own alone."`
}

func (c *exportAccounts) run(s *session, table rawTable) error {
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) (err error) {
		if !c.Competitors {
			if table, err = table.ofOwn(s.ctx, m, site.ID); err != nil {
				return err
			}
		}
		return c.exportFlags.run(s, table)
	})
}

// ofOwn is t without competitors' accounts.
func (t rawTable) ofOwn(ctx context.Context, m *meta.Store, site uint32) (rawTable, error) {
	others, err := m.Competitors(ctx, site)
	for _, a := range others {
		t.others = append(t.others, query.AccountKey(a.Network, a.Handle))
	}
	return t, err
}

var followersTable = rawTable{
	name: "follower_counts", from: "follower_counts FINAL", order: "network, account, ts",
	columns: []string{"ts AS date", "network", "account", "followers", "following", "posts", "origin", "rounded", "ended"},
}

type exportPostsCmd struct{ exportAccounts }

func (exportPostsCmd) Help() string {
	return "Example:\n  earshot export posts --site example.com -o posts.csv\n\nA row is one reading of one post. --from and --to are days of readings. A figure that the network does not say is empty."
}

func (c *exportPostsCmd) Run(s *session) error { return c.run(s, postsTable) }

var postsTable = rawTable{
	name: "post_figures", from: "post_figures FINAL", order: "network, account, published, post, ts",
	link:    "page", // a path that is read again as a link
	columns: []string{"ts AS date", "network", "account", "post", "published", "url", "text", "page", "share_id", "likes", "comments", "reposts", "views", "origin"},
}

type exportInsightsCmd struct{ exportAccounts }

func (exportInsightsCmd) Help() string {
	return "Example:\n  earshot export insights --site example.com -o insights.csv\n\nA row is one figure of one day."
}

func (c *exportInsightsCmd) Run(s *session) error { return c.run(s, insightsTable) }

var insightsTable = rawTable{
	name: "account_insights", from: metric.InsightRows, order: "network, account, insight, day",
	columns: []string{"toString(day) AS date", "network", "account", "insight", "value", "origin"},
}

// historyTables are what imports of each kind bring.
var historyTables = map[string]rawTable{
	meta.ImportFollowers: followersTable, meta.ImportPosts: postsTable, meta.ImportInsights: insightsTable,
}

// rawTable says what of a table is exported; columns empty means all of them.
type rawTable struct {
	name, order, without string
	from                 string // what is selected from; "" = the table of that name
	columns              []string
	link                 string   // the column whose paths are written as links of their site
	others               []string // accounts to leave out, each as query.AccountKey
}

func (f exportFlags) run(s *session, t rawTable) error {
	return s.withSite(f.Site, func(_ *meta.Store, site meta.Site) error {
		from, to, err := f.span(site.Location())
		if err != nil {
			return err
		}
		return s.withClickHouse(func(db *store) (err error) {
			out := s.Out
			if f.Output != "-" {
				file, err := os.OpenFile(f.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, file.Close()) }()
				out = file
			}
			n, err := t.write(s.ctx, db, site, from, to, out)
			if err != nil {
				return fmt.Errorf("export %s: %w", t.name, err)
			}
			fmt.Fprintf(s.Err, "%d rows\n", n)
			return nil
		})
	})
}

// span is the time that is asked for, half-open; all time unless days are given.
func (f exportFlags) span(loc *time.Location) (from, to time.Time, err error) {
	from, to = time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if f.From != "" {
		if from, err = time.ParseInLocation(time.DateOnly, f.From, loc); err != nil {
			return from, to, fmt.Errorf("--from %q is not a date such as 2026-01-31", f.From)
		}
	}
	if f.To != "" {
		if to, err = time.ParseInLocation(time.DateOnly, f.To, loc); err != nil {
			return from, to, fmt.Errorf("--to %q is not a date such as 2026-01-31", f.To)
		}
		to = to.AddDate(0, 0, 1)
	}
	return from, to, nil
}

// write streams the rows: an export of any size takes little memory.
func (t rawTable) write(ctx context.Context, db rows.Runner, site meta.Site, from, to time.Time, out io.Writer) (n int, err error) {
	columns := t.columns
	if len(columns) == 0 {
		err := db.Select(ctx, "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} AND name != {without:String} ORDER BY position",
			[]rows.Arg{rows.Bind("table", t.name), rows.Bind("without", t.without)},
			func(row *rows.Row) error {
				columns = append(columns, row.Text("name"))
				return nil
			})
		if err != nil {
			return 0, err
		}
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
	// The columns are the schema's own names; what comes from outside is bound.
	sql := "SELECT " + strings.Join(columns, ", ") + " FROM " + cmp.Or(t.from, t.name) +
		" WHERE site_id = {site:UInt32} AND ts >= fromUnixTimestamp({from:UInt32}) AND ts < fromUnixTimestamp({to:UInt32})"
	args := []rows.Arg{rows.Bind("site", site.ID), rows.Bind("from", uint32(from.Unix())), rows.Bind("to", uint32(to.Unix())),
		rows.Bind("tz", site.Location().String())}
	if len(t.others) > 0 {
		sql += " AND NOT " + metric.OthersAccount
		args = append(args, rows.Bind("others", t.others))
	}
	sql += " ORDER BY " + t.order
	record := make([]string, len(columns))
	err = db.Select(ctx, sql, args,
		func(row *rows.Row) error {
			for i, v := range row.Cells() {
				if path, ok := rows.Text(v); ok && header[i] == t.link {
					v = enrich.Link(path, site.Pages())
				}
				record[i] = exportCell(v)
			}
			n++
			return w.Write(record)
		})
	w.Flush()
	return n, errors.Join(err, w.Error(), buffered.Flush())
}

func exportCell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return csvfile.Cell(v, ',')
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.999Z")
	case map[string]string:
		if len(v) == 0 {
			return ""
		}
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return csvfile.JSONCell(string(b), ',')
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text := fmt.Sprint(v)
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return text
		}
		return csvfile.Cell(text, ',')
	}
}
