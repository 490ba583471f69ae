package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/query"
)

// zone loads a time zone.
func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// span is a range of days, both included, as the test's tables write it.
func span(r query.Range, loc *time.Location) string {
	return r.From.In(loc).Format(time.DateOnly) + " – " + r.To.Add(-1).In(loc).Format(time.DateOnly)
}

func TestAYearBeforeAroundLeapDays(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct{ name, from, to, want string }{
		{"the day before a leap day", "2024-02-28", "2024-02-28", "2023-02-28 – 2023-02-28"},
		{"a leap day", "2024-02-29", "2024-02-29", "2023-02-28 – 2023-02-28"},
		{"a leap day's morrow", "2024-03-01", "2024-03-01", "2023-03-01 – 2023-03-01"},
		{"the last of February, a leap year before", "2025-02-28", "2025-02-28", "2024-02-28 – 2024-02-28"},
		{"7 days with a leap day", "2024-02-24", "2024-03-01", "2023-02-23 – 2023-03-01"},
		{"7 days that end on a leap day", "2024-02-23", "2024-02-29", "2023-02-22 – 2023-02-28"},
		{"7 days, a leap day in those before", "2025-02-26", "2025-03-04", "2024-02-27 – 2024-03-04"},
		{"28 days, a leap day in those before", "2025-02-02", "2025-03-01", "2024-02-03 – 2024-03-01"},
		{"February of a leap year", "2024-02-01", "2024-02-29", "2023-02-01 – 2023-02-28"},
		{"February after a leap year", "2025-02-01", "2025-02-28", "2024-02-01 – 2024-02-29"},
		{"two months", "2024-01-01", "2024-02-29", "2023-01-01 – 2023-02-28"},
		{"a leap year", "2024-01-01", "2024-12-31", "2023-01-01 – 2023-12-31"},
		{"a year, a leap year before", "2025-01-01", "2025-12-31", "2024-01-01 – 2024-12-31"},
		{"twelve months over a leap day", "2023-03-01", "2024-02-29", "2022-03-01 – 2023-02-28"},
		{"a month but for its last day", "2024-02-01", "2024-02-28", "2023-02-01 – 2023-02-28"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := query.ParsePeriod(query.Site{Location: paris}, "custom", c.from, c.to, at("2027-01-01 00:00:00"))
			if err != nil {
				t.Fatal(err)
			}
			if got := span(r.Earlier(query.YearBefore, paris), paris); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A number of days that happens to be a month is compared with as many days.
func TestDaysThatAreAMonth(t *testing.T) {
	now := at("2025-02-28 12:00:00")
	for period, want := range map[string]string{"28d": "2025-01-04 – 2025-01-31", "month": "2025-01-01 – 2025-01-31"} {
		r, err := query.ParsePeriod(query.Site{}, period, "", "", now)
		if err != nil {
			t.Fatal(err)
		}
		if got := span(r.Earlier(query.Previous, time.UTC), time.UTC); got != want {
			t.Errorf("%s: got %s, want %s", period, got, want)
		}
	}
}

// dates counts the days of a range by walking through it.
func dates(r query.Range, loc *time.Location) int {
	n, last := 0, ""
	for t := r.From; t.Before(r.To); t = t.Add(11 * time.Hour) {
		if day := t.In(loc).Format(time.DateOnly); day != last {
			n, last = n+1, day
		}
	}
	return n
}

// Every range of days, ending on any day of twelve years, is compared with as
// many days of the same zone, which end when they should.
func TestEarlierDaysAreAsMany(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Paris", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia",
		"Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "Asia/Tehran", "Pacific/Kiritimati", "America/St_Johns",
	} {
		t.Run(name, func(t *testing.T) {
			loc := zone(t, name)
			for day := time.Date(2008, 3, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2020; day = day.AddDate(0, 0, 1) {
				for _, n := range []int{1, 7, 28} {
					r, err := query.ParsePeriod(query.Site{Location: loc}, map[int]string{1: "today", 7: "7d", 28: "28d"}[n], "", "", noon(day, loc))
					if err != nil {
						t.Fatal(err)
					}
					days := dates(r, loc)
					if days != n && name != "Pacific/Apia" { // which skipped a date
						t.Fatalf("%s has %d days", span(r, loc), days)
					}
					for _, mode := range []query.CompareMode{query.Previous, query.YearBefore} {
						e := r.Earlier(mode, loc)
						if got := dates(e, loc); got != days {
							t.Fatalf("%s, %s: %d days, %s has %d", span(r, loc), mode, days, span(e, loc), got)
						}
						last := e.To.Add(-1).In(loc)
						want := r.From
						if mode == query.YearBefore {
							want = time.Date(day.Year()-1, day.Month(), day.Day()+1, 0, 0, 0, 0, loc)
							if day.Month() == time.February && day.Day() == 29 {
								want = time.Date(day.Year()-1, time.March, 1, 0, 0, 0, 0, loc)
							}
						}
						if day := want.Add(-12 * time.Hour).In(loc).Format(time.DateOnly); last.Format(time.DateOnly) != day && name != "Pacific/Apia" {
							t.Fatalf("%s, %s: ends on %s, want %s", span(r, loc), mode, last.Format(time.DateOnly), day)
						}
						if h := e.From.In(loc); h.Add(-time.Minute).Format(time.DateOnly) == h.Format(time.DateOnly) {
							t.Fatalf("%s, %s: begins within %s", span(r, loc), mode, h)
						}
					}
				}
			}
		})
	}
}

// noon is midday of a date, or of the next where the zone skipped it.
func noon(day time.Time, loc *time.Location) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, loc)
}

// Whole months and years, from any month of twelve years, are compared with
// as many whole ones.
func TestEarlierMonthsAreWhole(t *testing.T) {
	for _, name := range []string{"UTC", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia"} {
		loc := zone(t, name)
		for month := range 12 * 12 {
			for _, n := range []int{1, 3, 12} {
				first := time.Date(2013, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)
				last := first.AddDate(0, n, -1)
				r, err := query.ParsePeriod(query.Site{Location: loc}, "custom", first.Format(time.DateOnly), last.Format(time.DateOnly), at("2027-01-01 00:00:00"))
				if err != nil {
					t.Fatal(err)
				}
				for mode, back := range map[query.CompareMode]int{query.Previous: n, query.YearBefore: 12} {
					want := first.AddDate(0, -back, 0).Format(time.DateOnly) + " – " + first.AddDate(0, n-back, -1).Format(time.DateOnly)
					if got := span(r.Earlier(mode, loc), loc); got != want {
						t.Fatalf("%s, %s: got %s, want %s", span(r, loc), mode, got, want)
					}
				}
			}
		}
	}
}

// What is not over is compared with as many days and as much of the last.
func TestAsMuchAsHasBeen(t *testing.T) {
	db := seeded(t)
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct {
		name, from, to, now string
		mode                query.CompareMode
		want                string
	}{
		{"half of a leap day's month", "2024-02-01", "2024-02-29", "2024-02-15 12:00", query.YearBefore, "2023-02-01 00:00 – 2023-02-15 12:00"},
		{"a leap day", "2024-02-01", "2024-02-29", "2024-02-29 12:00", query.YearBefore, "2023-02-01 00:00 – 2023-03-01 00:00"},
		{"7 days over a leap day", "2024-02-24", "2024-03-01", "2024-03-01 09:00", query.YearBefore, "2023-02-23 00:00 – 2023-03-01 09:00"},
		{"the last day before a leap day", "2024-02-28", "2024-02-28", "2024-02-28 09:30", query.YearBefore, "2023-02-28 00:00 – 2023-02-28 09:30"},
		{"a longer month than the one before", "2026-03-01", "2026-03-31", "2026-03-30 12:00", query.Previous, "2026-02-01 00:00 – 2026-03-01 00:00"},
		{"over a change of clocks", "2026-03-28", "2026-04-03", "2026-04-01 12:00", query.Previous, "2026-03-21 00:00 – 2026-03-25 12:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.ParseInLocation("2006-01-02 15:04", c.now, paris)
			if err != nil {
				t.Fatal(err)
			}
			site := query.Site{ID: 1, Location: paris}
			r, err := query.ParsePeriod(site, "custom", c.from, c.to, now)
			if err != nil {
				t.Fatal(err)
			}
			res, err := query.Compare(t.Context(), db, query.Query{Site: site, Metrics: []string{"visits"}, Range: r, Now: now}, c.mode)
			if err != nil {
				t.Fatal(err)
			}
			e, layout := res.Before.Query.Range, "2006-01-02 15:04"
			if got := fmt.Sprint(e.From.In(paris).Format(layout), " – ", e.To.In(paris).Format(layout)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
