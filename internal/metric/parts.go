package metric

// parts are all aggregates. A visit's figures are sums of increments that the
// writer stamped on its rows (see event.Row): no part joins rows to visits.
// Rollups read totals_hourly as t, since its columns have the parts' names.
var parts = []Part{
	{Name: "visitors", Scope: Row, SQL: "uniq(visitor)", Rollup: "uniqMerge(t.visitors)", Distinct: true},
	{Name: "visits", Scope: Row, SQL: "uniq(visit)", Whole: "sum(entry)", Rollup: "sum(t.visits)", Distinct: true},
	{Name: "pageviews", Scope: Row, SQL: "countIf(name = 'pageview')", Rollup: "sum(t.pageviews)"},
	{Name: "events", Scope: Row, SQL: "countIf(name != 'engagement')", Rollup: "sum(t.events)"},
	{Name: "page_visits", Scope: Row, SQL: "uniqIf(visit, name = 'pageview')", Distinct: true},
	{Name: "engaged", Scope: Row, SQL: "sum(engaged_ms)", Rollup: "sum(t.engaged_ms)"},
	{Name: "depth", Scope: Row, SQL: "sum(scroll)", Rollup: "sum(t.scroll)"},
	{Name: "depths", Scope: Row, SQL: "sum(scrolled)", Rollup: "sum(t.scrolled)"},
	{Name: "reads", Scope: Row, SQL: "sum(read)", Rollup: "sum(t.read)"},
	{Name: "shares", Scope: Row, SQL: "countIf(name = 'share')", Rollup: "sum(t.shares)"},
	{Name: "sharers", Scope: Row, SQL: "uniqIf(visitor, name = 'share')", Rollup: "uniqIfMerge(t.sharers)", Distinct: true},
	{Name: "reshares", Scope: Row, SQL: "countIf(name = 'share' AND share_parent != '')", Rollup: "sum(t.reshares)"},

	{Name: "entries", Scope: Visit, SQL: "sum(entry)", Rollup: "sum(t.visits)"},
	{Name: "bounces", Scope: Visit, SQL: "sum(bounce)", Rollup: "sum(t.bounces)"},
	{Name: "gap", Scope: Visit, SQL: "sum(gap_ms)", Rollup: "sum(t.gap_ms)"},

	{Name: "share_visits", Scope: Via, SQL: "sumIf(entry, via_share != '')", Rollup: "sum(t.share_visits)"},
	{Name: "share_visitors", Scope: Via, SQL: "uniqIf(visitor, via_share != '')", Rollup: "uniqIfMerge(t.share_visitors)", Distinct: true},

	{Name: "all_visitors", Scope: Overall, SQL: "uniq(visitor)", Distinct: true},
	{Name: "base_visitors", Scope: Base, SQL: "uniq(visitor)", Distinct: true},
	{Name: "all_base_visitors", Scope: OverallBase, SQL: "uniq(visitor)", Distinct: true},

	{Name: "left_out", Scope: Refused, SQL: "sum(hits)"},

	// A row here is an account in a bucket: last is its reading at the end,
	// first the one to compare with, known and grown say that they exist.
	{Name: "followers", Scope: Account, SQL: "if(countIf(known) > 0, toInt64(sumIf(last, known)), NULL)"},
	{Name: "gained", Scope: Account, SQL: "if(countIf(grown) > 0, sumIf(toInt64(last) - toInt64(first), grown), NULL)"},
	{Name: "before", Scope: Account, SQL: "if(countIf(grown) > 0, toInt64(sumIf(first, grown)), NULL)"},
	// Months between the readings compared, of 365.2425 ÷ 12 days; only where
	// they lie on 28 days or more, both ends included: from less, a month's
	// growth would be a guess.
	{Name: "months", Scope: Account, SQL: "if(dateDiff('day', minIf(first_at, grown), maxIf(last_at, grown), {tz:String}) >= 27, (maxIf(last_at, grown) - minIf(first_at, grown)) / 2629746, NULL)"},
}
