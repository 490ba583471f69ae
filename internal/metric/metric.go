// Package metric is the registry of what Earshot can measure: every metric
// and every dimension once, with its name, titles, unit, meaning, formula,
// source and the SQL that computes it. Query builds statements from it; the
// pages, CSV files, the Stats API, the dashboards' loader and docs/metrics.md
// read titles and meanings from it. It imports nothing of ours, does no I/O
// and is never changed at run time.
//
// A metric is a formula over parts; a part is one aggregate over one table.
// Parts of different tables or scopes come from different sub-selects, so any
// metrics can stand in one query on dimensions that they share.
//
// SQL text of this package may hold these parameters, bound by query:
// {site:UInt32}, {tz:String}, and in a dimension with Keyed set {key:String}.
package metric

// Text is a text in the languages of the product.
type Text struct{ EN, FR string }

// In returns the text in lang ("en", "fr"; anything else is English).
func (t Text) In(lang string) string {
	if lang == "fr" {
		return t.FR
	}
	return t.EN
}

// Unit says how to read and write a metric's number.
type Unit string

// Units.
const (
	Count    Unit = "count"    // whole number
	Percent  Unit = "percent"  // 0–100 and beyond: 12.5 means 12.5 %
	Ratio    Unit = "ratio"    // plain decimal
	Duration Unit = "duration" // seconds, shown as "1 min 12 s"
)

// Direction says whether a rise is good news.
type Direction int

// Directions.
const (
	Neutral Direction = iota
	UpIsGood
	DownIsGood
)

// Metric is one figure.
type Metric struct {
	Name    string // key in queries, URLs, CSV headers
	Title   Text
	Unit    Unit
	Good    Direction
	Doc     Text   // one or two sentences
	Formula string // over parts and other metrics, for people
	Source  string // whose definition it is
	Since   bool   // a gauge: the value at a bucket's end, never summed over time

	Parts []string // names of the parts that SQL reads
	SQL   string   // formula over those parts
	Empty Empty    // what a time bucket without rows shows
	// Not lists dimensions (or scopes' prefixes, "share:") on which the
	// metric has no meaning.
	Not []string
}

// Empty is the value of a time bucket in which nothing was recorded.
type Empty int

// Kinds of empty value.
const (
	Zero    Empty = iota // nothing happened: 0
	Unknown              // there is no such figure: NULL
)

// Scope says which rows of which table a part is summed over, and so which
// dimensions and filters it takes.
type Scope int

// Scopes of parts.
const (
	Row     Scope = iota // events, row by row
	Visit                // events, whole visits: an event's filter picks visits that have such an event
	Via                  // like Visit, for visits that came through a share
	Overall              // events, the query's filters without its dimensions
	Base                 // events, the query without its goals: what conversions are a part of
	Account              // follower_counts, the last reading of each account
)

// Part is one aggregate.
type Part struct {
	Name  string
	Scope Scope
	SQL   string // over events; over the readings of a bucket for Account
	// Whole replaces SQL where the query says nothing of single events, and
	// the part is then of scope Visit.
	Whole  string
	Rollup string // the same over totals_hourly; "" = not kept there
	// Distinct parts are exact up to 65,000 and estimates above. WholeExact
	// says that Whole is a plain sum.
	Distinct, WholeExact bool
}

// Kind is what a dimension is a property of.
type Kind int

// Kinds of dimension.
const (
	OfVisit   Kind = iota // stamped on every row of a visit
	OfEvent               // of a single event
	OfTime                // a bucket of time, or a cycle
	OfAccount             // of a followed account
)

// Dimension is something to group and filter by.
type Dimension struct {
	Name  string // key in queries; a keyed one ends with ":"
	Title Text
	Doc   Text
	Kind  Kind
	Empty Text // shown instead of an empty value

	SQL   string // expression over a row of the table
	Visit string // what scope Visit and Via group by instead; "" = they can't
	Via   string // what scope Via groups by instead
	Where string // only rows where this holds have the dimension
	Join  string // what SQL needs joined
	// ViaJoin is what Via needs joined.
	ViaJoin string
	Keyed   bool // the name ends with a key of the user's: event:props:author
	Bucket  Bucket
	Rollup  string // expression over totals_hourly, for time
	Cycle   []int  // all values of a cycle: hours of a day, days of a week
}

// Bucket is a length of calendar time.
type Bucket string

// Buckets. A week starts on Monday.
const (
	NoBucket Bucket = ""
	Hour     Bucket = "hour"
	Day      Bucket = "day"
	Week     Bucket = "week"
	Month    Bucket = "month"
)
