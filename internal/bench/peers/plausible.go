package peers

import "fmt"

var plausible = Peer{
	Name:   "Plausible CE",
	folder: "plausible",
	views: map[Filter][]question{
		None:      plausibleView(""),
		BySource:  plausibleView("AND referrer_source IN ({value:String})"),
		ByCountry: plausibleView("AND country_code IN ({value:String})"),
	},
}

// plausibleView is the first view of Plausible's dashboard. Lists have each
// value's share of all visitors. Where a figure may come from either table, it
// comes from sessions, unless one beside it needs events.
func plausibleView(filter string) []question {
	const of = " FROM %s WHERE site_id = {site:UInt64} AND timestamp >= {from:DateTime} AND %s < {to:DateTime} %s"
	events := fmt.Sprintf(of, "events_v2", "timestamp", "AND name != 'engagement' "+filter)
	sessions := fmt.Sprintf(of, "sessions_v2", "start", filter) // active then, whenever they began
	list := func(value, from string, limit int) question {
		return question{sql: fmt.Sprintf("SELECT %s AS value, uniq(user_id) AS visitors, round(100 * visitors / (SELECT uniq(user_id) %s), 1) %s GROUP BY value ORDER BY visitors DESC, value LIMIT %d",
			value, events, from, limit)}
	}
	return []question{
		{sql: "SELECT uniq(user_id) FROM events_v2 WHERE site_id = {site:UInt64} AND timestamp >= now() - 300 AND name != 'engagement'"},
		{before: true, sql: "SELECT * FROM (SELECT uniq(user_id), uniq(session_id), countIf(name = 'pageview')" + events + ") AS e CROSS JOIN " +
			"(SELECT sum(sign * pageviews) / sum(sign), sum(is_bounce * sign) / sum(sign), sum(duration * sign) / sum(sign)" + sessions + ") AS s"},
		{sql: "SELECT toDate(timestamp) AS day, uniq(user_id)" + sessions + " GROUP BY day ORDER BY day"},
		list("if(empty(referrer_source), 'Direct / None', referrer_source)", sessions, 9),
		list("pathname", events, 9),
		list("country_code", sessions, 300),
		list("if(empty(browser), '(not set)', browser)", sessions, 9),
	}
}
