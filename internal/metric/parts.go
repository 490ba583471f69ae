package metric

import (
	"fmt"
	"slices"
	"strings"
)

// parts are all aggregates. A visit's figures are sums of increments that the
// writer stamped on its rows (see event.Row): no part joins rows to visits.
// Rollups read totals_hourly as t, since its columns have the parts' names.
var parts = slices.Concat([]Part{
	{Name: "visitors", Scope: Row, SQL: "uniq(visitor)", Rollup: "uniqMerge(t.visitors)", Distinct: true, ByEntry: true, Closed: true},
	{Name: "visits", Scope: Row, SQL: "uniq(visit)", Whole: "sum(entry)", Rollup: "sum(t.visits)", Began: true, Distinct: true, ByEntry: true, Closed: true},
	{Name: "pageviews", Scope: Row, SQL: "countIf(name = 'pageview')", Rollup: "sum(t.pageviews)", Closed: true},
	{Name: "events", Scope: Row, SQL: "countIf(name != 'engagement')", Rollup: "sum(t.events)", Closed: true},
	{Name: "visit_pageviews", Scope: Row, SQL: "countIf(name = 'pageview')", Rollup: "sum(t.pageviews)", Began: true, Closed: true},
	{Name: "page_visits", Scope: Row, SQL: "uniqIf(visit, name = 'pageview')", Began: true, Distinct: true, Closed: true},
	{Name: "engaged", Scope: Row, SQL: "sum(engaged_ms)", Rollup: "sum(t.engaged_ms)", Began: true, Closed: true},
	{Name: "depth", Scope: Row, SQL: "sum(scroll)", Rollup: "sum(t.scroll)", Began: true, Closed: true},
	{Name: "depths", Scope: Row, SQL: "sum(scrolled)", Rollup: "sum(t.scrolled)", Began: true, Closed: true},
	{Name: "reads", Scope: Row, SQL: "sum(read)", Rollup: "sum(t.read)", Began: true, Closed: true},
	{Name: "shares", Scope: Row, Only: IsShare, Sharing: true, SQL: "countIf(name = 'share')", Rollup: "sum(t.shares)", Closed: true},
	{Name: "sharers", Scope: Row, Only: IsShare, Sharing: true, SQL: "uniqIf(visitor, " + byReader + ")", Rollup: "uniqIfMerge(t.sharers)", Distinct: true},
	{Name: "reshares", Scope: Row, Only: IsShare, Sharing: true, SQL: "countIf(name = 'share' AND share_parent != '')", Rollup: "sum(t.reshares)", Closed: true},

	{Name: "dark_shares", Scope: Row, Only: IsShare, Sharing: true, SQL: "countIf(name = 'share' AND share_network IN " + dark + ")", Closed: true},
	{Name: "deepest", Scope: Row, Only: IsShare, Sharing: true, SQL: "maxIf(share_generation, name = 'share')"},
	{Name: "depth_of_shares", Scope: Row, Only: IsShare, Sharing: true, SQL: "sumIf(share_generation, name = 'share')"},

	// Sharers by how often they share, all of them exact.
	{Name: "sharers_once", Scope: Row, Only: IsShare, Sharing: true, SQL: sharersFrom(1) + " - " + sharersFrom(2)},
	{Name: "sharers_twice", Scope: Row, Only: IsShare, Sharing: true, SQL: sharersFrom(2) + " - " + sharersFrom(3)},
	{Name: "sharers_few", Scope: Row, Only: IsShare, Sharing: true, SQL: sharersFrom(3) + " - " + sharersFrom(6)},
	{Name: "sharers_many", Scope: Row, Only: IsShare, Sharing: true, SQL: sharersFrom(6)},
	{Name: "sharers_again", Scope: Row, Only: IsShare, Sharing: true, SQL: sharersFrom(2)},
	{Name: "sharers_counted", Scope: Row, Only: IsShare, Sharing: true, SQL: sharersFrom(1)},

	{Name: "entries", Scope: Visit, SQL: "sum(entry)", Rollup: "sum(t.visits)", Began: true, ByEntry: true, Closed: true},
	{Name: "bounces", Scope: Visit, SQL: "sum(bounce)", Rollup: "sum(t.bounces)", Began: true, Closed: true},
	{Name: "gap", Scope: Visit, SQL: "sum(gap_ms)", Rollup: "sum(t.gap_ms)", Began: true, Closed: true},

	{Name: "share_visits", Scope: Via, Only: ViaShare, Sharing: true, SQL: "sumIf(entry, via_share != '')", Rollup: "sum(t.share_visits)", Closed: true},
	{Name: "share_visitors", Scope: Via, Only: ViaShare, SQL: "uniqIf(visitor, via_share != '')", Rollup: "uniqIfMerge(t.share_visitors)", Distinct: true},

	{Name: "share_age", Scope: Via, Only: ViaShare, Sharing: true, SQL: "quantileExactOrNullIf(0.5)(via_age, " + brought + ")"},
	{Name: "first_visit", Scope: Via, Only: ViaShare, Sharing: true, SQL: "quantileExactOrNullIf(0.5)(via_age, " + firstBrought + ")"},

	{Name: "all_visitors", Scope: Overall, SQL: "uniq(visitor)", Distinct: true},
	{Name: "base_visitors", Scope: Base, SQL: "uniq(visitor)", Distinct: true},
	{Name: "all_base_visitors", Scope: OverallBase, SQL: "uniq(visitor)", Distinct: true},

	// A row here is an account in a bucket: last is its reading at the end,
	// first the one to compare with, known and grown say that they exist.
	{Name: "followers", Scope: Account, SQL: "if(countIf(known) > 0, toInt64(sumIf(last, known)), NULL)"},
	{Name: "gained", Scope: Account, SQL: "if(countIf(grown) > 0, sumIf(toInt64(last) - toInt64(first), grown), NULL)"},
	{Name: "before", Scope: Account, SQL: "if(countIf(grown) > 0, toInt64(sumIf(first, grown)), NULL)"},
	// Of accounts that have a reading from before the bucket: what they grew
	// by is of the whole part that has passed.
	{Name: "gained_since", Scope: Account, SQL: "if(countIf(grown AND carried) > 0, sumIf(toInt64(last) - toInt64(first), grown AND carried), NULL)"},
	{Name: "before_since", Scope: Account, SQL: "if(countIf(grown AND carried) > 0, toInt64(sumIf(first, grown AND carried)), NULL)"},
	// How much of that part their growth is of: less than 1 where the last
	// reading is old.
	{Name: "read_since", Scope: Account, SQL: "if(sumIf(first, grown AND carried) > 0, sumIf(first * dateDiff('second', first_at, last_at) / greatest(1, dateDiff('second', start, until)), grown AND carried) / sumIf(first, grown AND carried), NULL)"},
	{Name: "rounded", Scope: Account, SQL: "if(countIf(known) > 0, countIf((known AND last_rounded) OR (grown AND first_rounded)), NULL)"},
	{Name: "unread", Scope: Account, SQL: "maxOrNullIf(dateDiff('second', last_at, until), last_at > toDateTime(0, 'UTC'))"},
	// Months between the readings compared, of 365.2425 ÷ 12 days; only where
	// they lie on 28 days or more, both ends included: from less, a month's
	// growth would be a guess.
	{Name: "months", Scope: Account, SQL: "if(dateDiff('day', minIf(first_at, grown), maxIf(last_at, grown), {tz:String}) >= 27, (maxIf(last_at, grown) - minIf(first_at, grown)) / 2629746, NULL)"},
}, revenueParts, factParts())

const (
	// byReader is a share that a reader reported. Of one from the address bar
	// nobody knows whose it is: the row is in the first visitor's name.
	byReader = "name = 'share' AND share_kind != 'address'"

	// brought is the entry of a visit by a share of which it is known when it
	// was made.
	brought = "entry = 1 AND via_network != '' AND via_kind != 'address'"

	// firstBrought is that of the first visit that a share of the range
	// brought.
	firstBrought = brought + ` AND cityHash64(via_share, ts) IN
(
    SELECT cityHash64(any(via_share), min(ts))
    FROM sharing
    WHERE site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')})
        AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')} AND ` + brought + `
    GROUP BY cityHash64(via_share)
    HAVING min(ts - toIntervalSecond(via_age)) >= {from:DateTime64(3, 'UTC')}
)`
)

// Exact is SQL without estimates, for a part that is Distinct.
func (p Part) Exact() string {
	return strings.NewReplacer("uniq(", "uniqExact(", "uniqIf(", "uniqExactIf(").Replace(p.SQL)
}

// If is SQL over the rows for which a condition holds, of a part that is one
// aggregate function.
func (p Part) If(condition string) string {
	name, rest, _ := strings.Cut(p.SQL, "(")
	of := strings.TrimSuffix(rest, ")")
	plain, conditional := strings.CutSuffix(name, "If")
	switch {
	case name == "countIf":
		return "countIf((" + of + ") AND " + condition + ")"
	case conditional:
		value, own, _ := strings.Cut(of, ", ")
		return plain + "If(" + value + ", (" + own + ") AND " + condition + ")"
	}
	return name + "If(" + of + ", " + condition + ")"
}

// Columns of closed_values beside those of parts: of a day's visitors, those
// who had the same value the day before, and those who had it two days before
// and not the day before. Nobody is known for longer.
const (
	Carried    = "carried"
	CarriedFar = "carried_far"
)

// ClosedParts are those that closed_values has.
func ClosedParts() []Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return !p.Closed })
}

// sharersFrom counts the sharers with n shares or more: those who have an nth.
func sharersFrom(n int) string {
	return fmt.Sprintf("toInt64(countEqual(arrayEnumerateUniq(groupArrayIf(visitor, %s)), %d))", byReader, n)
}
