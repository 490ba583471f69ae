package app

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Add an account to a site."`
	List   accountListCmd   `cmd:"" help:"List accounts with their last reading."`
	Remove accountRemoveCmd `cmd:"" help:"Remove an account; its readings stay."`
}

type accountAddCmd struct {
	Site       string `required:"" help:"The site that the account belongs to." placeholder:"DOMAIN"`
	Network    string `arg:"" help:"The network: mastodon, bluesky, …"`
	Handle     string `arg:"" help:"The account, as its network writes it."`
	BaseURL    string `name:"base-url" help:"Where the network's API answers, if not at its usual place." placeholder:"URL"`
	SecretFile string `help:"Read the secret that the API asks for from the first line of this file; - is the standard input." placeholder:"FILE"`
}

func (accountAddCmd) Help() string {
	return "Examples:\n  earshot account add --site example.com mastodon @alice@mastodon.social\n  earshot account add --site example.com bluesky alice.bsky.social\n" +
		"  earshot account add --site example.com --secret-file key.txt youtube @alice"
}

func (c *accountAddCmd) Run(s *session) error {
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		a := meta.Account{Site: site.ID, Network: c.Network, Handle: c.Handle, BaseURL: c.BaseURL}
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
		fmt.Fprintln(w, "ID\tSITE\tNETWORK\tHANDLE\tFOLLOWERS\tREAD\tLAST ERROR")
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
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, site.Domain, a.Network, a.Handle, followers, read, trouble)
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
		accounts, err := m.Accounts(s.ctx, site.ID)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if strings.EqualFold(a.Network, c.Network) && strings.EqualFold(a.Handle, c.Handle) {
				if err := m.RemoveAccount(s.ctx, site.ID, a.ID); err != nil {
					return err
				}
				fmt.Fprintf(s.Out, "Removed %s on %s from %s. Its readings stay.\n", a.Handle, a.Network, site.Domain)
				return nil
			}
		}
		return fmt.Errorf("%s has no account %s on %s: see earshot account list", site.Domain, c.Handle, c.Network)
	})
}
