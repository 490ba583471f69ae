package server

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// siteFigures are a site's visitors of the last 28 days.
type siteFigures struct {
	Visitors int64
	Change   *float64 // percent against the 28 days before; nil = nothing to compare
	Spark    *spark   // by day; nil = too few to draw
}

// How long the front page waits for figures, and for how many sites it asks them:
// with a hundred sites it still comes at once, with some as mere names.
const (
	cardsTimeout  = 2 * time.Second
	cardsFigures  = 24
	cardsParallel = 4
)

func (s *Server) figures(ctx context.Context, site meta.Site) (*siteFigures, error) {
	qs, err := s.panels.Recorded(ctx, site)
	if err != nil {
		return nil, err
	}
	r, err := query.ParsePeriod(qs, query.DefaultPeriod, "", "", s.Now())
	if err != nil {
		return nil, err
	}
	q := query.Query{Site: qs, Metrics: []string{"visitors"}, Range: r, Now: s.Now()}
	total, err := query.Compare(ctx, s.Runner, q, query.Previous)
	if err != nil {
		return nil, err
	}
	q.Dimensions = []string{"time:day"}
	days, err := query.Run(ctx, s.Runner, q)
	if err != nil {
		return nil, err
	}
	f := &siteFigures{}
	if len(total.Rows) == 1 {
		f.Visitors = total.Count("visitors")
		f.Change = total.Change[0][0]
	}
	values := make([]float64, 0, len(days.Rows))
	for i, cells := range days.Rows {
		if i < len(days.Buckets) && days.Buckets[i].Incomplete {
			continue // today isn't over and would look like a drop
		}
		n, ok := rows.Float(cells[1])
		if !ok {
			n = math.NaN() // before recording began
		}
		values = append(values, n)
	}
	f.Spark = newSpark(values)
	return f, nil
}

// arrived says whether a site has had any event.
func (s *Server) arrived(ctx context.Context, site meta.Site) (bool, error) {
	if s.Runner == nil {
		return false, nil
	}
	qs, err := s.panels.Site(ctx, site)
	if err != nil {
		return false, err
	}
	r := query.Range{From: site.Created.AddDate(-20, 0, 0), To: s.Now().Add(time.Hour)} // history may have been imported
	res, err := query.Run(ctx, s.Runner, query.Query{Site: qs, Metrics: []string{"pageviews"}, Range: r})
	if err != nil {
		return false, err
	}
	return res.Count("pageviews") > 0, nil
}

// spark is a sparkline as SVG paths in a box of 100 × 30. It begins at the first
// known value (not NaN); all values after it must be known.
type spark struct{ Line, Area string }

func newSpark(values []float64) *spark {
	first := slices.IndexFunc(values, func(v float64) bool { return !math.IsNaN(v) })
	if first < 0 || len(values)-first < 2 {
		return nil
	}
	top := slices.Max(values[first:])
	if top == 0 {
		return nil
	}
	at := func(i int) float64 { return 100 * float64(i) / float64(len(values)-1) }
	var line strings.Builder
	for i, v := range values[first:] {
		fmt.Fprintf(&line, "%c%.1f %.1f", "ML"[b2i(i > 0)], at(first+i), 27-25*v/top)
	}
	return &spark{Line: line.String(), Area: fmt.Sprintf("%sL100 30L%.1f 30Z", line.String(), at(first))}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
