package query_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// rounded is a reading that the network rounded.
func rounded(account, when string, followers uint64) event.FollowerCount {
	r := reading(account, when, followers)
	r.Rounded = true
	return r
}

// A figure about followers is marked where a reading behind it is rounded, in
// rows and in the file; one of exact readings is not.
func TestRoundedReadingsAreMarked(t *testing.T) {
	db := chtest.New(t)
	readings(t, db,
		reading("mastodon/a", "2026-03-01 08:00:00", 500),
		reading("mastodon/a", "2026-03-03 08:00:00", 510),
		rounded("youtube/b", "2026-03-02 08:00:00", 12_300),
		reading("youtube/b", "2026-03-03 08:00:00", 990),
	)
	q := followersOf("2026-03-01", "2026-03-05", "time:day")
	q.Marks = true
	// On the 3rd the exact reading is compared with the rounded one.
	want := "03-01=500,-,-,0 | 03-02=12800,-,-,1 | 03-03=1500,-11300,-88.28,1 | 03-04=1500,-,-,0"
	if got := ask(t, db, q); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	q = followersOf("2026-03-01", "2026-03-03", "account:network")
	q.Marks = true
	if got := ask(t, db, q); got != "youtube=12300,-,-,1 | mastodon=500,-,-,0" {
		t.Error(got)
	}
	var file strings.Builder
	if err := query.StreamCSV(t.Context(), db, q, &file, query.CSVOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "account:network,followers,net_followers,follower_growth,rounded_accounts\r\nyoutube,12300,,,1\r\nmastodon,500,,,0\r\n"; file.String() != want {
		t.Errorf("the file is %q", file.String())
	}
	// Asked for by name it is a metric like others; figures of readers have none.
	q.Metrics, q.Marks = []string{"followers", "rounded_accounts"}, true
	if got := ask(t, db, q); got != "youtube=12300,1 | mastodon=500,0" {
		t.Error(got)
	}
	q = query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors"}, Range: twoDays(), Marks: true}
	if st, err := query.Build(q); err != nil || len(st.Columns) != 1 {
		t.Errorf("visitors have columns %v, %v", st.Columns, err)
	}
}

func TestReadingAge(t *testing.T) {
	db := chtest.New(t)
	readings(t, db,
		reading("mastodon/a", "2026-03-01 00:00:00", 500),
		reading("bluesky/b", "2026-03-09 12:00:00", 100),
	)
	q := followersOf("2026-02-01", "2026-04-01", "account:handle")
	q.Metrics, q.Now = []string{"followers", "reading_age"}, at("2026-03-10 00:00:00")
	if got := ask(t, db, q); got != "mastodon/a=500,777601 | bluesky/b=100,43201" {
		t.Error(got)
	}
	q.Dimensions = nil
	if got := ask(t, db, q); got != "=600,777601" {
		t.Error(got)
	}
}

// An account that was not read lately grew by what it did until then: its
// silence since is no slowness. From a last reading too early in the month
// nothing is projected.
func TestProjectionsOfOldReadings(t *testing.T) {
	for _, c := range []struct{ last, want string }{
		{"2026-06-06 01:00:00", "05-01=1000,100,11.11,-,-,- | 06-01=1010,10,1,1051,51,5.06"}, // 1.01 in 6 days and an hour of 30
		{"2026-06-05 00:00:00", "05-01=1000,100,11.11,-,-,- | 06-01=1010,10,1,-,-,-"},
	} {
		db := chtest.New(t)
		readings(t, db,
			reading("mastodon/a", "2026-05-01 12:00:00", 900),
			reading("mastodon/a", "2026-05-31 00:00:00", 1000),
			reading("mastodon/a", c.last, 1010),
		)
		q := query.Query{
			Site: query.Site{ID: 1}, Metrics: []string{"followers", "net_followers", "follower_growth"}, Dimensions: []string{"time:month"}, Project: true,
			Range: query.Range{From: at("2026-05-01 00:00:00"), To: at("2026-07-01 00:00:00")}, Now: at("2026-06-11 00:00:00"),
		}
		if got := ask(t, db, q); got != c.want {
			t.Errorf("last read at %s: %s, want %s", c.last, got, c.want)
		}
	}
}

// What the month will come to, on the 10th of 30 days: sums and followings,
// in their columns and in the row of that month alone.
func TestProjections(t *testing.T) {
	db := chtest.New(t)
	readings(t, db,
		reading("mastodon/a", "2026-05-30 00:00:00", 900),
		reading("mastodon/a", "2026-05-31 12:00:00", 1000),
		reading("mastodon/a", "2026-06-10 12:00:00", 1010),
		reading("bluesky/new", "2026-06-09 12:00:00", 70), // has nothing to grow from
	)
	views := func(day string, n int) (list []visit) {
		for i := range n {
			list = append(list, visit{id: uint64(len(day)*1000 + i), visitor: uint64(i), start: at(day).Add(time.Duration(i) * time.Second), hits: []hit{{path: "/"}}})
		}
		return list
	}
	insert(t, db, 1, append(views("2026-06-03 10:00:00", 10), views("2026-05-03  9:00:00"[:11]+"09:00:00", 30)...))
	q := query.Query{
		Site: query.Site{ID: 1}, Metrics: []string{"visitors", "bounce_rate"}, Dimensions: []string{"time:month"}, Project: true,
		Range: query.Range{From: at("2026-05-01 00:00:00"), To: at("2026-07-01 00:00:00")}, Now: at("2026-06-11 00:00:00"),
	}
	if got := ask(t, db, q); got != "05-01=30,100,- | 06-01=10,100,30" {
		t.Errorf("visitors: %s", got)
	}
	q.Site.Recorded = &query.Recorded{Events: at("2026-06-02 00:00:00")} // the month is not known whole
	if got := ask(t, db, q); got != "05-01=-,- | 06-01=10,100" {
		t.Errorf("recorded from the 2nd on: %s", got)
	}
	q.Metrics = []string{"followers", "net_followers", "follower_growth"}
	// 1,000 → 1,010 in a third of the month is 1,000 × 1.01³ = 1,030.3; the
	// new account's 70 stand as they are.
	if got := ask(t, db, q); got != "05-01=1000,100,11.11,-,-,- | 06-01=1080,10,1,1100,30,3.03" {
		t.Errorf("followers: %s", got)
	}
	q.Dimensions = []string{"time:month", "account:network"}
	q.Metrics = []string{"followers"}
	if got := ask(t, db, q); got != "05-01,mastodon=1000,- | 05-01,bluesky=-,- | 06-01,mastodon=1010,1030 | 06-01,bluesky=70,-" {
		t.Errorf("by network: %s", got)
	}
	var file strings.Builder
	if err := query.StreamCSV(t.Context(), db, q, &file, query.CSVOptions{Lang: "fr", Titles: true, European: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(file.String(), "Mois;Réseau;Abonnés;Abonnés, projection à la fin\r\n2026-05-01;mastodon;1000;\r\n") {
		t.Errorf("the file is %q", file.String())
	}

	none := func(name string, change func(*query.Query)) {
		q := q
		change(&q)
		st, err := query.Build(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range st.Columns {
			if c.Projects != "" {
				t.Errorf("%s: there is %s", name, c.Key)
			}
		}
	}
	none("too little has passed", func(q *query.Query) { q.Now = at("2026-06-06 00:00:00") })
	none("all of it has passed", func(q *query.Query) { q.Now = at("2026-07-01 00:00:00") })
	none("its beginning is cut off", func(q *query.Query) { q.Range.From = at("2026-06-02 00:00:00") })
	none("hours", func(q *query.Query) { q.Dimensions = []string{"time:hour"}; q.Range.From = at("2026-06-10 00:00:00") })
	none("not asked for", func(q *query.Query) { q.Project = false })
}

// Random followings in days, weeks, months and years: growth goes on at the
// pace so far.
func TestProjectionsOfAnyFollowing(t *testing.T) {
	db := chtest.New(t)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 30 {
		bucket := pickOne(r, "day", "week", "month", "year")
		start := map[string]string{"day": "2026-06-10 00:00:00", "week": "2026-06-08 00:00:00", "month": "2026-06-01 00:00:00", "year": "2026-01-01 00:00:00"}[bucket]
		now := at("2026-06-10 00:00:00").Add(time.Duration(5+r.IntN(18)) * time.Hour)
		end := map[string]time.Time{"day": at(start).AddDate(0, 0, 1), "week": at(start).AddDate(0, 0, 7), "month": at(start).AddDate(0, 1, 0), "year": at(start).AddDate(1, 0, 0)}[bucket]
		first, last := uint64(1+r.IntN(5000)), uint64(r.IntN(6000))
		name := fmt.Sprintf("x/%d", i)
		list := []event.FollowerCount{
			{Site: 1, Network: "x", Account: name, Time: at(start).Add(-time.Hour), Followers: first, Origin: event.OriginPoll},
			{Site: 1, Network: "x", Account: name, Time: now.Add(-time.Minute), Followers: last, Origin: event.OriginPoll},
		}
		if err := db.Insert(t.Context(), name, event.Followers.Of(list)); err != nil {
			t.Fatal(err)
		}
		res, err := query.Run(t.Context(), db, query.Query{
			Site: query.Site{ID: 1}, Metrics: []string{"followers"}, Dimensions: []string{"time:" + bucket}, Project: true, Now: now,
			Range: query.Range{From: at(start).AddDate(0, 0, -1), To: end}, Filter: []query.Filter{is("account:handle", name)},
		})
		if err != nil {
			t.Fatal(err)
		}
		part := float64(list[1].Time.Sub(list[0].Time)) / float64(end.Sub(at(start)))
		want := float64(first) * math.Pow(float64(last)/float64(first), 1/part)
		row := res.Rows[len(res.Rows)-1]
		if math.Abs(number(row[2])-want) > 0.5+want*1e-4 {
			t.Errorf("%s, %d to %d in %.3f: got %v, want %.1f\n%s", bucket, first, last, part, row[2], want, res.SQL)
		}
	}
}

// Somebody else's accounts are in no figure but those that ask whose they
// are, from the first reading on, and however the mark changes.
func TestOthersAccounts(t *testing.T) {
	db := chtest.New(t)
	readings(t, db,
		reading("mastodon/a", "2026-03-01 08:00:00", 500),
		reading("mastodon/a", "2026-03-04 08:00:00", 550),
		reading("mastodon/rival", "2026-02-01 08:00:00", 9000),
		reading("mastodon/rival", "2026-03-01 09:00:00", 10_000),
		reading("mastodon/rival", "2026-03-04 09:00:00", 9000),
		reading("bluesky/it's \\ \"odd\"", "2026-03-04 09:00:00", 3),
	)
	q := followersOf("2026-03-01", "2026-03-05")
	others := []string{query.AccountKey("mastodon", "mastodon/rival"), query.AccountKey("bluesky", "bluesky/it's \\ \"odd\"")}
	asks := func(name, want string, change func(*query.Query)) {
		t.Helper()
		q := q
		q.Site.Others = others
		change(&q)
		if got := ask(t, db, q); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
	}
	if got := ask(t, db, q); got != "=9553,-950,-9.05" {
		t.Errorf("all of one's own: %s", got)
	}
	asks("others marked", "=550,50,10", func(*query.Query) {})
	asks("by role", "competitor=9003,-1000,-10 | own=550,50,10", func(q *query.Query) { q.Dimensions = []string{"account:role"} })
	asks("theirs alone", "=9003,-1000,-10", func(q *query.Query) { q.Filter = []query.Filter{is("account:role", "competitor")} })
	asks("by account", "mastodon/a=550,50,10", func(q *query.Query) { q.Dimensions = []string{"account:handle"} })
	asks("not own", "=9003,-1000,-10", func(q *query.Query) {
		q.Filter = []query.Filter{{Op: query.IsNot, Dimension: "account:role", Values: []string{"own"}}}
	})
	asks("by role, none marked", "own=9553,-950,-9.05", func(q *query.Query) { q.Site.Others, q.Dimensions = nil, []string{"account:role"} })
	since := func(others []string) string {
		got, err := query.AskSince(context.Background(), db, query.Site{ID: 1, Others: others})
		if err != nil {
			t.Fatal(err)
		}
		return got.Format(time.DateOnly)
	}
	if since(nil) != "2026-02-01" || since(others) != "2026-03-01" {
		t.Errorf("all begins on %s, without others on %s", since(nil), since(others))
	}
}
