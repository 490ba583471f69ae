package panel

import (
	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/chart"
)

// panelKind is what a kind of chart needs besides the drawing, which chart.Kind does.
type panelKind struct {
	// source is where its rows come from; nil = a query of the panel's metrics.
	source source
	// empty is the sentence for no rows; "" = that of its first metric.
	empty string
	// whole says that the chart shows all of its rows at once: if all are 0,
	// there is nothing to draw, as in a chart over time.
	whole bool
	// figures says that it shows key figures, each with its change, in place
	// of rows.
	figures bool
	// plain says that it shows its rows without sentences about them.
	plain bool
	// key is the key of a dimension's value in the chart's options; nil = the
	// chart has no such keys.
	key func(value string) string
}

// panelKinds has the kinds of chart that need more than a query of their metrics.
func panelKinds() map[string]panelKind {
	same := func(value string) string { return value }
	return map[string]panelKind{
		"figures":   {figures: true},
		"table":     {plain: true},
		"heatmap":   {whole: true},
		"besttimes": {whole: true, source: bestRows},
		"loop":      {whole: true},
		"map":       {key: chart.Region},
		"grouped":   {key: same},
		"diverging": {key: same, source: changeRows, empty: "study.no_before"},
		"forecast":  {source: forecastRows},
		"cascade":   {source: cascadeRows, empty: "dash.empty.shares"},
	}
}

func kindOf(p dashboards.Panel) panelKind { return panelKinds()[p.Chart] }
