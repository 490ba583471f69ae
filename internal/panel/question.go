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
	// Settings says that the reader may change the site's settings: sentences
	// then lead there.
	Settings bool
	Root     string // link of the site's pages: "/example.com"
}

// Question is a panel's query in a view, ready to be answered once: by Answer
// or by WriteCSV.
type Question struct {
	engine *Engine
	runner rows.Runner // the engine's, or one for all questions of a page
	// together asks the query along with those of its page; nil = it stands
	// alone.
	together  func(context.Context, *Question) (*query.Comparison, error)
	reader    Reader
	dashboard dashboards.Dashboard
	panel     dashboards.Panel
	view      query.View // of the page
	whole     bool       // the list is asked for whole
	european  bool       // its file is wanted as European spreadsheets read it
	first     time.Time  // day of the site's first event; zero = none yet
	query     query.Query
	tell      notesOf // what the source has to say; nil = nothing
}

// source answers a panel's question. It may set Question.tell.
type source func(context.Context, *Question) (*query.Comparison, error)

// notesOf gives the sentences about an answer, for its reader.
type notesOf func(*reply) []Note

// reply is a question with what the database said.
type reply struct {
	*Question
	*query.Comparison
	lang  text.Locale
	p     *text.Printer
	names Namer
	dims  int // columns before the metrics
	shown int // columns that are no marks
}

// uncompared is an answer that is compared with nothing.
func uncompared(res *query.Result) *query.Comparison {
	return &query.Comparison{Result: res, BeforeRows: make([][]any, len(res.Rows)), Change: make([][]*float64, len(res.Rows))}
}

// figure is the metric that a panel shows of those that a click can bring to
// it: the asked one where it is among them.
func figure(d dashboards.Dashboard, p dashboards.Panel, asked string) string {
	list := d.Figures(p)
	for _, m := range list {
		if m == asked {
			return m
		}
	}
	return list[0]
}
