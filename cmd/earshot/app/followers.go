package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/i18n"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/web"
)

// importBatch is how many readings go into one insert.
const importBatch = 50_000

type importCmd struct {
	Followers importFollowersCmd `cmd:"" help:"Import a history of follower counts from a CSV file."`
}

type importFollowersCmd struct {
	Site     string `required:"" help:"The site that the accounts belong to." placeholder:"DOMAIN"`
	File     string `arg:"" help:"The CSV file; - is the standard input."`
	SkipBad  bool   `name:"skip-bad-lines" help:"Take the good lines of a file that has bad ones."`
	MaxLines int    `hidden:"" default:"20"`
}

func (importFollowersCmd) Help() string {
	return "Example:\n  earshot import followers --site example.com followers.csv\n\n" +
		"The file has the columns date, network, account and followers, and may have following and posts:\n" +
		"  date,network,account,followers\n  2026-01-31,mastodon,@alice@mastodon.social,1204\n\n" +
		"A file with a bad line changes nothing, unless --skip-bad-lines is given. The same file again changes nothing."
}

func (c *importFollowersCmd) Run(s *session) error {
	in := s.In
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	lists, err := enrich.New(enrich.Options{})
	if err != nil {
		return err
	}
	defer lists.Close()
	texts, err := i18n.Load(web.Strings())
	if err != nil {
		return err
	}
	english := texts.Printer(i18n.English)
	return s.withSite(c.Site, func(_ *meta.Store, site meta.Site) error {
		return s.withClickHouse(func(db *store) error {
			imp := &importer{db: db, network: networkKey(lists), now: time.Now, skipBad: c.SkipBad}
			h, err := imp.run(s.ctx, site, in)
			if err != nil {
				return err
			}
			for i, e := range h.Errors {
				if i == c.MaxLines {
					fmt.Fprintf(s.Err, "… and %d more lines\n", len(h.Errors)-i)
					break
				}
				fmt.Fprintf(s.Err, "line %d: %s: %q\n", e.Line, english.T("history."+e.Key), e.Text)
			}
			if len(h.Errors) > 0 && !c.SkipBad {
				return errors.New("nothing was imported: mend these lines, or leave them out with --skip-bad-lines")
			}
			if len(h.Counts) > 0 {
				fmt.Fprintf(s.Out, "Imported %d readings of %d accounts, %s to %s.\n", len(h.Counts), len(h.Accounts),
					h.From.Format(time.DateOnly), h.To.Format(time.DateOnly))
			}
			return nil
		})
	})
}

// importer brings follower histories into ClickHouse.
type importer struct {
	db interface {
		InsertFollowerCounts(ctx context.Context, token string, counts []event.FollowerCount) error
	}
	network func(name string) (key string, ok bool)
	now     func() time.Time
	skipBad bool
}

// run reads a file and stores it, unless it has bad lines and skipBad is off.
func (i *importer) run(ctx context.Context, site meta.Site, in io.Reader) (*social.History, error) {
	h, err := social.ReadHistory(in, social.HistoryOptions{Site: site.ID, Location: site.Location(), Now: i.now(), Network: i.network})
	if err != nil {
		return nil, err
	}
	if len(h.Errors) > 0 && !i.skipBad {
		return h, nil
	}
	for batch := range slices.Chunk(h.Counts, importBatch) {
		if err := i.db.InsertFollowerCounts(ctx, batchToken(batch), batch); err != nil {
			return nil, fmt.Errorf("store readings: %w", err)
		}
	}
	return h, nil
}

// batchToken names a batch by what is in it.
func batchToken(batch []event.FollowerCount) string {
	sum := sha256.New()
	for _, c := range batch {
		fmt.Fprintf(sum, "%d %d %q %q %d %s %s\n", c.Site, c.Time.UnixMilli(), c.Network, c.Account, c.Followers, number(c.Following), number(c.Posts))
	}
	return "import-" + hex.EncodeToString(sum.Sum(nil)[:16])
}

func number(n *uint64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// ImportFollowers is run for the settings page: server.FollowersImporter.
func (i *importer) ImportFollowers(ctx context.Context, site meta.Site, in io.Reader) (server.ImportResult, error) {
	h, err := i.run(ctx, site, in)
	if err != nil {
		return server.ImportResult{}, err
	}
	res := server.ImportResult{Failed: len(h.Errors)}
	if len(h.Errors) == 0 {
		res.Taken = len(h.Counts)
	}
	for _, e := range h.Errors {
		res.Errors = append(res.Errors, server.LineError{Line: e.Line, Key: e.Key, Value: e.Text})
	}
	return res, nil
}

// prober tries an account for the settings page: server.AccountProber.
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

// checkAccount has the account's network read its handle, so that a profile's
// address and a handle are one account.
func checkAccount(a *meta.Account) error {
	c, ok := social.ByNetwork(strings.ToLower(strings.TrimSpace(a.Network)))
	if !ok {
		var names []string
		for _, c := range social.Connectors() {
			names = append(names, c.Network())
		}
		return &meta.InvalidError{Field: "network", Reason: meta.ReasonUnknown,
			Message: fmt.Sprintf("followers on %q can't be read: there are %s (others can be imported)", a.Network, strings.Join(names, ", "))}
	}
	parsed, ok := c.Parse(a.Handle)
	if !ok {
		return &meta.InvalidError{Field: "handle", Reason: meta.ReasonFormat,
			Message: fmt.Sprintf("%q is no account on %s", a.Handle, c.Network())}
	}
	about := c.About()
	if about.Secret == social.Required && a.Secret == "" {
		return &meta.InvalidError{Field: "password_key", Reason: meta.ReasonEmpty,
			Message: fmt.Sprintf("%s asks for a secret (%s): %s", about.Name, about.SecretName.EN, about.SecretHelp.EN)}
	}
	a.Network, a.Handle = c.Network(), parsed.Handle
	if a.BaseURL == "" {
		a.BaseURL = parsed.BaseURL
	}
	return nil
}
