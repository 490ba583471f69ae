package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Names of Statement.Hidden.
const (
	hiddenDistinct = "largest" // the largest distinct count behind the row
	hiddenRows     = "total"   // rows without limit and offset
)

// builder makes one statement.
//
// Parts of the metrics are grouped into selections, one for each different
// set of rows that some part needs. Each selection is grouped by the same
// dimensions, so their rows can be laid over each other: UNION ALL, then the
// one value that is not NULL for each part. Formulas are applied last.
type builder struct {
	q     Query
	loc   *time.Location
	args  []rows.Arg
	names map[rows.Arg]string // of arguments by type and value

	dims    []dimension
	metrics []metric.Metric
	missing []text.Text // by metric

	projected, marks []metric.Metric // columns beside the metrics

	eventful bool // something is said of single events

	selections []*selection // with dimensions
	scalars    []*selection // without
	account    *selection
	refused    *selection
	posts      *selection
	insights   *selection
	buckets    []Bucket
}

// dimension is one of the query's, resolved.
type dimension struct {
	asked string
	metric.Dimension
	key string
}

// Build checks a query and renders it. Errors in the question are
// *InvalidError.
func Build(q Query) (Statement, error) {
	b := &builder{q: q, loc: q.Site.location(), names: map[rows.Arg]string{}}
	if err := b.resolve(); err != nil {
		return Statement{}, err
	}
	b.fixed()
	b.lookAhead()
	b.plan()
	return b.statement()
}

// resolve looks every name up and checks that they go together.
func (b *builder) resolve() error {
	q := &b.q
	if !q.Range.From.Before(q.Range.To) {
		return invalid("date_range", "the range ends before it begins", "la période finit avant de commencer")
	}
	if q.Limit < 0 || q.Offset < 0 {
		return invalid("limit", "limit and offset can't be negative", "limit et offset ne peuvent être négatifs")
	}
	if err := b.resolveDimensions(); err != nil {
		return err
	}
	total := size{}
	for _, f := range q.Filter {
		n, err := f.check(1)
		if err != nil {
			return err
		}
		total.add(n)
		if err := total.check(); err != nil {
			return err
		}
		b.eventful = b.eventful || f.any(ofEvent)
	}
	if len(q.Metrics) > maxMetrics {
		return invalid("metrics", "there are more than %d metrics", "il y a plus de %d indicateurs", maxMetrics)
	}
	if len(q.Metrics) == 0 {
		return invalid("metrics", "name at least one metric", "nommez au moins un indicateur")
	}
	for i, name := range q.Metrics {
		m, ok := metric.Lookup(name)
		if !ok {
			return invalid("metrics", "unknown metric %q", "indicateur %q inconnu", name)
		}
		if slices.Contains(q.Metrics[:i], name) {
			return invalid("metrics", "%q is named twice", "%q est nommé deux fois", name)
		}
		var missing text.Text
		if o := m.Stands(b.standing()); o != nil && o.Filter {
			missing = o.Reason
		} else if o != nil {
			return &InvalidError{"metrics", o.Reason}
		}
		b.metrics = append(b.metrics, m)
		b.missing = append(b.missing, missing)
	}
	if len(q.Order) > len(q.Metrics)+len(q.Dimensions) {
		return invalid("order_by", "it has more parts than there are metrics and dimensions", "il y a plus de critères que d’indicateurs et de dimensions")
	}
	for _, o := range q.Order {
		if !slices.Contains(q.Metrics, o.Key) && !slices.Contains(q.Dimensions, o.Key) {
			return invalid("order_by", "%q is neither a metric nor a dimension of this query", "%q n’est ni un indicateur ni une dimension de cette question", o.Key)
		}
	}
	return nil
}

func (b *builder) resolveDimensions() error {
	if len(b.q.Dimensions) > maxDimensions {
		return invalid("dimensions", "there are more than %d dimensions", "il y a plus de %d dimensions", maxDimensions)
	}
	for i, asked := range b.q.Dimensions {
		name := asked
		if name == "time" {
			name = "time:" + string(DefaultInterval(b.q.Range))
		}
		d, key, ok := metric.LookupDimension(name)
		if why, ok := metric.NotRecorded(asked); ok {
			return notRecorded("dimensions", asked, why)
		}
		if !ok {
			return invalid("dimensions", "unknown dimension %q", "dimension %q inconnue", asked)
		}
		if slices.Contains(b.q.Dimensions[:i], asked) {
			return invalid("dimensions", "%q is named twice", "%q est nommé deux fois", asked)
		}
		if d.Bucket != metric.NoBucket {
			if b.buckets != nil {
				return invalid("dimensions", "%q is a second bucket of time", "%q est un second intervalle de temps", asked)
			}
			list, err := buckets(b.q.Range, d.Bucket, b.loc, b.q.Now)
			if err != nil {
				return err
			}
			b.buckets = list
		}
		b.dims = append(b.dims, dimension{asked, d, key})
		b.eventful = b.eventful || d.Kind == metric.OfEvent
	}
	return nil
}

// standing is where the query's metrics are to stand.
func (b *builder) standing() (p metric.Place) {
	for _, d := range b.dims {
		p.By = append(p.By, metric.By{Name: d.asked, Dimension: d.Dimension})
	}
	for _, f := range b.q.Filter {
		p.Filters = append(p.Filters, f.Dimensions()...)
	}
	return p
}

// fixed binds what every sub-select reads.
func (b *builder) fixed() {
	const millis = "2006-01-02 15:04:05.000"
	b.args = append(b.args,
		rows.Bind("site", b.q.Site.ID),
		rows.Bind("tz", b.loc.String()),
		rows.Bind("from", b.q.Range.From.UTC().Format(millis)),
		rows.Bind("to", b.q.Range.To.UTC().Format(millis)),
	)
	b.bindCountries()
}

// arg binds a value and returns its placeholder. Equal values share one, so
// that equal sub-selects have equal text.
func (b *builder) arg(typ string, value string) string {
	id := rows.Bind(typ, value)
	if name, ok := b.names[id]; ok {
		return name
	}
	name := fmt.Sprintf("p%d", len(b.names))
	b.args = append(b.args, rows.Bind(name, value))
	b.names[id] = "{" + name + ":" + typ + "}"
	return b.names[id]
}

// keyed binds the key of event:props:key in the dimension's expression.
func (b *builder) keyed(sql, key string) string {
	if key == "" {
		return sql
	}
	return strings.ReplaceAll(sql, "{key:String}", b.arg("String", key))
}

// plan puts every part into the selection that it is computed from.
func (b *builder) plan() {
	var names []string
	for i, m := range b.metrics {
		if b.missing[i].EN == "" {
			names = append(names, m.Parts...)
		}
	}
	placed := map[string]bool{}
	for _, name := range append(names, b.besideParts()...) {
		if placed[name] {
			continue
		}
		placed[name] = true
		p, _ := metric.LookupPart(name)
		if p.Whole != "" && !b.eventful {
			p.SQL, p.Scope, p.Distinct = p.Whole, metric.Visit, false
		}
		b.place(p)
	}
	if len(b.selections) == 1 && b.rollable(b.selections[0]) {
		b.rollUp(b.selections[0])
	} else {
		b.share()
	}
	for _, s := range b.selections {
		s.narrow()
		b.enter(s)
	}
	for _, s := range []*selection{b.refused, b.posts, b.insights} {
		if s != nil {
			b.selections = append(b.selections, s)
		}
	}
}

// share has the parts that the table sharing knows read it, and what remains of
// their selections read the rollup, if it can.
func (b *builder) share() {
	var all []*selection
	for _, s := range b.selections {
		rest, sharing := s.split()
		if rest != nil && sharing != nil && b.rollable(rest) {
			b.rollUp(rest)
		}
		for _, s := range []*selection{rest, sharing} {
			if s != nil {
				all = append(all, s)
			}
		}
	}
	b.selections = all
}

func (b *builder) place(p metric.Part) {
	switch p.Scope {
	case metric.Account:
		if b.account == nil {
			b.account = &selection{}
		}
		b.account.parts = append(b.account.parts, p)
	case metric.Refused:
		if b.refused == nil {
			b.refused = b.leftOut()
		}
		b.refused.parts = append(b.refused.parts, p)
	case metric.Post:
		if b.posts == nil {
			b.posts = b.published()
		}
		for _, sql := range p.Joins {
			b.posts.join(sql)
		}
		b.posts.parts = append(b.posts.parts, p)
	case metric.Insight:
		if b.insights == nil {
			b.insights = b.apart(metric.InsightRows + " AS insight_rows")
			b.ownAccounts(b.insights)
		}
		b.insights.parts = append(b.insights.parts, p)
	case metric.Overall, metric.OverallBase:
		b.scalars = b.join(b.scalars, b.events(p.Scope), p)
	default:
		b.selections = b.join(b.selections, b.events(p.Scope), p)
	}
}

// join adds a part to the selection of the list that has the same rows and
// groups, or a new selection for it.
func (b *builder) join(list []*selection, s *selection, p metric.Part) []*selection {
	for _, have := range list {
		if have.same(s) {
			have.parts = append(have.parts, p)
			have.scopes = append(have.scopes, p.Scope)
			return list
		}
	}
	s.parts, s.scopes = []metric.Part{p}, []metric.Scope{p.Scope}
	return append(list, s)
}
