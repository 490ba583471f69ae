package imports

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// looked is what a preview of a file says, in one line.
func looked(t *testing.T, kind string, f File, text string) string {
	t.Helper()
	table, err := readTable(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	table.say("network", f.Network)
	table.say("account", f.Account)
	o := testOptions(t)
	o.Answers = f.Answers
	if kind == "" {
		kind = table.kind()
	}
	switch kind {
	case event.Followers.Name:
		h := followersForm.read(table, o)
		return told(h, followerReadings.repeats(table, h, o), func(i int) string {
			r := h.Rows[i]
			return fmt.Sprintf("%s %s %s %d", r.Time.Format("2006-01-02T15:04"), r.Network, r.Account, r.Followers)
		})
	case event.Posts.Name:
		h := postsForm.read(table, o)
		return told(h, postReadings.repeats(table, h, o), func(i int) string {
			r := h.Rows[i]
			figure := func(n *uint64) string {
				if n == nil {
					return "-"
				}
				return fmt.Sprint(*n)
			}
			return fmt.Sprintf("%s %s %s %s %s/%s/%s/%s", r.Published.Format("2006-01-02T15:04"), r.Network, r.Account, r.Post, figure(r.Likes), figure(r.Comments), figure(r.Reposts), figure(r.Views))
		})
	}
	h := insightsForm.read(table, o)
	return told(h, insightReadings.repeats(table, h, o), func(i int) string {
		r := h.Rows[i]
		return fmt.Sprintf("%s %s %s %s %v", r.Day.Format(time.DateOnly), r.Network, r.Account, r.Name, r.Value)
	})
}

func told[R any](h *readRows[R], leftOut []string, row func(i int) string) string {
	var out []string
	for _, q := range h.Questions {
		text := q.Key
		if q.Open {
			text += "?"
		}
		if q.Value != "" {
			text += "=" + q.Value
		}
		for _, c := range q.Choices {
			if q.Open {
				text += " " + c.Value + ":" + c.Reads
				for _, s := range c.Says {
					text += "+" + s.Key
				}
			}
		}
		for _, s := range q.Why {
			text += fmt.Sprintf(" (%s %d/%d)", s.Key, s.N, s.M)
		}
		out = append(out, text)
	}
	for _, e := range h.Errors {
		text := fmt.Sprintf("%d", e.Line)
		if e.Other > 0 {
			text += fmt.Sprintf("<>%d", e.Other)
		}
		text += " " + e.Key
		if e.Column != "" {
			text += " " + e.Column
		}
		if e.Against != "" {
			text += " " + e.Text + " / " + e.Against
		}
		out = append(out, text)
	}
	if len(leftOut) > 0 {
		out = append(out, "without "+strings.Join(leftOut, ", "))
	}
	for i := range h.Rows {
		out = append(out, row(i))
	}
	return strings.Join(out, "; ")
}

type lookCase struct {
	name, kind string
	f          File
	text, want string
}

func lookAt(t *testing.T, cases []lookCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := looked(t, c.kind, c.f, c.text); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// One key never has two values: both lines are named, and where a column tells
// them apart and the figure adds up, their sum is offered.
func TestRepeatedLines(t *testing.T) {
	const chart = "Date,Content,Video title,Video publish time,Duration,Views,Unique viewers\n" +
		"2026-01-30,abcdefghijk,One,\"Jan 1, 2026\",3600,10,9\n2026-01-31,abcdefghijk,One,\"Jan 1, 2026\",3600,30,8\n2026-01-31,lmnopqrstuv,Two,\"Jan 2, 2026\",4200,7,7\n2026-01-31,Total,,,,37,14\n"
	lookAt(t, []lookCase{
		{"two lines of a history for one day", "", File{}, "date,network,account,followers\n2026-01-30,x,a,9\n2026-01-31,x,a,10\n2026-01-31,x,a,11\n",
			"4<>3 repeated; 2026-01-30T11:00 x a 9"},
		{"the same account by two names", "", File{}, "date,network,account,followers\n2026-01-31,x,A,10\n2026-01-31,Twitter,@a,11\n", "3<>2 repeated"},
		{"the same line twice", "", File{}, "date,network,account,followers\n2026-01-31,x,a,10\n2026-01-31,x,a,10\n", "2026-01-31T11:00 x a 10"},
		{"two times of one day", "", File{}, "date,network,account,followers\n2026-01-31T08:00Z,x,a,10\n2026-01-31T09:00Z,x,a,11\n", "2026-01-31T08:00 x a 10; 2026-01-31T09:00 x a 11"},
		{"lines that complete each other", "", File{}, "published,network,account,post,likes,views\n2026-01-31,x,a,1,5,\n2026-01-31,x,a,1,,70\n", "2026-01-31T11:00 x a 1 5/-/-/70"},
		{"lines of a post that contradict each other", "", File{}, "published,network,account,post,likes\n2026-01-31,x,a,1,5\n2026-01-31,x,a,1,6\n", "3<>2 repeated"},
		{"two names of one figure", "", File{}, "date,network,account,insight,value\n2026-01-31,x,a,Reach,12\n2026-01-31,x,a,Portée,13\n", "3<>2 repeated"},
		{"YouTube's chart data", "", File{Account: "@a"}, chart, "sum; 4<>3 repeated Content; 2026-01-30 youtube @a duration 3600; 2026-01-30 youtube @a unique_viewers 9; 2026-01-30 youtube @a views 10"},
		{"YouTube's chart data, added up", "", File{Account: "@a", Answers: Answers{Sum: true}}, chart,
			"sum=yes; without duration, unique_viewers; 2026-01-30 youtube @a views 10; 2026-01-31 youtube @a views 37"},
		{"a breakdown of what doesn't add up", "", File{Network: "youtube", Account: "@a", Answers: Answers{Sum: true}}, "Date,Device type,Reach\n2026-01-31,Mobile,5\n2026-01-31,TV,7\n", "3<>2 repeated Device type"},
		{"X's posts as statistics of days", event.Insights.Name, File{Network: "x", Account: "a"}, "Post id,Date,Post text,Post Link,Impressions\n2017487000000000001,\"Sat, Jan 31, 2026\",Hi,https://x.com/a/status/2017487000000000001,10\n2017487000000000002,\"Sat, Jan 31, 2026\",Ho,https://x.com/a/status/2017487000000000002,12\n", "3<>2 kind"},
		{"Meta's results of two networks", "", File{Account: "a"}, inUTF16("sep=,\r\n\"Facebook reach\"\r\n\"Date\",\"Primary\"\r\n\"2026-01-31T00:00:00\",\"20\"\r\n\r\n\"Instagram reach\"\r\n\"Date\",\"Primary\"\r\n\"2026-01-31T00:00:00\",\"5\"\r\n"),
			"2026-01-31 facebook a reach 20; 2026-01-31 instagram a reach 5"},
		{"Meta's results of two accounts", "", File{Account: "facebook=page, instagram=@me"}, "Facebook link clicks\nDate,Primary\n2026-01-31T00:00:00,20\nVisites du profil Instagram\nDate,Primary\n2026-01-31T00:00:00,5\n",
			"2026-01-31 facebook page link_clicks 20; 2026-01-31 instagram me profile_visits 5"},
		{"one figure twice in Meta's results", "", File{Network: "instagram", Account: "a"}, "Reach\nDate,Primary\n2026-01-31T00:00:00,20\nReach\nDate,Primary\n2026-01-31T00:00:00,5\n", "6<>3 repeated"},
		{"another network than Meta's title", "", File{Network: "instagram", Account: "a"}, "Facebook reach\nDate,Primary\n2026-01-31T00:00:00,20\n", "3 other_network network facebook / instagram"},
	})
}

// shortcode makes an Instagram address of a time.
func shortcode(at time.Time) string {
	n := uint64(at.UnixMilli()-1314220021721) << 23
	code := make([]byte, 11)
	for i := 10; i >= 0; i-- {
		code[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[n&63]
		n >>= 6
	}
	return "https://www.instagram.com/p/" + string(code) + "/"
}

func TestZoneOfAFile(t *testing.T) {
	at := time.Date(2026, 1, 31, 22, 30, 17, 0, time.UTC)
	summer := time.Date(2026, 7, 1, 22, 30, 17, 0, time.UTC)
	const head = "Post ID,Account username,Publish time,Permalink,Likes\n"
	line := func(id int, written string, at time.Time) string {
		return fmt.Sprintf("%d,a,%s,%s,5\n", id, written, shortcode(at))
	}
	snowflake := func(at time.Time) string { return fmt.Sprint(uint64(at.UnixMilli()-1288834974657) << 22) }
	lookAt(t, []lookCase{
		{"Meta's, by the network's habit", "", File{}, head + "18,a,01/31/2026 14:30,https://www.instagram.com/p/x/,5\n", "zone=America/Los_Angeles (meta 0/0); 2026-01-31T22:30 instagram a 18 5/-/-/-"},
		{"Meta's, as shortcodes agree", "", File{}, head + line(18, "01/31/2026 14:30", at) + line(19, "07/01/2026 15:30", summer),
			"zone=America/Los_Angeles (meta 0/0) (ids 2/2); 2026-01-31T22:30 instagram a 18 5/-/-/-; 2026-07-01T22:30 instagram a 19 5/-/-/-"},
		{"Meta's in the site's zone, as shortcodes show", "", File{}, head + line(18, "01/31/2026 23:30", at) + line(19, "07/02/2026 00:30", summer),
			"zone=Europe/Paris (ids 2/2); 2026-01-31T22:30 instagram a 18 5/-/-/-; 2026-07-01T22:30 instagram a 19 5/-/-/-"},
		{"a post that was prepared hours before moves no zone", "", File{}, head + line(18, "01/31/2026 14:30", at) + line(19, "07/01/2026 19:30", summer),
			"zone=America/Los_Angeles (meta 0/0) (ids 1/2); 2026-01-31T22:30 instagram a 18 5/-/-/-; 2026-07-02T02:30 instagram a 19 5/-/-/-"},
		{"as answered", "", File{Answers: Answers{Zone: "Asia/Tokyo"}}, head + line(18, "01/31/2026 14:30", at), "zone=Asia/Tokyo (ids 0/1); 2026-01-31T05:30 instagram a 18 5/-/-/-"},
		{"no zone", "", File{Answers: Answers{Zone: "Mars/Olympus"}}, head + line(18, "01/31/2026 14:30", at), "1 zone"},
		{"of X's, by snowflakes", "", File{Account: "a"}, "Post id,Date,Post Link,Likes\n" + snowflake(at) + ",2026-01-31 23:30,https://x.com/a/status/1,5\n",
			"zone=Europe/Paris (site 0/0); 0001-01-01T00:00 x a " + snowflake(at) + " 5/-/-/-"},
		{"times that name their zone", "", File{}, "Tweet id,Tweet permalink,Tweet text,time,impressions,retweets,replies,likes\n1465600000000000000,https://twitter.com/a/status/1465600000000000000,Hi,2021-11-30 16:00 +0000,1234.0,2.0,0.0,5.0\n",
			"2021-11-30T16:00 x a 1465600000000000000 5/0/2/1234"},
		{"a history of followers", "", File{Answers: Answers{Zone: "UTC"}}, "date,network,account,followers\n2026-01-31 09:00,x,a,1\n2026-02-01,x,a,2\n", "zone=UTC; 2026-01-31T09:00 x a 1; 2026-02-01T12:00 x a 2"},
	})
}

func TestNumbersThatCanBeReadInTwoWays(t *testing.T) {
	german := "Datum;Impressionen;Reichweite\n30.01.2026;1.777;950\n31.01.2026;1.020;812\n"
	lookAt(t, []lookCase{
		{"beside dates with points", "", File{Network: "x", Account: "a"}, german, "decimal? point:1.777+others comma:1777+points+semicolons+whole+others"},
		{"answered: a comma", "", File{Network: "x", Account: "a", Answers: Answers{Decimal: DecimalComma}}, german,
			"2026-01-30 x a impressions 1777; 2026-01-30 x a reach 950; 2026-01-31 x a impressions 1020; 2026-01-31 x a reach 812"},
		{"answered: a point", event.Insights.Name, File{Network: "x", Account: "a", Answers: Answers{Decimal: DecimalPoint}}, "date,hours\n2026-01-31,1.234\n", "2026-01-31 x a hours 1.234"},
		{"where commas part the columns", event.Insights.Name, File{Network: "x", Account: "a"}, "date,hours\n2026-01-31,1.234\n", "decimal? point:1.234+commas comma:1234+whole"},
		{"groups by commas", "", File{Network: "x", Account: "a"}, "date,reach\n2026-01-31,\"1,234\"\n", "decimal? point:1234+commas+whole comma:1.234"},
		{"another number shows it", "", File{Network: "x", Account: "a"}, "date,reach,rate\n2026-01-31,\"1,234\",0.5\n", "2026-01-31 x a rate 0.5; 2026-01-31 x a reach 1234"},
		{"counts have no decimals", "", File{}, "date;network;account;followers\n31.01.2026;x;a;1.777\n", "2026-01-31T11:00 x a 1777"},
		{"counts with zeros behind a point, and one with three digits", "", File{}, "published,network,account,post,likes,views\n2026-01-31,x,a,1,2.0,1.777\n", "decimal? point:1.777+commas+zeros comma:1777"},
		{"counts with zeros behind a point", "", File{}, "published,network,account,post,likes,views\n2026-01-31,x,a,1,2.0,\"1,777.0\"\n", "2026-01-31T11:00 x a 1 2/-/-/1777"},
		{"half a like", "", File{}, "published,network,account,post,likes,views\n2026-01-31,x,a,1,2.0,1777.5\n", "2 count views"},
	})
}

func TestDatesThatCanBeReadInTwoWays(t *testing.T) {
	const head = "date,network,account,followers\n"
	lookAt(t, []lookCase{
		{"day or month", "", File{}, head + "01/02/2026,x,a,1\n03/02/2026,x,a,2\n", "dates? day:2026-02-01+span month:2026-01-02+span"},
		{"answered: the month", "", File{Answers: Answers{Dates: MonthFirst}}, head + "01/02/2026,x,a,1\n", "2026-01-02T11:00 x a 1"},
		{"answered against what the file shows", "", File{Answers: Answers{Dates: MonthFirst}}, head + "01/02/2026,x,a,1\n31/01/2026,x,a,2\n", "3 order date"},
		{"another date shows it", "", File{}, head + "01/02/2026,x,a,1\n31/01/2026,x,a,2\n", "2026-01-31T11:00 x a 2; 2026-02-01T11:00 x a 1"},
		{"one way would be still to come", "", File{}, head + "01/12/2026,x,a,1\n", "2026-01-12T11:00 x a 1"},
		{"both ways in one file", "", File{}, head + "31/01/2026,x,a,1\n01/31/2026,x,a,2\n", "3<>2 orders date 01/31/2026 / 31/01/2026"},
		{"points", "", File{}, head + "01.02.2026,x,a,1\n", "2026-02-01T11:00 x a 1"},
		{"years of two digits", "", File{}, head + "1/31/26,x,a,1\n", "2026-01-31T11:00 x a 1"},
		{"years of two digits, first or last", "", File{}, head + "25/12/10,x,a,1\n", "dates? day:2010-12-25+span year:2025-12-10+span"},
		{"times of twelve hours", "", File{}, head + "\"1/31/26, 7:30 PM\",x,a,1\n", "zone=Europe/Paris (site 0/0); 2026-01-31T18:30 x a 1"},
		{"the ID of a post shows it", "", File{}, "published,network,account,post,likes\n01/02/2026,x,a,2018000000000000000,1\n", "2026-02-01T11:00 x a 2018000000000000000 1/-/-/-"},
	})
}

// Networks' own files, as public programs that read them have them.
func TestNetworksOwnFiles(t *testing.T) {
	lookAt(t, []lookCase{
		{"TikTok's overview over New Year", "", File{Account: "a"}, "\"Date\",\"Video Views\",\"Profile Views\",\"Likes\",\"Comments\",\"Shares\"\n\"December 31\",\"100\",\"10\",\"2\",\"NAN\",\"3\"\n\"January 1\",\"200\",\"20\",\"4\",\"0\",\"1\"\n",
			"year=2026; 2025-12-31 tiktok a likes 2; 2025-12-31 tiktok a profile_visits 10; 2025-12-31 tiktok a shares 3; 2025-12-31 tiktok a video_views 100; 2026-01-01 tiktok a comments 0; 2026-01-01 tiktok a likes 4; 2026-01-01 tiktok a profile_visits 20; 2026-01-01 tiktok a shares 1; 2026-01-01 tiktok a video_views 200"},
		{"TikTok's overview of an earlier year", "", File{Account: "a", Answers: Answers{Year: 2025}}, "Date,Video Views,Profile Views\nDecember 31,1,2\nJanuary 1,3,4\n",
			"year=2025; 2024-12-31 tiktok a profile_visits 2; 2024-12-31 tiktok a video_views 1; 2025-01-01 tiktok a profile_visits 4; 2025-01-01 tiktok a video_views 3"},
		{"TikTok's followers", "", File{Account: "a"}, "Date,Followers,Difference in followers from previous day\n30 décembre,undefined,0\n31 décembre,10,0\n1 janvier,9,-1\n", "year=2026; 2025-12-31T11:00 tiktok a 10; 2026-01-01T11:00 tiktok a 9"},
		{"TikTok's content, whose IDs have the year", "", File{}, "\"Time\",\"Video title\",\"Video link\",\"Post time\",\"Total likes\",\"Total comments\",\"Total shares\",\"Total views\"\n\"September 13\",Hi,https://www.tiktok.com/@a/video/7300000000000000001,October 22,\"5,431\",\"24\",\"461\",\"289568\"\n",
			"year=2026; 2023-10-22T10:00 tiktok a 7300000000000000001 5431/24/461/289568"},
		{"YouTube's table data", "", File{Account: "@a"}, "Content,Video title,Video publish time,Duration,Likes,Comments added,Shares,Views,Watch time (hours),Subscribers,Impressions\nTotal,,,,7940,433,2,504631,42600.6525,7421,5943695\n2q4TS4z4Rpk,Hello,\"Jan 6, 2024\",2496,196,1,3,8542,927.5816,140,138912\n",
			"2024-01-06T11:00 youtube @a 2q4TS4z4Rpk 196/1/3/8542"},
		{"YouTube's in French", "", File{Account: "@a"}, "Contenu,Titre de la vidéo,Heure de publication de la vidéo,Durée,Vues,Durée de visionnage (heures)\nTotal,,,,\"28 000\",\"1,5\"\n2q4TS4z4Rpk,Salut,28 sept. 2026,40,\"8 542\",\"0,4\"\n", "2026-09-28T10:00 youtube @a 2q4TS4z4Rpk -/-/-/8542"},
		{"YouTube's in German, with soft hyphens", "", File{Account: "@a"}, "Videos,Video\u00adtitel,Veröffentlichungs\u00adzeitpunkt des Videos,Dauer,Aufrufe\nGesamt,,,,99\n2q4TS4z4Rpk,Hallo,28. Sept. 2026,40,85\n", "2026-09-28T10:00 youtube @a 2q4TS4z4Rpk -/-/-/85"},
		{"YouTube's totals in German", "", File{Network: "youtube", Account: "@a"}, "Datum,Aufrufe,Wiedergabezeit (Stunden)\n2026-01-31,3415,1.5\n", "2026-01-31 youtube @a views 3415; 2026-01-31 youtube @a wiedergabezeit_stunden 1.5"},
		{"Meta's in French", "", File{}, "Identifiant de la publication,ID du compte,Nom d’utilisateur du compte,Description,Heure de publication,Permalien,Type de publication,Date,Vues,Couverture,Mentions J’aime,Partages,Commentaires\n18,7,a,Mots,31/01/2026 14:30,https://www.instagram.com/p/x/,Photo,Durée de vie,400,300,5,1,3\n",
			"zone=America/Los_Angeles (meta 0/0); 2026-01-31T22:30 instagram a 18 5/3/1/400"},
		{"Meta's in German", "", File{Account: "seite"}, "Beitrags-ID;Seiten-ID;Seitenname;Titel;Veröffentlichungszeit;Permalink;Datum;Aufrufe;Reichweite;Reaktionen, Kommentare und geteilte Inhalte;Reaktionen;Kommentare;Geteilte Inhalte\n18;7;Seite;Hallo;31.01.2026 14:30;https://www.facebook.com/seite/posts/18;Gesamt;1.400;300;9;5;3;1\n",
			"zone=America/Los_Angeles (meta 0/0); 2026-01-31T22:30 facebook seite 18 5/3/1/1400"},
		{"Meta's results in German", "", File{Account: "a"}, "Facebook-Besuche\nDatum,Primary\n2026-01-31T00:00:00,20\n", "2026-01-31 facebook a profile_visits 20"},
		{"LinkedIn's posts, with a line above", "", File{Account: "1234567"}, "\"Engagement metrics, for posts\"\nPost title,Post link,Post type,Created date,Impressions,Views (Excluding offsite video views),Clicks,Likes,Comments,Reposts,Engagement rate\nHi,https://www.linkedin.com/feed/update/urn:li:activity:7290000000000000000,Image,01/28/2025,100,,3,4,5,6,0.05\n",
			"2025-01-28T11:00 linkedin 1234567 7290000000000000000 4/5/6/100"},
		{"LinkedIn's days", "", File{Network: "linkedin", Account: "1234567"}, "Date,Impressions (organic),Impressions (sponsored),Impressions (total),Reactions (total),Engagement rate (total)\n01/28/2026,90,10,100,4,0.05\n",
			"2026-01-28 linkedin 1234567 engagement_rate 0.05; 2026-01-28 linkedin 1234567 impressions 100; 2026-01-28 linkedin 1234567 impressions_organic 90; 2026-01-28 linkedin 1234567 impressions_sponsored 10; 2026-01-28 linkedin 1234567 likes 4"},
		{"LinkedIn's new followers are no following", "", File{Account: "1234567"}, "Date,Sponsored followers,Organic followers,Auto-invited followers,Total followers\n01/28/2026,0,3,0,3\n",
			"2026-01-28 linkedin 1234567 auto_invited_followers 0; 2026-01-28 linkedin 1234567 new_follows 3; 2026-01-28 linkedin 1234567 organic_followers 3; 2026-01-28 linkedin 1234567 sponsored_followers 0"},
		{"titles that nobody knows", event.Posts.Name, File{Network: "x", Account: "a"}, "When,What,How much\n2026-01-31,Hi,5\n", "1 header When; What; How much / date / published, post / url, likes / comments / reposts / views"},
		{"a figure with the network's name", "", File{Account: "a", Network: "facebook"}, "Date,Facebook link clicks,Page likes\n2026-01-31,4,5\n", "2026-01-31 facebook a link_clicks 4; 2026-01-31 facebook a page_likes 5"},
	})
}

// What a line says of its account is never overridden, and a collaborator's
// posts are nobody's unless one says so.
func TestWhoseALineIs(t *testing.T) {
	const own = "date,network,account,followers\n2026-01-31,x,bob,5\n2026-01-31,x,alice,7\n"
	const collab = "Post ID,Account username,Publish time,Permalink,Likes\n18,alice,01/31/2026 14:30,https://www.instagram.com/p/x/,5\n19,alice,01/31/2026 15:30,https://www.instagram.com/p/y/,6\n20,bob,01/31/2026 16:30,https://www.instagram.com/p/z/,7\n"
	lookAt(t, []lookCase{
		{"another account in our form", "", File{Account: "alice"}, own, "2 other_account account bob / alice; 2026-01-31T11:00 x alice 7"},
		{"the same by another form", "", File{Account: "https://x.com/Alice"}, "date,network,account,followers\n2026-01-31,x,@alice,7\n", "2026-01-31T11:00 x alice 7"},
		{"another network in our form", "", File{Network: "bluesky"}, own, "2 other_network network x / bluesky; 3 other_network network x / bluesky"},
		{"empty cells are filled", "", File{Network: "x", Account: "alice"}, "date,network,account,followers\n2026-01-31,,,7\n", "2026-01-31T11:00 x alice 7"},
		{"a collaborator's post", "", File{}, collab, "account? alice:+posts bob:+posts *:+posts; zone=America/Los_Angeles (meta 0/0)"},
		{"a collaborator's post beside the account that is given", "", File{Account: "@alice"}, collab,
			"zone=America/Los_Angeles (meta 0/0); 4 other_account account bob / @alice; 2026-01-31T22:30 instagram alice 18 5/-/-/-; 2026-01-31T23:30 instagram alice 19 6/-/-/-"},
		{"answered: bob", "", File{Answers: Answers{Account: "bob"}}, collab,
			"zone=America/Los_Angeles (meta 0/0); 2 other_account account alice / bob; 3 other_account account alice / bob; 2026-02-01T00:30 instagram bob 20 7/-/-/-"},
		{"answered: all", "", File{Answers: Answers{Account: AllAccounts}}, collab,
			"zone=America/Los_Angeles (meta 0/0); 2026-01-31T22:30 instagram alice 18 5/-/-/-; 2026-01-31T23:30 instagram alice 19 6/-/-/-; 2026-02-01T00:30 instagram bob 20 7/-/-/-"},
		{"two Pages", "", File{Account: "page"}, "Post ID,Page ID,Page name,Publish time,Permalink,Reactions\n18,7,A,01/31/2026 14:30,https://www.facebook.com/a/posts/18,5\n19,8,B,01/31/2026 14:30,https://www.facebook.com/b/posts/19,5\n", "3<>2 other_page Page ID 8 / 7"},
	})
}
