package chart

import (
	"encoding/json"
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// gap is ECharts' word for a value that isn't there.
const gap = "-"

// tooltip adds what opts.Tooltip lacks. The content is an element that our
// formatter makes and styles, so ECharts adds no style of its own.
type tooltip struct {
	opts.Tooltip
	Confine     bool   `json:"confine"`
	Padding     int    `json:"padding"`
	BorderWidth int    `json:"borderWidth"`
	ShadowColor string `json:"shadowColor"`
	ClassName   string `json:"className"`
}

type xAxis struct {
	opts.XAxis
	BoundaryGap   bool      `json:"boundaryGap"`
	NameTextStyle *nameText `json:"nameTextStyle,omitempty"`
}

type yAxis struct {
	opts.YAxis
	NameTextStyle *nameText `json:"nameTextStyle,omitempty"`
}

// nameText is the style of an axis' name.
type nameText struct {
	Color    string `json:"color"`
	FontSize int    `json:"fontSize"`
	Align    string `json:"align,omitempty"`
}

// house puts the look of all our charts into an option.
type house struct {
	charts.BaseConfigurationVisitor
	edge bool // the first and last bucket stand at the picture's edges
}

func (house) VisitTooltipOpt(t opts.Tooltip) any {
	t.BackgroundColor = "transparent"
	return tooltip{Tooltip: t, Confine: true, ClassName: "tip-box", ShadowColor: "transparent"}
}

func (h house) VisitXAxis(list []opts.XAxis) any {
	out := make([]xAxis, len(list))
	for i, x := range list {
		out[i] = xAxis{XAxis: x, BoundaryGap: !h.edge}
		if x.Name != "" {
			out[i].NameTextStyle = &nameText{Color: css("ink-2"), FontSize: 12}
		}
	}
	return out
}

func (house) VisitYAxis(list []opts.YAxis) any {
	out := make([]yAxis, len(list))
	for i, y := range list {
		out[i] = yAxis{YAxis: y}
		if y.Name != "" {
			out[i].NameTextStyle = &nameText{Color: css("ink-2"), FontSize: 12, Align: "left"}
		}
	}
	return out
}

// Visit drops go-echarts' own palette and the parts that our build of ECharts
// doesn't have.
func (house) Visit(option map[string]any) {
	delete(option, "color")
	delete(option, "title")
	delete(option, "toolbox")
	markLines(option)
}

// label is a text beside what it names. It takes no part in how pale that is,
// and keeps clear of what else it stands on.
type label struct {
	opts.Label
	Opacity         float64 `json:"opacity"`
	TextBorderColor string  `json:"textBorderColor"`
	TextBorderWidth float64 `json:"textBorderWidth"`
}

func beside(l opts.Label) *label {
	l.Show = opts.Bool(true)
	return &label{Label: l, Opacity: 1, TextBorderColor: css("surface"), TextBorderWidth: 3}
}

// brokenMark is a legend's mark of a line that is dashed or dotted.
const brokenMark = "path://M0 0h5v4h-5z M7 0h5v4h-5z"

type legendName struct {
	Name string `json:"name"`
	Icon string `json:"icon"`
}

// markLines has the legend show a dashed line as one: a forecast or the span
// before has its own mark beside what it is compared with.
func markLines(option map[string]any) {
	list, _ := option["series"].(charts.MultiSeries)
	legend, _ := option["legend"].(opts.Legend)
	names, _ := legend.Data.([]string)
	marks := make([]any, len(names))
	for i, name := range names {
		marks[i] = name
		for _, s := range list {
			if s.Name == name {
				if s.LineStyle != nil && s.LineStyle.Type != "" {
					marks[i] = legendName{name, brokenMark}
				}
				break // what follows under the name are its dotted ends
			}
		}
	}
	if len(names) > 0 {
		legend.Data = marks
		option["legend"] = legend
	}
}

// encode is the one way out: validate first, then plain JSON, which escapes
// what would end a script.
func encode(c interface {
	Validate()
	JSON() map[string]any
}) (json.RawMessage, error) {
	c.Validate()
	raw, err := json.Marshal(c.JSON())
	if err != nil {
		return nil, fmt.Errorf("encode option: %w", err)
	}
	return raw, nil
}

func formatter(name string, args ...any) types.FuncStr {
	s := "fmt:" + name
	for _, a := range args {
		s += fmt.Sprintf(":%v", a)
	}
	return types.FuncStr(s)
}

func css(name string) string { return "var(--" + name + ")" }

// axisText is the style of labels along an axis.
func axisText(f types.FuncStr) *opts.AxisLabel {
	return &opts.AxisLabel{Show: opts.Bool(true), Color: css("ink-2"), FontSize: 12, HideOverlap: opts.Bool(true), Formatter: f}
}

func hairline() *opts.LineStyle { return &opts.LineStyle{Color: css("line")} }

func valueAxis(unit metric.Unit, fromLeast bool) opts.YAxis {
	y := opts.YAxis{
		Type: "value", SplitNumber: 4, Scale: opts.Bool(fromLeast),
		AxisLabel: axisText(formatter("value", unit)),
		SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: hairline()},
	}
	if unit == metric.Count {
		y.MinInterval = 1
	}
	return y
}

func categoryAxis(labels any, f types.FuncStr) opts.XAxis {
	return opts.XAxis{
		Type: "category", Data: labels,
		AxisLabel: axisText(f),
		AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: hairline()},
		AxisTick:  &opts.AxisTick{Show: opts.Bool(false)},
	}
}

func legend(show bool, names []string) opts.Legend {
	return opts.Legend{
		Show: opts.Bool(show), Type: "scroll", Left: "0", Top: "0", Icon: "roundRect", ItemWidth: 12, ItemHeight: 4,
		Data: names, TextStyle: &opts.TextStyle{Color: css("ink-2")}, InactiveColor: css("ink-3"),
	}
}

func grid(withLegend bool) opts.Grid {
	top := "12"
	if withLegend {
		top = "40"
	}
	return opts.Grid{Left: "4", Right: "12", Top: top, Bottom: "4", ContainLabel: opts.Bool(true)}
}
