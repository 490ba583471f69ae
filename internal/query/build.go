package query

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

const (
	maxDimensions = 10
	maxMetrics    = 100
)

// Build checks a query and renders it. Errors in the question are
// *InvalidError.
func Build(q Query) (Statement, error) {
	b := &builder{q: q, loc: q.Site.location(), names: map[rows.Arg]string{}}
	if err := b.resolve(); err != nil {
		return Statement{}, err
	}
	b.byPeriod()
	b.fixed()
	b.bindCountries()
	b.lookAhead()
	b.cutRange()
	if q.lists != nil {
		b.planLists()
	} else {
		b.plan()
	}
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
		if o := m.Stands(b.standing()); b.q.facts != nil {
			missing = text.Text{} // each answer has been checked
		} else if o != nil && o.Filter {
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
	if len(b.q.Dimensions) > maxDimensions && b.q.facts == nil {
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
			list, err := cutBuckets(b.q.Range, d.Bucket, b.loc, b.q.Now)
			if err != nil {
				return err
			}
			b.buckets = list
		}
		b.dims = append(b.dims, resolvedDimension{asked, d, key})
		b.eventful = b.eventful || d.Kind == metric.OfEvent
	}
	return nil
}

func ofEvent(_ string, d metric.Dimension) bool { return d.Kind == metric.OfEvent }
