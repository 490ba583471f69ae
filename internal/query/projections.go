package query

import (
	"slices"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Columns beside the metrics: projections to the end of the bucket that is
// not over, then marks of rounded figures.

// running finds the bucket that now lies in, and how much of it has passed. It
// is not ok where the range cuts the bucket's beginning off, where too little
// has passed to say anything, and for hours, which are over soon enough.
func running(list []Bucket, b metric.Bucket, now time.Time) (at int, passed float64, ok bool) {
	if b == metric.NoBucket || b == metric.Hour || now.IsZero() {
		return 0, 0, false
	}
	at = slices.IndexFunc(list, func(o Bucket) bool {
		return o.From.Equal(o.Start) && !o.Future && now.Before(next(o.Start, b))
	})
	if at < 0 {
		return 0, 0, false
	}
	start := list[at].Start
	passed = float64(now.Sub(start)) / float64(next(start, b).Sub(start))
	return at, passed, passed >= growth.LeastPart
}

// lookAhead resolves Query.Marks and Query.Project.
func (b *builder) lookAhead() {
	if b.q.Marks {
		for _, m := range b.metrics {
			mark, ok := metric.Lookup(m.MarkedBy)
			if ok && !slices.Contains(b.q.Metrics, mark.Name) && !slices.ContainsFunc(b.marks, func(o metric.Metric) bool { return o.Name == mark.Name }) {
				b.marks = append(b.marks, mark)
			}
		}
	}
	at, passed, ok := running(b.buckets, b.bucket(), b.q.Now)
	if !b.q.Project || !ok {
		return
	}
	for i, m := range b.metrics {
		if sql, _ := m.Projection(); sql == "" || b.missing[i].EN != "" || b.begunUnrecorded(m, b.buckets[at]) {
			continue
		}
		b.projected = append(b.projected, m)
	}
	if len(b.projected) > 0 {
		b.args = append(b.args, rows.Bind("passed", strconv.FormatFloat(passed, 'f', 6, 64)), rows.Bind("least", strconv.FormatFloat(growth.LeastPart, 'f', 6, 64)))
	}
}

// begunUnrecorded says that a bucket's beginning is from before the recording
// of what a metric counts.
func (b *builder) begunUnrecorded(m metric.Metric, o Bucket) bool {
	since, bounded := b.q.Site.Recorded.since(m)
	return bounded && (since.IsZero() || o.Start.Before(since))
}

// besideColumns describes the columns of lookAhead, in the order of besideSQL.
func (b *builder) besideColumns() []Column {
	var list []Column
	for _, m := range b.projected {
		list = append(list, Column{
			Key: m.Name + "_projected", Metric: true, Unit: m.Unit, Good: m.Good, Projects: m.Name,
			Title: text.Text{EN: m.Title.EN + ", projected to the end", FR: m.Title.FR + ", projection à la fin"},
		})
	}
	for _, m := range b.marks {
		list = append(list, Column{Key: m.Name, Metric: true, Mark: true, Title: m.Title, Unit: m.Unit})
	}
	return list
}

func (b *builder) besideSQL() []string {
	var list []string
	for _, m := range b.projected {
		sql, _ := m.Projection()
		list = append(list, sql)
	}
	for _, m := range b.marks {
		sql := m.SQL
		if m.Stands(b.standing()) != nil {
			sql = "NULL"
		}
		list = append(list, sql)
	}
	return list
}

// besideParts are the parts that the columns beside the metrics read.
func (b *builder) besideParts() []string {
	var names []string
	for _, m := range b.projected {
		_, parts := m.Projection()
		names = append(names, parts...)
	}
	for _, m := range b.marks {
		if m.Stands(b.standing()) == nil {
			names = append(names, m.Parts...)
		}
	}
	return names
}
