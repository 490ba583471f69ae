package imports

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/earshot-analytics/earshot/internal/event"
)

// insights writes readings for comparing: "2026-01-31 reach 12".
func insights(rows []event.Insight) string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %v", r.Day.Format("2006-01-02"), r.Name, r.Value))
	}
	return strings.Join(out, ", ")
}

func inUTF16(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestReadInsights(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"a column for each figure", "date,network,account,reach,Watch time (hours)\n2026-01-31,x,a,12,0.75\n2026-02-01,x,a,,1\n2026-02-02,x,a,N/A,--\n",
			"2026-01-31 reach 12, 2026-01-31 watch_time_hours 0.75, 2026-02-01 watch_time_hours 1"},
		{"a line for each figure", "date,network,account,insight,value\n2026-01-31,x,a,Reach,12\n2026-01-31,x,a,Portée,13\n2026-01-31,x,a,'=odd,1\n",
			"2026-01-31 reach 12, 2026-01-31 reach 13, 2026-01-31 odd 1"},
		{"X's own file", "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,Create Post,Video views,Media views\n\"Tue, Aug 25, 2026\",100,10,20,1,2,5,3,1,2,7,1,8,9\n",
			"2026-08-25 impressions 100, 2026-08-25 likes 10, 2026-08-25 engagements 20, 2026-08-25 bookmarks 1, 2026-08-25 shares 2, 2026-08-25 new_follows 5, 2026-08-25 unfollows 3, 2026-08-25 comments 1, 2026-08-25 reposts 2, 2026-08-25 profile_visits 7, 2026-08-25 create_post 1, 2026-08-25 video_views 8, 2026-08-25 media_views 9"},
		{"Meta Business Suite's own file", inUTF16("sep=,\r\n\"Facebook visits\"\r\n\"Date\",\"Primary\"\r\n\"2025-08-01T00:00:00\",\"20\"\r\n\"2025-08-02T00:00:00\",\"23.5\"\r\n"),
			"2025-08-01 profile_visits 20, 2025-08-02 profile_visits 23.5"},
		{"several figures one under the other, as Meta Business Suite saves them", inUTF16("sep=,\r\n\"Reach\"\r\n\"Date\",\"Primary\"\r\n\"2025-08-01T00:00:00\",\"20\"\r\n\r\n\"Facebook visits\"\r\n\"Date\",\"Primary\"\r\n\"2025-08-01T00:00:00\",\"5\"\r\n"),
			"2025-08-01 reach 20, 2025-08-01 profile_visits 5"},
		{"saved again by a spreadsheet", "Reach,,\nDate,Primary,\n2025-08-01T00:00:00,20,\n,,\n , ,\nFacebook visits,,\nDate,Primary,\n2025-08-01T00:00:00,5,\n,,\n",
			"2025-08-01 reach 20, 2025-08-01 profile_visits 5"},
		{"the year first", "date,reach\n2026/01/31,1\n2026/2/1 10:30,2\n", "2026-01-31 reach 1, 2026-02-01 reach 2"},
		{"the day is the one that is written", "date,reach\n2026-01-31T00:30:00Z,1\n2026-01-31T23:30:00-08:00,2\n2026-03-01 00:10,3\n",
			"2026-01-31 reach 1, 2026-01-31 reach 2, 2026-03-01 reach 3"},
		{"a French spreadsheet", "Date;Network;Account;Portée;Taux\n31/01/2026;x;a;1\u202f234;0,125\n01/02/2026;x;a;1.235;12,5 %\n",
			"2026-01-31 reach 1234, 2026-01-31 taux 0.125, 2026-02-01 reach 1235, 2026-02-01 taux 12.5"},
		{"a French spreadsheet's own encoding", "Date;Network;Account;Port\xe9e;Dur\xe9e\n31/01/2026;x;a;1\xa0234;0,5\n", "2026-01-31 reach 1234, 2026-01-31 durée 0.5"},
		{"groups by commas", "date,reach,rate\n2026-01-31,\"1,234\",-0.5\n", "2026-01-31 reach 1234, 2026-01-31 rate -0.5"},
		{"words, followers and empty columns are passed over", "date,weekday,reach,followers,,empty\n2026-01-31,Saturday,1,7,8,-\n", "2026-01-31 reach 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := readTable(strings.NewReader(c.file))
			if err != nil {
				t.Fatal(err)
			}
			if table.title == "" {
				table.say("network", "Twitter")
			} else {
				table.say("network", "facebook")
			}
			table.say("account", "a")
			h := insightsForm.read(table, testOptions(t))
			if got := insights(h.Rows); got != c.want || len(h.Errors) > 0 {
				t.Errorf("%s, %v\nwant %s", got, h.Errors, c.want)
			}
			for _, r := range h.Rows {
				if r.Network != "x" && r.Network != "facebook" || r.Account != "a" || r.Site != 7 {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

func TestBadInsightsAreNamed(t *testing.T) {
	const head = "date,network,account,reach\n"
	for _, c := range []struct {
		name, file string
		want       LineError
	}{
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00\x08", LineError{Line: 1, Key: Workbook}},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", LineError{Line: 1, Key: Workbook}},
		{"no account", "date,network,reach\n2026-01-01,x,1\n", LineError{Line: 1, Key: NoOwner, Against: "account"}},
		{"no figure", "date,network,account\n2026-01-01,x,a\n", LineError{Line: 1, Key: NoSeries, Text: "date; network; account"}},
		{"words alone", head + "2026-01-01,x,a,many\n", LineError{Line: 2, Column: "reach", Key: BadNumber, Text: "many"}},
		{"roundings alone beside numbers", "date,network,account,reach,clicks\n2026-01-01,x,a,1.2K,3\n", LineError{Line: 2, Column: "reach", Key: BadNumber, Text: "1.2K"}},
		{"words alone under a name of nobody's", "date,network,account,mood\n2026-01-01,x,a,good\n", LineError{Line: 1, Key: NoSeries, Text: "date; network; account; mood"}},
		{"a word among numbers", head + "2026-01-01,x,a,1\n2026-01-02,x,a,1.2K\n", LineError{Line: 3, Column: "reach", Key: BadNumber, Text: "1.2K"}},
		{"other decimals than the file's", head + "2026-01-01,x,a,1.25\n2026-01-02,x,a,\"1,2\"\n", LineError{Line: 3, Column: "reach", Key: BadNumber, Text: "1,2"}},
		{"a number too large", head + "2026-01-01,x,a,1\n2026-01-02,x,a,9007199254740993.5\n", LineError{Line: 3, Column: "reach", Key: BadNumber, Text: "9007199254740993.5"}},
		{"no date", head + "soon,x,a,1\n", LineError{Line: 2, Column: "date", Key: BadDate, Text: "soon"}},
		{"the first line is another's", "sep=;\n" + "date;network;account;reach\nsoon;x;a;1\n", LineError{Line: 3, Column: "date", Key: BadDate, Text: "soon"}},
		{"the same figure twice", "date,network,account,Reach,Portée\n2026-01-01,x,a,1,2\n", LineError{Line: 1, Column: "Portée", Key: Twice, Text: "Reach"}},
		{"two dates", "date,network,account,Date,reach\n2026-01-01,x,a,2026-02-01,1\n", LineError{Line: 1, Column: "date", Key: Twice}},
		{"a title too long", "sep=,\n" + strings.Repeat("é", 61) + "\ndate,primary,network,account\n2026-01-01,1,x,a\n", LineError{Line: 4, Column: strings.Repeat("é", 61), Key: BadInsight}},
		{"a name too long", "date,network,account," + strings.Repeat("é", 61) + "\n2026-01-01,x,a,1\n", LineError{Line: 1, Column: strings.Repeat("é", 61), Key: BadInsight}},
		{"no name", "date,network,account,insight,value\n2026-01-01,x,a,!,1\n", LineError{Line: 2, Column: "insight", Key: BadInsight, Text: "!"}},
	} {
		h := read(t, insightsForm, c.file, testOptions(t))
		if len(h.Errors) != 1 || h.Errors[0] != c.want {
			t.Errorf("%s: %v, want %v", c.name, h.Errors, c.want)
		}
	}
	table, err := readTable(strings.NewReader("date,account,reach\n2026-01-01,a,1\n2026-01-02,a,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	table.say("network", "friendster")
	if h := insightsForm.read(table, testOptions(t)); len(h.Errors) != 1 || h.Errors[0] != (LineError{Line: 1, Column: "network", Key: BadNetwork, Text: "friendster"}) {
		t.Errorf("a network that is given and unknown: %v", h.Errors)
	}
	long := strings.Repeat("é", event.MaxInsightName)
	if h := read(t, insightsForm, "date,network,account,"+long+"\n2026-01-01,x,a,9007199254740992\n", testOptions(t)); len(h.Errors) > 0 || len(h.Rows) != 1 {
		t.Errorf("at the limits: %v", h.Errors)
	}
}

// A file of many columns is bounded by its readings, not by its lines.
func TestInsightsAreBounded(t *testing.T) {
	if os.Getenv("CI") == "" {
		t.Skip("reads a million numbers")
	}
	var b strings.Builder
	b.WriteString("date,network,account")
	for i := range 1000 {
		fmt.Fprintf(&b, ",c%d", i)
	}
	line := "2026-01-01,x,a" + strings.Repeat(",1", 1000) + "\n"
	b.WriteString("\n" + strings.Repeat(line, MaxRows/1000))
	h := read(t, insightsForm, b.String(), testOptions(t))
	if len(h.Errors) > 0 || len(h.Rows) != MaxRows {
		t.Fatalf("%d readings, %v", len(h.Rows), h.Errors)
	}
	h = read(t, insightsForm, b.String()+line, testOptions(t))
	if len(h.Errors) != 1 || h.Errors[0].Key != TooLong || h.Errors[0].Line != MaxRows/1000+2 {
		t.Errorf("one line more: %v", h.Errors)
	}
}

func TestNumbersOfFiles(t *testing.T) {
	for _, c := range []struct {
		text    string
		decimal rune
		want    float64
		ok      bool
	}{
		{"12", '.', 12, true}, {"-3", '.', -3, true}, {"−3", '.', -3, true}, {"+3", '.', 3, true}, {"12.5%", '.', 12.5, true}, {"12,5 %", ',', 12.5, true},
		{".5", '.', 0.5, true}, {"1,234.5", '.', 1234.5, true}, {"1.234,5", ',', 1234.5, true}, {"1'234'567", '.', 1234567, true},
		{"1.2.3", '.', 0, false}, {"12,34", '.', 0, false}, {"1.", '.', 0, false}, {"", '.', 0, false}, {"%", '.', 0, false}, {"1e9", '.', 0, false},
		{"NaN", '.', 0, false}, {"Inf", '.', 0, false}, {"--1", '.', 0, false}, {"1.2-", '.', 0, false}, {"2026-01-01", '.', 0, false},
	} {
		if got, ok := parseNumber(c.text, c.decimal); ok != c.ok || ok && got != c.want {
			t.Errorf("%q with %q: %v, %v; want %v", c.text, c.decimal, got, ok, c.want)
		}
	}
}
