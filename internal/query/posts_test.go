package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// post is one reading of a post as a test tells it. Figures are likes,
// comments, reposts and views, -1 for what the network doesn't say.
type post struct {
	account   string // "mastodon/a": network and handle
	id        string
	published time.Time
	read      time.Duration // after publication
	page      string
	share     string
	url, text string
	figures   [4]int
}

func insertPosts(t testing.TB, db *clickhouse.DB, site uint32, list ...post) {
	t.Helper()
	var rows []event.PostFigures
	for _, p := range list {
		network, _, _ := strings.Cut(p.account, "/")
		var known [4]*uint64
		for i, n := range p.figures {
			if n >= 0 {
				known[i] = new(uint64)
				*known[i] = uint64(n)
			}
		}
		rows = append(rows, event.PostFigures{
			Origin: event.OriginPoll,
			Site:   site, Network: network, Account: p.account, Post: p.id, Time: p.published.Add(p.read), Published: p.published,
			URL: p.url, Text: p.text, Page: p.page, ShareID: p.share,
			Likes: known[0], Comments: known[1], Reposts: known[2], Views: known[3],
		})
	}
	chtest.InsertPosts(t, db, rows...)
}

// networks is a site's query.Site with sources of networks.
func networks() query.Site {
	return query.Site{ID: 1, Sources: map[string]string{"Mastodon": "mastodon", "Bluesky": "bluesky", "X": "x"}}
}

func ofPosts(metrics string, by ...string) query.Query {
	return query.Query{Site: networks(), Metrics: strings.Fields(metrics), Dimensions: by, Range: query.Range{From: day, To: day.AddDate(0, 0, 7)}}
}

// The formulas' golden numbers, with posts that make them so.
func TestGoldenNumbersOfPosts(t *testing.T) {
	db := chtest.New(t)
	noon := day.Add(12 * time.Hour)
	insertPosts(t, db, 1,
		// Read twice: the last counts. 30 engagements of 3 posts to 500
		// followers are 2 %.
		post{account: "mastodon/a", id: "1", published: noon, read: time.Hour, figures: [4]int{1, 1, 1, -1}},
		post{account: "mastodon/a", id: "1", published: noon, read: 48 * time.Hour, figures: [4]int{9, 3, 3, -1}},
		post{account: "mastodon/a", id: "2", published: noon.Add(time.Hour), figures: [4]int{6, 3, 0, -1}},
		post{account: "mastodon/a", id: "3", published: noon.AddDate(0, 0, 1), figures: [4]int{6, 0, 0, -1}},
		// The network tells no reposts, its second post nothing at all.
		post{account: "youtube/b", id: "1", published: noon, figures: [4]int{4, 2, -1, 100}},
		post{account: "youtube/b", id: "2", published: noon, figures: [4]int{-1, -1, -1, 50}},
		// What the last reading doesn't tell stands as it was told before.
		post{account: "youtube/b", id: "2", published: noon, read: time.Hour, figures: [4]int{-1, -1, -1, -1}},
		// Before and after the range.
		post{account: "mastodon/a", id: "0", published: day.Add(-time.Second), read: time.Hour, figures: [4]int{1000, 1000, 1000, 1000}},
		post{account: "mastodon/a", id: "9", published: day.AddDate(0, 0, 7), figures: [4]int{1000, 1000, 1000, 1000}},
	)
	insertPosts(t, db, 2, post{account: "mastodon/a", id: "1", published: noon, figures: [4]int{1000, 1000, 1000, 1000}})
	readings(t, db,
		reading("mastodon/a", "2026-03-05 12:00:00", 500),
		reading("mastodon/a", "2026-03-17 12:00:00", 540), // the 7th day after all but the third
		reading("youtube/b", "2026-03-11 12:00:00", 100),  // a day after: better than none
	)
	const figures = "posts post_likes post_comments post_reposts post_views post_engagements"
	for _, c := range []struct{ name, metrics, by, want string }{
		{"sums", figures, "", "=5,25,8,3,150,36"},
		{"sums by network", figures, "account:network", "mastodon=3,21,6,3,-,30 | youtube=2,4,2,-,150,6"},
		{"ratios over what is known", "applause conversation post_amplification", "account:network", "mastodon=7,2,1 | youtube=4,2,-"},
		{"and over all accounts", "applause conversation post_amplification", "", "=6.25,2,1"},
		{"engagement by followers", "engagement_by_followers", "account:handle", "youtube/b=6 | mastodon/a=2"},
		{"the mean over posts, each by its own followers", "engagement_by_followers", "", "=3"},
		{"followers in the days after", "followers_after", "post:id", "mastodon/mastodon/a/1=40 | mastodon/mastodon/a/2=40 | mastodon/mastodon/a/3=40 | youtube/youtube/b/1=- | youtube/youtube/b/2=-"},
		{"a mean, not a sum", "followers_after", "", "=40"},
		{"days of publication", "posts post_likes", "time:day", "03-10=4,19 | 03-11=1,6 | 03-12=-,- | 03-13=-,- | 03-14=-,- | 03-15=-,- | 03-16=-,-"},
		{"beside followers", "posts followers", "account:network", "mastodon=3,- | youtube=2,100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ask(t, db, ofPosts(c.metrics, strings.Fields(c.by)...)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	t.Run("one account", func(t *testing.T) {
		q := ofPosts("posts visitors")
		q.Filter = []query.Filter{is("account:handle", "youtube/b")}
		if got := ask(t, db, q); got != "=2,-" {
			t.Error(got)
		}
	})
	t.Run("by the hours of a week", func(t *testing.T) {
		q := ofPosts("posts", "time:day_of_week", "time:hour_of_day")
		q.Sparse = true
		q.Site.Location, _ = time.LoadLocation("Europe/Paris")
		if got := ask(t, db, q); got != "2,13=3 | 2,14=1 | 3,13=1" {
			t.Error(got)
		}
	})
	t.Run("none", func(t *testing.T) {
		q := ofPosts(figures + " applause engagement_by_followers post_visits visits_per_post post_shares followers_after")
		q.Range = query.Range{From: day.AddDate(1, 0, 0), To: day.AddDate(1, 0, 7)}
		if got := ask(t, db, q); got != "=-,-,-,-,-,-,-,-,-,-,-,-" {
			t.Error(got)
		}
	})
}

// A network's own file tells figures that polling doesn't, and little else.
func TestImportedFiguresTakeNothingAway(t *testing.T) {
	db := chtest.New(t)
	noon := day.Add(12 * time.Hour)
	three, seven := uint64(3), uint64(7)
	polled := event.PostFigures{Origin: event.OriginPoll, Site: 1, Network: "mastodon", Account: "a", Post: "1", Time: noon.Add(time.Hour), Published: noon,
		URL: "https://a.example/1", Text: "words", Page: "/a", ShareID: "1abcdefghi", Likes: &three}
	imported := event.PostFigures{Site: 1, Network: "mastodon", Account: "a", Post: "1", Time: noon.Add(30 * time.Hour), Published: noon.Add(30 * time.Hour),
		Views: &seven, Origin: "import:1"}
	unpolled := imported
	unpolled.Post = "2"
	again := unpolled
	again.Time, again.Published = again.Time.AddDate(0, 0, 1), again.Published.AddDate(0, 0, 1)
	chtest.InsertPosts(t, db, polled, imported, again, unpolled)
	got := map[string]string{}
	err := db.Select(t.Context(), "SELECT post, toString(ts), concat(url, ' ', text, ' ', page, ' ', share_id), likes, views FROM "+metric.PostRows,
		[]rows.Arg{rows.Bind("site", uint32(1)), rows.Bind("from", day)}, func(row *rows.Row) error {
			got[row.Cells()[0].(string)] = fmt.Sprint(row.Cells()[1:]...)
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"1": fmt.Sprint(noon.Format(time.DateTime), "https://a.example/1 words /a 1abcdefghi", 3, 7),
		"2": fmt.Sprint(noon.Add(30*time.Hour).Format(time.DateTime), "   ", nil, 7),
	}
	for post, row := range want {
		if got[post] != row {
			t.Errorf("post %s: %q, want %q", post, got[post], row)
		}
	}

	// An edited post that leads nowhere any more does so: the network said it.
	polled.Time, polled.Page, polled.ShareID = noon.Add(40*time.Hour), "", ""
	chtest.InsertPosts(t, db, polled)
	if got := ask(t, db, ofPosts("posts", "post:page")); strings.Contains(got, "/a") {
		t.Errorf("after the edit: %s", got)
	}
}

// came is a visit that a network or a share sent.
func came(id int, at time.Time, source, via, page string, shares int) visit {
	v := visit{id: uint64(id), visitor: uint64(id), start: at, stamp: event.Event{Source: source, ViaShare: via}, hits: []hit{{path: page}}}
	for n := range shares {
		v.hits = append(v.hits, hit{at: time.Duration(n+1) * time.Minute, name: event.Share, path: page,
			share: event.Event{ShareID: fmt.Sprintf("2%09d", id*10+n), ShareNetwork: "copy", ShareKind: "copy", ShareParent: via}})
	}
	return v
}

// Who brought which visit, told by hand.
func TestVisitsOfPosts(t *testing.T) {
	db := chtest.New(t)
	const id = "1shared000"
	nine := day.Add(9 * time.Hour)
	hour := func(n int) time.Time { return nine.Add(time.Duration(n) * time.Hour) }
	insertPosts(t, db, 1,
		post{account: "mastodon/a", id: "first", published: hour(0), page: "/a"},
		post{account: "mastodon/b", id: "second", published: hour(10), page: "/a"},
		post{account: "mastodon/a", id: "other page", published: hour(1), page: "/b"},
		post{account: "bluesky/a", id: "with ID", published: hour(0), page: "/a", share: id},
		post{account: "x/a", id: "same ID", published: hour(5), page: "/a", share: id},
		post{account: "x/a", id: "no link", published: hour(5)},
		post{account: "forum/a", id: "no source", published: hour(0), page: "/a"},
		post{account: "x/a", id: "too early", published: nine.AddDate(0, 0, -2), page: "/a"},
		// Published after the range, and yet the latest for what comes then.
		post{account: "mastodon/a", id: "third", published: nine.AddDate(0, 0, 3), page: "/a"},
	)
	insert(t, db, 1, []visit{
		came(1, day, "Google", "", "/a", 1), // recording begins
		came(2, hour(0).Add(-time.Second), "Mastodon", "", "/a", 0),
		came(3, hour(0), "Mastodon", "", "/a", 2),                                 // first
		came(4, hour(9), "Mastodon", "", "/a", 0),                                 // first
		came(5, hour(10), "Mastodon", "", "/a", 0),                                // second
		came(6, hour(11), "Mastodon", "", "/b", 0),                                // other page
		came(7, hour(11), "Mastodon", "", "/c", 1),                                // nobody's
		came(8, hour(3), "Bluesky", id, "/a", 1),                                  // with ID
		came(9, hour(6), "Bluesky", id, "/z", 0),                                  // with ID: its own network's, wherever it went
		came(10, hour(6), "", id, "/a", 1),                                        // same ID: the latest
		came(11, hour(6), "Bluesky", "", "/a", 0),                                 // with ID, by its source
		came(12, hour(6), "Mastodon", id, "/a", 0),                                // same ID: an ID is more than a source
		came(13, hour(6), "Mastodon", "9x", "/a", 0),                              // a reader's own share: nobody's
		came(14, nine.AddDate(0, 0, 3).Add(time.Second), "Mastodon", "", "/a", 0), // third, of no range asked
		came(15, nine.AddDate(0, 0, 7).Add(-time.Second), "Bluesky", "", "/a", 0), // with ID
		came(16, nine.AddDate(0, 0, 7), "Bluesky", "", "/a", 0),                   // a week on: nobody's
		came(17, nine.AddDate(0, 0, 7).Add(time.Minute), "Bluesky", id, "/a", 0),  // the one whose week is not over
		came(18, hour(7), "forum.example", "", "/a", 0),
	})
	q := ofPosts("post_visits post_shares", "post:id")
	q.Range.To = day.AddDate(0, 0, 3)
	q.Range.From = day.AddDate(0, 0, -3)
	want := "bluesky/bluesky/a/with ID=4,1 | x/x/a/same ID=3,1 | mastodon/mastodon/a/first=2,2 | mastodon/mastodon/a/other page=1,0 | mastodon/mastodon/b/second=1,0" +
		" | forum/forum/a/no source=-,- | x/x/a/no link=-,- | x/x/a/too early=-,-"
	if got := ask(t, db, q); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	t.Run("a filter takes nobody's visits", func(t *testing.T) {
		q.Filter = []query.Filter{is("account:handle", "mastodon/a")}
		if got, want := ask(t, db, q), "mastodon/mastodon/a/first=2,2 | mastodon/mastodon/a/other page=1,0"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	t.Run("by network", func(t *testing.T) {
		q := ofPosts("post_visits visits_per_post", "account:network")
		q.Range.To = day.AddDate(0, 0, 3)
		if got, want := ask(t, db, q), "bluesky=4,4 | mastodon=4,1.33 | x=3,3 | forum=-,-"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	t.Run("by page", func(t *testing.T) {
		q := ofPosts("post_visits posts", "post:page")
		q.Range.To = day.AddDate(0, 0, 3)
		if got, want := ask(t, db, q), "/a=10,5 | /b=1,1 | =-,1"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// Somebody else's posts are part of no figure that doesn't ask whose.
func TestPostsOfCompetitors(t *testing.T) {
	db := chtest.New(t)
	insertPosts(t, db, 1,
		post{account: "mastodon/own", id: "1", published: day, figures: [4]int{3, 0, 0, -1}},
		post{account: "mastodon/rival", id: "1", published: day, figures: [4]int{100, 0, 0, -1}},
	)
	for by, want := range map[string]string{
		"":               "=1,3",
		"account:handle": "mastodon/own=1,3",
		"account:role":   "competitor=1,100 | own=1,3",
	} {
		q := ofPosts("posts post_likes", strings.Fields(by)...)
		q.Site.Others = []string{query.AccountKey("mastodon", "mastodon/rival")}
		if got := ask(t, db, q); got != want {
			t.Errorf("by %q: got %s, want %s", by, got, want)
		}
	}
}
