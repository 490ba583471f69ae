package query_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// What lies before recording began is unknown by any measure of time, and
// what lies after is 0 where nothing happened.
func TestBeforeRecordingIsUnknown(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, views("Google", "2026-03-04 09:40:00", "2026-03-04 12:00:00", "2026-03-06 10:00:00")) // a Wednesday
	leaveOut(t, db, 1, "a", event.LeftOut{Time: at("2026-03-03 22:00:00"), Reason: event.LeftBot, Count: 7})
	readings(t, db, reading("mastodon/a", "2026-03-02 08:00:00", 500))
	kolkata := zone(t, "Asia/Kolkata")
	for _, c := range []struct {
		name, metrics, by, from, to string
		change                      func(*query.Query)
		want                        string
	}{
		{name: "by day", metrics: "visits", by: "time:day", from: "03-02", to: "03-08",
			want: "03-02=nil | 03-03=nil | 03-04=2 | 03-05=0 | 03-06=1 | 03-07=0"},
		{name: "by hour of the first day", metrics: "visits", by: "time:hour", from: "03-04 08:00", to: "03-04 13:00",
			want: "03-04 08:00=nil | 03-04 09:00=1 | 03-04 10:00=0 | 03-04 11:00=0 | 03-04 12:00=1"},
		{name: "by hours half an hour off", metrics: "visits", by: "time:hour", from: "03-04 08:30", to: "03-04 11:30", // 14:00 there
			change: func(q *query.Query) { q.Site.Location = kolkata },
			want:   "03-04 14:00=nil | 03-04 15:00=1 | 03-04 16:00=0"},
		{name: "by week", metrics: "visits", by: "time:week", from: "02-16", to: "03-16", want: "02-16=nil | 02-23=nil | 03-02=3 | 03-09=0"},
		{name: "by month", metrics: "visits bounce_rate", by: "time:month", from: "01-01", to: "04-01", want: "01-01=nil,nil | 02-01=nil,nil | 03-01=3,100"},
		{name: "by year", metrics: "visits", by: "time:year", from: "01-01", to: "04-01", want: "01-01=3"},
		{name: "shares", metrics: "shares", by: "time:day", from: "03-03", to: "03-06", want: "03-03=nil | 03-04=0 | 03-05=0"},
		{name: "each fact by itself", metrics: "visits followers left_out", by: "time:day", from: "03-01", to: "03-05",
			want: "03-01=nil,nil,nil | 03-02=nil,500,nil | 03-03=nil,500,7 | 03-04=2,500,0"},
		{name: "in groups", metrics: "visits", by: "time:day visit:source", from: "03-03", to: "03-06",
			want: "03-03,Google=nil | 03-04,Google=2 | 03-05,Google=0"},
		{name: "under a filter", metrics: "visits", by: "time:day", from: "03-03", to: "03-06",
			change: func(q *query.Query) { q.Filter = []query.Filter{is("event:page", "/none")} },
			want:   "03-03=nil | 03-04=0 | 03-05=0"},
		{name: "in all", metrics: "visits", from: "03-01", to: "03-04", want: "=nil"},
		{name: "in all, of the first day too", metrics: "visits", from: "03-01", to: "03-05", want: "=2"},
		{name: "by day of the week", metrics: "visits", by: "time:day_of_week", from: "03-02", to: "03-09",
			want: "1=nil | 2=nil | 3=2 | 4=0 | 5=1 | 6=0 | 7=0"},
		{name: "by day of the week, so far", metrics: "visits", by: "time:day_of_week", from: "03-02", to: "03-09",
			change: func(q *query.Query) { q.Now = at("2026-03-06 12:00:00") },
			want:   "1=nil | 2=nil | 3=2 | 4=0 | 5=1 | 6=nil | 7=nil"},
		{name: "nobody ever", metrics: "visits shares", by: "time:day", from: "03-03", to: "03-05",
			change: func(q *query.Query) { q.Site.ID, q.Site.Recorded = 2, &query.Recorded{} },
			want:   "03-03=nil,nil | 03-04=nil,nil"},
		{name: "without empty buckets", metrics: "visits", by: "time:day", from: "03-03", to: "03-07",
			change: func(q *query.Query) { q.Sparse = true }, want: "03-04=2 | 03-06=1"},
		{name: "without empty buckets but the unknown", metrics: "visits", by: "time:day", from: "03-02", to: "03-07",
			change: func(q *query.Query) { q.Sparse, q.TellUnknown = true, true }, want: "03-02=nil | 03-03=nil | 03-04=2 | 03-06=1"},
		{name: "the second page of that", metrics: "visits", by: "time:day visit:source", from: "03-02", to: "03-07",
			change: func(q *query.Query) { q.Sparse, q.TellUnknown, q.Limit, q.Offset = true, true, 2, 1 }, want: "03-03,Google=nil | 03-04,Google=2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			recorded, err := query.AskRecorded(t.Context(), db, 1)
			if err != nil {
				t.Fatal(err)
			}
			q := query.Query{Site: query.Site{ID: 1, Recorded: &recorded}, Metrics: strings.Fields(c.metrics), Dimensions: strings.Fields(c.by), Range: query.Range{From: moment(c.from), To: moment(c.to)}}
			if c.change != nil {
				c.change(&q)
			}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(res); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			var file strings.Builder
			if err := query.StreamCSV(t.Context(), db, q, &file, query.CSVOptions{}); err != nil {
				t.Fatal(err)
			}
			if lines := strings.Split(strings.TrimSuffix(file.String(), "\r\n"), "\r\n")[1:]; len(c.metrics) == len("visits") {
				for i, row := range res.Rows {
					if unknown := row[len(row)-1] == nil; unknown != (lines[i] == "" || strings.HasSuffix(lines[i], ",") || lines[i] == `""`) {
						t.Errorf("the file has %q for %v", lines[i], row)
					}
				}
			}
		})
	}
}

// moment reads "03-04" or "03-04 08:00" of 2026.
func moment(s string) time.Time {
	if !strings.Contains(s, " ") {
		s += " 00:00"
	}
	return at("2026-" + s + ":00")
}

// told writes an answer with nil for what is unknown.
func told(res *query.Result) string {
	var rows []string
	for _, row := range res.Rows {
		var dims, values []string
		for i, v := range row {
			s := fmt.Sprint(v)
			if t, ok := v.(time.Time); ok {
				s = strings.TrimSuffix(t.Format("01-02 15:04"), " 00:00")
			}
			if v == nil {
				s = "nil"
			}
			if res.Columns[i].Metric {
				values = append(values, s)
			} else {
				dims = append(dims, s)
			}
		}
		rows = append(rows, strings.Join(dims, ",")+"="+strings.Join(values, ","))
	}
	return strings.Join(rows, " | ")
}

// Every hour of the week is known where the range has had it since recording
// began, and no other.
func TestHeatMapOfANewSite(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, views("Google", "2026-03-04 09:40:00", "2026-03-06 10:00:00"))
	now := at("2026-03-06 12:30:00")
	q := query.Query{Site: query.Site{ID: 1, Recorded: &query.Recorded{Events: at("2026-03-04 09:40:00")}}, Metrics: []string{"visits"},
		Dimensions: []string{"time:day_of_week", "time:hour_of_day"}, Range: query.Range{From: at("2026-02-07 00:00:00"), To: at("2026-03-07 00:00:00")}, Now: now}
	res, err := query.Run(t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != 7*24 {
		t.Fatalf("%d cells", len(res.Rows))
	}
	for _, row := range res.Rows {
		day, hour := row[0].(int64), row[1].(int64)
		known := day == 3 && hour >= 9 || day == 4 || day == 5 && hour <= 12
		if known != (row[2] != nil) {
			t.Errorf("day %d, %d h: %v", day, hour, row[2])
		}
	}
}

// Nothing is compared with what nobody recorded.
func TestCompareWithTheUnrecorded(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, views("Google", "2026-03-04 09:40:00", "2026-03-04 12:00:00", "2026-03-06 10:00:00", "2026-04-02 10:00:00"))
	recorded := &query.Recorded{Events: at("2026-03-04 09:40:00")}
	for _, c := range []struct {
		name, by, from, to string
		want               string
		cut                bool
	}{
		{"days, of which some are known", "time:day", "03-06", "03-09", "03-06: 1, before <nil>, - | 03-07: 0, before 2, -100% | 03-08: 0, before 0, -", true},
		{"a total, a part of it unknown", "", "03-06", "03-09", "1, before <nil>, -", true},
		{"a total that is known", "", "03-06", "03-08", "1, before 2, -50%", false},
		{"groups", "visit:source", "03-06", "03-09", "Google: 1, before <nil>, -", true},
		{"a month of which a part is unknown", "time:month", "04-01", "05-01", "04-01: 1, before 3, -", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query.Query{Site: query.Site{ID: 1, Recorded: recorded}, Metrics: []string{"visits"}, Dimensions: strings.Fields(c.by), Range: query.Range{From: moment(c.from), To: moment(c.to)}}
			res, err := query.Compare(t.Context(), db, q, query.Previous)
			if err != nil {
				t.Fatal(err)
			}
			if got := changes(res); got != c.want || res.Cut != c.cut {
				t.Errorf("got  %s, %v\nwant %s, %v", got, res.Cut, c.want, c.cut)
			}
		})
	}
}

func TestAskRecorded(t *testing.T) {
	db := seeded(t)
	leaveOut(t, db, 1, "a", event.LeftOut{Time: at("2026-03-10 08:59:00"), Reason: event.LeftBot, Count: 1})
	leaveOut(t, db, 2, "b", event.LeftOut{Time: at("2026-03-12 08:59:00"), Reason: event.LeftBot, Count: 1})
	for site, want := range map[uint32]query.Recorded{
		1: {Events: at("2026-03-10 09:00:00"), Facts: map[string]time.Time{"left-out": at("2026-03-10 08:59:00")}},
		2: {Facts: map[string]time.Time{"left-out": at("2026-03-12 08:59:00")}},
		3: {Facts: map[string]time.Time{}},
	} {
		if got, err := query.AskRecorded(t.Context(), db, site); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("site %d: %v, %v", site, got, err)
		}
	}
}
