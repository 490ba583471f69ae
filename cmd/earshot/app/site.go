package app

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type siteCmd struct {
	Add    siteAddCmd    `cmd:"" help:"Add a site."`
	List   siteListCmd   `cmd:"" help:"List the sites."`
	Remove siteRemoveCmd `cmd:"" help:"Remove a site with everything that was measured of it."`
}

type siteAddCmd struct {
	Domain     string `arg:"" help:"The site's host, such as example.com."`
	Name       string `help:"Name as shown; the domain unless given."`
	Timezone   string `help:"Time zone in which the site's days begin." default:"UTC" placeholder:"ZONE"`
	ShareParam string `help:"URL parameter that carries share IDs." default:"es" placeholder:"NAME"`
	HashMode   bool   `help:"The URL's fragment is part of the path."`
	PageParams string `help:"URL parameters that are part of a page, separated by commas: p,page_id for WordPress with plain permalinks, title for MediaWiki." placeholder:"LIST"`
	Search     string `name:"search-params" help:"URL parameters that hold a search's words, separated by commas." default:"s" placeholder:"LIST"`
	IgnoreGPC  bool   `name:"ignore-opt-out" help:"Count readers who ask not to be tracked (Global Privacy Control, Do-Not-Track), where your law lets you."`
}

func (siteAddCmd) Help() string {
	return "Example:\n  earshot site add example.com --timezone Europe/Paris\n\nA running server takes the site's events within a second."
}

func (c *siteAddCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		site := meta.NewSite(c.Domain)
		site.Name, site.Timezone, site.ShareParam = c.Name, c.Timezone, c.ShareParam
		site.HashMode, site.RespectOptOut = c.HashMode, !c.IgnoreGPC
		site.PageParams, site.SearchParams = meta.ParamList(c.PageParams), meta.ParamList(c.Search)
		site, err := m.AddSite(s.ctx, site)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Added %s. Put this into the <head> of its pages, with your Earshot's host:\n", site.Domain)
		fmt.Fprintln(s.Out, site.Snippet("https://HOST"))
		return nil
	})
}

type siteListCmd struct{}

func (siteListCmd) Help() string { return "Example:\n  earshot site list" }

func (c *siteListCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		sites, err := m.Sites(s.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "DOMAIN\tNAME\tTIME ZONE\tADDED")
		for _, site := range sites {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", site.Domain, site.Name, site.Timezone, site.Created.Format(time.DateOnly))
		}
		return w.Flush()
	})
}

type siteRemoveCmd struct {
	Domain string `arg:"" help:"The site's host."`
	Yes    bool   `help:"Don't ask." short:"y"`
}

func (siteRemoveCmd) Help() string {
	return "Example:\n  earshot site remove example.com\n\nThere is no way back but a backup."
}

func (c *siteRemoveCmd) Run(s *session) error {
	return s.withSite(c.Domain, func(m *meta.Store, site meta.Site) error {
		if !c.Yes {
			if err := s.confirm(fmt.Sprintf("This deletes everything that was measured of %s.", site.Domain), site.Domain); err != nil {
				return err
			}
		}
		err := s.withClickHouse(func(db *store) error { return db.RemoveSite(s.ctx, site.ID) })
		if err != nil {
			return err
		}
		if err := m.RemoveSite(s.ctx, site.ID); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Removed %s.\n", site.Domain)
		return nil
	})
}
