package query

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// A page asks for posts over time, by network and one by one, each beside an
// earlier period. Facts that have nothing to do with visits are few, and what
// takes time is to analyse such a statement and to find what posts brought. So
// all that a page asks of a kind of facts is one statement. Each fact is there
// once for every answer that it belongs to, and answers are groups.

// Asked is a question of a page, with what it is compared with.
type Asked struct {
	Query
	Mode CompareMode
}

// factsAlone are the facts that a question is answered from, if that can be done
// by CompareFacts; nil = it can't.
func (q Query) factsAlone() (of *metric.Facts) {
	if len(q.Metrics) == 0 || len(q.Order) > 0 || q.Offset > 0 || q.Sparse || q.TellUnknown || q.lists != nil {
		return nil
	}
	for _, name := range q.Metrics {
		m, ok := metric.Lookup(name)
		if !ok || m.Facts() == nil || of != nil && m.Facts() != of || m.MarkedBy != "" || m.Order != "" {
			return nil
		}
		if sql, _ := m.Projection(); sql != "" && q.Project && q.bucketed() {
			return nil // a column more
		}
		for _, name := range m.Parts {
			if p, _ := metric.LookupPart(name); p.Distinct {
				return nil
			}
		}
		of = m.Facts()
	}
	for _, name := range q.Dimensions {
		if d, _, ok := metric.LookupDimension(q.named(name)); !ok || d.Join != "" || d.Keyed() {
			return nil
		}
	}
	return of
}

// named is the name of a dimension, with the bucket that "time" is.
func (q Query) named(dimension string) string {
	if dimension == "time" {
		return "time:" + string(DefaultInterval(q.Range))
	}
	return dimension
}

// bucketed says that rows are of buckets of time.
func (q Query) bucketed() bool {
	return slices.ContainsFunc(q.Dimensions, func(name string) bool {
		d, _, _ := metric.LookupDimension(q.named(name))
		return d.Bucket != metric.NoBucket
	})
}

// AlikeFacts says that two questions can be asked by CompareFacts as one.
func (q Query) AlikeFacts(o Query) bool {
	f := q.factsAlone()
	return f != nil && f == o.factsAlone() && q.Site.ID == o.Site.ID && q.Range == o.Range && q.Now.Equal(o.Now) &&
		reflect.DeepEqual(q.Site.Others, o.Site.Others)
}

// factList is an answer of a statement of several.
type factList struct {
	Query
	dims []int // indexes of its dimensions in the statement's
}

// CompareFacts is Compare for several questions, each AlikeFacts to each other, in
// one statement, or in two where the earlier periods are long ago.
func CompareFacts(ctx context.Context, r rows.Runner, questions []Asked) ([]*Comparison, error) {
	now, before := make([]*answering, len(questions)), make([]*answering, len(questions))
	var near, far []*answering
	for i, q := range questions {
		var err error
		if now[i], err = begin(q.Query); err != nil {
			return nil, err
		}
		near = append(near, now[i])
		if q.Mode == NoComparison || q.Mode == "" {
			continue
		}
		if before[i], err = begin(q.earlier(q.Mode, len(now[i].buckets) > 0)); err != nil {
			return nil, err
		}
		if q.Range.From.Sub(before[i].res.Query.Range.To) > mostBetween {
			far = append(far, before[i])
		} else {
			near = append(near, before[i])
		}
	}
	for _, list := range [][]*answering{near, far} {
		if err := runFacts(ctx, r, list); err != nil {
			return nil, fmt.Errorf("query %s: %w", questions[0].Site.Domain, err)
		}
	}
	out := make([]*Comparison, len(questions))
	for i := range questions {
		now[i].cut()
		if before[i] == nil {
			res, err := now[i].end(ctx, r)
			if err != nil {
				return nil, err
			}
			out[i] = uncompared(res)
			continue
		}
		if len(now[i].res.Query.Dimensions) > 0 && !now[i].timed() {
			before[i].res.Rows = before[i].rowsOf(now[i])
		}
		var err error
		if out[i], err = compared(ctx, r, now[i], before[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// runFacts fills answers from one statement.
func runFacts(ctx context.Context, r rows.Runner, list []*answering) error {
	if len(list) == 0 {
		return nil
	}
	all := Query{Site: list[0].res.Query.Site, Now: list[0].res.Query.Now, Range: list[0].res.Query.Range}
	for _, a := range list {
		q := a.res.Query
		all.Range.From, all.Range.To = earlier(all.Range.From, q.Range.From), later(all.Range.To, q.Range.To)
		for _, name := range q.Metrics {
			if !slices.Contains(all.Metrics, name) {
				all.Metrics = append(all.Metrics, name)
			}
		}
	}
	// Those of most dimensions first: an answer's come in its own order.
	byDims := slices.Clone(list)
	slices.SortStableFunc(byDims, func(a, b *answering) int { return len(b.res.Query.Dimensions) - len(a.res.Query.Dimensions) })
	for _, a := range byDims {
		for _, name := range a.res.Query.Dimensions {
			if name = a.res.Query.named(name); !slices.Contains(all.Dimensions, name) {
				all.Dimensions = append(all.Dimensions, name)
			}
		}
	}
	for _, a := range list {
		one := factList{Query: a.res.Query}
		var times, others []int // rows are in the order of time first
		for i, name := range one.Dimensions {
			at := slices.Index(all.Dimensions, one.named(name))
			if one.dims = append(one.dims, at); ofTime(a.Columns[i]) {
				times = append(times, at)
			} else {
				others = append(others, at)
			}
		}
		if !slices.IsSorted(times) || !slices.IsSorted(others) {
			return errOtherOrder
		}
		all.facts = append(all.facts, one)
	}
	st, err := Build(all)
	if err != nil {
		return err
	}
	for _, a := range list {
		a.SQL, a.res.SQL = st.SQL, st.SQL
	}
	dims := len(all.Dimensions)
	err = r.Select(ctx, st.SQL, st.Args, func(row *rows.Row) error {
		cells := row.Cells()
		at, _ := rows.Int(cells[dims]) // the column behind the dimensions
		a, of := list[at], all.facts[at]
		values := pick(cells, of.dims)
		for i, name := range of.Metrics {
			value := cells[dims+1+slices.Index(all.Metrics, name)]
			if a.Columns[len(of.dims)+i].Missing.EN != "" {
				value = nil
			}
			values = append(values, value)
		}
		return a.add(append(values, make([]any, len(a.Hidden))...)) // rows are counted by cut
	})
	if err != nil {
		return err
	}
	for _, a := range list {
		a.total()
	}
	return nil
}

var errOtherOrder = fmt.Errorf("the answers' dimensions stand in different orders")

// list is the name of the column that tells a statement's answers apart.
const list = "list"

// ofLists are the rows of a table, once for each answer that they belong to.
func (b *builder) ofLists(f *metric.Facts, table string, where []string) *selection {
	name := table
	if at := strings.LastIndex(table, " AS "); at >= 0 {
		name = table[at+len(" AS "):]
	} else {
		name, _, _ = strings.Cut(table, " ")
	}
	belongs := make([]string, len(b.q.facts))
	for i, l := range b.q.facts {
		s := &selection{}
		s.and("ts >= " + b.instant(l.Range.From) + " AND ts < " + b.instant(l.Range.To))
		for _, d := range l.dims {
			s.and(b.dims[d].Where)
		}
		for _, filter := range l.Filter {
			s.and(b.condition(filter, s, rowExpression))
		}
		if f.Accounts && !l.asksRole() && len(l.Site.Others) > 0 {
			b.bindOthers()
			s.and("NOT " + metric.OthersAccount)
		}
		belongs[i] = fmt.Sprintf("if(%s, [%d], [])", strings.Join(s.where, " AND "), i)
	}
	all := &selection{table: table, where: append(where, b.inRanges())}
	rows := "SELECT *, arrayJoin(arrayConcat(\n" + indent(strings.Join(belongs, ",\n")) + ")) AS " + list + "\n" + all.from()
	s := &selection{facts: f, table: "(\n" + indent(rows) + "\n) AS " + name}
	for i, d := range b.dims {
		s.dims = append(s.dims, b.onLists(i, d.SQL))
	}
	b.dims = append(b.dims, resolvedDimension{asked: list})
	s.dims = append(s.dims, list)
	return s
}

// onLists is a dimension's SQL in the answers that have it, NULL in others.
func (b *builder) onLists(dim int, sql string) string {
	var on []string
	for i, l := range b.q.facts {
		if slices.Contains(l.dims, dim) {
			on = append(on, fmt.Sprint(i))
		}
	}
	if len(on) == len(b.q.facts) {
		return sql
	}
	return "if(" + list + " IN (" + strings.Join(on, ", ") + "), " + sql + ", NULL)"
}

// orderOfFacts has answer after answer, each in the order that it has alone.
func (b *builder) orderOfFacts() string {
	dims := b.dims[:len(b.dims)-1]
	by := []string{fmt.Sprintf("d%d", len(dims))}
	for i, d := range dims {
		if d.Kind == metric.OfTime {
			by = append(by, fmt.Sprintf("d%d", i))
		}
	}
	var first []string
	for i, l := range b.q.facts {
		first = append(first, fmt.Sprintf("d%d = %d, toFloat64(%s)", len(dims), i, b.sortKey(slices.Index(b.q.Metrics, l.Metrics[0]))))
	}
	by = append(by, "multiIf("+strings.Join(first, ", ")+", NULL) DESC NULLS LAST")
	for i, d := range dims {
		if d.Kind != metric.OfTime {
			by = append(by, fmt.Sprintf("d%d ASC NULLS LAST", i))
		}
	}
	return strings.Join(by, ", ")
}
