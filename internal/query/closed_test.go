package query_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// closeDays closes days and gives them, as a site knows them.
func closeDays(t testing.TB, db *clickhouse.DB, site query.Site, days ...time.Time) *query.Closed {
	t.Helper()
	closed := &query.Closed{First: days[0]}
	for _, start := range days {
		closing := uint64(start.Unix()) + uint64(site.ID)
		sql, args := query.CloseDay(site, start, closing)
		if err := db.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		closed.Days = append(closed.Days, query.ClosedDay{Start: start, Closing: closing})
	}
	return closed
}

// oneDayVisitors are random visits of readers who are known for a UTC day and
// for the visit in which it ends, as the collector's hashes are.
func oneDayVisitors(r *rand.Rand, days int) []visit {
	visits := randomVisits(r, days)
	for i := range visits {
		visits[i].visitor += uint64(visits[i].start.Sub(day)/(24*time.Hour)) * 1000
		if r.IntN(4) == 0 { // many read over midnight
			visits[i].start = visits[i].start.Truncate(24 * time.Hour).Add(24*time.Hour - time.Duration(1+r.IntN(600))*time.Second)
		}
	}
	return visits
}

// Random questions get the same answers from closed days as from events.
func TestClosedDaysAnswerAsEventsDo(t *testing.T) {
	db := chtest.New(t)
	r := rand.New(rand.NewPCG(3, 4))
	const days = 7
	for round, zone := range []string{"UTC", "Europe/Paris", "Asia/Kolkata", "America/Santiago", "Pacific/Kiritimati"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		site := query.Site{ID: uint32(round + 1), Location: loc}
		insert(t, db, site.ID, oneDayVisitors(r, days))
		midnight := func(i int) time.Time {
			d := day.AddDate(0, 0, i)
			return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, loc)
		}
		var all []time.Time
		for i := range days + 2 {
			all = append(all, midnight(i-1))
		}
		all = all[:len(all)-r.IntN(3)-1]
		closed := closeDays(t, db, site, all...)
		compareClosed(t, db, r, site, closed, midnight)
	}
}

func compareClosed(t *testing.T, db *clickhouse.DB, r *rand.Rand, site query.Site, closed *query.Closed, midnight func(int) time.Time) {
	t.Helper()
	metrics := []string{"visitors", "visits", "pageviews", "events", "bounce_rate", "visit_duration", "views_per_visit", "scroll_depth",
		"engaged_time", "read_rate", "time_on_page", "shares", "share_rate", "share_visits", "percentage"}
	dims := []string{"", "", "event:page", "visit:entry_page", "visit:exit_page", "visit:source", "visit:country", "visit:device", "visit:share_network", "time:day", "time:week", "time:month", "event:goal", "time:hour"}
	asked := 0
	for i := range 26 {
		a := r.IntN(7)
		q := query.Query{Site: site, Range: query.Range{From: midnight(a), To: midnight(a + 1 + r.IntN(8))}, Sparse: r.IntN(2) == 0, CountRows: true}
		if r.IntN(2) == 0 {
			q.Range.To = q.Range.To.Add(-time.Duration(r.IntN(24*60)) * time.Minute)
		}
		if !q.Range.From.Before(q.Range.To) {
			continue
		}
		q.Metrics = slices.Clone(metrics)
		r.Shuffle(len(q.Metrics), func(i, j int) { q.Metrics[i], q.Metrics[j] = q.Metrics[j], q.Metrics[i] })
		q.Metrics = q.Metrics[:1+r.IntN(5)]
		for _, d := range []string{pickOne(r, dims...), pickOne(r, "", "", "time:day")} {
			if d != "" && !slices.Contains(q.Dimensions, d) && (len(q.Dimensions) == 0 || q.Dimensions[0][:4] != "time") {
				q.Dimensions = append(q.Dimensions, d)
			}
		}
		if f := pickOne(r, "", "", "visit:source,Google", "visit:country,FR", "event:page,/a", "visit:exit_page,/b", "visit:entry_page,/"); f != "" {
			filter, err := query.ParseFilter("is," + f)
			if err != nil {
				t.Fatal(err)
			}
			q.Filter = []query.Filter{filter}
		}
		q.Metrics = slices.DeleteFunc(q.Metrics, func(m string) bool {
			return !canBeAsked(m, q.Dimensions) || m == "percentage" && len(q.Dimensions) == 0
		})
		if len(q.Metrics) == 0 {
			continue
		}
		mode := pickOne(r, query.NoComparison, query.Previous)
		want, err := query.Compare(t.Context(), db, q, mode)
		if err != nil {
			t.Fatal(err)
		}
		q.Site.Closed = closed
		got, err := query.Compare(t.Context(), db, q, mode)
		if err != nil {
			t.Fatal(err)
		}
		if got.SQL != want.SQL {
			asked++
		}
		if diff := cmp.Diff(fmt.Sprint(want.Rows, want.BeforeRows, want.TotalRows), fmt.Sprint(got.Rows, got.BeforeRows, got.TotalRows)); diff != "" {
			t.Fatalf("site %d, question %d: %v by %v of %v, %s to %s:\n%s\n%s", site.ID, i, q.Metrics, q.Dimensions, q.Filter, q.Range.From, q.Range.To, diff, got.SQL)
		}
	}
	if asked < 5 {
		t.Fatalf("site %d: %d questions of 26 read closed days", site.ID, asked)
	}
}

// A day's visitors, those who were there before, and the day's own figures, told
// one by one.
func TestWhoReadsOverMidnightCountsOnce(t *testing.T) {
	db := chtest.New(t)
	google := event.Event{Source: "Google"}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	site := query.Site{ID: 1, Location: paris} // an hour ahead
	insert(t, db, 1, []visit{
		{id: 1, visitor: 1, start: at("2026-03-10 09:00:00"), stamp: google, hits: []hit{{path: "/a"}}},
		{id: 2, visitor: 1, start: at("2026-03-10 23:50:00"), stamp: google, hits: []hit{{path: "/b"}, {at: 20 * time.Minute, path: "/a"}}}, // on the 11th there
		{id: 3, visitor: 3, start: at("2026-03-11 12:00:00"), stamp: google, hits: []hit{{path: "/a"}}},
	})
	days := []time.Time{at("2026-03-09 23:00:00"), at("2026-03-10 23:00:00"), at("2026-03-11 23:00:00")}
	site.Closed = closeDays(t, db, site, days...)
	for _, by := range []string{"visit:source", "event:page"} {
		res, err := query.Run(t.Context(), db, query.Query{Site: site, Metrics: []string{"visitors", "visits"}, Dimensions: []string{by},
			Range: query.Range{From: days[0], To: days[2]}})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"visit:source": "Google=2,3", "event:page": "/a=2,3 | /b=1,1"}[by]
		if got := written(res); got != want {
			t.Errorf("%s: %s, not %s\n%s", by, got, want, res.SQL)
		}
	}
}
