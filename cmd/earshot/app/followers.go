package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/export"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/internal/turn"
	"github.com/earshot-analytics/earshot/web"
)

type importCmd struct {
	kong.Plugins
	Feed  importFeedCmd  `cmd:"" help:"Count a feed's readers in an access log."`
	Undo  importUndoCmd  `cmd:"" help:"Take an import back."`
	Study importStudyCmd `cmd:"" help:"Import a study's figures from a CSV file, to set one's own beside them."`
}

// fileImports has a command for each kind of fact that can be imported.
func fileImports() importCmd {
	var kinds []*event.Entry
	for _, e := range event.Entries() {
		if e.Imported() {
			kinds = append(kinds, e)
		}
	}
	return importCmd{Plugins: kindCommands(kinds, func(e *event.Entry) (command any, help string) {
		return importFile{kind: e}, "Import " + e.Noun + " from a CSV file."
	})}
}

// importFile is an import of a CSV file of readings.
type importFile struct {
	kind     *event.Entry
	Site     string `required:"" help:"The site that the accounts belong to." placeholder:"DOMAIN"`
	File     string `arg:"" help:"The CSV file; - is the standard input."`
	Network  string `help:"The network, for a file that doesn't say it." placeholder:"NAME"`
	Account  string `help:"The account, for a file that doesn't say it; lines of other accounts are errors." placeholder:"NAME"`
	All      bool   `name:"all-accounts" help:"Every account in a network's own file is one's own."`
	Zone     string `help:"The zone of the file's times, where they name none." placeholder:"Europe/Paris"`
	Dates    string `enum:",day-first,month-first,year-first" default:"" help:"How the file writes dates such as 01/02/2026: day-first, month-first or year-first." placeholder:"ORDER"`
	Decimal  string `enum:",point,comma" default:"" help:"What stands before decimals in the file: point or comma." placeholder:"SIGN"`
	Year     int    `help:"The year of the last date, where the file writes none." placeholder:"YEAR"`
	Sum      bool   `help:"Add up the lines of a day that a column tells apart."`
	SkipBad  bool   `name:"skip-bad-lines" help:"Take the good lines of a file that has bad ones."`
	DryRun   bool   `help:"Say what would change, and change nothing."`
	MaxLines int    `hidden:"" default:"20"`
}

const importRules = "\n\nA file with a bad line changes nothing, unless --skip-bad-lines is given. The same file again changes nothing."

func (c importFile) Help() string {
	return "Example:\n  earshot import " + c.kind.Name + " --site example.com " + c.kind.Name + ".csv\n\n" + imports.Help(c.kind) + importRules
}

func (c *importFile) Run(s *session) error {
	in, err := s.open(c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	lists, err := enrich.New(enrich.Options{})
	if err != nil {
		return err
	}
	defer lists.Close()
	texts, err := text.Load(web.Strings())
	if err != nil {
		return err
	}
	english := texts.Printer(text.English)
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		return s.withClickHouse(func(db *store) error {
			imp := &imports.Importer{Readings: db, Book: m, Network: networkKey(lists), Pages: lists, Now: time.Now}
			p, err := imp.Preview(s.ctx, site, imports.File{Name: filepath.Base(c.File), Kind: c.kind.Name, Network: c.Network, Account: c.Account, Answers: c.answers(), Content: in})
			if err != nil {
				return err
			}
			showQuestions(s, p, english)
			if p.Open() {
				return errors.New("nothing was imported: the file leaves open what is asked above")
			}
			for i, e := range p.Errors {
				if i == c.MaxLines {
					fmt.Fprintf(s.Err, "… and %d more lines\n", len(p.Errors)-i)
					break
				}
				fmt.Fprintln(s.Err, lineError(e, english))
			}
			if len(p.Errors) > 0 && !c.SkipBad {
				return errors.New("nothing was imported: mend these lines, or leave them out with --skip-bad-lines")
			}
			return applyPreview(s, imp, site, p, c.DryRun)
		})
	})
}

func (c *importFile) answers() imports.Answers {
	a := imports.Answers{Dates: strings.TrimSuffix(c.Dates, "-first"), Decimal: c.Decimal, Zone: c.Zone, Year: c.Year, Sum: c.Sum}
	if c.All {
		a.Account = imports.AllAccounts
	}
	return a
}

// answerFlags are the flags that answer the questions about an ambiguous file, by
// the name of the answer.
var answerFlags = map[string]string{
	imports.AskDates: "--dates %s-first", imports.AskDecimal: "--decimal %s", imports.AskZone: "--zone %s", imports.AskYear: "--year %s", imports.AskSum: "--sum", imports.AskAccount: "--account %s",
}

// showQuestions prints the questions about an ambiguous file with the flags that
// answer them, and what was assumed.
func showQuestions(s *session, p *imports.Preview, english *text.Printer) {
	for _, q := range p.Questions {
		fmt.Fprintln(s.Err, q.In(english))
		for _, c := range q.Choices {
			if !q.Open {
				continue
			}
			flag := fmt.Sprintf(answerFlags[q.Key], c.Value)
			if c.Value == imports.AllAccounts {
				flag = "--all-accounts"
			}
			fmt.Fprintf(s.Err, "  %s: %s\n", flag, c.In(q, english))
		}
		if !q.Open && q.Value == "" {
			fmt.Fprintf(s.Err, "  %s\n", answerFlags[q.Key])
		} else if !q.Open && q.Key != imports.AskSum {
			fmt.Fprintf(s.Err, "  "+answerFlags[q.Key]+"\n", "…")
		}
	}
	for _, t := range p.Times {
		at := t.At.Format("2006-01-02 15:04 MST")
		if p.Days {
			at = t.At.Format(time.DateOnly)
		}
		if !p.Open() && len(p.Questions) > 0 {
			fmt.Fprintf(s.Err, "line %d: %s is stored as %s\n", t.Line, t.Text, at)
		}
	}
	if len(p.LeftOut) > 0 {
		fmt.Fprintln(s.Err, english.T("import.left_out_figures", "figures", strings.Join(p.LeftOut, ", ")))
	}
}

// lineError puts what is wrong with a line into words.
func lineError(e imports.LineError, p *text.Printer) string {
	text := fmt.Sprintf("line %d", e.Line)
	if e.Column != "" && e.Key != imports.Repeated {
		text += ", " + e.Column
	}
	text += ": " + e.In(p)
	if e.TextApart() {
		text += fmt.Sprintf(": %q", e.Text)
	}
	return text
}

// applyPreview prints what an import changes and, unless dry, applies it.
func applyPreview(s *session, imp *imports.Importer, site meta.Site, p *imports.Preview, dry bool) error {
	for _, a := range p.Accounts {
		what := fmt.Sprintf("%d %s", a.Items, p.Kind)
		if a.Sized {
			what = fmt.Sprintf("%s %s to %s", cmp.Or(a.Insight, p.Kind), strconv.FormatFloat(a.First, 'f', -1, 64), strconv.FormatFloat(a.Last, 'f', -1, 64))
		}
		fmt.Fprintf(s.Out, "%s: %s to %s, %s; %d new, %d changed, %d there already\n", strings.TrimSpace(a.Network+" "+a.Account),
			a.From.Format(time.DateOnly), a.To.Format(time.DateOnly), what, a.New, a.Changed, a.Same)
	}
	if dry || p.ID == 0 {
		fmt.Fprintf(s.Out, "Nothing was stored: %d new, %d changed, %d there already.\n", p.New, p.Changed, p.Same)
		return nil
	}
	n, err := imp.Apply(s.ctx, site, p.ID)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%d %s", n, p.Kind)
	if e, _ := event.ByName(p.Kind); e != nil && e.Accounts {
		accounts := map[meta.AccountName]bool{}
		for _, a := range p.Accounts {
			accounts[meta.AccountName{Network: a.Network, Handle: a.Account}] = true
		}
		what = fmt.Sprintf("%d readings of %d accounts", n, len(accounts))
	}
	fmt.Fprintf(s.Out, "Imported %s. To take them back: earshot import undo --site %s %d\n", what, site.Domain, p.ID)
	return nil
}

type importFeedCmd struct {
	Site   string   `required:"" help:"The site that the feed belongs to." placeholder:"DOMAIN"`
	Feed   []string `required:"" help:"The feed's path; several are one feed, called by the first." placeholder:"PATH"`
	File   string   `arg:"" help:"The web server's access log, in the combined format; - is the standard input."`
	DryRun bool     `help:"Say what would change, and change nothing."`
}

func (importFeedCmd) Help() string {
	return "Example:\n  zcat -f /var/log/nginx/access.log* | earshot import feed --site example.com --feed /feed.xml -\n\n" +
		"Each whole day's readers are counted: what services such as Feedly say for their subscribers, and the readers that ask for themselves. " +
		"Give whole days: a day that is in two files is the last one's. Addresses are kept nowhere."
}

func (c *importFeedCmd) Run(s *session) error {
	in, err := s.open(c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		return s.withClickHouse(func(db *store) error {
			imp := &imports.Importer{Readings: db, Book: m, Now: time.Now}
			p, err := imp.PreviewFeed(s.ctx, site, filepath.Base(c.File), in, c.Feed)
			if err != nil {
				return err
			}
			return applyPreview(s, imp, site, p, c.DryRun)
		})
	})
}

type importUndoCmd struct {
	Site string `required:"" help:"The site." placeholder:"DOMAIN"`
	ID   int64  `arg:"" help:"The import's number, as earshot import gave it."`
}

func (importUndoCmd) Help() string {
	return "Example:\n  earshot import undo --site example.com 3\n\nWhat the import replaced is put back."
}

func (c *importUndoCmd) Run(s *session) error {
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		return s.withClickHouse(func(db *store) error {
			if err := (&imports.Importer{Readings: db, Book: m, Now: time.Now}).Undo(s.ctx, site, c.ID); err != nil {
				return fmt.Errorf("undo import %d: %w", c.ID, err)
			}
			fmt.Fprintf(s.Out, "Took import %d back.\n", c.ID)
			return nil
		})
	})
}

// webImporter is the importer of the settings page: server.HistoryImporter.
type webImporter struct {
	*imports.Importer
	meta  *meta.Store
	turns *turn.Turns
}

// importLimit is how long a step of an import on the page may take.
const importLimit = 3 * time.Minute

// importTurns bounds how many files are read at once: a large one takes hundreds
// of megabytes of memory.
func importTurns() turn.Limits {
	return turn.Limits{turn.User: {Places: 2, Each: 1, Queue: 20, Line: 2}}
}

func (i webImporter) Preview(ctx context.Context, site meta.Site, f imports.File) (*imports.Preview, error) {
	done, err := i.turns.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return i.Importer.Preview(ctx, site, f)
}

func (i webImporter) Again(ctx context.Context, site meta.Site, id int64, f imports.File) (*imports.Preview, error) {
	done, err := i.turns.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return i.Importer.Again(ctx, site, id, f)
}

func (i webImporter) Imports(ctx context.Context, site meta.Site) ([]meta.Import, error) {
	return i.Book.Imports(ctx, site.ID)
}

func (i webImporter) Export(ctx context.Context, site meta.Site, kind string, out io.Writer) error {
	e, ok := event.ByName(kind)
	if !ok {
		return fmt.Errorf("there is no export of %q", kind)
	}
	_, err := export.Exporter{Rows: i.Readings, Accounts: i.meta}.Write(ctx, e, site, export.Options{}, out)
	return err
}

// prober tests an account for the settings page: server.AccountProber.
type prober struct{ client *http.Client }

func (p prober) Probe(ctx context.Context, a meta.Account) (server.ProbeResult, error) {
	if err := checkAccount(&a); err != nil {
		return server.ProbeResult{}, err
	}
	r, err := social.Try(ctx, p.client, a.Network, social.Account{Handle: a.Handle, BaseURL: a.BaseURL, Secret: string(a.Secret)})
	result := server.ProbeResult{Followers: r.Followers, Rounded: r.Rounded, Secret: meta.Secret(r.Secret)}
	if err != nil {
		return result, errors.New(string(social.ProblemOf(err)))
	}
	return result, nil
}
