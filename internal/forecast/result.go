package forecast

import (
	"math"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// result lays history and forecasts out in rows.
func (h *history) result(lines []Line, ahead [][]growth.Step, most int) *query.Result {
	res := &query.Result{Query: h.of.Query, SQL: h.of.SQL, Columns: h.columns()}
	res.Query.Dimensions = []string{h.of.Query.Dimensions[0]}
	if h.split {
		res.Query.Dimensions = append(res.Query.Dimensions, network)
	}
	for i := range max(len(h.buckets), h.whole+most) {
		b := query.Bucket{Start: h.start(i), Incomplete: i >= h.whole, Future: i >= len(h.buckets)}
		if !b.Future {
			b = h.buckets[i]
			b.Incomplete = i >= h.whole
		}
		res.Buckets = append(res.Buckets, b)
		if len(h.groups) == 0 && !h.split {
			row := make([]any, len(res.Columns))
			row[0] = b.Start
			res.Rows = append(res.Rows, row)
		}
		for j, g := range h.groups {
			row := []any{b.Start}
			if h.split {
				row = append(row, g.network)
			}
			is := math.NaN()
			if i < len(g.sizes) {
				is = g.sizes[i]
			}
			step := growth.Step{Size: math.NaN(), Interval: growth.Interval{Low: math.NaN(), High: math.NaN()}}
			if k := i - h.whole; k >= 0 && k < len(ahead[j]) {
				step = ahead[j][k]
			}
			level := math.NaN()
			if lines[j].Levels() {
				level = lines[j].Best.Level
			}
			for _, v := range []float64{is, step.Size, step.Low, step.High, level} {
				row = append(row, whole(v))
			}
			if h.mark != nil {
				row = append(row, g.rounded(i))
			}
			res.Rows = append(res.Rows, row)
		}
	}
	res.TotalRows = len(res.Rows)
	return res
}

// rounded is how many accounts' readings are rounded in a bucket; a forecast
// rests on all of them.
func (g *group) rounded(i int) int64 {
	if i < len(g.marks) {
		return g.marks[i]
	}
	return slices.Max(append([]int64{0}, g.marks...))
}

// start is a bucket's, also of those to come.
func (h *history) start(i int) time.Time {
	if i < len(h.buckets) {
		return h.buckets[i].Start
	}
	return h.after(i - h.whole + 1)
}

// whole is a count as a row has it: nil where there is none.
func whole(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) || v > 1e15 {
		return nil
	}
	return int64(math.Round(v))
}

func (h *history) columns() []query.Column {
	list := []query.Column{h.of.Columns[0]}
	if h.split {
		list = append(list, h.of.Columns[1])
	}
	list = append(list, h.measured)
	for _, c := range []struct {
		key   string
		title text.Text
	}{
		{Expected, text.Text{EN: "Forecast", FR: "Prévision"}},
		{Low, text.Text{EN: "Low, 8 in 10", FR: "Bas, 8 cas sur 10"}},
		{High, text.Text{EN: "High, 8 in 10", FR: "Haut, 8 cas sur 10"}},
		{Level, text.Text{EN: "Level where growth ends", FR: "Niveau où la croissance s’arrête"}},
	} {
		list = append(list, query.Column{Key: c.key, Metric: true, Title: c.title, Unit: h.measured.Unit})
	}
	if h.mark != nil {
		list = append(list, *h.mark)
	}
	return list
}
