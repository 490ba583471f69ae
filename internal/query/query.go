// Package query turns a question about a site into one SQL statement and the
// answer's rows into a Result or a CSV file. Dashboards' panels, the Stats API
// and exports all ask through it. It is pure: it holds no connection, knows no
// HTTP, and never puts a value or a name of the asker's into SQL text. Names
// are looked up in internal/metric and every value is a bound parameter.
package query

import (
	"time"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Site is what a query needs to know of a site.
type Site struct {
	ID       uint32
	Domain   string
	Location *time.Location // nil means UTC
	Since    time.Time      // first fact on record, where period=all begins; zero = unknown
	// Recorded bounds what is known of readers; nil = all of every range is.
	Recorded *Recorded
	Closed   *Closed // nil = all is asked of events
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

	beside *Range     // read beside Range, see oneread.go; nil = none
	facts  []factList // of answers that are asked together; see CompareFacts
	lists  []pageList // by dimension, where each has its own list of groups; see CompareAll
}

// Order sorts by a metric or dimension of the query.
type Order struct {
	Key  string
	Desc bool
}

// location is the site's zone, UTC where it has none.
func (s Site) location() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}

// Recorded is since when those facts of a site are on record whose absence
// means 0. Before, their figures are not 0 but unknown. Readings of accounts,
// posts and networks' statistics need no such bound: where there are none, the
// figure is unknown anyway.
type Recorded struct {
	Events time.Time // the readers' first event; zero = none yet
	// Facts has the first of metric.CountedFacts by their entry's name, where
	// there is one; of hits left out, the first hit, counted or left out.
	Facts map[string]time.Time
}

// AccountKey names an account as Site.Others does.
func AccountKey(network, account string) string { return network + "/" + account }

func othersOf(site Site) rows.Arg {
	others := site.Others
	if others == nil {
		others = []string{}
	}
	return rows.Bind("others", others)
}

// pageList is one of the lists of a statement.
type pageList struct {
	metrics []string // in the order of the first
	limit   int      // 0 = no limit
}
