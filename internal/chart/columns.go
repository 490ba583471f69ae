package chart

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// columns draws a column a bucket, pale where the bucket is not whole, in the
// colour of bad news where the value is below zero.
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
	for _, s := range all {
		names = append(names, s.name)
		data := make([]opts.BarData, len(s.values))
		for i, v := range s.values {
			n, ok := number(v)
			if !ok {
				data[i].Value = gap
				continue
			}
			look := opts.ItemStyle{Color: s.color}
			if n < 0 && len(all) == 1 {
				look.Color = css("bad")
			}
			if in.Result.Buckets[i].Incomplete {
				look.Opacity = opts.Float(0.45)
			}
			data[i] = opts.BarData{Value: n, ItemStyle: &look}
		}
		c.AddSeries(s.name, data,
			charts.WithSeriesId(s.id),
			charts.WithSeriesOpts(func(o *charts.SingleSeries) { o.BarMaxWidth, o.Stack = "36", stack }),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}))
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
func references(name string, n int, lang string) *charts.Line {
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
