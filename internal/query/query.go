// Package query turns a question about a site into one SQL statement and the
// answer's rows into a Result or a CSV file. Dashboards' panels, the Stats API
// and exports all ask through it. It is pure: it holds no connection, knows no
// HTTP, and never puts a value or a name of the asker's into SQL text. Names
// are looked up in internal/metric and every value is a bound parameter.
package query

import (
	"fmt"
	"iter"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Site is what a query needs to know of a site.
type Site struct {
	ID       uint32
	Domain   string
	Location *time.Location // nil means UTC
	Since    time.Time      // first fact on record, where period=all begins; zero = unknown
	// Recorded bounds what is known of readers; nil = all of every range is.
	Recorded *Recorded
	// Others are accounts that are somebody else's, each as AccountKey: part
	// of no figure that doesn't ask for metric.AccountRole.
	Others []string
	// Sources are the networks' keys by what visit:source calls them; visits
	// are given to posts by it.
	Sources map[string]string
	// SourceNamed finds what visit:source calls a source by another of its
	// names; nil = sources have one name each.
	SourceNamed func(name string) (title string, ok bool)
}

// Range is a half-open span of time.
type Range struct {
	From, To time.Time
	Period   string // as in the URL: "28d", "custom"; informative
}

// Query is one question.
type Query struct {
	Site       Site
	Metrics    []string // at least one
	Dimensions []string // "time" picks a bucket by the range's length
	Filter     []Filter // all must hold
	Range      Range
	Order      []Order // empty: time upwards, then the first metric downwards
	// Limit is the number of rows; 0 = all. With a dimension of time beside
	// others, it is the number of groups of those others: the largest ones,
	// each with all its buckets (unless Sparse).
	Limit  int
	Offset int

	// Now tells what lies in the future and which bucket is not over yet;
	// zero means that the whole range is past.
	Now time.Time
	// Sparse leaves empty time buckets out and names those left by
	// Bucket.Label, as Plausible's Stats API does. TellUnknown keeps those from
	// before recording began, so that whoever takes what is left out for 0
	// doesn't take these.
	Sparse, TellUnknown bool
	// CountRows asks for Result.TotalRows.
	CountRows bool
	// Marks asks for columns beside the metrics that mark rounded figures.
	Marks bool
	// Project asks for a column beside each metric that has one: what it will
	// be at the end of the bucket that is not over, in that bucket's rows.
	// Sums are projected for buckets that began since recording did alone.
	Project bool

	only [][]string // by dimension, the groups wanted; nil = all. See Compare
}

// Order sorts by a metric or dimension of the query.
type Order struct {
	Key  string
	Desc bool
}

// Op is what a Filter does.
type Op string

// Operators. Those on values hold when any (is, contains, matches) or none
// (…_not) of the values fits; matches takes re2 patterns. An event without a
// property has no value that fits, so …_not hold for it; for is and is_not the
// value "" is the lack of one.
const (
	Is            Op = "is"
	IsNot         Op = "is_not"
	Contains      Op = "contains"
	ContainsNot   Op = "contains_not"
	Matches       Op = "matches"
	MatchesNot    Op = "matches_not"
	And           Op = "and"
	Or            Op = "or"
	Not           Op = "not"
	HasDone       Op = "has_done"
	HasNotDone    Op = "has_not_done"
	maxDepth         = 8    // nesting of filters
	maxFilters       = 100  // filters in a query
	maxValues        = 1000 // values of a filter
	maxAllValues     = 2000 // values of all filters in a query
	maxTexts         = 200  // of them, those that are looked for in texts
	maxValueSize     = 4000 // bytes of a value
	maxDone          = 10   // filters on what else a visit did, each a read of its own
	maxDimensions    = 10
	maxMetrics       = 100
)

// Filter keeps what it holds for. Operators on values read Dimension, Values
// and IgnoreCase; and, or, not, has_done and has_not_done read Filters (the
// last three exactly one).
type Filter struct {
	Op         Op
	Dimension  string
	Values     []string
	IgnoreCase bool
	Filters    []Filter
}

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

// Statement is a query ready to run. The rows have Columns, in order, then
// those of Hidden, which are for Run.
type Statement struct {
	SQL     string
	Args    []rows.Arg
	Columns []Column
	Hidden  []string
}

// Result is the answer. A row has a value a column: of a dimension a string,
// an int64 (cycles of time) or a time.Time (see Buckets); of a metric an int64
// (counts), a float64 or Money, nil where there is no such number.
type Result struct {
	Query     Query
	Columns   []Column
	Rows      [][]any
	TotalRows int  // without limit and offset; 0 unless Query.CountRows
	Estimated bool // a distinct count passed 65,000: within 1 %, not exact
	// Buckets are all buckets of the range where a dimension is one of time,
	// in order. A row's time is its bucket's Start.
	Buckets []Bucket
	SQL     string

	record *record
}

// All gives the rows one after the other, with cells by their columns' keys. A
// row is valid until the next. To ask for a column that the answer doesn't
// have, or for another type than it is of, is the program's mistake and panics,
// as an index out of range does.
func (res *Result) All() iter.Seq[*rows.Row] {
	names := make([]string, len(res.Columns))
	for i, c := range res.Columns {
		names[i] = c.Key
	}
	return func(yield func(*rows.Row) bool) {
		row := rows.New(names)
		for _, cells := range res.Rows {
			more := false
			err := row.Give(cells, func(r *rows.Row) error { more = yield(r); return nil })
			if err != nil {
				panic(fmt.Errorf("read an answer: %w", err))
			}
			if !more {
				return
			}
		}
	}
}

// Count is a figure of an answer without dimensions; 0 where it is unknown.
func (res *Result) Count(metric string) (n int64) {
	for row := range res.All() {
		n, _ = row.MaybeInt(metric)
	}
	return n
}

// InvalidError says what is wrong with a question, in words for whoever asked.
// Field is the part of the question at fault: metrics, dimensions, filters,
// date_range, order_by, limit, or a parameter of a URL. Reason has a French
// text where a page can ask such a question.
type InvalidError struct {
	Field  string
	Reason text.Text
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Reason.EN }

// In is the error's text in a language.
func (e *InvalidError) In(l text.Locale) string {
	if e.Reason.FR == "" {
		return e.Error()
	}
	return text.Text{EN: e.Error(), FR: e.Field + " : " + e.Reason.FR}.In(l)
}

// invalid takes the reason's format in English and in French; both read the
// same values in the same order.
func invalid(field, en, fr string, a ...any) error {
	a = text.Quoted(a)
	return &InvalidError{field, text.Text{EN: fmt.Sprintf(en, a...), FR: fmt.Sprintf(fr, a...)}}
}

// Bucket is a span of calendar time in the site's zone, cut to the range.
type Bucket struct {
	Start      time.Time // of the calendar's bucket, even where the range begins later
	From, To   time.Time // the part inside the range
	Incomplete bool      // cut by the range or not over yet
	Future     bool      // not begun yet: its values are nil
}
