package server

import (
	"context"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// siteFigures are a site's visitors of the last 28 days.
type siteFigures struct {
	Visitors int64
	Change   *float64 // percent against the 28 days before; nil = nothing to compare
	Spark    spark
}

type spark struct{ Line, Area string }

func (s *Server) cards(ctx context.Context, sites []meta.Site) []siteCard {
	cards := make([]siteCard, len(sites))
	for i, site := range sites {
		cards[i].Site = site
	}
	return cards
}

func (s *Server) arrived(ctx context.Context, site meta.Site) (bool, error) { return false, nil }
