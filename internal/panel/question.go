package panel

import (
	"context"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Reader is who an answer is for.
type Reader struct {
	Locale text.Locale
	// Settings says that the reader may change the site's settings: then
	// sentences link to them.
	Settings bool
	Root     string // link of the site's pages: "/example.com"
}

// Question is a panel's query in a view, ready to be answered once: by Answer
// or by WriteCSV.
type Question struct {
	engine *Engine
	runner rows.Runner // the engine's, or one for all questions of a page
	// together runs the query together with the others of its page; nil = the
	// question is asked alone.
	together  func(context.Context, *Question) (*query.Comparison, error)
	reader    Reader
	dashboard dashboards.Dashboard
	panel     dashboards.Panel
	view      query.View // of the page
	whole     bool       // all rows of the list are wanted
	european  bool       // csv=european, see WriteCSV
	first     time.Time  // day of the site's first event; zero = none yet
	query     query.Query
	tell      notesOf // sentences of the source; nil = none
}

// source answers a panel's question. It may set Question.tell.
type source func(context.Context, *Question) (*query.Comparison, error)

// notesOf makes the sentences about an answer, in its reader's language.
type notesOf func(*reply) []Note

// reply is a question with its query's result, from which the Answer is made.
type reply struct {
	*Question
	*query.Comparison
	lang  text.Locale
	p     *text.Printer
	names Namer
	dims  int // columns before the metrics
	shown int // columns before those that mark rounded figures
}

// uncompared is a result without a comparison.
func uncompared(res *query.Result) *query.Comparison {
	return &query.Comparison{Result: res, BeforeRows: make([][]any, len(res.Rows)), Change: make([][]*float64, len(res.Rows))}
}

// figure is the metric that a panel shows if it follows a click on key figures:
// the asked one, if it is one of them.
func figure(d dashboards.Dashboard, p dashboards.Panel, asked string) string {
	list := d.Figures(p)
	for _, m := range list {
		if m == asked {
			return m
		}
	}
	return list[0]
}
