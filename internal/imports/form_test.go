package imports

import (
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

func testOptions(t testing.TB) options {
	lists, err := enrich.New(enrich.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lists.Close() })
	return options{Site: meta.Site{ID: 7, Domain: "blog.example", Timezone: "Europe/Paris"}, Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Network: func(s string) (string, bool) {
			key := map[string]string{"mastodon": "mastodon", "twitter": "x", "x": "x", "bluesky": "bluesky",
				"facebook": "facebook", "instagram": "instagram", "tiktok": "tiktok", "youtube": "youtube", "linkedin": "linkedin"}[strings.ToLower(s)]
			return key, key != ""
		}, Pages: lists}
}

func read[R any](t testing.TB, f fileForm[R], file string, o options) *readRows[R] {
	t.Helper()
	table, err := readTable(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return f.read(table, o)
}

func TestReadHistory(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []event.FollowerCount
	}{
		{"the plain form", "date,network,account,followers\n2026-01-31,mastodon,@a@b.example,120\n2026-02-28,Twitter,a,1000\n", []event.FollowerCount{
			{Time: time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC), Network: "mastodon", Account: "@a@b.example", Followers: 120},
			{Time: time.Date(2026, 2, 28, 11, 0, 0, 0, time.UTC), Network: "x", Account: "a", Followers: 1000},
		}},
		{"a French spreadsheet", "\ufeffDate;Network;Account;Followers\r\n31/01/2026;mastodon;a@B.example;1\u202f234\r\n01/02/2026;mastodon;https://b.example/@a;\"1 235\"\r\n", []event.FollowerCount{
			{Time: time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC), Network: "mastodon", Account: "@a@b.example", Followers: 1234},
			{Time: time.Date(2026, 2, 1, 11, 0, 0, 0, time.UTC), Network: "mastodon", Account: "@a@b.example", Followers: 1235},
		}},
		{"American dates, columns in another order", "followers,account,date,network\n7,a,01/31/2026,x\n", []event.FollowerCount{
			{Time: time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC), Network: "x", Account: "a", Followers: 7},
		}},
		{"times of day", "date,network,account,followers\n2026-07-01 14:30,x,a,1\n2026-07-01T14:30:00Z,x,a,2\n", []event.FollowerCount{
			{Time: time.Date(2026, 7, 1, 12, 30, 0, 0, time.UTC), Network: "x", Account: "a", Followers: 1},
			{Time: time.Date(2026, 7, 1, 14, 30, 0, 0, time.UTC), Network: "x", Account: "a", Followers: 2},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := read(t, followersForm, c.file, testOptions(t))
			if len(h.Errors) > 0 || len(h.Rows) != len(c.want) {
				t.Fatalf("%d rows, want %d; %v", len(h.Rows), len(c.want), h.Errors)
			}
			for i, got := range h.Rows {
				want := c.want[i]
				if !got.Time.Equal(want.Time) || got.Network != want.Network || got.Account != want.Account || got.Followers != want.Followers || got.Site != 7 || got.Origin != event.OriginImport {
					t.Errorf("row %d: %+v, want %+v", i, got, want)
				}
			}
		})
	}
	h := read(t, followersForm, "date,network,account,followers,following,posts\n2026-01-31,x,a,1,,30\n", testOptions(t))
	if h.Rows[0].Following != nil || *h.Rows[0].Posts != 30 {
		t.Errorf("more columns: %+v", h)
	}
	h = read(t, followersForm, "date,network,account,followers,rounded,ended\n2026-01-30,x,a,9,true,\n2026-01-31,x,a,0,false,true\n2026-02-01,x,a,,,1\n2026-02-02,x,a,,,\n", testOptions(t))
	if len(h.Rows) != 3 || !h.Rows[0].Rounded || h.Rows[0].Ended || !h.Rows[1].Ended || !h.Rows[2].Ended || len(h.Errors) != 1 {
		t.Errorf("a following that ended: %+v", h)
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	const head = "date,network,account,followers\n"
	for _, c := range []struct {
		name, file string
		line       int
		key        string
	}{
		{"no rows", head, 1, NoRows},
		{"nothing at all", "", 1, NoRows},
		{"a column is missing", "date,network,followers\n2026-01-01,x,1\n", 1, NoOwner},
		{"no date", head + "soon,x,a,1\n", 2, BadDate},
		{"a day that isn't", head + "2026-02-30,x,a,1\n", 2, BadDate},
		{"next year", head + "2027-11-30,x,a,1\n", 2, FutureDate},
		{"unknown network", head + "2026-01-01,friendster,a,1\n", 2, BadNetwork},
		{"no account", head + "2026-01-01,x,,1\n", 2, BadAccount},
		{"unknown count", head + "2026-01-01,x,a,\n", 2, BadCount},
		{"a rounding", head + "2026-01-01,x,a,12.5K\n", 2, BadCount},
		{"a decimal", head + "2026-01-01,x,a,12.5\n", 2, BadCount},
		{"more followers than can be added up", head + "2026-01-01,x,a,9007199254740993\n", 2, BadCount},
		{"a negative count", head + "2026-01-01,x,a,-3\n", 2, BadCount},
		{"followers twice", "date,network,account,followers,Followers\n2026-01-01,x,a,1,2\n", 1, Twice},
		{"a broken quote", head + "2026-01-01,\"x,a,1\n", 2, BadLine},
		{"too few columns", head + "2026-01-01,x,a,1\n2026-01-02\n", 3, BadNetwork},
	} {
		h := read(t, followersForm, c.file, testOptions(t))
		if len(h.Errors) == 0 || h.Errors[0].Line != c.line || h.Errors[0].Key != c.key {
			t.Errorf("%s: %v, want line %d: %s", c.name, h.Errors, c.line, c.key)
		}
	}
	h := read(t, followersForm, head+"2026-01-01,x,a,1\nbad,x,a,2\n2026-01-03,x,a,3\n", testOptions(t))
	if len(h.Rows) != 2 || len(h.Errors) != 1 || h.Errors[0].Column != "date" {
		t.Errorf("one bad line of three: %d rows, %v", len(h.Rows), h.Errors)
	}
	h = read(t, followersForm, head+strings.Repeat("bad,x,a,1\n", 500), testOptions(t))
	if len(h.Errors) != MaxErrors {
		t.Errorf("%d errors named, want %d", len(h.Errors), MaxErrors)
	}
}

func FuzzReadHistory(f *testing.F) {
	f.Add("date,network,account,followers\n2026-01-31,mastodon,@a@b.example,120\n")
	f.Add("\ufeffdate;network;account;followers\r\n31/01/2026;x;a;1 234\r\n")
	f.Add("published;network;account;post;likes;page\n31.01.2026 ;x;a;18;1 234;/a?b#c\n")
	f.Add("sep=;\nReach\nDate;Primary;Network;Account\n31.12.2025;-1.234,5 %;x;a\n")
	f.Add("date\tnetwork\taccount\tfollowers\n\"2026")
	o := testOptions(f)
	f.Fuzz(func(t *testing.T, file string) {
		for _, c := range read(t, followersForm, file, o).Rows {
			if c.Account == "" || c.Network == "" || c.Time.IsZero() || c.Followers >= 1<<63 {
				t.Errorf("%q gave %+v", file, c)
			}
		}
		for _, i := range read(t, insightsForm, file, o).Rows {
			if i.Account == "" || i.Network == "" || !validInsight(i.Name) || i.Value != i.Value || i.Day.Unix()%86400 != 0 {
				t.Errorf("%q gave %+v", file, i)
			}
		}
		for _, p := range read(t, postsForm, file, o).Rows {
			if p.Account == "" || p.Network == "" || p.Post == "" || p.Time.IsZero() || p.Time.Unix() < 0 {
				t.Errorf("%q gave %+v", file, p)
			}
		}
	})
}
