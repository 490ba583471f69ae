package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// views makes one visit of a single page view for each time.
func views(source string, times ...string) []visit {
	var list []visit
	for i, s := range times {
		id := uint64(len(source)*1000 + i + 1)
		list = append(list, visit{id: id, visitor: id, start: at(s), stamp: event.Event{Source: source}, hits: []hit{{path: "/"}}})
	}
	return list
}

func changes(c *query.Comparison) string {
	var list []string
	for i, row := range c.Rows {
		dims := len(c.Query.Dimensions)
		before, change := "-", "-"
		if b := c.BeforeRows[i]; b != nil {
			before = fmt.Sprint(b[dims])
			if p := c.Change[i][dims]; p != nil {
				change = fmt.Sprint(*p, "%")
			}
		}
		label := ""
		if dims > 0 {
			label = fmt.Sprint(row[0]) + ": "
			if t, ok := row[0].(time.Time); ok {
				label = t.Format("01-02: ")
			}
		}
		list = append(list, fmt.Sprintf("%s%v, before %s, %s", label, row[dims], before, change))
	}
	return strings.Join(list, " | ")
}

func TestCompare(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, append(append(
		views("Google", "2026-03-01 09:00:00", "2026-03-01 15:00:00", "2026-03-03 09:00:00", "2026-03-03 10:00:00", "2026-03-04 09:00:00", "2025-03-03 09:00:00"),
		views("Bing", "2026-03-01 10:00:00", "2026-03-02 10:00:00")...),
		views("New", "2026-03-04 08:00:00")...))
	q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visits"}, Range: query.Range{From: at("2026-03-03 00:00:00"), To: at("2026-03-05 00:00:00")}}
	tests := []struct {
		name string
		mode query.CompareMode
		by   string
		now  string
		want string
	}{
		{"totals", query.Previous, "", "", "4, before 4, 0%"},
		{"a year before", query.YearBefore, "", "", "4, before 1, 300%"},
		{"none", query.NoComparison, "", "", "4, before -, -"},
		{"by bucket in the same place", query.Previous, "time:day", "", "03-03: 2, before 3, -33.3% | 03-04: 2, before 1, 100%"},
		{"by dimension", query.Previous, "visit:source", "", "Google: 3, before 2, 50% | New: 1, before -, -"},
		{"as much as has been", query.Previous, "", "2026-03-03 12:00:00", "4, before 2, 100%"},
		{"buckets whole", query.Previous, "time:day", "2026-03-03 12:00:00", "03-03: 2, before 3, -33.3% | 03-04: 2, before 1, 100%"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := q
			q.Dimensions = strings.Fields(test.by)
			if test.now != "" {
				q.Now = at(test.now)
			}
			c, err := query.Compare(t.Context(), db, q, test.mode)
			if err != nil {
				t.Fatal(err)
			}
			if got := changes(c); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEarlierRanges(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, from, to string // days, both included
		mode           query.CompareMode
		want           string
	}{
		{"a week", "2026-03-09", "2026-03-15", query.Previous, "2026-03-02 00:00 – 2026-03-09 00:00"},
		{"days over the change of clocks", "2026-03-28", "2026-04-03", query.Previous, "2026-03-21 00:00 – 2026-03-28 00:00"},
		{"a month", "2026-03-01", "2026-03-31", query.Previous, "2026-02-01 00:00 – 2026-03-01 00:00"},
		{"twelve months", "2025-12-01", "2026-11-30", query.Previous, "2024-12-01 00:00 – 2025-12-01 00:00"},
		{"a month, a year before", "2024-02-01", "2024-02-29", query.YearBefore, "2023-02-01 00:00 – 2023-03-01 00:00"},
		{"a leap day, a year before", "2024-02-29", "2024-02-29", query.YearBefore, "2023-02-28 00:00 – 2023-03-01 00:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := query.ParsePeriod(query.Site{Location: paris}, "custom", test.from, test.to, at("2027-01-01 00:00:00"))
			if err != nil {
				t.Fatal(err)
			}
			e := r.Earlier(test.mode, paris)
			const layout = "2006-01-02 15:04"
			if got := e.From.In(paris).Format(layout) + " – " + e.To.In(paris).Format(layout); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	hour := query.Range{From: at("2026-03-10 09:30:00"), To: at("2026-03-10 10:30:00")}
	if e := hour.Earlier(query.Previous, paris); !e.From.Equal(at("2026-03-10 08:30:00")) || !e.To.Equal(hour.From) {
		t.Errorf("an hour: %v", e)
	}
}

// Groups over time come whole: the largest ones, each with every bucket.
func TestLargestGroupsOverTime(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, append(append(
		views("Google", "2026-03-01 09:00:00", "2026-03-03 10:00:00"),
		views("Bing", "2026-03-01 10:00:00", "2026-03-02 10:00:00", "2026-03-02 10:00:00")...),
		views("Mastodon", "2026-03-03 08:00:00")...))
	q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visits"}, Dimensions: []string{"time:day", "visit:source"}, Limit: 2, CountRows: true,
		Range: query.Range{From: at("2026-03-01 00:00:00"), To: at("2026-03-04 00:00:00")}}
	want := "03-01,Bing=1 | 03-01,Google=1 | 03-02,Bing=2 | 03-02,Google=0 | 03-03,Bing=0 | 03-03,Google=1"
	if got := ask(t, db, q); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	q.Sparse = true
	if got, want := ask(t, db, q), "03-01,Bing=1 | 03-01,Google=1"; got != want {
		t.Errorf("sparse: got %s, want %s", got, want)
	}
	q = query.Query{Site: q.Site, Metrics: []string{"visits"}, Dimensions: []string{"visit:source"}, Range: q.Range, Limit: 1, Offset: 1, CountRows: true}
	for _, offset := range []int{1, 5} {
		q.Offset = offset
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		if res.TotalRows != 3 {
			t.Errorf("offset %d: %d rows in all, want 3", offset, res.TotalRows)
		}
	}
}

func TestSince(t *testing.T) {
	db := seeded(t)
	readings(t, db, reading("mastodon/a", "2026-02-01 08:00:00", 5))
	for site, want := range map[uint32]time.Time{1: at("2026-02-01 08:00:00"), 9: {}} {
		got, err := query.AskSince(t.Context(), db, query.Site{ID: site})
		if err != nil || !got.Equal(want) {
			t.Errorf("site %d: %v, %v; want %v", site, got, err, want)
		}
	}
}

// A change too small to show is 0, not −0.
func TestSmallChange(t *testing.T) {
	db := chtest.New(t)
	readings(t, db, reading("mastodon/a", "2026-03-01 08:00:00", 10_000), reading("mastodon/a", "2026-03-02 08:00:00", 9_999))
	c, err := query.Compare(t.Context(), db, followersOf("2026-03-02", "2026-03-03"), query.Previous)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*c.Change[0][0]); got != "0" {
		t.Errorf("%s %%", got)
	}
}
