package imports

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
)

func TestReadPosts(t *testing.T) {
	n := func(n uint64) *uint64 { return &n }
	noon := time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, file string
		want       event.PostFigures
	}{
		{"as it is exported",
			"date,network,account,post,published,url,text,page,share_id,likes,comments,reposts,views,origin\r\n" +
				"2026-01-31T18:00:05Z,mastodon,'@a@b.example,1001,2026-01-30T09:15:00Z,https://b.example/@a/1001,'=1+1,/café 100%,1abcdefghi,12,0,,,poll\r\n",
			event.PostFigures{Time: time.Date(2026, 1, 31, 18, 0, 5, 0, time.UTC), Network: "mastodon", Account: "@a@b.example", Post: "1001",
				Published: time.Date(2026, 1, 30, 9, 15, 0, 0, time.UTC), URL: "https://b.example/@a/1001", Text: "=1+1", Page: "/café 100%", ShareID: "1abcdefghi",
				Likes: n(12), Comments: n(0)}},
		{"as it is exported, with what other spreadsheets would split",
			"date,network,account,post,published,url,text,page,likes\r\n" +
				"2026-01-31T11:00:00Z,mastodon,'@a@b.example,'-1,,https://b.example/a;'=1,\"'＝1;'=2; =3,=4;''=5\",/a;'-b,12\r\n",
			event.PostFigures{Time: noon, Network: "mastodon", Account: "@a@b.example", Post: "-1", URL: "https://b.example/a;=1",
				Text: "＝1;=2; =3,=4;'=5", Page: "/a;-b", Likes: n(12)}},
		{"a French spreadsheet",
			"\ufeffPublished;Network;Account;Post;Views;Page\r\n31/01/2026;Twitter;a;18;\"1\u202f234\";https://www.blog.example/a?utm_source=x&es=1abcdefghi\r\n",
			event.PostFigures{Time: noon, Published: noon, Network: "x", Account: "a", Post: "18", Page: "/a", ShareID: "1abcdefghi", Views: n(1234)}},
		{"tabs, the reading alone", "post\taccount\tdate\tnetwork\treposts\n18\ta\t2026-01-31\tx\t3\n",
			event.PostFigures{Time: noon, Network: "x", Account: "a", Post: "18", Reposts: n(3)}},
		{"an empty date", "date,published,network,account,post,likes\n,2026-01-31 14:30,x,a,18,3\n",
			event.PostFigures{Time: time.Date(2026, 1, 31, 13, 30, 0, 0, time.UTC), Published: time.Date(2026, 1, 31, 13, 30, 0, 0, time.UTC),
				Network: "x", Account: "a", Post: "18", Likes: n(3)}},
		{"read on the day of its publication", "date,published,network,account,post,likes\n2026-01-31,2026-01-31 14:30,x,a,18,3\n",
			event.PostFigures{Time: time.Date(2026, 1, 31, 13, 30, 0, 0, time.UTC), Published: time.Date(2026, 1, 31, 13, 30, 0, 0, time.UTC),
				Network: "x", Account: "a", Post: "18", Likes: n(3)}},
		{"a path with a question and a share", "date,network,account,post,likes,page\n2026-01-31,x,a,18,3,/caf%C3%A9?es=2abcdefghi&x=1\n",
			event.PostFigures{Time: noon, Network: "x", Account: "a", Post: "18", Page: "/café", ShareID: "2abcdefghi", Likes: n(3)}},
		{"a long text on several lines", "date,network,account,post,likes,text\n2026-01-31,x,a,18,3,\"one\n two\"\n",
			event.PostFigures{Time: noon, Network: "x", Account: "a", Post: "18", Text: "one two", Likes: n(3)}},
		{"X's own file",
			"Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,Profile visits\n" +
				"18,\"Sat, Jan 31, 2026\",New: https://www.blog.example/a?es=1abcdefghi,https://x.com/a/status/18,\"1,234\",5,9,1,7,0,2,3,4\n",
			event.PostFigures{Time: noon, Network: "x", Account: "a", Post: "18", URL: "https://x.com/a/status/18", Text: "New: https://www.blog.example/a?es=1abcdefghi",
				Page: "/a", ShareID: "1abcdefghi", Likes: n(5), Comments: n(2), Reposts: n(3), Views: n(1234)}},
		{"Meta Business Suite's own file",
			"Post ID,Account ID,Account username,Account name,Description,Duration (sec),Publish time,Permalink,Post type,Data comment,Date,Views,Reach,Likes,Shares,Follows,Comments,Saves\n" +
				"18,7,a,A,\"Words\nand more\",0,01/31/2026 06:08,https://www.instagram.com/reel/18/,IG reel,,Lifetime,\"12,400\",9000,85,4,2,,1\n",
			event.PostFigures{Time: noon.Add(3*time.Hour + 8*time.Minute), Published: noon.Add(3*time.Hour + 8*time.Minute), Network: "x", Account: "a", Post: "18",
				URL: "https://www.instagram.com/reel/18/", Text: "Words and more", Likes: n(85), Reposts: n(4), Views: n(12400)}},
		{"Meta Business Suite's own file of a Page, whose posts' words are the title",
			"Post ID,Page ID,Page name,Title,Description,Duration (sec),Publish time,Caption type,Permalink,Post type,Date,Views,Reach,\"Reactions, Comments and Shares\",Reactions,Comments,Shares\n" +
				"18,7,A,New on the blog: https://blog.example/a?es=1abcdefghi,A cover,0,01/31/2026 12:00,,https://www.facebook.com/a/posts/18,Links,Lifetime,400,300,9,5,3,1\n",
			event.PostFigures{Time: noon.Add(9 * time.Hour), Published: noon.Add(9 * time.Hour), Network: "x", Account: "a", Post: "18", URL: "https://www.facebook.com/a/posts/18",
				Text: "New on the blog: https://blog.example/a?es=1abcdefghi", Page: "/a", ShareID: "1abcdefghi", Likes: n(5), Comments: n(3), Reposts: n(1), Views: n(400)}},
		{"Meta Business Suite's own file of the month's beginning, which shows no order of day and month",
			"Post ID,Account username,Publish time,Date,Likes\n18,a,01/02/2026 12:00,Lifetime,5\n",
			event.PostFigures{Time: time.Date(2026, 1, 2, 20, 0, 0, 0, time.UTC), Published: time.Date(2026, 1, 2, 20, 0, 0, 0, time.UTC), Network: "x", Account: "a", Post: "18", Likes: n(5)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := readTable(strings.NewReader(c.file))
			if err != nil {
				t.Fatal(err)
			}
			if _, named := table.place["network"]; !named {
				table.say("network", "x")
				table.say("account", "a")
			}
			h := postsForm.read(table, testOptions(t))
			if len(h.Errors) > 0 || len(h.Rows) != 1 {
				t.Fatalf("%d rows, %v", len(h.Rows), h.Errors)
			}
			c.want.Site, c.want.Origin = 7, event.OriginImport
			if diff := cmp.Diff(c.want, h.Rows[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadLinesOfPostsAreNamed(t *testing.T) {
	const head = "date,published,network,account,post,likes,views,url,page,share_id\n"
	for _, c := range []struct {
		name, file string
		want       LineError
	}{
		{"no rows", head, LineError{Line: 1, Key: NoRows}},
		{"no date at all", "network,account,post,likes\nx,a,1,1\n", LineError{Line: 1, Key: BadHeader, Text: "network; account; post; likes", Against: "date / published"}},
		{"likes twice", "date,network,account,post,Likes,likes\n2026-01-31,x,a,1,1,2\n", LineError{Line: 1, Column: "likes", Key: Twice}},
		{"an ID that a spreadsheet rounded", "date,network,account,post,likes\n2026-01-31,x,a,1.85E+18,1\n", LineError{Line: 2, Column: "post", Key: Spreadsheet, Text: "1.85E+18"}},
		{"an ID that a French one rounded", "date;network;account;post;likes\n2026-01-31;x;a;7,29E+18;1\n", LineError{Line: 2, Column: "post", Key: Spreadsheet, Text: "7,29E+18"}},
		{"no figure at all", "date,network,account,post\n2026-01-31,x,a,1\n", LineError{Line: 1, Key: BadHeader, Text: "date; network; account; post", Against: "likes / comments / reposts / views"}},
		{"a file of followers", "date,network,account,followers\n2026-01-31,x,a,1\n", LineError{Line: 1, Key: BadHeader, Text: "date; network; account; followers", Against: "post / url, likes / comments / reposts / views"}},
		{"neither date", head + ",,x,a,1,1\n", LineError{Line: 2, Column: "date", Key: BadDate}},
		{"a bad publication", head + "2026-01-31,soon,x,a,1,1\n", LineError{Line: 2, Column: "published", Key: BadDate, Text: "soon"}},
		{"before networks", head + "1931-01-31,,x,a,1,1\n", LineError{Line: 2, Column: "date", Key: BadDate, Text: "1931-01-31"}},
		{"a publication to come", head + ",2027-01-31,x,a,1,1\n", LineError{Line: 2, Column: "published", Key: FutureDate, Text: "2027-01-31"}},
		{"read before it was there", head + "2026-01-30,2026-01-31,x,a,1,1\n", LineError{Line: 2, Column: "date", Key: TooEarly, Text: "2026-01-30"}},
		{"unknown network", head + "2026-01-31,,friendster,a,1,1\n", LineError{Line: 2, Column: "network", Key: BadNetwork, Text: "friendster"}},
		{"no account", head + "2026-01-31,,x,,1,1\n", LineError{Line: 2, Column: "account", Key: BadAccount}},
		{"no post", head + "2026-01-31,,x,a,,1\n", LineError{Line: 2, Column: "post", Key: BadPost}},
		{"a rounding", head + "2026-01-31,,x,a,1,,1.2K\n", LineError{Line: 2, Column: "views", Key: BadCount, Text: "1.2K"}},
		{"a rate", head + "2026-01-31,,x,a,1,\"4,5\"\n", LineError{Line: 2, Column: "likes", Key: BadCount, Text: "4,5"}},
		{"not one figure", head + "2026-01-31,,x,a,1,,\n", LineError{Line: 2, Key: NoFigures}},
		{"a script", head + "2026-01-31,,x,a,1,1,,javascript:alert(1)\n", LineError{Line: 2, Column: "url", Key: BadURL, Text: "javascript:alert(1)"}},
		{"another site's page", head + "2026-01-31,,x,a,1,1,,,https://blog.example.evil.example/\n", LineError{Line: 2, Column: "page", Key: BadPage, Text: "https://blog.example.evil.example/"}},
		{"no path", head + "2026-01-31,,x,a,1,1,,,a.html\n", LineError{Line: 2, Column: "page", Key: BadPage, Text: "a.html"}},
		{"no share", head + "2026-01-31,,x,a,1,1,,,/a,12\n", LineError{Line: 2, Column: "share_id", Key: BadShare, Text: "12"}},
		{"a broken quote behind a bad date", head + "bad,,x,a,1,1\n2026-01-31,\"x,a,1\n", LineError{Line: 2, Column: "date", Key: BadDate, Text: "bad"}},
	} {
		h := read(t, postsForm, c.file, testOptions(t))
		if len(h.Errors) == 0 || h.Errors[0] != c.want {
			t.Errorf("%s: %v, want %v", c.name, h.Errors, c.want)
		}
	}
}

func TestColumnsTellWhatAFileHolds(t *testing.T) {
	for header, want := range map[string]string{
		"date,network,account,followers":       "followers",
		"date,network,account,followers,posts": "followers",
		"date,network,account":                 "followers",
		"":                                     "followers",
		"published,network,account,post,views": "posts",
		"Date;Network;Account;Post;Likes":      "posts",
		"Post ID,Publish time,Views":           "posts",
		"Date;Network;Account;Likes":           "insights",
		"date,network,account,insight,value":   "insights",
		"Date,Impressions,New follows":         "insights",
		"Jour;Date;Portée":                     "insights",
	} {
		table, err := readTable(strings.NewReader(header + "\n"))
		if err != nil || table.kind() != want {
			t.Errorf("%q: %s, %v; want %s", header, table.kind(), err, want)
		}
	}
}
