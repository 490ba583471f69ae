package chart

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// columns draws a column a bucket, in the colour of bad news where the value
// is below zero. Where the bucket is not over, it is pale with a dashed edge,
// and an empty column on it shows what it may come to.
func columns(in Input) (Picture, error) { return pillars(in, "") }

// stacked draws columns of parts that stand on one another.
func stacked(in Input) (Picture, error) { return pillars(in, "parts") }

func pillars(in Input, stack string) (Picture, error) {
	t := read(in)
	all := pivot(t)
	c := charts.NewBar()
	c.Accept(house{})
	bucket := t.column(t.timeDim()).Bucket
	unit := t.column(t.metrics[0]).Unit
	c.SetXAxis(labels(in.Result.Buckets, bucket))
	var names []string
	add := func(name, id, color, stack string, data []bar) {
		c.AddSeries(name, nil,
			charts.WithSeriesId(id),
			charts.WithSeriesOpts(func(o *charts.SingleSeries) { o.Data, o.BarMaxWidth, o.Stack = data, "36", stack }),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: color}))
	}
	for _, s := range all {
		names = append(names, s.name)
		own := stack
		if own == "" && s.ahead != nil {
			own = s.id // its projection stands on it
		}
		add(s.name, s.id, s.color, own, pillarsOf(s, in, len(all) == 1))
		if s.ahead != nil && stack == "" {
			add(s.name, s.id+"^", s.color, own, restOf(s.color, s))
		}
	}
	if stack != "" && len(all) > 0 && len(t.ahead) > 0 {
		add(in.ProjectedName, "all^", css("ink-2"), stack, restOf(css("ink-2"), all...))
	}
	if len(all) == 1 && len(t.dims) == 1 {
		c.Overlap(references(t.column(t.metrics[0]).Key, len(in.Result.Buckets), in.Lang))
	}
	withLegend := len(names) > 1
	c.SetGlobalOptions(
		charts.WithXAxisOpts(categoryAxis(nil, formatter("bucket", bucket))),
		charts.WithYAxisOpts(valueAxis(unit, false)),
		charts.WithLegendOpts(legend(withLegend, names)),
		charts.WithGridOpts(grid(withLegend)),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", Formatter: formatter("series", bucket, unit), AxisPointer: &opts.AxisPointer{Type: "shadow"}}),
	)
	return picture(c)
}

// references draws a metric's values elsewhere as dashed lines across n
// buckets; the note below the chart and the tooltip say whose they are.
func references(name string, n int, lang text.Locale) *charts.Line {
	lines := charts.NewLine()
	m, _ := metric.Lookup(name)
	for _, r := range m.References {
		data := make([]opts.LineData, n)
		for i := range data {
			data[i] = opts.LineData{Value: r.Value}
		}
		lines.AddSeries(r.Text.In(lang), data,
			charts.WithSeriesId(fmt.Sprintf("reference-%v", r.Value)),
			charts.WithLineChartOpts(opts.LineChart{ShowSymbol: opts.Bool(false)}),
			charts.WithLineStyleOpts(opts.LineStyle{Color: css("ink-3"), Type: "dashed", Width: 1.5}),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: css("ink-3")}))
	}
	return lines
}

// pillarsOf are the columns of a series; alone, those below zero are bad news.
func pillarsOf(s series, in Input, alone bool) []bar {
	data := make([]bar, len(s.values))
	for i, v := range s.values {
		n, ok := rows.Float(v)
		if !ok {
			data[i].Value = gap
			continue
		}
		color := s.color
		if n < 0 && alone {
			color = css("bad")
		}
		look := edged{ItemStyle: opts.ItemStyle{Color: color}}
		if in.Result.Buckets[i].Incomplete {
			look = unfinished(color)
		}
		data[i] = bar{Value: n, ItemStyle: &look}
	}
	return data
}

// restOf are the columns from where series are to where they may come.
func restOf(color string, all ...series) []bar {
	data := make([]bar, len(all[0].values))
	for i := range data {
		data[i].Value = gap
		rest, total, known := 0.0, 0.0, false
		for _, s := range all {
			so, _ := rows.Float(s.values[i])
			total += so
			if s.ahead == nil {
				continue
			}
			if end, ok := rows.Float(s.ahead[i]); ok {
				rest, total, known = rest+end-so, total+end-so, true
			}
		}
		if known {
			look := unfinished(color)
			look.Opacity, look.Color = nil, "transparent"
			data[i] = bar{Value: rest, Projected: total, ItemStyle: &look}
		}
	}
	return data
}

// ranked has no option: the page draws the list. It gets the networks'
// colours.
func ranked(in Input) (Picture, error) {
	t := read(in)
	key := t.column(t.dims[0]).Key
	colors := make([]string, len(in.Result.Rows))
	own := false
	for i, row := range in.Result.Rows {
		colors[i] = seriesColor(key, row[t.dims[0]], 0)
		own = own || colors[i] != seriesColor("", nil, 0)
	}
	if !own {
		return Picture{}, nil
	}
	return Picture{Colors: colors}, nil
}
