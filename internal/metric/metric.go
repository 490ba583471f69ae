// Package metric is the registry of what Earshot can measure: every metric
// and every dimension once, with its name, titles, unit, meaning, formula,
// source and the SQL that computes it. Query builds statements from it; the
// pages, CSV files, the Stats API, the dashboards' loader and docs/metrics.md
// read titles and meanings from it. Of ours it imports the texts and the facts;
// it does no I/O and is never changed at run time.
//
// A metric is a formula over parts; a part is one aggregate over one table.
// Parts of different tables or scopes come from different sub-selects, so any
// metrics can stand in one query on dimensions that they share.
//
// SQL text of this package may hold these parameters, bound by query:
// {site:UInt32}, {tz:String}, {from:…} and {to:…} of the range, {key:String} in a
// dimension that takes a key, {passed:Float64} and {least:Float64} in a projection,
// {others:Array(String)}, the accounts that are somebody else's, and for posts
// {sources:Array(String)}, values of visit:source, beside
// {networks:Array(String)}, the key of each one's network;
// {countries:Array(String)} beside {country_names:Array(String)}.
package metric

import "github.com/earshot-analytics/earshot/internal/text"

// Unit says how to read and write a metric's number.
type Unit string

// Units.
const (
	Count    Unit = "count"    // whole number
	Percent  Unit = "percent"  // 0–100 and beyond: 12.5 means 12.5 %
	Ratio    Unit = "ratio"    // plain decimal
	Duration Unit = "duration" // seconds, shown as "1 min 12 s"
	Money    Unit = "money"    // amounts, each in its currency
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
	Title   text.Text
	Unit    Unit
	Good    Direction
	Doc     text.Text // one or two sentences
	Formula string    // over parts and other metrics, for people
	Source  string    // whose definition it is
	Empty   Empty     // what a time bucket without rows shows

	Parts []string // names of the parts that SQL reads
	SQL   string   // over the parts, as p.name; one of scope Overall is a plain name
	// Order is SQL over the parts that rows are sorted by; "" = the figure.
	Order string
	// Not lists dimensions on which the metric has no meaning, by group and
	// (but for conversions) by filter; one that ends with ":" stands for all
	// that begin so.
	Not []string
	// References are values to compare with, of people elsewhere.
	References []Reference
	// NeedsGoal says that the metric needs event:goal, event:name or
	// event:props:… as a filter or a dimension.
	NeedsGoal bool
	// NeedsDimension says that the metric compares groups.
	NeedsDimension bool

	// NoChange says that a comparison with an earlier period tells nothing.
	NoChange bool
	// Awaits is what must come in before there is a figure; "" = that of its
	// parts' scope, see Metric.Awaited.
	Awaits Awaited

	// MarkedBy names the metric that counts the rounded readings behind this
	// one: where it is above 0, the figure is shown as rounded.
	MarkedBy string
	// Projected is what the figure will be at the end of a bucket of which
	// {passed:Float64}, between 0 and 1, has passed: SQL over the parts, those
	// of ProjectedParts too. "" = see Metric.Projection.
	Projected      string
	ProjectedParts []string
}

// Reference is a known value of a metric, to draw beside one's own.
type Reference struct {
	Value float64
	Text  text.Text // whose it is
}

// Awaited is what a metric has no figure without.
type Awaited string

// Kinds of what is awaited.
const (
	AwaitsHits       Awaited = "hits" // page views and events
	AwaitsShares     Awaited = "shares"
	AwaitsRevenue    Awaited = "revenue"
	AwaitsFollowers  Awaited = "followers"
	AwaitsPosts      Awaited = "posts"
	AwaitsPostVisits Awaited = "post_visits" // visits by links in posts
	AwaitsInsights   Awaited = "insights"
	AwaitsLeftOut    Awaited = "left_out"
)

// Empty is the value of a time bucket in which nothing was recorded.
type Empty int

// Kinds of empty value.
const (
	Zero    Empty = iota // nothing happened: 0
	Unknown              // there is no such figure: NULL
)

// Scope says which rows of which table a part is taken from, and so which
// dimensions and filters it takes.
type Scope int

// Scopes of parts.
const (
	Row         Scope = iota // events, row by row
	Visit                    // events of whole visits: a filter on events picks the visits that have such an event
	Via                      // like Visit, for visits that came through a share
	Overall                  // events, with the query's filters but without its dimensions
	Base                     // events, without the query's goals: what conversions are a part of
	OverallBase              // both: without goals and dimensions
	Account                  // follower_counts: readings of the accounts at a bucket's ends
	Apart                    // rows that have nothing to do with visits: Part.Facts
)

// Part is one aggregate.
type Part struct {
	Name  string
	Scope Scope
	SQL   string
	// Whole replaces SQL, and scope Visit the part's own, where the query
	// says nothing of single events.
	Whole  string
	Rollup string   // the same over totals_hourly AS t; "" = not kept there
	Facts  *Facts   // of scope Apart, which dimensions of theirs it can be grouped by
	Joins  []string // what SQL needs joined; of scope Apart
	// Only is what holds for all rows that the part counts. Where the parts
	// of a sub-select have the same, no other rows are read, and groups
	// without such rows are left out.
	Only string
	// Began says that by time the part is counted where the visit began, whole:
	// a visit of 09:58 to 10:02 is one of 09:00 with all that it did.
	Began bool
	// ByEntry says that the entry rows of whole visits tell the part, but for
	// visits from before the range.
	ByEntry bool
	// Sharing says that the table sharing has all rows that the part counts;
	// it is smaller than events by far.
	Sharing bool
	// Distinct says that SQL counts distinct values: exact up to 65,000, an
	// estimate above. Whole never does.
	Distinct bool
	// Closed says that closed_values has the part by day and value, in a column
	// of its name. Days add up, but for visitors: see Carried.
	Closed bool
}

// Kind is what a dimension is a property of.
type Kind int

// Kinds of dimension.
const (
	OfVisit   Kind = iota // stamped on every row of a visit
	OfEvent               // of a single event
	OfTime                // a bucket of time, or a cycle
	OfAccount             // of a followed account
	OfFacts               // of Dimension.Facts
)

// Names that are not in web/strings.yaml.
const (
	Networks  = "network:"
	Languages = "language:"
)

// Dimension is something to group and filter by.
type Dimension struct {
	Name  string // key in queries; one that ends with ":" takes a key: event:props:author
	Title text.Text
	Doc   text.Text
	Kind  Kind
	Facts *Facts    // of kind OfFacts
	Empty text.Text // shown instead of an empty value
	// Names is what the names of the values are found by: the beginning of keys
	// of web/strings.yaml, or Networks or Languages; "" = values stand for themselves.
	Names string
	// Twin is the dimension with the same groups that pages offer in this
	// one's place; "" = they offer this one.
	Twin string

	SQL   string // expression over a row of the table, of type String unless of time
	Began string // of time: the same of when the visit began
	Join  string // what SQL needs joined
	Where string // only rows where this holds have the dimension

	Visit string // what scopes Visit and Via read instead of SQL; "" = they can't

	Via      string // what scope Via reads instead of Visit
	ViaJoin  string // what Via needs joined
	ViaWhere string // where Via holds

	Goal   bool   // names what a reader did, so that a share of readers is a conversion
	Bucket Bucket // of time
	Cycle  []int  // all values of a cycle of time: hours of a day, days of a week
	Rollup string // SQL over totals_hourly; "" = can't
	// BegunRollup is that of when the visit began.
	BegunRollup string
	// Closed is SQL over closed_values AS t; "" = that has nothing by it.
	Closed string
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
	Year     Bucket = "year"
)
