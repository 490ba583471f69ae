package panel

import (
	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/chart"
)

// panelKind is what a kind of chart needs beside its picture, which chart.Kind makes.
type panelKind struct {
	// source is where its rows come from; nil = a query of the panel's metrics.
	source source
	// empty is the sentence for no rows; "" = that of its first metric.
	empty string
	// whole says that the picture shows all of its rows at once: where every
	// one is 0 there is nothing to draw, as over time.
	whole bool
	// figures says that it shows key figures, each with its change, in place
	// of rows.
	figures bool
	// plain says that it shows rows as they are, and no words about them.
	plain bool
	// key is what the picture calls a value of a dimension; nil = it names none.
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
