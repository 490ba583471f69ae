package export_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/export"
	"github.com/earshot-analytics/earshot/internal/meta"
)

func TestMain(m *testing.M) { chtest.Main(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type rivals []meta.AccountName

func (r rivals) Competitors(context.Context, uint32) ([]meta.AccountName, error) { return r, nil }

// A file has one site's rows of the days asked for, others' accounts only
// where they are wanted, and nothing that a spreadsheet runs.
func TestFiles(t *testing.T) {
	db := chtest.New(t)
	ctx, six := t.Context(), uint64(6)
	follower := func(site uint32, account string, at time.Time, n uint64) event.FollowerCount {
		return event.FollowerCount{Site: site, Network: "mastodon", Account: account, Time: at, Followers: n, Origin: "poll"}
	}
	insight := func(account string, day time.Time, v float64) event.Insight {
		return event.Insight{Site: 1, Network: "tiktok", Account: account, Name: "reach", Day: day, Value: v, Origin: "import:1"}
	}
	post := event.PostFigures{Site: 1, Network: "mastodon", Account: "a", Post: "1", Time: noon, Published: noon, Text: "=1+1", Page: "/a b?c", Likes: &six, Origin: "poll"}
	view := event.Row{Event: event.Event{Site: 1, Time: noon, Name: event.Pageview, Path: "/a", Visitor: 7}, Visit: 8, Entry: 1}
	for _, err := range []error{
		db.Insert(ctx, "f", event.Followers.Of([]event.FollowerCount{
			follower(1, "b", noon, 5), follower(1, "a", noon, 3), follower(1, "a", noon.AddDate(0, 0, 1), 4), follower(1, "rival", noon, 900), follower(2, "a", noon, 77),
		})),
		db.Insert(ctx, "i", event.Insights.Of([]event.Insight{insight("a", noon.Truncate(24*time.Hour), 12.5), insight("rival", noon.Truncate(24*time.Hour), 99)})),
		db.Insert(ctx, "p", event.Posts.Of([]event.PostFigures{post})),
		db.Insert(ctx, "e", event.Events.Of([]event.Row{view})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	site := meta.NewSite("example.com")
	site.ID, site.Timezone = 1, "Europe/Paris"
	e := export.Exporter{Rows: db, Accounts: rivals{{Network: "mastodon", Handle: "rival"}, {Network: "tiktok", Handle: "rival"}}}
	followers := "date,network,account,followers,following,posts,origin,rounded,ended\r\n"
	tests := []struct {
		name string
		kind *event.Entry
		o    export.Options
		want string
	}{
		{"one's own", &event.Followers.Entry, export.Options{}, followers +
			"2026-11-23T12:00:00Z,mastodon,a,3,,,poll,false,false\r\n2026-11-24T12:00:00Z,mastodon,a,4,,,poll,false,false\r\n2026-11-23T12:00:00Z,mastodon,b,5,,,poll,false,false\r\n"},
		{"competitors too, of a day", &event.Followers.Entry, export.Options{From: noon, To: noon.Add(time.Hour), Competitors: true}, followers +
			"2026-11-23T12:00:00Z,mastodon,a,3,,,poll,false,false\r\n2026-11-23T12:00:00Z,mastodon,b,5,,,poll,false,false\r\n2026-11-23T12:00:00Z,mastodon,rival,900,,,poll,false,false\r\n"},
		{"none of those days", &event.Followers.Entry, export.Options{To: noon}, followers},
		{"insights", &event.Insights.Entry, export.Options{}, "date,network,account,insight,value,origin\r\n2026-11-23,tiktok,a,reach,12.5,import:1\r\n"},
		{"posts", &event.Posts.Entry, export.Options{}, "date,network,account,post,published,url,text,page,share_id,likes,comments,reposts,views,origin\r\n" +
			"2026-11-23T12:00:00Z,mastodon,a,1,2026-11-23T12:00:00Z,,'=1+1,/a b?c,,6,,,,poll\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			n, err := e.Write(ctx, tt.kind, site, tt.o, &out)
			if err != nil || out.String() != tt.want || n != strings.Count(tt.want, "\n")-1 {
				t.Errorf("%d rows, %v:\n%s\nwant\n%s", n, err, out.String(), tt.want)
			}
		})
	}
	t.Run("events", func(t *testing.T) {
		var out strings.Builder
		n, err := e.Write(ctx, &event.Events.Entry, site, export.Options{}, &out)
		header, row, _ := strings.Cut(out.String(), "\r\n")
		if err != nil || n != 1 || strings.Contains(header, "site_id") || !strings.Contains(row, ",/a,") {
			t.Errorf("%d rows, %v:\n%s", n, err, out.String())
		}
	})
}
