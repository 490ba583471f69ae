package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Every page view falls into the bucket of its local time, whatever the
// clocks of its zone do, and the buckets cover the range without a hole.
func TestBucketsFollowLocalClocks(t *testing.T) {
	db := chtest.New(t)
	zones := []struct{ zone, from, why string }{
		{"Europe/Paris", "2026-03-28", "an hour less"},
		{"Europe/Paris", "2026-10-24", "an hour more"},
		{"America/New_York", "2026-11-01", "an hour more, west of Greenwich"},
		{"Asia/Kolkata", "2026-05-01", "half an hour off"},
		{"Africa/Cairo", "2026-04-23", "midnight is skipped"},
		{"America/Havana", "2026-10-31", "midnight comes twice"},
		{"Australia/Lord_Howe", "2026-04-04", "half an hour more"},
		{"Pacific/Apia", "2011-12-29", "a day is skipped"},
		{"UTC", "2026-12-30", "the year ends"},
	}
	for i, z := range zones {
		t.Run(z.zone+" "+z.why, func(t *testing.T) {
			site := uint32(100 + i)
			loc, err := time.LoadLocation(z.zone)
			if err != nil {
				t.Fatal(err)
			}
			r, err := query.ParsePeriod(query.Site{Location: loc}, "custom", z.from, at(z.from+" 00:00:00").AddDate(0, 0, 3).Format(time.DateOnly), at("2027-01-01 00:00:00"))
			if err != nil {
				t.Fatal(err)
			}
			// A page view every quarter of an hour, each with its own visitor.
			var rows []event.Row
			for ts := r.From; ts.Before(r.To); ts = ts.Add(15 * time.Minute) {
				id := uint64(len(rows) + 1)
				rows = append(rows, event.Row{Event: event.Event{Site: site, Time: ts.UTC(), Name: event.Pageview, Path: "/", Visitor: id}, Visit: id, Entry: 1, Bounce: 1})
			}
			if err := db.Insert(t.Context(), fmt.Sprint("zone", i), event.Events.Of(rows)); err != nil {
				t.Fatal(err)
			}
			for _, by := range []string{"hour", "day", "week", "month"} {
				for _, rolled := range []bool{false, true} {
					q := query.Query{Site: query.Site{ID: site, Location: loc}, Metrics: []string{"pageviews"}, Dimensions: []string{"time:" + by}, Range: r}
					if !rolled {
						q.Filter = []query.Filter{is("event:page", "/")}
					}
					res, err := query.Run(t.Context(), db, q)
					if err != nil {
						t.Fatal(err)
					}
					want := map[int64]int64{}
					for _, row := range rows {
						for _, b := range res.Buckets {
							if !row.Time.Before(b.From) && row.Time.Before(b.To) {
								want[b.Start.Unix()]++
							}
						}
					}
					total := int64(0)
					for k, row := range res.Rows {
						start, n := row[0].(time.Time), row[1].(int64)
						total += n
						if want[start.Unix()] != n {
							t.Errorf("%s of %s: %d page views, want %d", by, start, n, want[start.Unix()])
						}
						if b := res.Buckets[k]; k > 0 && !b.From.Equal(res.Buckets[k-1].To) {
							t.Errorf("%s: a hole before %s", by, b.From)
						}
						if by != "hour" && local(start) != local(res.Buckets[k].Start) {
							t.Errorf("%s: bucket %s begins at %s", by, start, res.Buckets[k].Start)
						}
					}
					if total != int64(len(rows)) {
						t.Errorf("by %s: %d page views in all, want %d", by, total, len(rows))
					}
				}
			}
		})
	}
}

func local(t time.Time) string { return t.Format(time.DateOnly) }

// The days of a range are those of the calendar, by an independent count.
func TestDaysOfARange(t *testing.T) {
	for _, zone := range []string{"Africa/Cairo", "America/Havana", "Europe/Paris"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		r, err := query.ParsePeriod(query.Site{Location: loc}, "custom", "2026-01-01", "2026-12-31", at("2027-01-01 00:00:00"))
		if err != nil {
			t.Fatal(err)
		}
		st, err := query.Run(t.Context(), nothing{}, query.Query{Site: query.Site{Location: loc}, Metrics: []string{"visitors"}, Dimensions: []string{"time:day"}, Range: r})
		if err != nil {
			t.Fatal(err)
		}
		if len(st.Buckets) != 365 {
			t.Errorf("%s: %d days in 2026", zone, len(st.Buckets))
		}
		for i, b := range st.Buckets {
			if want := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly); local(b.Start) != want {
				t.Errorf("%s: day %d is %s, want %s", zone, i, b.Start, want)
			}
		}
	}
}
