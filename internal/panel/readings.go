package panel

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// What a panel says about the readings behind its figures, and about the trend
// of growth.

// fresh is how old a last reading may be before a note mentions it: accounts are
// read four times a day, but a history is often imported only once.
const fresh = 48 * time.Hour

// named is how many accounts a sentence names.
const named = 5

// lastRead is an account with its last reading's time.
type lastRead struct {
	handle string
	at     time.Time
}

// readings makes the notes about accounts whose last reading a panel of
// followers carries forward, or whose reading is too old to count; nil if there
// are none.
func readings(ctx context.Context, q *Question, res *query.Comparison) (notesOf, error) {
	i := slices.IndexFunc(res.Columns, func(c query.Column) bool { return c.Key == "followers" && c.Missing.EN == "" })
	if i < 0 || kindOf(q.panel).plain || len(res.Rows) == 0 {
		return nil, nil
	}
	ask := q.query
	ask.Metrics, ask.Dimensions = []string{"followers", "reading_age"}, []string{"account:network", "account:handle"}
	ask.Marks, ask.Project, ask.CountRows, ask.Limit, ask.Order = false, false, false, 0, nil
	accounts, err := query.Run(ctx, q.runner, ask)
	if err != nil {
		return nil, err
	}
	end := ask.Range.To
	if ask.Now.Before(end) {
		end = ask.Now
	}
	var carried, lost []lastRead
	for row := range accounts.All() {
		age, ok := row.MaybeFloat("reading_age")
		if !ok || age <= fresh.Seconds() {
			continue
		}
		a := lastRead{row.Text("account:handle"), end.Add(-time.Duration(age) * time.Second).In(q.view.Site.Location)}
		if row.Cell("followers") == nil {
			lost = append(lost, a)
		} else {
			carried = append(carried, a)
		}
	}
	if len(carried)+len(lost) == 0 {
		return nil, nil
	}
	all := len(accounts.Rows)
	return func(a *reply) []Note {
		text := a.p.T("readings.fresh", "fresh", all-len(carried)-len(lost), "count", all)
		if len(carried) > 0 {
			text += " " + a.p.T("readings.carried", "accounts", a.accounts(carried))
		}
		if len(lost) > 0 {
			text += " " + a.p.T("readings.lost", "accounts", a.accounts(lost))
		}
		return []Note{{Text: text}}
	}, nil
}

// accounts lists accounts with the day of their last reading.
func (a *reply) accounts(list []lastRead) string {
	slices.SortFunc(list, func(x, y lastRead) int { return x.at.Compare(y.at) })
	var names []string
	for _, r := range list[:min(len(list), named)] {
		names = append(names, a.p.T("readings.account", "handle", r.handle, "date", a.p.Date(r.at)))
	}
	text := strings.Join(names, ", ")
	if more := len(list) - named; more > 0 {
		text += " " + a.p.T("readings.more", "count", more)
	}
	return text
}

// pace says whether growth by period is faster or slower than before.
func (a *reply) pace() []Note {
	if len(a.Columns) < 2 || a.dims != 1 || len(a.query.Metrics) != 1 || a.query.Metrics[0] != "follower_growth" || a.Columns[0].Bucket == metric.NoBucket {
		return nil
	}
	whole := map[int64]bool{}
	for _, b := range a.Buckets {
		whole[b.Start.Unix()] = !b.Incomplete
	}
	var rates []float64
	for row := range a.All() {
		when := row.Time(a.Columns[0].Key)
		if rate, ok := row.MaybeFloat("follower_growth"); ok && whole[when.Unix()] {
			rates = append(rates, rate)
		} else {
			rates = append(rates, math.NaN())
		}
	}
	pace, change, ok := growth.PaceOf(rates)
	if !ok {
		return nil
	}
	return []Note{{Text: a.p.T("growth."+string(pace), "change", points(a, math.Abs(change)), "over", a.p.T("growth.over."+string(a.Columns[0].Bucket)))}}
}

// points formats a difference of percentages with two significant digits.
func points(a *reply, v float64) string {
	digits := 2
	for least := 0.1; v < least && digits < 5; least /= 10 {
		digits++
	}
	return a.p.Float(v, digits)
}

// projected says how the value of the current period was projected, if it was.
func (a *reply) projected() []Note {
	for i, c := range a.Columns {
		if c.Projects == "" || !slices.ContainsFunc(a.Rows, func(row []any) bool { return row[i] != nil }) {
			continue
		}
		m, _ := metric.Lookup(c.Projects)
		if m.Gauge() {
			return []Note{{Text: a.p.T("dash.projected_growth")}}
		}
		return []Note{{Text: a.p.T("dash.projected_sum")}}
	}
	return nil
}
