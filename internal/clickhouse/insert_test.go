package clickhouse_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123e6, time.UTC)

// all reads every row of a query.
func all(t testing.TB, db *clickhouse.DB, sql string, args ...rows.Arg) [][]any {
	t.Helper()
	var list [][]any
	err := db.Select(t.Context(), sql, args, func(row *rows.Row) error {
		list = append(list, slices.Clone(row.Cells()))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return list
}

func wantRows(t testing.TB, db *clickhouse.DB, sql string, want [][]any) {
	t.Helper()
	if diff := cmp.Diff(want, all(t, db, sql)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", sql, diff)
	}
}

// pageviews are n page views of as many visitors, ten a visit's hour.
func pageviews(site uint32, n int) []event.Row {
	rows := make([]event.Row, n)
	for i := range rows {
		rows[i] = event.Row{
			Event: event.Event{
				Site: site, Time: noon.Add(time.Duration(i) * time.Second), Name: event.Pageview,
				Visitor: uint64(i + 1), Hostname: "example.com", Path: fmt.Sprintf("/post/%d", i%10),
				Source: "Mastodon", Country: "FR", Device: "Mobile", Browser: "Firefox",
			},
			Visit: uint64(i + 1), EntryPath: "/", Entry: 1, Bounce: 1,
		}
	}
	return rows
}

func TestInsertEventsKeepsEveryField(t *testing.T) {
	db := chtest.New(t)
	r := event.Row{
		Event: event.Event{
			Site: 7, Time: noon, Name: event.Share, Visitor: 1<<64 - 1,
			Hostname: "example.com", Path: "/é'\"\\\t?", Referrer: "example.org/a", Source: "Google", Medium: "organic",
			Channel: "Organic Search", UTMSource: "us", UTMMedium: "um", UTMCampaign: "uc", UTMContent: "uo", UTMTerm: "ut",
			Country: "DE", Device: "Desktop", Browser: "Firefox", BrowserVersion: "140", OS: "Linux", OSVersion: "6",
			ViaShare: "v1", ShareID: "s1", ShareNetwork: "mastodon", ShareKind: "button", ShareParent: "v1",
			EngagedMS: 4_000_000_000, Props: []event.Prop{{Key: "author", Value: "Ada"}, {Key: "=cmd()", Value: "é"}},
			RevenueCurrency: "EUR", RevenueAmount: "1234567890.125", Passive: true,
		},
		Visit: 9, Began: noon.Add(-time.Minute), EntryPath: "/in", Entry: 1, Bounce: -1, GapMS: 5, Scroll: 60, Scrolled: 1, Read: 1,
		Sharing: event.Sharing{ShareRoot: "r1", ShareGeneration: 3, ViaNetwork: "email", ViaKind: "link", ViaGeneration: 2, ViaAge: 4_000_000_000},
	}
	if err := db.Insert(t.Context(), "t", event.Events.Of([]event.Row{r})); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT * EXCEPT (revenue_amount), toString(revenue_amount) FROM events", [][]any{{
		uint64(7), noon, "share", uint64(1<<64 - 1), uint64(9), noon.Add(-time.Minute), "example.com", "/é'\"\\\t?", "/in", "example.org/a",
		"Google", "organic", "Organic Search", "us", "um", "uc", "uo", "ut", "DE", "Desktop", "Firefox", "140", "Linux", "6",
		"v1", "email", "link", uint64(2), uint64(4_000_000_000), "s1", "mastodon", "button", "v1", "r1", uint64(3), map[string]string{"author": "Ada", "=cmd()": "é"}, "EUR",
		uint64(1), uint64(1), int64(-1), uint64(5), uint64(4_000_000_000), uint64(60), uint64(1), uint64(1), "1234567890.125",
	}})
	wantRows(t, db, "SELECT site_id, share_id, ts, visitor, path, network, kind, parent, root, generation FROM shares", [][]any{{
		uint64(7), "s1", noon, uint64(1<<64 - 1), "/é'\"\\\t?", "mastodon", "button", "v1", "r1", uint64(3),
	}})
}

// Shares and the entries of the visits that they brought are in sharing too,
// under the columns of events.
func TestSharingHasSharesAndTheirVisits(t *testing.T) {
	db := chtest.New(t)
	rows := pageviews(1, 4)
	rows[0].Name, rows[0].ShareID, rows[0].Entry = event.Share, "1aaaaaaaaa", 0
	rows[1].ViaShare, rows[1].ViaNetwork = "1aaaaaaaaa", "mastodon"
	rows[2].ViaShare, rows[2].Entry = "1aaaaaaaaa", 0 // later in that visit
	if err := db.Insert(t.Context(), "t", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT visitor, name, share_id, via_share, via_network FROM sharing ORDER BY ts", [][]any{
		{uint64(1), "share", "1aaaaaaaaa", "", ""}, {uint64(2), "pageview", "", "1aaaaaaaaa", "mastodon"},
	})
	wantRows(t, db, `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'sharing' AND (name, type, compression_codec) NOT IN
		(SELECT name, type, compression_codec FROM system.columns WHERE database = currentDatabase() AND table = 'events')`, nil)
}

func TestInsertSameTokenChangesNothing(t *testing.T) {
	db := chtest.New(t)
	rows := pageviews(1, 1000)
	rows[500].Time = noon.AddDate(0, -2, 0) // two partitions
	for _, token := range []string{"a", "a", "b", "a", "b"} {
		if err := db.Insert(t.Context(), token, event.Events.Of(rows)); err != nil {
			t.Fatal(err)
		}
	}
	wantRows(t, db, "SELECT count(), sum(entry) FROM events", [][]any{{uint64(2000), uint64(2000)}})
	wantRows(t, db, "SELECT sum(pageviews), sum(visits), sum(bounces), uniqMerge(visitors) FROM totals_hourly",
		[][]any{{uint64(2000), uint64(2000), int64(2000), uint64(1000)}})
}

func TestInsertFollowerCounts(t *testing.T) {
	db := chtest.New(t)
	two := uint64(2)
	reading := event.FollowerCount{Site: 1, Time: noon, Network: "mastodon", Account: "@a@b", Followers: 10, Origin: event.OriginPoll}
	again := reading
	again.Followers, again.Following, again.Origin, again.Rounded = 11, &two, event.OriginImport, true
	for token, r := range map[string]event.FollowerCount{"1": reading} {
		if err := db.Insert(t.Context(), token, event.Followers.Of([]event.FollowerCount{r})); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Millisecond) // the later record wins, by milliseconds
	if err := db.Insert(t.Context(), "2", event.Followers.Of([]event.FollowerCount{again})); err != nil {
		t.Fatal(err)
	}
	wantRows(t, db, "SELECT * EXCEPT recorded FROM follower_counts FINAL", [][]any{{
		uint64(1), "mastodon", "@a@b", noon.Truncate(time.Second), uint64(11), uint64(2), nil, "import", true, false,
	}})
}

func TestInsertPostFigures(t *testing.T) {
	db := chtest.New(t)
	none, two := uint64(0), uint64(2)
	reading := event.PostFigures{
		Site: 1, Time: noon, Network: "bluesky", Account: "a.example", Post: "at://did/1", Published: noon.AddDate(0, 0, -1),
		URL: "https://bsky.app/1", Text: "é 🦣 \"'\\", Page: "/é", ShareID: "1abcdefghi", Likes: &none, Comments: &two, Reposts: &two, Origin: event.OriginPoll,
	}
	later := reading
	later.Time = noon.Add(6 * time.Hour)
	later.Likes = &two
	for _, token := range []string{"1", "2", "1", "2"} {
		if err := db.Insert(t.Context(), token, event.Posts.Of([]event.PostFigures{reading, later})); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Millisecond) // the later record wins, by milliseconds
	again := reading
	again.Likes, again.Reposts, again.Views, again.Origin = &two, nil, &none, "import:1"
	if err := db.Insert(t.Context(), "3", event.Posts.Of([]event.PostFigures{again})); err != nil {
		t.Fatal(err)
	}
	row := func(at time.Time, figures ...any) []any {
		return append([]any{
			uint64(1), "bluesky", "a.example", "at://did/1", at.Truncate(time.Second), noon.AddDate(0, 0, -1).Truncate(time.Second),
			"https://bsky.app/1", "é 🦣 \"'\\", "/é", "1abcdefghi",
		}, figures...)
	}
	wantRows(t, db, "SELECT * EXCEPT recorded FROM post_figures FINAL ORDER BY ts", [][]any{
		row(noon, uint64(2), uint64(2), nil, uint64(0), "import:1"),
		row(later.Time, uint64(2), uint64(2), uint64(2), nil, "poll"),
	})
	wantRows(t, db, "SELECT count() FROM post_figures", [][]any{{uint64(5)}}) // two tokens of two rows, each once, and one
}

func TestInsertLeftOut(t *testing.T) {
	db := chtest.New(t)
	r := event.LeftOut{Site: 1, Time: noon.Truncate(time.Minute), Reason: event.LeftAI, Agent: "GPTBot", Count: 3}
	for _, token := range []string{"1", "2", "2"} {
		if err := db.Insert(t.Context(), token, event.LeftOuts.Of([]event.LeftOut{r})); err != nil {
			t.Fatal(err)
		}
	}
	wantRows(t, db, "SELECT agent, sum(hits) FROM left_out GROUP BY agent", [][]any{{"GPTBot", uint64(6)}})
}

func TestInsertRefuses(t *testing.T) {
	db := chtest.New(t)
	if err := db.Insert(t.Context(), "", event.Events.Of(pageviews(1, 1))); err == nil {
		t.Error("an insert without a token was taken")
	}
	if err := db.Insert(t.Context(), "t", event.Events.Of(nil)); err != nil {
		t.Errorf("no rows: %v", err)
	}
	bad := pageviews(1, 1)
	bad[0].RevenueAmount = "a lot"
	if err := db.Insert(t.Context(), "t", event.Events.Of(bad)); err == nil {
		t.Error("a revenue that is no number was taken")
	}
	if err := db.Insert(t.Context(), "t", event.Events.Of(pageviews(1, 1))); err != nil {
		t.Errorf("after a refused insert: %v", err)
	}
}

func BenchmarkInsertEvents(b *testing.B) {
	db := chtest.New(b)
	rows := pageviews(1, 10_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := db.Insert(b.Context(), fmt.Sprint(i), event.Events.Of(rows)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
