package clickhouse_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// newImporter is an importer on a database and a book of its own, for a site.
func newImporter(t *testing.T) (*imports.Importer, *clickhouse.DB, meta.Site) {
	t.Helper()
	db := chtest.New(t)
	store, err := meta.Open(filepath.Join(t.TempDir(), meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	site, err := store.AddSite(t.Context(), meta.Site{Domain: "example.com", Timezone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	lists, err := enrich.New(enrich.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lists.Close() })
	return &imports.Importer{Readings: db, Book: store, Network: lists.NormalizeNetwork, Pages: lists, Now: time.Now}, db, site
}

// A file of follower counts is stored, replaces what stood there, and is taken
// back, in the real table.
func TestImportOfFollowersIsTakenBack(t *testing.T) {
	imp, db, site := newImporter(t)
	seven := uint64(7)
	polled := event.FollowerCount{Site: site.ID, Network: "x", Account: "a", Time: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), Followers: 1, Following: &seven, Rounded: true, Origin: event.OriginPoll}
	if err := db.Insert(t.Context(), "polled", event.Followers.Of([]event.FollowerCount{polled})); err != nil {
		t.Fatal(err)
	}
	const rows = "SELECT toDate(ts), followers, following, toUInt64(rounded), origin FROM follower_counts FINAL ORDER BY ts"
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	before := [][]any{{day(1), uint64(1), uint64(7), uint64(1), "poll"}}
	for _, id := range []int64{1, 2} { // the same file again after it was taken back
		p, err := imp.Preview(t.Context(), site, imports.File{Name: "f.csv", Content: strings.NewReader("date,network,account,followers\n2026-01-01,x,a,10\n2026-01-02,x,a,20\n")})
		if err != nil || p.ID != id || p.New != 1 || p.Changed != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		if n, err := imp.Apply(t.Context(), site, id); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		origin := fmt.Sprintf("import:%d", id)
		wantRows(t, db, rows, [][]any{{day(1), uint64(10), nil, uint64(0), origin}, {day(2), uint64(20), nil, uint64(0), origin}})
		if err := imp.Undo(t.Context(), site, id); err != nil {
			t.Fatal(err)
		}
		wantRows(t, db, rows, before)
	}
	if err := db.RemoveImported(t.Context(), &event.Followers.Entry, site.ID, "poll' OR 1=1 --"); err == nil {
		t.Error("an origin that is SQL is taken")
	}
}

// Files of posts that each tell a part of the same reading complete it, again
// change nothing, and are taken back one after the other.
func TestImportOfPostsIsTakenBack(t *testing.T) {
	imp, db, site := newImporter(t)
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	three := uint64(3)
	polled := event.PostFigures{Origin: event.OriginPoll, Site: site.ID, Network: "linkedin", Account: "5", Post: "p", Time: noon, Published: noon.Add(-time.Hour),
		URL: "https://linkedin.example/p", Text: "words", Likes: &three}
	if err := db.Insert(t.Context(), "polled", event.Posts.Of([]event.PostFigures{polled})); err != nil {
		t.Fatal(err)
	}
	const rows = "SELECT post, toString(published), text, page, share_id, likes, views, origin FROM post_figures FINAL ORDER BY post, ts"
	before := [][]any{{"p", "2026-01-01 11:00:00", "words", "", "", uint64(3), nil, "poll"}}
	wantRows(t, db, rows, before)
	take := func(file string, fresh, changed int) *imports.Preview {
		t.Helper()
		p, err := imp.Preview(t.Context(), site, imports.File{Name: "f.csv", Content: strings.NewReader(file)})
		if err != nil || len(p.Errors) > 0 || p.Kind != event.Posts.Name || p.New != fresh || p.Changed != changed {
			t.Fatalf("%+v, %v", p, err)
		}
		if n, err := imp.Apply(t.Context(), site, p.ID); err != nil || n != fresh+changed {
			t.Fatal(n, err)
		}
		if p, err := imp.Preview(t.Context(), site, imports.File{Name: "f.csv", Content: strings.NewReader(file)}); err != nil || p.ID != 0 || p.Same != fresh+changed {
			t.Fatalf("the same file again: %+v, %v", p, err)
		}
		return p
	}
	undo := func(p *imports.Preview, left [][]any) {
		t.Helper()
		if err := imp.Undo(t.Context(), site, p.ID); err != nil {
			t.Fatal(err)
		}
		wantRows(t, db, rows, left)
	}

	views := take("date,network,account,post,views,page\n2026-01-01,linkedin,5,p,70,/a?es=1abcdefghi\n2026-01-01,linkedin,5,q,80,\n", 1, 1)
	origin := fmt.Sprintf("import:%d", views.ID)
	one := [][]any{
		{"p", "2026-01-01 11:00:00", "words", "/a", "1abcdefghi", uint64(3), uint64(70), origin},
		{"q", "2026-01-01 12:00:00", "", "", "", nil, uint64(80), origin},
	}
	wantRows(t, db, rows, one)
	likes := take("network;account;post;likes;published\nlinkedin;5;q;4;2026-01-01\n", 0, 1)
	wantRows(t, db, rows, [][]any{one[0], {"q", "2026-01-01 12:00:00", "", "", "", uint64(4), uint64(80), fmt.Sprintf("import:%d", likes.ID)}})
	undo(likes, one)
	undo(views, before)
	undo(take("date,network,account,post,views\n2026-01-01,linkedin,5,p,70\n", 0, 1), before)
	if err := db.RemoveImported(t.Context(), &event.Posts.Entry, site.ID, "poll"); err == nil {
		t.Error("what was polled can be removed")
	}
	if err := db.RemoveImported(t.Context(), &event.Events.Entry, site.ID, "import:1"); err == nil {
		t.Error("what is no reading can be removed")
	}
}

// Files of networks' statistics, whatever the site's zone: again they change
// nothing, a later one replaces, and each is taken back.
func TestImportOfInsightsIsTakenBack(t *testing.T) {
	for _, zone := range []string{"UTC", "Pacific/Auckland", "America/Los_Angeles"} {
		t.Run(zone, func(t *testing.T) {
			imp, db, site := newImporter(t)
			site.Timezone = zone
			const rows = "SELECT network, account, insight, toString(day), value FROM account_insights FINAL ORDER BY insight, day"
			take := func(file string, fresh, changed int) *imports.Preview {
				t.Helper()
				csv := imports.File{Name: "f.csv", Network: "x", Account: "a", Content: strings.NewReader(file)}
				p, err := imp.Preview(t.Context(), site, csv)
				if err != nil || len(p.Errors) > 0 || p.Kind != event.Insights.Name || p.New != fresh || p.Changed != changed {
					t.Fatalf("%+v, %v", p, err)
				}
				if n, err := imp.Apply(t.Context(), site, p.ID); err != nil || n != fresh+changed {
					t.Fatal(n, err)
				}
				csv.Content = strings.NewReader(file)
				if p, err := imp.Preview(t.Context(), site, csv); err != nil || p.ID != 0 || p.Same != fresh+changed {
					t.Fatalf("the same file again: %+v, %v", p, err)
				}
				return p
			}
			first := take("Date,Impressions,Engagement rate\n\"Wed, Dec 31, 2025\",100,2.5\n\"Thu, Jan 1, 2026\",120,\n", 3, 0)
			one := [][]any{
				{"x", "a", "engagement_rate", "2025-12-31", 2.5},
				{"x", "a", "impressions", "2025-12-31", 100.0},
				{"x", "a", "impressions", "2026-01-01", 120.0},
			}
			wantRows(t, db, rows, one)
			if a := first.Accounts; len(a) != 2 || a[1].Insight != "impressions" || a[1].First != 100 || a[1].Last != 120 ||
				a[1].From.Format(time.DateOnly) != "2025-12-31" || a[1].To.Format(time.DateOnly) != "2026-01-01" {
				t.Errorf("the preview tells %+v", a)
			}
			second := take("date,network,account,impressions\n2026-01-01,x,a,125\n2026-01-02,x,a,0\n", 1, 1)
			wantRows(t, db, rows, [][]any{one[0], one[1], {"x", "a", "impressions", "2026-01-01", 125.0}, {"x", "a", "impressions", "2026-01-02", 0.0}})
			for _, p := range []*imports.Preview{second, first} {
				if err := imp.Undo(t.Context(), site, p.ID); err != nil {
					t.Fatal(err)
				}
				wantRows(t, db, rows, one)
				one = nil
			}
		})
	}
}
