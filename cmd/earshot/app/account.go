package app

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/social"
)

type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Add an account to a site."`
	List   accountListCmd   `cmd:"" help:"List accounts with their last reading."`
	Role   accountRoleCmd   `cmd:"" help:"Say whose an account is: own or competitor."`
	Remove accountRemoveCmd `cmd:"" help:"Remove an account; its readings stay."`
}

type accountAddCmd struct {
	Site       string `required:"" help:"The site that the account belongs to." placeholder:"DOMAIN"`
	Network    string `arg:"" help:"The network: mastodon, bluesky, …"`
	Handle     string `arg:"" help:"The account, as its network writes it."`
	BaseURL    string `name:"base-url" help:"Where the network's API answers, if not at its usual place." placeholder:"URL"`
	Competitor bool   `help:"The account is somebody else's: read alike, and part of none of your own figures."`
	SecretFile string `help:"Read the secret that the API asks for from the first line of this file; - is the standard input." placeholder:"FILE"`
}

func (accountAddCmd) Help() string {
	return "Examples:\n  earshot account add --site example.com mastodon @alice@mastodon.social\n  earshot account add --site example.com bluesky alice.bsky.social\n" +
		"  earshot account add --site example.com --secret-file key.txt youtube @alice\n" +
		"  earshot account add --site example.com --competitor bluesky rival.example"
}

func (c *accountAddCmd) Run(s *session) error {
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		a := meta.Account{Site: site.ID, Network: c.Network, Handle: c.Handle, BaseURL: c.BaseURL, Competitor: c.Competitor}
		if c.SecretFile != "" {
			secret, err := s.secretFrom(c.SecretFile)
			if err != nil {
				return err
			}
			a.Secret = meta.Secret(secret)
		}
		if err := checkAccount(&a); err != nil {
			return err
		}
		a, err := m.AddAccount(s.ctx, a)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Added %s on %s to %s. A running server reads it within a minute.\n", a.Handle, a.Network, site.Domain)
		return nil
	})
}

type accountListCmd struct {
	Site string `help:"Only this site's accounts." placeholder:"DOMAIN"`
}

func (accountListCmd) Help() string { return "Example:\n  earshot account list --site example.com" }

func (c *accountListCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		sites, err := m.Sites(s.ctx)
		if err != nil {
			return err
		}
		if c.Site != "" {
			site, err := findSite(s.ctx, m, c.Site)
			if err != nil {
				return err
			}
			sites = []meta.Site{site}
		}
		w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tSITE\tNETWORK\tHANDLE\tROLE\tFOLLOWERS\tREAD\tLAST ERROR")
		for _, site := range sites {
			accounts, err := m.Accounts(s.ctx, site.ID)
			if err != nil {
				return err
			}
			for _, a := range accounts {
				followers, read := "unknown", "never"
				if a.LastFollowers != nil {
					followers, read = fmt.Sprint(*a.LastFollowers), a.LastReadingAt.Format(time.DateTime)
				}
				trouble := a.LastError
				if trouble == "" && a.PostsError != "" {
					trouble = "posts: " + a.PostsError
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, site.Domain, a.Network, a.Handle, roleOf(a), followers, read, trouble)
			}
		}
		return w.Flush()
	})
}

type accountRemoveCmd struct {
	Site    string `required:"" help:"The site that the account belongs to." placeholder:"DOMAIN"`
	Network string `arg:"" help:"The network."`
	Handle  string `arg:"" help:"The account."`
}

func (accountRemoveCmd) Help() string {
	return "Example:\n  earshot account remove --site example.com mastodon @alice@mastodon.social"
}

func (c *accountRemoveCmd) Run(s *session) error {
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		a, err := findAccount(s.ctx, m, site, c.Network, c.Handle)
		if err != nil {
			return err
		}
		if err := m.RemoveAccount(s.ctx, site.ID, a.ID); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Removed %s on %s from %s. Its readings stay.\n", a.Handle, a.Network, site.Domain)
		return nil
	})
}

func findAccount(ctx context.Context, m *meta.Store, site meta.Site, network, handle string) (meta.Account, error) {
	accounts, err := m.Accounts(ctx, site.ID)
	if err != nil {
		return meta.Account{}, err
	}
	for _, a := range accounts {
		if strings.EqualFold(a.Network, network) && strings.EqualFold(a.Handle, handle) {
			return a, nil
		}
	}
	return meta.Account{}, fmt.Errorf("%s has no account %s on %s: see earshot account list", site.Domain, handle, network)
}

type accountRoleCmd struct {
	Site    string `required:"" help:"The site that the account belongs to." placeholder:"DOMAIN"`
	Network string `arg:"" help:"The network."`
	Handle  string `arg:"" help:"The account."`
	Role    string `arg:"" help:"own or competitor." enum:"own,competitor"`
}

func (accountRoleCmd) Help() string {
	return "Example:\n  earshot account role --site example.com bluesky rival.example competitor\n\nIt holds for all of the account's readings, from the first on."
}

func (c *accountRoleCmd) Run(s *session) error {
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		a, err := findAccount(s.ctx, m, site, c.Network, c.Handle)
		if err != nil {
			return err
		}
		a.Competitor = c.Role == "competitor"
		if err := m.SetAccountCompetitor(s.ctx, site.ID, a.ID, a.Competitor); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "%s on %s is %s now.\n", a.Handle, a.Network, roleOf(a))
		return nil
	})
}

func roleOf(a meta.Account) string {
	if a.Competitor {
		return "competitor"
	}
	return "own"
}

// checkAccount normalizes the account's handle by the rules of its network, so that
// a profile's address and a handle give the same account.
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
	parsed, ok := social.ParseHandle(c, a.Handle)
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
