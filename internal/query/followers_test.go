package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

func readings(t testing.TB, db *clickhouse.DB, list ...event.FollowerCount) {
	t.Helper()
	for i := range list {
		list[i].Site = 1
		list[i].Origin = event.OriginPoll
	}
	if err := db.Insert(t.Context(), t.Name(), event.Followers.Of(list)); err != nil {
		t.Fatal(err)
	}
}

func reading(account, when string, followers uint64) event.FollowerCount {
	network, _, _ := strings.Cut(account, "/")
	return event.FollowerCount{Network: network, Account: account, Time: at(when), Followers: followers}
}

// ask writes the answer's rows with short dates.
func ask(t testing.TB, db rows.Runner, q query.Query) string {
	t.Helper()
	res, err := query.Run(t.Context(), db, q)
	if err != nil {
		st, _ := query.Build(q)
		t.Fatalf("%v\n%s", err, st.SQL)
	}
	return strings.NewReplacer(" 00:00:00 +0000 UTC", "", "2026-", "").Replace(written(res))
}

func followersOf(from, to string, by ...string) query.Query {
	return query.Query{
		Site: query.Site{ID: 1}, Metrics: []string{"followers", "net_followers", "follower_growth"}, Dimensions: by,
		Range: query.Range{From: at(from + " 00:00:00"), To: at(to + " 00:00:00")},
	}
}

func TestFollowers(t *testing.T) {
	db := chtest.New(t)
	readings(t, db,
		reading("mastodon/a", "2026-03-01 08:00:00", 500),
		reading("mastodon/a", "2026-03-02 08:00:00", 510),
		reading("mastodon/a", "2026-03-02 20:00:00", 520),
		// Nothing for eleven days: carried for seven, then unknown.
		reading("mastodon/a", "2026-03-14 08:00:00", 2000),
		reading("bluesky/b", "2026-03-02 09:00:00", 100),
		reading("bluesky/b", "2026-03-03 09:00:00", 90),
	)
	tests := []struct {
		name string
		q    query.Query
		want string
	}{
		{"by day", followersOf("2026-03-01", "2026-03-05", "time:day"),
			// On the 2nd b has nothing to be compared with yet.
			"03-01=500,-,- | 03-02=620,20,4 | 03-03=610,-10,-10 | 03-04=610,-,-"},
		{"a gap is unknown", followersOf("2026-03-08", "2026-03-15", "time:day"),
			// The last readings are of the 2nd, 20:00, and the 3rd, 09:00.
			"03-08=610,-,- | 03-09=90,-,- | 03-10=-,-,- | 03-11=-,-,- | 03-12=-,-,- | 03-13=-,-,- | 03-14=2000,-,-"},
		{"the whole range", followersOf("2026-03-01", "2026-03-15"), "=2090,1490,248.33"},
		{"by network", followersOf("2026-03-01", "2026-03-15", "account:network"), "mastodon=2000,1500,300 | bluesky=90,-10,-10"},
		{"by account and week", followersOf("2026-03-02", "2026-03-16", "account:handle", "time:week"),
			"mastodon/a,03-02=520,20,4 | bluesky/b,03-02=90,-10,-10 | mastodon/a,03-09=2000,1480,284.62 | bluesky/b,03-09=-,-,-"},
		{"by month", followersOf("2026-02-01", "2026-05-01", "time:month"), "02-01=-,-,- | 03-01=2090,1490,248.33 | 04-01=-,-,-"},
		{"the month itself", followersOf("2026-03-01", "2026-04-01"), "=2090,1490,248.33"},
		{"never read", followersOf("2025-03-01", "2025-04-01"), "=-,-,-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ask(t, db, test.q); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	t.Run("one network", func(t *testing.T) {
		q := followersOf("2026-03-01", "2026-03-15")
		q.Filter = []query.Filter{is("account:network", "mastodon")}
		if got := ask(t, db, q); got != "=2000,1500,300" {
			t.Error(got)
		}
	})
	t.Run("now", func(t *testing.T) {
		// At noon of the 3rd of a month that is not over: what is known now,
		// and nothing of days to come.
		q := followersOf("2026-03-01", "2026-03-06", "time:day")
		q.Now = at("2026-03-03 12:00:00")
		if got, want := ask(t, db, q), "03-01=500,-,- | 03-02=620,20,4 | 03-03=610,-10,-10 | 03-04=-,-,- | 03-05=-,-,-"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		q.Dimensions = nil
		if got, want := ask(t, db, q), "=610,10,1.67"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	t.Run("beside visitors", func(t *testing.T) {
		insert(t, db, 1, small())
		q := followersOf("2026-03-01", "2026-04-01", "time:month")
		q.Metrics = []string{"visitors", "followers", "bounce_rate", "shares"}
		if got, want := ask(t, db, q), "03-01=3,2090,50,2"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// A reading that is recorded again replaces the one before.
func TestFollowersCorrected(t *testing.T) {
	db := chtest.New(t)
	readings(t, db, reading("mastodon/a", "2026-03-01 08:00:00", 5))
	again := reading("mastodon/a", "2026-03-01 08:00:00", 7)
	again.Site, again.Origin = 1, event.OriginImport
	time.Sleep(2 * time.Millisecond) // the later record wins, to the millisecond
	if err := db.Insert(t.Context(), "again", event.Followers.Of([]event.FollowerCount{again})); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, db, followersOf("2026-03-01", "2026-03-02")); got != "=7,-,-" {
		t.Error(got)
	}
}

// A following that ended is carried on no more, and what comes after it under
// the same name is another one: nothing is compared with it.
func TestAFollowingThatEnded(t *testing.T) {
	db := chtest.New(t)
	ended := reading("mastodon/a", "2026-03-03 10:00:00", 0)
	ended.Ended = true
	readings(t, db,
		reading("mastodon/a", "2026-03-01 08:00:00", 500),
		reading("mastodon/a", "2026-03-02 08:00:00", 510),
		ended,
		reading("mastodon/a", "2026-03-05 08:00:00", 20),
		reading("mastodon/a", "2026-03-06 08:00:00", 25),
		reading("bluesky/b", "2026-03-01 09:00:00", 100),
		reading("bluesky/b", "2026-03-06 09:00:00", 90),
	)
	of := func(account string, q query.Query) query.Query {
		q.Filter = []query.Filter{is("account:handle", account)}
		return q
	}
	for _, c := range []struct {
		name, want string
		q          query.Query
	}{
		{"by day", "03-01=500,-,- | 03-02=510,10,2 | 03-03=-,-,- | 03-04=-,-,- | 03-05=20,-,- | 03-06=25,5,25",
			of("mastodon/a", followersOf("2026-03-01", "2026-03-07", "time:day"))},
		{"over the end", "=25,5,25", of("mastodon/a", followersOf("2026-03-01", "2026-03-07"))},
		{"before it", "=510,10,2", of("mastodon/a", followersOf("2026-03-01", "2026-03-03"))},
		{"a period that it ended in", "=-,-,-", of("mastodon/a", followersOf("2026-03-02", "2026-03-05"))},
		{"a period after it, which the old one is not carried into", "=-,-,-", of("mastodon/a", followersOf("2026-03-04", "2026-03-05"))},
		{"beside another account", "=115,-5,-4.17", followersOf("2026-03-01", "2026-03-07")},
		{"in the days between, the other alone", "=100,-,-", followersOf("2026-03-03", "2026-03-05")},
	} {
		if got := ask(t, db, c.q); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	age := followersOf("2026-03-01", "2026-03-05")
	age.Metrics = []string{"reading_age"}
	if got := ask(t, db, of("mastodon/a", age)); got != "=-" {
		t.Errorf("the last reading of what ended is %s seconds old", got)
	}
}
