package query

import (
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Column describes a column of the answer.
type Column struct {
	Key    string // the name as asked
	Metric bool   // else a dimension
	Title  text.Text
	Unit   metric.Unit      // of a metric
	Good   metric.Direction // of a metric
	Empty  text.Text        // of a dimension: shown instead of ""
	Bucket metric.Bucket    // of a time dimension
	// Mark says that the column marks the figures of its row, see
	// metric.Metric.MarkedBy. Projects is the metric whose figure at the
	// bucket's end the column expects, "" = none.
	Mark     bool
	Projects string
	// Missing says why a metric has no values here ("" = it has): a filter
	// that it can't take.
	Missing text.Text
}

// Bucket is a span of calendar time in the site's zone, cut to the range.
type Bucket struct {
	Start      time.Time // of the calendar's bucket, even where the range begins later
	From, To   time.Time // the part inside the range
	Incomplete bool      // cut by the range or not over yet
	Future     bool      // not begun yet: its values are nil
}

func ofTime(c Column) bool { return c.Bucket != metric.NoBucket || len(cycle(c)) > 0 }

func cycle(c Column) []int {
	d, _, _ := metric.LookupDimension(c.Key)
	return d.Cycle
}

func pick(row []any, at []int) []any {
	values := make([]any, len(at))
	for k, i := range at {
		values[k] = row[i]
	}
	return values
}

// keyOf makes values comparable. Lengths keep neighbours apart.
func keyOf(values []any) string {
	key := ""
	for _, v := range values {
		s := ""
		switch v := v.(type) {
		case time.Time:
			s = v.UTC().Format(time.RFC3339)
		case nil:
			s = "\x00"
		default:
			s = fmt.Sprint(v)
		}
		key += fmt.Sprintf("%d:%s", len(s), s)
	}
	return key
}
