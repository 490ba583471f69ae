package panel

import (
	"context"
	"math"
	"slices"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// nobody is the source of a panel that compares the site's accounts with
// competitors' if the site has none of those: chart and file are empty.
func nobody(_ context.Context, q *Question) (*query.Comparison, error) {
	st, err := query.Build(q.query)
	if err != nil {
		return nil, err
	}
	return uncompared(&query.Result{Query: q.query, Columns: st.Columns}), nil
}

// indexRows makes follower counts of any size comparable: each is an index that
// begins at 100 with its first reading and grows with its accounts
// (growth.Chain).
func indexRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	ask := q.query
	ask.Marks, ask.Limit, ask.CountRows = true, 0, false
	for _, d := range []string{"account:network", "account:handle"} {
		if !slices.Contains(ask.Dimensions, d) {
			ask.Dimensions = append(slices.Clone(ask.Dimensions), d)
		}
	}
	res, err := query.Run(ctx, q.runner, ask)
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for i, b := range res.Buckets {
		at[b.Start.Unix()] = i
	}
	value := slices.IndexFunc(res.Columns, func(c query.Column) bool { return c.Metric })
	when, by, figure, mark := res.Columns[0].Key, res.Columns[1].Key, res.Columns[value].Key, res.Columns[value+1].Key
	type line struct {
		of       any
		accounts map[any][]float64
		marks    []int64
	}
	var lines []*line
	for row := range res.All() {
		i, ok := at[row.Time(when).Unix()]
		if !ok {
			continue
		}
		of := row.Cell(by)
		k := slices.IndexFunc(lines, func(l *line) bool { return l.of == of })
		if k < 0 {
			k = len(lines)
			lines = append(lines, &line{of, map[any][]float64{}, make([]int64, len(res.Buckets))})
		}
		l, account := lines[k], query.AccountKey(row.Text("account:network"), row.Text("account:handle"))
		if l.accounts[account] == nil {
			l.accounts[account] = slices.Repeat([]float64{math.NaN()}, len(res.Buckets))
		}
		if n, ok := row.MaybeInt(figure); ok {
			l.accounts[account][i] = float64(n)
		}
		if n, ok := row.MaybeInt(mark); ok {
			l.marks[i] += n
		}
	}
	title := text.Text{EN: "Followers, 100 = first reading", FR: "Abonnés, 100 = premier relevé"}
	out := &query.Result{Query: q.query, SQL: res.SQL, Buckets: res.Buckets, Columns: []query.Column{
		res.Columns[0], res.Columns[1], {Key: "index", Metric: true, Title: title, Unit: metric.Ratio, Good: metric.UpIsGood}, res.Columns[value+1],
	}}
	indexes := make([][]float64, len(lines))
	for k, l := range lines {
		var accounts [][]float64
		for _, a := range l.accounts {
			accounts = append(accounts, a)
		}
		indexes[k] = growth.Chain(accounts)
	}
	for i, b := range res.Buckets {
		for k, l := range lines {
			var v any
			if x := indexes[k][i]; !math.IsNaN(x) {
				v = math.Round(x*1000) / 10
			}
			out.Rows = append(out.Rows, []any{b.Start, l.of, v, l.marks[i]})
		}
	}
	out.TotalRows = len(out.Rows)
	return uncompared(out), nil
}
