package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type tokenCmd struct {
	Add    tokenAddCmd    `cmd:"" help:"Make a token; it is shown once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens, by their first characters."`
	Remove tokenRemoveCmd `cmd:"" help:"End a token."`
}

type tokenAddCmd struct {
	Site    string `help:"The site that it opens; all sites unless given." placeholder:"DOMAIN"`
	Kind    string `help:"What it opens: stats (read statistics) or ingest (send events for others)." enum:"stats,ingest" default:"stats" placeholder:"KIND"`
	Name    string `help:"What it is for."`
	Expires string `help:"When it ends: in so many days, such as 90d, or its last day, such as 2027-01-31 in the site's time zone; never unless given." placeholder:"WHEN"`
}

func (tokenAddCmd) Help() string {
	return "Example:\n  earshot token add --site example.com --name spreadsheet --expires 90d\n\nThe token stands alone on the last line:\n  TOKEN=$(earshot token add --site example.com | tail -n 1)"
}

func (c *tokenAddCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		t := meta.Token{Kind: c.Kind, Name: c.Name}
		scope, zone := "all sites", time.UTC
		if c.Site != "" {
			site, err := findSite(s.ctx, m, c.Site)
			if err != nil {
				return err
			}
			t.SiteID, scope, zone = site.ID, site.Domain, site.Location()
		}
		var err error
		if t.Expires, err = tokenEnd(c.Expires, time.Now(), zone); err != nil {
			return err
		}
		t, plain, err := m.AddToken(s.ctx, t)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Token %d (%s of %s). It can't be shown again:\n%s\n", t.ID, t.Kind, scope, plain)
		return nil
	})
}

// tokenEnd reads --expires; "" means never.
func tokenEnd(when string, now time.Time, zone *time.Location) (time.Time, error) {
	if when == "" {
		return time.Time{}, nil
	}
	if digits, ok := strings.CutSuffix(when, "d"); ok {
		if days, err := strconv.ParseUint(digits, 10, 16); err == nil {
			return now.AddDate(0, 0, int(days)), nil
		}
	}
	end, err := meta.TokenEnd(when, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("--expires %q is neither a number of days such as 90d nor a day such as 2027-01-31", when)
	}
	return end, nil
}

type tokenListCmd struct{}

func (tokenListCmd) Help() string { return "Example:\n  earshot token list" }

func (c *tokenListCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		tokens, err := m.Tokens(s.ctx, 0)
		if err != nil {
			return err
		}
		sites, err := m.Sites(s.ctx)
		if err != nil {
			return err
		}
		domains := map[uint32]string{0: "all sites"}
		for _, site := range sites {
			domains[site.ID] = site.Domain
		}
		w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tTOKEN\tKIND\tSITE\tNAME\tADDED\tLAST USED\tEXPIRES")
		for _, t := range tokens {
			fmt.Fprintf(w, "%d\t%s…\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Prefix, t.Kind, domains[t.SiteID], t.Name,
				t.Created.Format(time.DateOnly), dateOrNever(t.LastUsed), dateOrNever(t.Expires))
		}
		return w.Flush()
	})
}

type tokenRemoveCmd struct {
	ID int64 `arg:"" help:"The token's number, as in earshot token list."`
}

func (tokenRemoveCmd) Help() string { return "Example:\n  earshot token remove 3" }

func (c *tokenRemoveCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		err := m.RemoveToken(s.ctx, 0, c.ID)
		if errors.Is(err, meta.ErrNotFound) {
			return fmt.Errorf("there is no token %d", c.ID)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Removed token %d.\n", c.ID)
		return nil
	})
}
