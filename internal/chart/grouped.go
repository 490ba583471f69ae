package chart

import (
	"fmt"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// The column that marks a row's figure as expected, or as one of a period that
// is not over, and its marks: internal/study and internal/panel make them.
const (
	estimateColumn = "study:estimate"
	estimate       = "estimate"
	partial        = "partial"
)

// groups are values by category and series, from rows whose first two
// dimensions are these.
type groups struct {
	categories []string   // as in the option: a bucket's label or the value
	series     []series   // values by category
	kinds      [][]string // by series, by category: estimate, partial or ""
}

func group(t table) groups {
	var g groups
	at := map[any]int{}
	place := func(v any) int {
		i, ok := at[v]
		if !ok {
			i = len(at)
			at[v] = i
		}
		return i
	}
	bucket := t.column(t.dims[0]).Bucket
	for _, b := range t.Result.Buckets {
		place(b.Start.Unix())
	}
	g.categories = labels(t.Result.Buckets, bucket)
	key := func(v any) any {
		if i, ok := bucketKeyOf(v); ok {
			return i
		}
		return v
	}
	for _, row := range t.Result.Rows {
		if v := key(row[t.dims[0]]); v != nil {
			if n := len(at); place(v) == n {
				g.categories = append(g.categories, fmt.Sprint(v))
			}
		}
	}
	mark := slices.IndexFunc(t.Result.Columns, func(c query.Column) bool { return c.Key == estimateColumn })
	byName := map[any]int{}
	for _, row := range t.Result.Rows {
		name := row[t.dims[1]]
		if name == nil {
			continue
		}
		i, ok := byName[name]
		if !ok {
			if i = len(g.series); i == most {
				continue // the table has them all
			}
			byName[name] = i
			g.series = append(g.series, series{
				id: fmt.Sprint(name), name: t.name(t.dims[1], name), values: make([]any, len(at)),
				color: seriesColor(t.column(t.dims[1]).Key, name, i),
			})
			g.kinds = append(g.kinds, make([]string, len(at)))
		}
		j := place(key(row[t.dims[0]]))
		g.series[i].values[j] = row[t.metrics[0]]
		if mark >= 0 && (row[mark] == estimate || row[mark] == partial) {
			g.kinds[i][j] = fmt.Sprint(row[mark])
		}
	}
	return g
}

// bar is an opts.BarData whose edge can be dashed.
type bar struct {
	Value     any    `json:"value"`
	ItemStyle *edged `json:"itemStyle,omitempty"`
	Label     *label `json:"label,omitempty"`
	Projected any    `json:"projected,omitempty"` // what the bucket may come to; Value is the rest
	Kind      string `json:"kind,omitempty"`      // estimate or partial, where it is not measured whole
}

type edged struct {
	opts.ItemStyle
	BorderType string `json:"borderType,omitempty"`
}

// unfinished is the look of a column whose bucket is not over.
func unfinished(color string) edged {
	return edged{ItemStyle: opts.ItemStyle{Color: color, Opacity: opts.Float(0.5), BorderColor: color, BorderWidth: 1.5}, BorderType: "dashed"}
}

// bars are a series' values, with the value beside each: pale with a dashed
// edge where a bucket isn't over, and in ink where the value was expected.
func (g groups) bars(t table, i int, above, below string) []bar {
	s := g.series[i]
	out := make([]bar, len(s.values))
	for j, v := range s.values {
		n, ok := rows.Float(v)
		if !ok {
			out[j].Value = gap
			continue
		}
		look, kind := edged{ItemStyle: opts.ItemStyle{Color: s.color}}, g.kinds[i][j]
		if j < len(t.Result.Buckets) && t.Result.Buckets[j].Incomplete {
			kind = partial
		}
		switch kind {
		case partial:
			look = unfinished(s.color)
		case estimate:
			look.Opacity, look.BorderType, look.BorderColor, look.BorderWidth = opts.Float(0.45), "dashed", css("ink"), 1
		}
		side := above
		if n < 0 {
			side = below
		}
		out[j] = bar{Value: n, Kind: kind, ItemStyle: &look, Label: beside(opts.Label{
			Position: side, Color: css("ink-2"), FontSize: 11, Formatter: string(formatter("label", t.column(t.metrics[0]).Unit)),
		})}
	}
	return out
}

// grouped draws columns side by side: a group of them a category, a colour a
// series.
func grouped(in Input) (Picture, error) {
	t := read(in)
	g := group(t)
	c := charts.NewBar()
	c.Accept(house{})
	bucket := t.column(t.dims[0]).Bucket
	unit := t.column(t.metrics[0]).Unit
	axis := formatter("name", 0)
	if bucket != "" {
		axis = formatter("bucket", bucket)
	}
	c.SetXAxis(g.categories)
	names := g.add(c, t, "top", "bottom")
	c.SetGlobalOptions(
		charts.WithXAxisOpts(categoryAxis(nil, axis)),
		charts.WithYAxisOpts(valueAxis(unit, false)),
		charts.WithLegendOpts(legend(true, names)),
		charts.WithGridOpts(grid(true)),
		charts.WithTooltipOpts(groupTip(bucket, unit)),
	)
	return picture(c)
}

// diverging draws bars to both sides of zero: a group a category, a colour a
// region.
func diverging(in Input) (Picture, error) {
	t := read(in)
	g := group(t)
	c := charts.NewBar()
	c.Accept(house{})
	unit := t.column(t.metrics[0]).Unit
	names := g.add(c, t, "right", "left")
	categories := axisText(formatter("name", 0))
	if g.falls() {
		categories.Margin = besideFalls
	}
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value", SplitNumber: 4, AxisLabel: axisText(formatter("value", unit)),
			SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: hairline()}}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Inverse: opts.Bool(true), Data: g.categories, AxisLabel: categories,
			AxisLine: &opts.AxisLine{Show: opts.Bool(false)}}),
		charts.WithLegendOpts(legend(true, names)),
		charts.WithGridOpts(grid(true)),
		charts.WithTooltipOpts(groupTip("", unit)),
	)
	return picture(c)
}

// besideFalls is the room, in pixels, between the names at the left and the
// picture that a value beside a bar to the left needs.
const besideFalls = 36

func (g groups) falls() bool {
	return slices.ContainsFunc(g.series, func(s series) bool {
		return slices.ContainsFunc(s.values, func(v any) bool { n, ok := rows.Float(v); return ok && n < 0 })
	})
}

func (g groups) add(c *charts.Bar, t table, above, below string) (names []string) {
	for i, s := range g.series {
		names = append(names, s.name)
		c.AddSeries(s.name, nil, charts.WithSeriesId(s.id),
			charts.WithSeriesOpts(func(o *charts.SingleSeries) { o.Data, o.BarMaxWidth = g.bars(t, i, above, below), "44" }),
			charts.WithLabelLayoutOpts(opts.LabelLayout{HideOverlap: opts.Bool(true)}),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}))
	}
	return names
}

func groupTip(bucket, unit any) opts.Tooltip {
	return opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", Formatter: formatter("groups", unit, bucket), AxisPointer: &opts.AxisPointer{Type: "shadow"}}
}
