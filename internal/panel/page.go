package panel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// All panels of a page are asked together: what they need to know of the site is
// read once; equal questions, or those that differ only in their number of rows,
// are queried once; and lists over the same rows share one statement.

// PageRequest is a dashboard's page, as a URL asks for it.
type PageRequest struct {
	Request          // Panel is not read
	Panels  []string // ids; nil = all
}

// PageQuestion is a panel's question, or the error that Ask would return for it.
type PageQuestion struct {
	Panel string // id
	*Question
	Err error
}

// AskPage prepares the questions of a page, in the page's order. They may be
// answered concurrently. An error concerns the whole page; errors are as in Ask.
func (e *Engine) AskPage(ctx context.Context, r PageRequest) ([]PageQuestion, error) {
	d, ok := e.Dashboard(r.Dashboard)
	if !ok {
		return nil, ErrNoPanel
	}
	for _, id := range r.Panels {
		if _, ok := d.Panel(id); !ok {
			return nil, ErrNoPanel
		}
	}
	view, err := e.recordedView(ctx, r.Site, r.Values)
	if err != nil {
		return nil, err
	}
	pg := &sharedPage{of: e.Runner}
	var list []PageQuestion
	for _, p := range d.Panels {
		if r.Panels != nil && !slices.Contains(r.Panels, p.ID) {
			continue
		}
		q := e.question(r.Request, d, p, view, pg)
		one := PageQuestion{Panel: p.ID, Question: q, Err: q.ask(ctx)}
		if one.Err == nil {
			q.together = pg.compare
			pg.note(q)
		}
		list = append(list, one)
	}
	pg.gather()
	return list, nil
}

// sharedPage is what the questions of a page share. It is a Runner that runs each
// statement once.
type sharedPage struct {
	of         rows.Runner
	wanted     []*wanted
	answers    once[*query.Comparison]
	lists      once[[]*query.Comparison]
	statements once[[]sharedRow]
}

// wanted is a question that one or more panels ask, with the largest number of
// rows that any of them wants.
type wanted struct {
	key  string
	ask  query.Query
	mode query.CompareMode
	with *lists // the lists that it shares a statement with; nil = none
	at   int    // its index in with
}

// lists are questions that share one statement.
type lists struct {
	name  string
	all   []query.Asked
	facts bool // they are of facts that have nothing to do with visits
}

// ask asks them.
func (l *lists) ask(ctx context.Context, r rows.Runner) ([]*query.Comparison, error) {
	if l.facts {
		return query.CompareFacts(ctx, r, l.all)
	}
	var all []query.Query
	for _, q := range l.all {
		all = append(all, q.Query)
	}
	return query.CompareAll(ctx, r, all, l.all[0].Mode)
}

// note adds a question to those wanted, or raises the limit of an equal one.
func (pg *sharedPage) note(q *Question) {
	if q.source() != nil {
		return
	}
	ask := q.query
	ask.CountRows = true
	if w := pg.find(q.key()); w == nil {
		pg.wanted = append(pg.wanted, &wanted{key: q.key(), ask: ask, mode: q.mode()})
	} else if w.ask.Limit > 0 && (ask.Limit == 0 || ask.Limit > w.ask.Limit) {
		w.ask.Limit = ask.Limit
	}
}

func (pg *sharedPage) find(key string) *wanted {
	if i := slices.IndexFunc(pg.wanted, func(w *wanted) bool { return w.key == key }); i >= 0 {
		return pg.wanted[i]
	}
	return nil
}

// together says that two questions can share a statement, and that this is so
// as they are of the same facts.
func (w *wanted) together(o *wanted) (yes, facts bool) {
	if w.ask.AlikeFacts(o.ask) {
		return true, true
	}
	return w.mode == o.mode && w.ask.Alike(o.ask), false
}

// gather puts lists of the same rows into one statement each.
func (pg *sharedPage) gather() {
	for i, w := range pg.wanted {
		if w.with != nil {
			continue
		}
		of, ofFacts := []*wanted{w}, false
		for _, o := range pg.wanted[i+1:] {
			if o.with != nil {
				continue
			}
			yes, facts := w.together(o)
			if yes && (facts || len(of) < query.MaxLists && !slices.ContainsFunc(of, func(have *wanted) bool { yes, _ := have.together(o); return !yes })) {
				of, ofFacts = append(of, o), facts
			}
		}
		if len(of) == 1 {
			continue
		}
		with := &lists{name: w.key, facts: ofFacts}
		for at, o := range of {
			o.with, o.at = with, at
			with.all = append(with.all, query.Asked{Query: o.ask, Mode: o.mode})
		}
	}
}

// timed reports whether the question has rows over time. Then its limit counts
// groups, and questions with different limits are different questions.
func (q *Question) timed() bool {
	return slices.ContainsFunc(q.query.Dimensions, func(name string) bool {
		d, _, ok := metric.LookupDimension(name)
		return name == "time" || ok && d.Kind == metric.OfTime
	})
}

// key is equal for questions that differ only in their number of rows.
func (q *Question) key() string {
	ask, limit := q.query, 0
	if q.timed() {
		limit = ask.Limit
	}
	return fmt.Sprintf("%q %q %#v %d %d %#v %d %d %t %t %t %t %s", ask.Metrics, ask.Dimensions, ask.Filter, ask.Range.From.UnixNano(), ask.Range.To.UnixNano(),
		ask.Order, ask.Offset, limit, ask.Sparse, ask.TellUnknown, ask.Marks, ask.Project, q.mode())
}

// compare answers a question of the page with as many rows as it wants.
func (pg *sharedPage) compare(ctx context.Context, q *Question) (*query.Comparison, error) {
	w := pg.find(q.key())
	c, err := pg.answers.get(ctx, w.key, func() (*query.Comparison, error) {
		if w.with != nil {
			all, err := pg.lists.get(ctx, w.with.name, func() ([]*query.Comparison, error) {
				return w.with.ask(ctx, pg)
			})
			if err == nil {
				return all[w.at], nil
			}
			// An error in one list must not fail the others.
		}
		return query.Compare(ctx, pg, w.ask, w.mode)
	})
	if err != nil || q.timed() {
		return c, err
	}
	return c.First(q.query.Limit), nil
}

// sharedRow is a row of a statement's answer.
type sharedRow struct {
	names []string
	cells []any
}

// Select implements rows.Runner. A statement that another panel has run isn't
// run again: its rows are returned.
func (pg *sharedPage) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	list, err := pg.statements.get(ctx, fmt.Sprint(sql, "\x00", args), func() (list []sharedRow, err error) {
		var names []string
		err = pg.of.Select(ctx, sql, args, func(row *rows.Row) error {
			if names == nil {
				names = slices.Clone(row.Names())
			}
			list = append(list, sharedRow{names, slices.Clone(row.Cells())})
			return nil
		})
		return list, err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	row := rows.New(list[0].names)
	for _, r := range list {
		if err := row.Give(r.cells, each); err != nil {
			return err
		}
	}
	return nil
}

var errUnfinished = errors.New("another panel that asks the same did not finish")

// once does the work for each key once; concurrent callers wait for the result.
type once[T any] struct {
	mu   sync.Mutex
	done map[string]*sharedOutcome[T]
}

type sharedOutcome[T any] struct {
	ready chan struct{}
	value T
	err   error
}

func (o *once[T]) get(ctx context.Context, key string, do func() (T, error)) (T, error) {
	o.mu.Lock()
	if o.done == nil {
		o.done = map[string]*sharedOutcome[T]{}
	}
	one, known := o.done[key]
	if !known {
		one = &sharedOutcome[T]{ready: make(chan struct{})}
		o.done[key] = one
	}
	o.mu.Unlock()
	if !known {
		one.err = errUnfinished // what those who wait are told if do panics
		defer close(one.ready)
		one.value, one.err = do()
		return one.value, one.err
	}
	select {
	case <-one.ready:
		return one.value, one.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
