package chart

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// loopMetrics are what the loop's picture shows: the figures of its four
// stations and the rates of the ways between them.
func loopMetrics() []string {
	return []string{"visitors", "share_rate", "sharers", "shares_per_sharer", "shares", "visits_per_share", "share_visits", "reshare_rate", "reshares", "k_factor"}
}

// Diameters of bubbles, in pixels. Areas compare, not diameters.
const (
	leastBubble = 10
	mostBubble  = 56
)

type bubble struct {
	Value      []float64 `json:"value"`
	SymbolSize int       `json:"symbolSize"`
	Label      *label    `json:"label"`
}

// bubbles draws a bubble a row: the first metric to the right, the second
// upwards, the third as its area. Each is a series, so that its name stands
// beside it in its colour. Rows that lack a value have no place and no bubble.
func bubbles(in Input) (Picture, error) {
	t := read(in)
	by, x, y, size := t.dims[0], t.metrics[0], t.metrics[1], t.metrics[2]
	var largest float64
	for _, row := range in.Result.Rows {
		n, _ := rows.Float(row[size])
		largest = max(largest, n)
	}
	c := charts.NewScatter()
	c.Accept(house{})
	for i, row := range in.Result.Rows {
		across, ok := rows.Float(row[x])
		up, ok2 := rows.Float(row[y])
		area, ok3 := rows.Float(row[size])
		if !ok || !ok2 || !ok3 {
			continue
		}
		diameter := leastBubble
		if largest > 0 {
			diameter = max(leastBubble, int(mostBubble*math.Sqrt(area/largest)))
		}
		color := seriesColor(t.column(by).Key, row[by], i)
		name := beside(opts.Label{Position: "right", Formatter: "{a}", Color: css("ink"), FontSize: 12})
		c.AddSeries(t.name(by, row[by]), nil,
			charts.WithSeriesId("row:"+strconv.Itoa(i)),
			charts.WithSeriesOpts(func(o *charts.SingleSeries) {
				o.Data = []bubble{{[]float64{across, up, area}, diameter, name}}
			}),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: color, BorderColor: css("surface"), BorderWidth: 1.5, Opacity: opts.Float(0.85)}),
			charts.WithLabelLayoutOpts(opts.LabelLayout{HideOverlap: opts.Bool(true)}))
	}
	across := opts.XAxis{
		Type: "value", Name: t.column(x).Title.In(t.Lang), NameLocation: "middle", NameGap: 28, SplitNumber: 5,
		AxisLabel: axisText(formatter("value", t.column(x).Unit)),
		AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: hairline()},
		AxisTick:  &opts.AxisTick{Show: opts.Bool(false)},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
	}
	up := valueAxis(t.column(y).Unit, true) // bubbles stand for themselves: no need of a zero
	up.Name = t.column(y).Title.In(t.Lang)
	g := grid(true)
	g.Bottom, g.Right = "24", "72"
	c.SetGlobalOptions(
		charts.WithXAxisOpts(across),
		charts.WithYAxisOpts(up),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(g),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: formatter("row")}),
	)
	return picture(c)
}

// nodeColors has no option: the page draws the tree. It gets the colours of
// the networks that the shares went to.
func nodeColors(in Input) (Picture, error) {
	const by = "share:network"
	network := slices.IndexFunc(in.Result.Columns, func(c query.Column) bool { return c.Key == by })
	if network < 0 {
		return Picture{}, errors.New("no column " + by)
	}
	p := Picture{Colors: make([]string, len(in.Result.Rows))}
	for i, row := range in.Result.Rows {
		p.Colors[i] = seriesColor(by, row[network], 7)
	}
	return p, nil
}
