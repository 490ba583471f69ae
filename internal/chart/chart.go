// Package chart makes a picture of a query.Result: an ECharts option, built
// with go-echarts' types and encoded by encoding/json. Panels (internal/panel)
// call it; it is the only importer of go-echarts. It does no I/O, and it never
// uses go-echarts' own rendering, which prints data into scripts unescaped.
//
// An option is JSON, so it holds no functions and no colours of a theme. It
// names both, and web/static/js/dashboard looks them up: "fmt:value:percent"
// at a formatter's place, "var(--series-1)" at a colour's place. Option text
// is the same in every language; names that readers see come with the Input.
//
// Rules of all pictures: a value that is not known is a gap, never 0; a bucket
// of time that is not over yet is drawn dotted, or pale with a dashed edge, and
// what it may come to by its end apart from it; a series that rests on rounded
// readings has ≈ beside its name; a network has the same colour everywhere.
package chart

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Input is what a picture is made of.
type Input struct {
	Result *query.Result
	// Previous is the same question about the span before, or nil. Its buckets
	// are laid over Result's by position.
	Previous *query.Result
	// PreviousName is the legend of what comes from Previous.
	PreviousName string
	Lang         text.Locale // of titles
	// ProjectedName is what the projection of all parts together is called.
	ProjectedName string
	// Name gives the text for a dimension's value; nil prints the value.
	Name func(column query.Column, value any) string
}

// Picture is what the page draws.
type Picture struct {
	Option json.RawMessage // for ECharts; nil where the page draws HTML
	// Regions names the map's region of each row, "" where it has none.
	Regions []string
	// Colors has a colour for each row of a list, nil where all are alike.
	Colors []string
}

// Kind is a kind of chart that a panel can ask for by name.
type Kind struct {
	Name string
	// Fits says why a panel of these metrics and dimensions can't be drawn
	// so; nil when it can.
	Fits  func(metrics []metric.Metric, by []metric.Dimension) error
	build func(Input) (Picture, error)
	// Own says that the kind asks its own question, of no metrics: server
	// knows which.
	Own  bool
	rows bool // build gives colours alone: the page draws the rows itself
}

// Draw makes the picture. The result must have the metrics and dimensions
// that Fits was asked about.
func (k Kind) Draw(in Input) (Picture, error) {
	if k.build == nil {
		return Picture{}, nil
	}
	p, err := k.build(in)
	if err != nil {
		return Picture{}, fmt.Errorf("draw %s: %w", k.Name, err)
	}
	return p, nil
}

// Kinds lists every kind of chart. A new kind is one more entry.
func Kinds() []Kind {
	kinds := []Kind{
		{Name: "figures", Fits: all(dims(0))},                                                               // a row of key figures, with their changes
		{Name: "line", Fits: all(atLeast(1), overTime), build: line},                                        // over time, from the least value up
		{Name: "area", Fits: all(atLeast(1), overTime), build: area},                                        // over time, from zero up
		{Name: "stacked", Fits: all(exactly(1), dims(2), overTime), build: stacked},                         // parts over time
		{Name: "columns", Fits: all(atLeast(1), overTime), build: columns},                                  // over time, for changes and sums
		{Name: "bars", Fits: all(atLeast(1), dims(1), notTime), build: ranked, rows: true},                  // a ranked list; a click filters
		{Name: "table", Fits: all(atLeast(1), someDims)},                                                    // rows as they are
		{Name: "heatmap", Fits: all(exactly(1), cycles), build: heatmap},                                    // the hours of a week
		{Name: "besttimes", Fits: all(exactly(1), cycles, metricsOf([]string{"visitors"})), build: heatmap}, // when readers are there, with the best hour in words
		{Name: "forecast", Fits: all(exactly(1), overTime, following), build: outlook},                      // a following, and where its growth ends
		{Name: "map", Fits: all(exactly(1), dims(1), only("visit:country")), build: world},                  // the world's countries
		{Name: "bubbles", Fits: all(exactly(3), dims(1), notTime), build: bubbles},                          // two metrics across and up, a third as size
		{Name: "loop", Fits: all(dims(0), metricsOf(loopMetrics()))},                                        // from readers to sharers and back, with the rates between
		{Name: "cascade", Fits: all(exactly(0), dims(0)), build: nodeColors, rows: true, Own: true},         // shares of shares, step by step
		{Name: "grouped", Fits: all(exactly(1), dims(2)), build: grouped},                                   // columns side by side; estimates pale
		{Name: "diverging", Fits: all(atLeast(2), dims(0), changing), build: diverging},                     // changes of several metrics, by region
	}
	for i, k := range kinds {
		if k.Name != "table" {
			kinds[i].Fits = all(numbers, k.Fits)
		}
	}
	return kinds
}

// Lookup finds a kind by its name.
func Lookup(name string) (Kind, bool) {
	kinds := Kinds()
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// table is a Result with its columns taken apart.
type table struct {
	Input
	dims, metrics []int          // positions in a row
	ahead         map[string]int // positions of the metrics' projections
	marks         []int
}

func read(in Input) table {
	t := table{Input: in, ahead: map[string]int{}}
	for i, c := range in.Result.Columns {
		switch {
		case c.Mark:
			t.marks = append(t.marks, i)
		case c.Projects != "":
			t.ahead[c.Projects] = i
		case c.Metric:
			t.metrics = append(t.metrics, i)
		default:
			t.dims = append(t.dims, i)
		}
	}
	return t
}

func (t table) column(i int) query.Column { return t.Result.Columns[i] }

func (t table) name(i int, v any) string {
	if t.Name != nil {
		return t.Name(t.column(i), v)
	}
	return fmt.Sprint(v)
}

// timeDim is the position of the dimension of time, or -1.
func (t table) timeDim() int {
	for _, i := range t.dims {
		if t.column(i).Bucket != metric.NoBucket {
			return i
		}
	}
	return -1
}

// Drawn says that the kind is a picture with an option; the page draws the
// others as HTML.
func (k Kind) Drawn() bool { return k.build != nil && !k.rows }
