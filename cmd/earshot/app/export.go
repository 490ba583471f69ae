package app

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/export"
	"github.com/earshot-analytics/earshot/internal/meta"
)

type exportCmd struct{ kong.Plugins }

// exports has a command for each kind of fact.
func exports() exportCmd {
	return exportCmd{kindCommands(event.Entries(), func(e *event.Entry) (command any, help string) {
		help = "Write a site's " + e.Noun
		if e.Imported() {
			help += ", as earshot import " + e.Name + " takes them"
		}
		if e.Accounts {
			return exportAccounts{exportKind: exportKind{kind: e}}, help + "."
		}
		return exportKind{kind: e}, help + "."
	})}
}

type exportFlags struct {
	Site   string `required:"" help:"The site." placeholder:"DOMAIN"`
	From   string `help:"First day, in the site's time zone." placeholder:"YYYY-MM-DD"`
	To     string `help:"Last day." placeholder:"YYYY-MM-DD"`
	Output string `help:"File to make; - is the standard output." short:"o" default:"-" placeholder:"FILE"`
}

type exportKind struct {
	kind *event.Entry
	exportFlags
}

func (c exportKind) Help() string {
	return strings.TrimSpace("Example:\n  earshot export " + c.kind.Name + " --site example.com -o " + c.kind.Name + ".csv\n\n" + c.kind.Note)
}

func (c *exportKind) Run(s *session) error { return c.run(s, c.kind, export.Options{}) }

// exportAccounts is the export of readings of accounts.
type exportAccounts struct {
	exportKind
	Competitors bool `help:"Competitors' accounts too; else one's own alone."`
}

func (c *exportAccounts) Run(s *session) error {
	return c.run(s, c.kind, export.Options{Competitors: c.Competitors})
}

func (f exportFlags) run(s *session, kind *event.Entry, o export.Options) error {
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

// span is the time to export, from inclusive, to exclusive; zero if no day is
// given.
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
