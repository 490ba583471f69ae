package chart

import (
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Columns of a forecast's rows beside the metric: internal/forecast makes them.
const (
	expected = "forecast"
	low      = "forecast_low"
	high     = "forecast_high"
	level    = "level"
)

// outlook draws a history and how it goes on: solid what was read, dashed what
// is expected, in a band where it will likely be, with a dotted line at the
// level where growth ends. With several series the bands would hide one
// another, so there are none.
func outlook(in Input) (Picture, error) {
	t := read(in)
	c := charts.NewLine()
	c.Accept(house{edge: true})
	bucket := t.column(t.timeDim()).Bucket
	unit := t.column(t.metrics[0]).Unit
	c.SetXAxis(labels(in.Result.Buckets, bucket))
	tip := formatter("series", bucket, unit)
	var names []string
	if len(t.dims) == 1 {
		names = t.single(c)
		tip = formatter("rows", bucket)
	} else {
		names = t.several(c)
	}
	c.SetGlobalOptions(
		charts.WithXAxisOpts(categoryAxis(nil, formatter("bucket", bucket))),
		charts.WithYAxisOpts(valueAxis(unit, true)),
		charts.WithLegendOpts(legend(true, names)),
		charts.WithGridOpts(grid(true)),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", Formatter: tip, AxisPointer: &opts.AxisPointer{Type: "line"}}),
	)
	return picture(c)
}

func (t table) single(c *charts.Line) (names []string) {
	is, then := t.of(""), t.of(expected)
	is.color, then.color = css("series-1"), css("series-1")
	lows, highs, ends := t.of(low), t.of(high), t.of(level)
	if known(lows) {
		band := make([]any, len(highs.values))
		for i, v := range highs.values {
			up, ok := rows.Float(v)
			down, ok2 := rows.Float(lows.values[i])
			if ok && ok2 {
				band[i] = up - down
			}
		}
		unseen := opts.LineStyle{Width: 0.01, Opacity: opts.Float(0)}
		for _, s := range []struct {
			id     string
			values []any
			look   charts.SeriesOpts
		}{
			{"band~low", lows.values, charts.WithAreaStyleOpts(opts.AreaStyle{Opacity: opts.Float(0)})},
			{"band~high", band, charts.WithAreaStyleOpts(opts.AreaStyle{Color: css("series-1"), Opacity: opts.Float(0.16)})},
		} {
			c.AddSeries("", solid(s.values, nil), charts.WithSeriesId(s.id), s.look,
				charts.WithLineChartOpts(opts.LineChart{Stack: "band", Symbol: "none"}), charts.WithLineStyleOpts(unseen))
		}
	}
	c.AddSeries(is.name, solid(is.values, t.Result.Buckets), lineOf(is, style{})...)
	names = append(names, is.name)
	if rest, any := dashed(is.values, t.Result.Buckets); any {
		c.AddSeries(is.name, rest, tailOf(is, style{})...)
	}
	if known(then) {
		c.AddSeries(then.name, solid(joined(then.values, is.values), nil), forecastOf(then)...)
		names = append(names, then.name)
	}
	if known(ends) {
		ends.color = css("before")
		c.AddSeries(ends.name, solid(ends.values, nil), asideOf(ends, "dotted")...)
		names = append(names, ends.name)
	}
	return names
}

func (t table) several(c *charts.Line) (names []string) {
	t.metrics = slices.Clone(t.metrics)
	all := pivot(t)
	if i := t.metric(expected); i >= 0 {
		t.metrics[0] = i
	}
	ahead := map[string][]any{}
	for _, s := range pivot(t) {
		ahead[s.id] = s.values
	}
	for _, s := range all {
		names = append(names, s.name)
		c.AddSeries(s.name, solid(s.values, t.Result.Buckets), lineOf(s, style{})...)
		then := series{id: s.id + "~", name: s.name, color: s.color, values: joined(ahead[s.id], s.values)}
		if known(then) {
			c.AddSeries(s.name, solid(then.values, nil), forecastOf(then)...)
		}
	}
	return names
}

// of is a column over time; "" is the first metric.
func (t table) of(key string) series {
	i := t.metrics[0]
	if key != "" {
		i = t.metric(key)
	}
	if i < 0 {
		return series{}
	}
	t.metrics = []int{i}
	return pivot(t)[0]
}

// metric is the position of a metric's column, or -1.
func (t table) metric(key string) int {
	return slices.IndexFunc(t.Result.Columns, func(c query.Column) bool { return c.Metric && c.Key == key })
}

func known(s series) bool {
	return slices.ContainsFunc(s.values, func(v any) bool { _, ok := rows.Float(v); return ok })
}

// joined begins a forecast at the last reading before it.
func joined(ahead, is []any) []any {
	out := slices.Clone(ahead)
	first := slices.IndexFunc(out, func(v any) bool { _, ok := rows.Float(v); return ok })
	if first > 0 && first <= len(is) {
		out[first-1] = is[first-1]
	}
	return out
}

func forecastOf(s series) []charts.SeriesOpts {
	return []charts.SeriesOpts{
		charts.WithSeriesId(s.id),
		charts.WithLineChartOpts(opts.LineChart{Symbol: "circle", SymbolSize: 5, ShowSymbol: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 2, Type: "dashed", Color: s.color}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}),
	}
}
