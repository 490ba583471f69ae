package chart

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"golang.org/x/text/language"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// heatmap draws two cycles of time: the first dimension downwards, the second
// to the right.
func heatmap(in Input) (Picture, error) {
	t := read(in)
	var largest float64
	data := make([]opts.HeatMapData, 0, len(in.Result.Rows))
	for _, row := range in.Result.Rows {
		n, ok := rows.Float(row[t.metrics[0]])
		if !ok {
			continue
		}
		largest = max(largest, n)
		// ECharts finds a category by its text; a number would be an index.
		data = append(data, opts.HeatMapData{Value: []any{fmt.Sprint(row[t.dims[1]]), fmt.Sprint(row[t.dims[0]]), n}})
	}
	down, err := cycle(t, 0)
	if err != nil {
		return Picture{}, err
	}
	right, err := cycle(t, 1)
	if err != nil {
		return Picture{}, err
	}
	c := charts.NewHeatMap()
	c.Accept(house{})
	c.AddSeries("", data, charts.WithSeriesId("heat"),
		charts.WithItemStyleOpts(opts.ItemStyle{BorderColor: css("surface"), BorderWidth: 2, BorderRadius: "3"}))
	y := opts.YAxis{Type: "category", Inverse: opts.Bool(true), Data: down, AxisLabel: axisText(formatter("name", 0)), AxisLine: &opts.AxisLine{Show: opts.Bool(false)}}
	x := categoryAxis(right, formatter("name", 1))
	x.AxisLine.Show = opts.Bool(false)
	c.SetGlobalOptions(
		charts.WithXAxisOpts(x),
		charts.WithYAxisOpts(y),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(grid(false)),
		charts.WithVisualMapOpts(heat(largest)),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: formatter("cell", t.column(t.metrics[0]).Unit)}),
	)
	return picture(c)
}

// cycle lists all values of a dimension that comes round, as text.
func cycle(t table, dim int) ([]string, error) {
	key := t.column(t.dims[dim]).Key
	d, _, ok := metric.LookupDimension(key)
	if !ok || len(d.Cycle) == 0 {
		return nil, fmt.Errorf("%s is no cycle", key)
	}
	out := make([]string, len(d.Cycle))
	for i, v := range d.Cycle {
		out[i] = fmt.Sprint(v)
	}
	return out, nil
}

func heat(largest float64) opts.VisualMap {
	return opts.VisualMap{
		Type: "continuous", Show: opts.Bool(false), Calculable: opts.Bool(false), Min: 0, Max: float32(max(largest, 1)),
		InRange: &opts.VisualMapInRange{Color: []string{css("heat-0"), css("heat-1"), css("heat-2"), css("heat-3"), css("heat-4")}},
	}
}

// world colours countries. A region's name is its ISO 3166-1 number, as in
// the map that the page has.
func world(in Input) (Picture, error) {
	t := read(in)
	var largest float64
	p := Picture{Regions: make([]string, len(in.Result.Rows))}
	var data []opts.MapData
	for i, row := range in.Result.Rows {
		n, ok := rows.Float(row[t.metrics[0]])
		code, _ := rows.Text(row[t.dims[0]])
		p.Regions[i] = Region(code)
		if !ok || p.Regions[i] == "" {
			continue
		}
		largest = max(largest, n)
		data = append(data, opts.MapData{Name: p.Regions[i], Value: n})
	}
	c := charts.NewMap()
	c.Accept(house{})
	c.RegisterMapType("world")
	c.AddSeries("", data, charts.WithSeriesId("world"),
		charts.WithItemStyleOpts(opts.ItemStyle{AreaColor: css("land"), BorderColor: css("surface"), BorderWidth: 0.5}),
		charts.WithEmphasisOpts(opts.Emphasis{Label: &opts.Label{Show: opts.Bool(false)}, ItemStyle: &opts.ItemStyle{AreaColor: css("series-2")}}),
		charts.WithLabelOpts(opts.Label{Show: opts.Bool(false)}),
		charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.SelectedMode = opts.Bool(false)
			s.Left, s.Right, s.Top = "0", "0", "0" // the height follows from the map's own proportions
		}))
	scale := heat(largest)
	scale.InRange.Color = scale.InRange.Color[1:] // a country with readers is never as pale as one without
	c.SetGlobalOptions(
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithVisualMapOpts(scale),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: formatter("region", t.column(t.metrics[0]).Unit)}),
	)
	raw, err := encode(c)
	p.Option = raw
	return p, err
}

// Region is the ISO 3166-1 number of a country's two-letter code, with three
// digits; "" for what is no country.
func Region(code string) string {
	r, err := language.ParseRegion(code)
	if err != nil || !r.IsCountry() {
		return ""
	}
	return fmt.Sprintf("%03d", r.M49())
}
