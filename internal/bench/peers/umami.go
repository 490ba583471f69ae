package peers

import "fmt"

var umami = Peer{
	Name:   "Umami 3.1",
	folder: "umami",
	views: map[Filter][]question{
		None: umamiView(hourly, ""),
		// What the hourly table has in arrays is filtered in events.
		BySource:  umamiView(eachEvent, "AND referrer_domain IN ({value:String}) AND referrer_domain != hostname"),
		ByCountry: umamiView(hourly, "AND country IN ({value:String})"),
	},
}

// umamiTable is one of the two that the dashboard may be answered from.
type umamiTable struct {
	name, views, first, last string
	visitors                 string // by day, browser and country
	each                     string // of one of its arrays
}

var (
	hourly    = umamiTable{"website_event_stats_hourly", "sum(views)", "min(min_time)", "max(max_time)", "uniq(session_id)", "arrayJoin(%s)"}
	eachEvent = umamiTable{"website_event", "count()", "min(created_at)", "max(created_at)", "uniqExact(session_id)", "%s"}
)

// umamiView is the first view of Umami's dashboard.
func umamiView(t umamiTable, filter string) []question {
	from := " FROM " + t.name + " WHERE website_id = {website:UUID} AND created_at BETWEEN {from:DateTime} AND {to:DateTime} AND event_type NOT IN (2, 5) " + filter
	list := func(value, visitors string, limit int) question {
		return question{sql: fmt.Sprintf("SELECT value, %s AS visitors FROM (SELECT session_id, %s AS value %s AND value != '') GROUP BY value ORDER BY visitors DESC LIMIT %d", visitors, value, from, limit)}
	}
	inArray := func(column string) question { return list(fmt.Sprintf(t.each, column), "uniq(session_id)", 10) }
	byDay := func(figure string) question {
		return question{sql: "SELECT toStartOfDay(created_at, 'UTC') AS day, " + figure + from + " GROUP BY day ORDER BY day"}
	}
	return []question{
		{sql: "SELECT min(created_at), max(created_at) FROM website_event_stats_hourly WHERE website_id = {website:UUID} AND created_at >= '2000-01-01'"},
		{sql: "SELECT uniqExact(session_id) FROM website_event WHERE website_id = {website:UUID} AND created_at >= now() - 300"},
		{before: true, sql: fmt.Sprintf("SELECT sum(pages), uniq(session_id), uniq(visit_id), countIf(pages = 1), sum(last - first) FROM "+
			"(SELECT session_id, visit_id, %s AS pages, %s AS first, %s AS last %s GROUP BY session_id, visit_id)", t.views, t.first, t.last, from)},
		byDay(t.views),
		byDay(t.visitors),
		inArray("url_path"),
		inArray("referrer_domain"),
		list("browser", t.visitors, 10),
		list("country", t.visitors, 10),
		list("country", t.visitors, 500), // the map
		{sql: "SELECT formatDateTime(toDateTime(created_at, 'UTC'), '%w:%H') AS time, uniqExact(session_id)" + from + " GROUP BY time ORDER BY time"},
	}
}
