package server

import (
	"context"
	"io"
	"slices"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/query"
)

// A panel's rows come from a source: from a query of its metrics, unless
// sourceOf names another. Whatever the source, picture, table and file have
// the same rows, as one query.Result.

// source answers a panel's question. It may set question.tell.
type source func(context.Context, *question) (*query.Comparison, error)

// told are sentences about an answer, for its reader.
type told func(*reply) []note

// sourceOf is the panel's source on a site; nil = a query of its metrics.
func (s *Server) sourceOf(p dashboards.Panel, site query.Site) source {
	switch {
	case p.AsksRole() && len(site.Others) == 0:
		return nobody
	case p.Index:
		return s.indexRows
	case p.Study != nil && len(p.Metrics) > 0:
		return s.againstRows
	case p.Study != nil:
		return s.studyRows
	case p.Chart == "forecast":
		return s.forecastRows
	case p.Chart == "besttimes":
		return s.bestRows
	case p.Chart == "diverging":
		return s.changeRows
	case p.Kind().Own:
		return s.cascadeRows
	}
	return nil
}

// rows answers a panel's question.
func (s *Server) rows(ctx context.Context, q *question) (*query.Comparison, error) {
	if from := s.sourceOf(q.panel, q.view.Site); from != nil {
		return from(ctx, q)
	}
	mode := q.view.Compare
	if slices.Contains(q.query.Dimensions, "post:id") {
		mode = query.NoComparison // no post was published twice
	}
	res, err := query.Compare(ctx, s.Runner, q.query, mode)
	if err != nil {
		return nil, err
	}
	q.tell, err = s.readings(ctx, q, res)
	return res, err
}

// writeCSV writes the same rows; those of a query as they come.
func (s *Server) writeCSV(ctx context.Context, w io.Writer, q *question, o query.CSVOptions) error {
	from := s.sourceOf(q.panel, q.view.Site)
	if from == nil {
		return query.StreamCSV(ctx, s.Runner, q.query, w, o)
	}
	res, err := from(ctx, q)
	if err != nil {
		return err
	}
	return res.WriteCSV(w, o)
}

// alone is an answer that is compared with nothing.
func alone(res *query.Result) *query.Comparison {
	return &query.Comparison{Result: res, BeforeRows: make([][]any, len(res.Rows)), Change: make([][]*float64, len(res.Rows))}
}
