package panel

import (
	"context"
	"fmt"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// cascadeRows queries how a page's shares spread in the range. The only filter
// it accepts is the page's own address.
func cascadeRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	page, _ := q.dashboard.Subject(q.view.Filters)
	if by := otherFilter(q, page); by != "" {
		// A tree that ignored the filter would answer another question.
		res := (&query.Cascade{}).Result()
		for i := range res.Columns {
			if res.Columns[i].Metric {
				res.Columns[i].Missing = text.Text{
					EN: fmt.Sprintf("How a page spread can’t be filtered by %s. Take that filter away to see it.", by),
					FR: fmt.Sprintf("La propagation d’une page ne peut être filtrée par %s. Retirez ce filtre pour la voir.", by),
				}
			}
		}
		return uncompared(res), nil
	}
	c, err := query.AskCascade(ctx, q.runner, q.query.Site, page, q.query.Range)
	if err != nil {
		return nil, err
	}
	return uncompared(c.Result()), nil
}

// otherFilter is the dimension of a filter that is not the page's own.
func otherFilter(q *Question, page string) string {
	own := page == ""
	for _, f := range q.view.Filters {
		if !own && f.Dimension == q.dashboard.Needs && len(f.Values) == 1 && f.Values[0] == page {
			own = true
			continue
		}
		return f.Dimension
	}
	return ""
}
