package query_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/query"
)

const month = 2_629_746 * time.Second // of 365.2425 ÷ 12 days

// The golden numbers are published ones: FanpageKarma's example and
// eMarketer's rates for Facebook, a month for each of their weeks and years.
func TestCompoundGrowth(t *testing.T) {
	tests := []struct {
		name        string
		first, last uint64
		apart       time.Duration
		want        string
	}{
		{"500 to 2,000 in two months", 500, 2000, 2 * month, "=1500,300,100"},
		{"Facebook's rates, 90.3 %, 38.6 % and 13.4 %", 1_000_000, 2_991_012, 3 * month, "=1991012,199.1,44.08"},
		{"a loss", 8000, 6480, 2 * month, "=-1520,-19,-10"},
		{"all lost", 8000, 0, month, "=-8000,-100,-100"},
		{"from nothing", 0, 100, month, "=100,-,-"},
		{"four weeks", 100, 110, 27 * 24 * time.Hour, "=10,10,11.34"},
		{"a day less is no month", 100, 110, 26 * 24 * time.Hour, "=10,10,-"},
	}
	db := chtest.New(t)
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := at("2026-03-01 06:00:00")
			var list []event.FollowerCount
			for at, n := range map[time.Time]uint64{start: test.first, start.Add(test.apart): test.last} {
				list = append(list, event.FollowerCount{Site: 1, Network: "bluesky", Account: fmt.Sprint(i), Time: at, Followers: n, Origin: event.OriginPoll})
			}
			readings(t, db, list...)
			q := followersOf("2026-03-01", "2026-03-02")
			q.Metrics = []string{"net_followers", "follower_growth", "follower_cmgr"}
			q.Filter = []query.Filter{is("account:handle", fmt.Sprint(i))}
			q.Range.To = start.Add(test.apart + time.Hour)
			if got := ask(t, db, q); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// followed is an account with its readings, in order of time.
type followed struct {
	network string
	times   []time.Time
	counts  []uint64
}

// last finds the account's last reading before an instant that is not
// older than a carry.
func (f followed) last(before time.Time, carry time.Duration) (at time.Time, n uint64, ok bool) {
	for i, t := range f.times {
		if t.Before(before) && !t.Before(before.Add(-carry)) {
			at, n, ok = t, f.counts[i], true
		}
	}
	return at, n, ok
}

// from finds the account's first reading since an instant.
func (f followed) from(since time.Time) (at time.Time, n uint64, ok bool) {
	for i, t := range f.times {
		if !t.Before(since) {
			return t, f.counts[i], true
		}
	}
	return at, 0, false
}

// Random accounts with gaps: the SQL says what package growth says of the
// readings themselves.
func TestGrowthAgreesWithTheOracle(t *testing.T) {
	db := chtest.New(t)
	r := rand.New(rand.NewPCG(5, 6))
	var accounts []followed
	for i := range 12 {
		f := followed{network: pickOne(r, "bluesky", "mastodon", "youtube")}
		n := 50 + r.IntN(5000)
		var list []event.FollowerCount
		for when := day.AddDate(0, 0, -r.IntN(200)); when.Before(day.AddDate(0, 0, 60)); when = when.Add(time.Duration(1+r.IntN(40*3600)) * time.Second) {
			if r.IntN(30) == 0 {
				when = when.AddDate(0, 0, 5+r.IntN(30)) // a gap
			}
			n = max(0, n+r.IntN(40)-15)
			f.times, f.counts = append(f.times, when), append(f.counts, uint64(n))
			list = append(list, event.FollowerCount{Site: 1, Network: f.network, Account: fmt.Sprint(i), Time: when, Followers: uint64(n), Origin: event.OriginPoll})
		}
		if err := db.Insert(t.Context(), fmt.Sprint(i), event.Followers.Of(list)); err != nil {
			t.Fatal(err)
		}
		accounts = append(accounts, f)
	}
	known := 0
	for range 40 {
		from := day.AddDate(0, 0, r.IntN(300)-220)
		to := from.AddDate(0, 0, 1+r.IntN(120))
		q := query.Query{
			Site: query.Site{ID: 1}, Metrics: []string{"net_followers", "follower_growth", "follower_cmgr"},
			Dimensions: []string{"account:network"}, Range: query.Range{From: from, To: to},
		}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		carry := min(max(to.Sub(from), 7*24*time.Hour), 31*24*time.Hour)
		for _, row := range res.Rows {
			var first, last uint64
			var began, ended time.Time
			grown := false
			for _, f := range accounts {
				if f.network != row[0] {
					continue
				}
				end, is, ok := f.last(to, carry)
				start, was, ok2 := f.last(from, carry)
				if !ok2 {
					start, was, ok2 = f.from(from)
				}
				if !ok || !ok2 || !start.Before(end) {
					continue
				}
				first, last = first+was, last+is
				if !grown || start.Before(began) {
					began = start
				}
				if !grown || end.After(ended) {
					ended = end
				}
				grown = true
			}
			want := []any{nil, nil, nil}
			if grown {
				want[0] = int64(last) - int64(first)
				if rate, ok := growth.Rate(float64(first), float64(last)); ok {
					want[1] = rate * 100
				}
				days := ended.Truncate(24*time.Hour).Sub(began.Truncate(24*time.Hour)).Hours()/24 + 1
				if rate, ok := growth.Compound(float64(first), float64(last), ended.Sub(began).Seconds()/month.Seconds()); ok && days >= 28 {
					want[2] = rate * 100
					known++
				}
			}
			for i, got := range row[1:] {
				if (got == nil) != (want[i] == nil) || got != nil && math.Abs(number(got)-number(want[i])) > 0.00501 {
					t.Fatalf("%s of %v, %s to %s: got %v, want %v\n%s", q.Metrics[i], row[0], from, to, got, want[i], res.SQL)
				}
			}
		}
	}
	if known < 20 {
		t.Errorf("only %d rates were known: the test says little", known)
	}
}

// A change is a share of what was: of a loss there is none.
func TestNoChangeOfALoss(t *testing.T) {
	db := chtest.New(t)
	readings(t, db,
		reading("bluesky/a", "2026-03-01 08:00:00", 100),
		reading("bluesky/a", "2026-03-02 08:00:00", 90),
		reading("bluesky/a", "2026-03-03 08:00:00", 95),
		reading("bluesky/a", "2026-03-04 08:00:00", 105),
	)
	for day, want := range map[string]string{"03": "5, before -10, -", "04": "10, before 5, 100%"} {
		q := followersOf("2026-03-"+day, "2026-03-05")
		q.Metrics, q.Range.To = []string{"net_followers"}, q.Range.From.AddDate(0, 0, 1)
		c, err := query.Compare(t.Context(), db, q, query.Previous)
		if err != nil {
			t.Fatal(err)
		}
		if got := changes(c); got != want {
			t.Errorf("on the %s: got %s, want %s", day, got, want)
		}
	}
}
