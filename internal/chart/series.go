package chart

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// most is how many series one picture bears. Where there are more, those with
// the largest totals are drawn; the table and the CSV have all.
const most = palette

// series is one line: a value a bucket, nil where none is known.
type series struct {
	id, name, color string
	values          []any
	ahead           []any // what the bucket that is not over may come to; nil where nothing is said
	rounded         bool  // some value rests on a rounded reading
}

// put sets a bucket's value from a row.
func (s *series) put(t table, m, bucket int, row []any) {
	s.values[bucket] = row[m]
	if i, ok := t.ahead[t.column(m).Key]; ok && row[i] != nil {
		if s.ahead == nil {
			s.ahead = make([]any, len(s.values))
		}
		s.ahead[bucket] = row[i]
	}
	for _, i := range t.marks {
		n, _ := rows.Float(row[i])
		s.rounded = s.rounded || n > 0
	}
}

// approximately is what stands beside the name of a series that is rounded.
const approximately = " ≈"

// named marks the name of a series that is rounded.
func (s series) named() series {
	if s.rounded {
		s.name += approximately
	}
	return s
}

// pivot makes series of a result over time: one a metric, or one a value of
// the second dimension, the largest first.
func pivot(t table) []series {
	at := map[int64]int{}
	for i, b := range t.Result.Buckets {
		at[b.Start.Unix()] = i
	}
	when := t.timeDim()
	if len(t.dims) < 2 {
		out := make([]series, len(t.metrics))
		for i, m := range t.metrics {
			c := t.column(m)
			out[i] = series{id: c.Key, name: c.Title.In(t.Lang), color: seriesColor("", nil, i), values: make([]any, len(at))}
			for _, row := range t.Result.Rows {
				if b, ok := bucketOf(at, row[when]); ok {
					out[i].put(t, m, b, row)
				}
			}
			out[i] = out[i].named()
		}
		return out
	}
	by := t.dims[0]
	if by == when {
		by = t.dims[1]
	}
	byValue := map[any]*series{}
	var order []any
	total := map[any]float64{}
	for _, row := range t.Result.Rows {
		key := row[by]
		b, ok := bucketOf(at, row[when])
		if !ok || key == nil {
			continue
		}
		if byValue[key] == nil {
			byValue[key] = &series{id: fmt.Sprint(key), name: t.name(by, key), values: make([]any, len(at))}
			order = append(order, key)
		}
		byValue[key].put(t, t.metrics[0], b, row)
		n, _ := rows.Float(row[t.metrics[0]])
		total[key] += n
	}
	slices.SortStableFunc(order, func(a, b any) int {
		switch {
		case total[a] > total[b]:
			return -1
		case total[a] < total[b]:
			return 1
		}
		return 0
	})
	var out []series
	for i, key := range order[:min(len(order), most)] {
		s := byValue[key].named()
		s.color = seriesColor(t.column(by).Key, key, i)
		out = append(out, s)
	}
	return out
}

func bucketOf(at map[int64]int, v any) (int, bool) {
	when, ok := rows.Time(v)
	if !ok {
		return 0, false
	}
	i, ok := at[when.Unix()]
	return i, ok
}

func bucketKeyOf(v any) (any, bool) {
	when, ok := rows.Time(v)
	return when.Unix(), ok
}

// labels names the buckets by the site's wall clock.
func labels(buckets []query.Bucket, b metric.Bucket) []string {
	layout := time.DateOnly
	if b == metric.Hour {
		layout = time.DateTime
	}
	out := make([]string, len(buckets))
	for i, bucket := range buckets {
		out[i] = bucket.Start.Format(layout)
	}
	return out
}

func line(in Input) (Picture, error) { return overlay(in, style{fromLeast: true}) }
func area(in Input) (Picture, error) { return overlay(in, style{fill: true}) }

type style struct {
	fromLeast bool // the axis begins near the least value
	fill      bool // the space under the line is tinted
}

// overlay draws lines over time: solid where a bucket is whole, dotted to
// those that are not, with a diamond where one may end; grey and dashed for the
// span before.
func overlay(in Input, st style) (Picture, error) {
	t := read(in)
	all := pivot(t)
	c := charts.NewLine()
	c.Accept(house{edge: len(in.Result.Buckets) > 1})
	bucket := t.column(t.timeDim()).Bucket
	unit := t.column(t.metrics[0]).Unit
	c.SetXAxis(labels(in.Result.Buckets, bucket))

	var names []string
	for _, s := range all {
		names = append(names, s.name)
		c.AddSeries(s.name, solid(s.values, in.Result.Buckets), lineOf(s, st)...)
		if rest, any := dashed(s.values, in.Result.Buckets); any {
			c.AddSeries(s.name, rest, tailOf(s, st)...)
		}
		if s.ahead != nil {
			c.AddSeries(s.name, nil, aheadOf(s)...)
		}
	}
	if in.Previous != nil && len(t.dims) == 1 && len(all) == 1 {
		p := before(t)
		names = append(names, p.name)
		c.AddSeries(p.name, solid(p.values, nil), asideOf(p, "dashed")...)
	}
	withLegend := len(names) > 1
	c.SetGlobalOptions(
		charts.WithXAxisOpts(categoryAxis(nil, formatter("bucket", bucket))),
		charts.WithYAxisOpts(valueAxis(unit, st.fromLeast)),
		charts.WithLegendOpts(legend(withLegend, names)),
		charts.WithGridOpts(grid(withLegend)),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", Formatter: formatter("series", bucket, unit), AxisPointer: &opts.AxisPointer{Type: "line"}}),
	)
	return picture(c)
}

func picture(c interface {
	Validate()
	JSON() map[string]any
}) (Picture, error) {
	raw, err := encode(c)
	return Picture{Option: raw}, err
}

// before lays the span before over this one, bucket by bucket.
func before(t table) series {
	prev := read(Input{Result: t.Previous, Lang: t.Lang})
	s := pivot(prev)[0]
	n := len(t.Result.Buckets)
	s.values = append(s.values, make([]any, max(0, n-len(s.values)))...)[:n]
	s.id, s.name, s.color = "previous:"+s.id, t.PreviousName, css("before")
	return s
}

// solid keeps the buckets that are whole; nil buckets keep all.
func solid(values []any, buckets []query.Bucket) []opts.LineData {
	out := make([]opts.LineData, len(values))
	for i, v := range values {
		if n, ok := rows.Float(v); ok && (buckets == nil || !buckets[i].Incomplete) {
			out[i].Value = n
		} else {
			out[i].Value = gap
		}
	}
	return out
}

// dashed keeps what solid leaves out: buckets that are not whole, joined to
// their neighbours, and readings that stand alone, which no line would show.
func dashed(values []any, buckets []query.Bucket) (out []opts.LineData, any bool) {
	known := func(i int) bool {
		if i < 0 || i >= len(values) {
			return false
		}
		_, ok := rows.Float(values[i])
		return ok
	}
	partial := func(i int) bool { return i >= 0 && i < len(values) && buckets[i].Incomplete }
	out = make([]opts.LineData, len(values))
	for i, v := range values {
		n, ok := rows.Float(v)
		alone := !known(i-1) && !known(i+1)
		switch {
		case ok && (partial(i) || alone):
			out[i] = opts.LineData{Value: n, Symbol: "emptyCircle", SymbolSize: 6}
			any = true
		case ok && (partial(i-1) || partial(i+1)):
			out[i] = opts.LineData{Value: n, Symbol: "none"}
		default:
			out[i].Value = gap
		}
	}
	return out, any
}

func lineOf(s series, st style) []charts.SeriesOpts {
	o := []charts.SeriesOpts{
		charts.WithSeriesId(s.id),
		charts.WithLineChartOpts(opts.LineChart{Symbol: "circle", SymbolSize: 6, ShowSymbol: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 2, Color: s.color}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}),
	}
	if st.fill {
		o = append(o, tint(s))
	}
	return o
}

// expectedPoint is a value with where its bucket may come to.
type expectedPoint struct {
	Value      any    `json:"value"`
	Projected  any    `json:"projected,omitempty"`
	Symbol     string `json:"symbol,omitempty"`
	SymbolSize int    `json:"symbolSize,omitempty"`
}

// aheadOf draws a projection: from the last whole bucket's value on.
func aheadOf(s series) []charts.SeriesOpts {
	points := make([]expectedPoint, len(s.values))
	for i := range points {
		points[i].Value = gap
		if n, ok := rows.Float(s.ahead[i]); ok {
			points[i] = expectedPoint{Value: n, Projected: n, Symbol: "emptyDiamond", SymbolSize: 9}
		} else if i+1 < len(points) && s.ahead[i+1] != nil {
			if n, ok := rows.Float(s.values[i]); ok {
				points[i] = expectedPoint{Value: n, Symbol: "none"}
			}
		}
	}
	return []charts.SeriesOpts{
		charts.WithSeriesId(s.id + "^"),
		charts.WithSeriesOpts(func(o *charts.SingleSeries) { o.Data = points }),
		charts.WithLineChartOpts(opts.LineChart{ShowSymbol: opts.Bool(true)}),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 1.5, Type: "dotted", Color: s.color, Opacity: opts.Float(0.7)}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}),
	}
}

func tint(s series) charts.SeriesOpts {
	return charts.WithAreaStyleOpts(opts.AreaStyle{Color: s.color, Opacity: opts.Float(0.1)})
}

func tailOf(s series, st style) []charts.SeriesOpts {
	o := []charts.SeriesOpts{
		charts.WithSeriesId(s.id + "~"),
		charts.WithLineChartOpts(opts.LineChart{ShowSymbol: opts.Bool(true)}),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 2, Type: "dotted", Color: s.color}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}),
	}
	if st.fill {
		o = append(o, tint(s))
	}
	return o
}

// asideOf is a thin line beside the series itself.
func asideOf(s series, kind string) []charts.SeriesOpts {
	return []charts.SeriesOpts{
		charts.WithSeriesId(s.id),
		charts.WithLineChartOpts(opts.LineChart{Symbol: "circle", SymbolSize: 5, ShowSymbol: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 1.5, Type: kind, Color: s.color}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: s.color}),
	}
}
