package app

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/earshot-analytics/earshot/internal/export"
	"github.com/earshot-analytics/earshot/internal/meta"
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
	return c.run(s, export.Events, export.Options{})
}

type exportFollowersCmd struct{ exportAccounts }

func (exportFollowersCmd) Help() string {
	return "Example:\n  earshot export followers --site example.com -o followers.csv"
}

func (c *exportFollowersCmd) Run(s *session) error { return c.run(s, export.Followers) }

// exportAccounts is an export of what accounts have.
type exportAccounts struct {
	exportFlags
	Competitors bool `help:"Competitors' accounts too; else one's own alone."`
}

func (c *exportAccounts) run(s *session, kind export.Kind) error {
	return c.exportFlags.run(s, kind, export.Options{Competitors: c.Competitors})
}

type exportPostsCmd struct{ exportAccounts }

func (exportPostsCmd) Help() string {
	return "Example:\n  earshot export posts --site example.com -o posts.csv\n\nA row is one reading of one post. --from and --to are days of readings. A figure that the network does not say is empty."
}

func (c *exportPostsCmd) Run(s *session) error { return c.run(s, export.Posts) }

type exportInsightsCmd struct{ exportAccounts }

func (exportInsightsCmd) Help() string {
	return "Example:\n  earshot export insights --site example.com -o insights.csv\n\nA row is one figure of one day."
}

func (c *exportInsightsCmd) Run(s *session) error { return c.run(s, export.Insights) }

func (f exportFlags) run(s *session, kind export.Kind, o export.Options) error {
	return s.withSite(f.Site, func(m *meta.Store, site meta.Site) (err error) {
		if o.From, o.To, err = f.span(site.Location()); err != nil {
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
			n, err := export.Exporter{Rows: db, Accounts: m}.Write(s.ctx, kind, site, o, out)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Err, "%d rows\n", n)
			return nil
		})
	})
}

// span is the time that is asked for, half-open; zero where no day is given.
func (f exportFlags) span(loc *time.Location) (from, to time.Time, err error) {
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
