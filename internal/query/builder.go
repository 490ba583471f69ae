package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
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

	dims    []resolvedDimension
	metrics []metric.Metric
	missing []text.Text // by metric

	projected, marks []metric.Metric // columns beside the metrics

	eventful bool // something is said of single events

	selections []*selection // with dimensions
	scalars    []*selection // without
	account    *selection
	apart      []*selection // of facts that have nothing to do with visits

	// See closed.go.
	run     []ClosedDay  // closed days that the range begins with
	open    span         // the rest of it
	daily   []*selection // of parts that closed days have, over the rest
	buckets []Bucket
}

// resolvedDimension is one of the query's, resolved.
type resolvedDimension struct {
	asked string
	metric.Dimension
	key string
}

// fixed binds what every sub-select reads.
func (b *builder) fixed() {
	b.args = append(b.args,
		rows.Bind("site", b.q.Site.ID),
		rows.Bind("tz", b.loc.String()),
		rows.Bind("from", b.span().From.UTC().Format(millis)),
		rows.Bind("to", b.q.Range.To.UTC().Format(millis)),
	)
	if e := b.q.beside; e != nil {
		b.args = append(b.args, rows.Bind("earlier_to", e.To.UTC().Format(millis)), rows.Bind("range_from", b.q.Range.From.UTC().Format(millis)))
	}
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

// standing is where the query's metrics are to stand.
func (b *builder) standing() (p metric.Place) {
	for _, d := range b.dims {
		if d.asked == earlierPeriod {
			continue
		}
		p.By = append(p.By, metric.By{Name: d.asked, Dimension: d.Dimension})
	}
	for _, f := range b.q.Filter {
		p.Filters = append(p.Filters, f.Dimensions()...)
	}
	return p
}

// bucket is the length of the query's buckets of time.
func (b *builder) bucket() metric.Bucket {
	for _, d := range b.dims {
		if d.Bucket != metric.NoBucket {
			return d.Bucket
		}
	}
	return metric.NoBucket
}

// sortKey is what rows are sorted by in the order of a metric.
func (b *builder) sortKey(i int) string {
	if m := b.metrics[i]; m.Order != "" && b.missing[i].EN == "" {
		return m.Order
	}
	return "m" + strconv.Itoa(i)
}
