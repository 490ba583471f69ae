// Package forecast continues the history of a following: it fits
// internal/growth's laws to an answer of internal/query and makes of both one
// answer, which is drawn and written as CSV like any other. internal/panel
// calls it. Pure: the caller asks the queries.
//
// A total counts accounts alone that have been read for long enough, each in
// every period: an account that joins late would look like growth.
package forecast

import (
	"math"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Keys of the columns that an outlook has beside the history's own.
const (
	Expected = "forecast"
	Low      = "forecast_low"
	High     = "forecast_high"
	Level    = "level"
)

// Network and handle are dimensions of the question.
const (
	network = "account:network"
	handle  = "account:handle"
)

// Dimensions are those that Of needs in its answer, in order, with buckets of
// a month, a week or a day.
func Dimensions(b metric.Bucket) []string {
	return []string{"time:" + string(b), network, handle}
}

// Enough is how many whole periods of readings a forecast needs.
const Enough = growth.MinIntervals + 1

// State is what can be said of a following.
type State string

// States.
const (
	Short State = "short" // too few readings; Line.Missing says how many
	// Astray is a following whose last readings don't follow its history, as
	// it jumped; Line.Missing says how many are needed after that.
	Astray State = "astray"
	None   State = "none"  // there are no followers
	Still  State = "still" // it neither grows nor falls surely
	Falls  State = "falls"
	Open   State = "open"  // growth doesn't slow surely enough to tell its end
	Ends   State = "ends"  // growth ends at the level, at Line.End
	Far    State = "far"   // growth ends at the level, too far away for a date
	Ended  State = "ended" // the level is reached or passed
)

// Line is what a forecast says of one network, or of all together.
type Line struct {
	Network string // "" = all together
	State   State
	Missing int             // periods of readings until there is a forecast
	Since   int             // periods that the fit reaches back, and a forecast ahead at most
	Left    int             // accounts left out, read for too short a time
	Size    float64         // at the end of the last whole period
	Rate    float64         // growth of late, in a period, as a part
	Best    growth.Fit      // of Model, Level, …; zero where State is Short
	Other   growth.Fit      // the other law
	Between growth.Interval // of the level
	End     time.Time       // when growth ends; zero unless State is Ends
}

// Outlook is a history with its forecasts.
type Outlook struct {
	// Result has the rows: time, network (where asked for), the metric as
	// read, Expected, Low, High and Level. Buckets reach into the future.
	Result *query.Result
	Lines  []Line
	Bucket metric.Bucket
}

// Ready says whether any line has a forecast.
func (o *Outlook) Ready() bool {
	for _, l := range o.Lines {
		if l.forecast() {
			return true
		}
	}
	return false
}

// forecast says whether the line has one.
func (l Line) forecast() bool { return l.State != Short && l.State != Astray && l.State != None }

// Levels says whether the line has a level at which growth ends.
func (l Line) Levels() bool { return l.State == Ends || l.State == Far || l.State == Ended }

// farthest is the number of periods until which an end has a date, if the
// history is at least half as long: ten years of months, five of weeks, one of
// days.
func farthest(b metric.Bucket) int {
	switch b {
	case metric.Month:
		return 120
	case metric.Week:
		return 260
	}
	return 365
}

// longest is the number of periods that a forecast is drawn for at most.
func longest(b metric.Bucket) int {
	switch b {
	case metric.Month:
		return 24
	case metric.Week:
		return 52
	}
	return 60
}

// Of makes the outlook of an answer about followers by Dimensions: all
// together, or by network.
func Of(res *query.Result, byNetwork bool) *Outlook {
	h := read(res, byNetwork)
	o := &Outlook{Bucket: h.bucket}
	var ahead [][]growth.Step
	most := 0
	for _, g := range h.groups {
		l, sizes := h.line(g)
		g.sizes = sizes
		var steps []growth.Step
		if l.forecast() {
			steps = l.Best.Forecast(l.Size, horizon(l, h.bucket))
			most = max(most, len(steps))
		}
		o.Lines = append(o.Lines, l)
		ahead = append(ahead, steps)
	}
	o.Result = h.result(o.Lines, ahead, most)
	return o
}

// horizon is how far a line is drawn: until a little after its end, if that
// is not too far, and never further ahead than its history reaches back.
func horizon(l Line, b metric.Bucket) int {
	most := longest(b)
	if n, ok := l.Best.Ends(l.Size, farthest(b)); ok && l.Levels() {
		return min(max(n+2, most/4), most, l.Since)
	}
	return min(most/2, l.Since)
}

// group is the accounts of a line.
type group struct {
	network  string
	accounts [][]float64 // by bucket, NaN where unknown
	sizes    []float64   // of those that count, together
	marks    []int64     // by bucket, accounts whose reading is rounded
}

type history struct {
	of       *query.Result
	bucket   metric.Bucket
	buckets  []query.Bucket // that have begun
	whole    int            // how many of them are over
	groups   []*group
	split    bool
	measured query.Column
	mark     *query.Column // of rounded readings; nil = the answer has none
}

func read(res *query.Result, byNetwork bool) *history {
	h := &history{of: res, split: byNetwork, bucket: res.Columns[0].Bucket, measured: res.Columns[3]}
	if last := res.Columns[len(res.Columns)-1]; last.Mark {
		h.mark = &last
	}
	at := map[int64]int{}
	for i, b := range res.Buckets {
		if b.Future {
			break
		}
		at[b.Start.Unix()] = i
		h.buckets = append(h.buckets, b)
	}
	// A first bucket that the range cuts has its end nevertheless.
	h.whole = len(h.buckets)
	if h.whole > 0 && h.buckets[h.whole-1].Incomplete {
		h.whole--
	}
	groups := map[string]*group{}
	series := map[[2]string][]float64{}
	for row := range res.All() {
		net, who := row.Text("account:network"), row.Text("account:handle")
		i, begun := at[row.Time(res.Columns[0].Key).Unix()]
		n, known := row.MaybeInt(h.measured.Key)
		if !begun || !known {
			continue
		}
		key := [2]string{net, who}
		if series[key] == nil {
			list := make([]float64, len(h.buckets))
			for j := range list {
				list[j] = math.NaN()
			}
			series[key] = list
			name := groupOf(net, byNetwork)
			if groups[name] == nil {
				groups[name] = &group{network: name, marks: make([]int64, len(h.buckets))}
				h.groups = append(h.groups, groups[name])
			}
			groups[name].accounts = append(groups[name].accounts, list)
		}
		series[key][i] = float64(n)
		if h.mark != nil {
			rounded, _ := row.MaybeInt(h.mark.Key)
			groups[groupOf(net, byNetwork)].marks[i] += rounded
		}
	}
	h.trim()
	return h
}

// trim leaves the buckets before the first reading out: the site may have
// something else on record since long before.
func (h *history) trim() {
	first := len(h.buckets)
	for _, g := range h.groups {
		for _, list := range g.accounts {
			first = min(first, slices.IndexFunc(list, func(n float64) bool { return !math.IsNaN(n) }))
		}
	}
	if len(h.groups) == 0 {
		return
	}
	h.buckets, h.whole = h.buckets[first:], max(h.whole-first, 0)
	for _, g := range h.groups {
		g.marks = g.marks[first:]
		for i := range g.accounts {
			g.accounts[i] = g.accounts[i][first:]
		}
	}
}

// groupOf is the group of a network's accounts: all, or their own.
func groupOf(network string, byNetwork bool) string {
	if byNetwork {
		return network
	}
	return ""
}

// rates is how many whole changes a series has at its end; none where its last
// whole period is unknown.
func (h *history) rates(sizes []float64) int {
	if h.whole == 0 || math.IsNaN(sizes[h.whole-1]) {
		return 0
	}
	n := 0
	for i := range h.whole - 1 {
		if !math.IsNaN(sizes[i]) && !math.IsNaN(sizes[i+1]) {
			n++
		}
	}
	return n
}

// line fits a group, and gives its sizes by bucket.
func (h *history) line(g *group) (Line, []float64) {
	l := Line{Network: g.network, State: Short}
	if nobody(g.accounts) {
		l.State = None
		return l, sum(g.accounts, len(h.buckets))
	}
	var count [][]float64
	most := -1
	for _, a := range g.accounts {
		n := h.rates(a)
		if n >= growth.MinIntervals {
			count = append(count, a)
		}
		if h.whole > 0 && !math.IsNaN(a[h.whole-1]) {
			most = max(most, n)
		}
	}
	if len(count) == 0 {
		l.Missing = growth.MinIntervals - most
		return l, sum(g.accounts, len(h.buckets))
	}
	l.Left = len(g.accounts) - len(count)
	sizes := sum(count, len(h.buckets))
	l.Size = sizes[h.whole-1]
	past, jumped := growth.SinceJump(sizes[:h.whole])
	best, other, err := growth.Best(past)
	if err != nil || best.Rates < growth.MinIntervals {
		l.Missing = max(1, growth.MinIntervals-changes(past))
		if jumped {
			l.State = Astray
		}
		return l, sizes
	}
	first := slices.IndexFunc(past, func(n float64) bool { return !math.IsNaN(n) })
	l.Since = len(past) - 1 - first
	l.Best, l.Other, l.Between = best, other, best.LevelInterval()
	var trend growth.Trend
	trend, l.Rate = growth.TrendOf(past)
	switch n, ok := best.Ends(l.Size, min(farthest(h.bucket), 2*l.Since)); {
	case trend == growth.Falling:
		l.State = Falls
	case trend == growth.Neither && (!best.Slows() || flat(past)):
		l.State = Still
	case !best.Slows():
		l.State = Open
	case ok && n == 0:
		l.State = Ended
	case ok:
		l.State, l.End = Ends, h.after(n)
	default:
		l.State = Far
	}
	return l, sizes
}

// nobody says that the last readings of all accounts are 0.
func nobody(accounts [][]float64) bool {
	for _, a := range accounts {
		for i := len(a) - 1; i >= 0 && !(a[i] == 0); i-- {
			if !math.IsNaN(a[i]) {
				return false
			}
		}
	}
	return len(accounts) > 0
}

// changes is how many changes a fit can rest on.
func changes(sizes []float64) int {
	n := 0
	for i := range max(0, len(sizes)-1) {
		if sizes[i] > 0 && sizes[i+1] > 0 {
			n++
		}
	}
	return n
}

// flat says that sizes lie within growth.Near of each other: what comes to a
// level from so near was there all the time.
func flat(sizes []float64) bool {
	least, most := math.Inf(1), 0.0
	for _, n := range sizes {
		if !math.IsNaN(n) {
			least, most = min(least, n), max(most, n)
		}
	}
	return most <= least*(1+growth.Near)
}

// sum adds series up; a sum is unknown where a part is.
func sum(list [][]float64, n int) []float64 {
	out := make([]float64, n)
	for _, s := range list {
		for i, v := range s {
			out[i] += v
		}
	}
	return out
}

// after is the start of the n-th bucket after the last whole one.
func (h *history) after(n int) time.Time {
	last := h.buckets[h.whole-1].Start
	y, m, d := last.Date()
	switch h.bucket {
	case metric.Week:
		return time.Date(y, m, d+7*n, 0, 0, 0, 0, last.Location())
	case metric.Day:
		return time.Date(y, m, d+n, 0, 0, 0, 0, last.Location())
	}
	return time.Date(y, m+time.Month(n), d, 0, 0, 0, 0, last.Location())
}
