package panel

import (
	"context"
	"io"
	"slices"

	"github.com/earshot-analytics/earshot/internal/query"
)

// A panel's rows come from a source: from a query of its metrics, unless
// Question.source names another. Whatever the source, picture, table and file have
// the same rows, as one query.Result.

// source is the panel's own; nil = a query of its metrics.
func (q *Question) source() source {
	switch p := q.panel; {
	case p.AsksRole() && len(q.view.Site.Others) == 0:
		return nobody
	case p.Index:
		return indexRows
	case p.Study != nil && len(p.Metrics) > 0:
		return againstRows
	case p.Study != nil:
		return studyRows
	}
	return kindOf(q.panel).source
}

// rows answers the question.
func (q *Question) rows(ctx context.Context) (*query.Comparison, error) {
	if from := q.source(); from != nil {
		return from(ctx, q)
	}
	res, err := q.compare(ctx)
	if err != nil {
		return nil, err
	}
	q.tell, err = readings(ctx, q, res)
	return res, err
}

// compare asks the query of the panel's metrics.
func (q *Question) compare(ctx context.Context) (*query.Comparison, error) {
	if q.together != nil {
		return q.together(ctx, q)
	}
	return query.Compare(ctx, q.runner, q.query, q.mode())
}

// mode says which period the rows are compared with.
func (q *Question) mode() query.CompareMode {
	if slices.Contains(q.query.Dimensions, "post:id") {
		return query.NoComparison // no post was published twice
	}
	return q.view.Compare
}

// write writes the same rows as CSV; the rows of a query are streamed.
func (q *Question) write(ctx context.Context, w io.Writer, o query.CSVOptions) error {
	from := q.source()
	if from == nil {
		return query.StreamCSV(ctx, q.runner, q.query, w, o)
	}
	res, err := from(ctx, q)
	if err != nil {
		return err
	}
	return res.WriteCSV(w, o)
}
