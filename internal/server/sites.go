package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type sitesData struct {
	Cards    []siteCard
	Visit    bool // a stranger looks at the demo
	DemoBlog bool // the demo's blog is served
}

// siteCard is a site with figures of its last four weeks; Figures is nil if they
// are unavailable.
type siteCard struct {
	meta.Site
	Figures *siteFigures
}

// sitesPage is the front page: a user's sites, or the demo for a stranger.
func (s *Server) sitesPage(c *gin.Context) error {
	ctx := c.Request.Context()
	sites, err := s.Meta.Sites(ctx)
	if err != nil {
		return err
	}
	stranger := s.user(c) == nil
	d := sitesData{Visit: stranger, DemoBlog: s.Demo != nil}
	if stranger {
		sites = slices.DeleteFunc(sites, func(site meta.Site) bool { return !site.Demo })
		fresh, err := s.fresh(c)
		if err != nil {
			return err
		}
		switch {
		case len(sites) > 0 && fresh:
			s.redirect(c, "/"+sites[0].Domain) // a newcomer's first page is a full dashboard
			return nil
		case len(sites) > 0:
		default:
			s.redirect(c, "/login")
			return nil
		}
	}
	// One's own sites first: the demo is there to leave.
	slices.SortStableFunc(sites, func(a, b meta.Site) int { return cmp.Compare(b2i(a.Demo), b2i(b.Demo)) })
	d.Cards = s.cards(ctx, sites)
	return s.render(c, http.StatusOK, "sites", Page{Data: d})
}

type siteForm struct{ Form *Form }

func (s *Server) newSitePage(c *gin.Context) error {
	return s.render(c, http.StatusOK, "site_new", Page{Data: siteForm{newForm()}})
}

func (s *Server) newSite(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	site := meta.NewSite(f.Value("domain"))
	site.Name = f.Value("name")
	if tz := f.Value("timezone"); tz != "" {
		site.Timezone = tz
	}
	p := s.printer(c)
	site, err = s.Meta.AddSite(c.Request.Context(), site)
	if err := f.take(s, p, err); err != nil {
		return err
	}
	if !f.OK() {
		return s.render(c, http.StatusUnprocessableEntity, "site_new", Page{Data: siteForm{f}})
	}
	if err := s.flash(c, p.T("site_new.done", "site", site.Name)); err != nil {
		return err
	}
	s.redirect(c, settingsPath(site, "snippet"))
	return nil
}

// cards are the sites with their figures, where those come in time.
func (s *Server) cards(ctx context.Context, sites []meta.Site) []siteCard {
	cards := make([]siteCard, len(sites))
	ctx, cancel := context.WithTimeout(ctx, cardsTimeout)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(cardsParallel)
	for i, site := range sites {
		cards[i].Site = site
		if s.Runner == nil || i >= cardsFigures {
			continue
		}
		g.Go(func() error {
			f, err := guarded(func() (*siteFigures, error) { return s.figures(ctx, site) })
			if err != nil {
				if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
					s.Log.Warn("no figures for a site", "site", site.Domain, "err", err)
				}
				return nil
			}
			cards[i].Figures = f
			return nil
		})
	}
	_ = g.Wait() // its functions give no error
	return cards
}
