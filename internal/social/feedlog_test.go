package social

import (
	"strings"
	"testing"
	"time"
)

const feedLog = `203.0.113.1 - - [20/Nov/2026:03:00:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Feedly/1.0 (+https://feedly.com/fetcher.html; 462 subscribers; like FeedFetcher-Google)"
203.0.113.2 - - [20/Nov/2026:09:00:01 +0000] "GET /feed.xml HTTP/2.0" 304 0 "-" "Feedly/1.0 (+https://feedly.com/fetcher.html; 460 subscribers; like FeedFetcher-Google)"
203.0.113.3 - - [20/Nov/2026:09:10:01 +0000] "GET /feed.xml?x=1 HTTP/1.1" 200 5120 "-" "Feedbin feed-id:1373711 - 35 subscribers"
203.0.113.3 - - [20/Nov/2026:09:11:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "NewsBlur Feed Fetcher - 1 subscriber - https://www.newsblur.com/site/1/ (Mozilla/5.0)"
203.0.113.3 - - [20/Nov/2026:19:10:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Feedbin feed-id:1373711 - 36 subscribers"
203.0.113.3 - - [20/Nov/2026:19:10:02 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Feedbin feed-id:1373712 - 1 subscribers"
203.0.113.3 - - [20/Nov/2026:19:11:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "NewsBlur Feed Fetcher - 13 subscribers - https://www.newsblur.com/site/1/ (Mozilla/5.0)"
203.0.113.4 - - [20/Nov/2026:19:12:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (compatible; inoreader.com; 7 subscribers)"
203.0.113.4 - - [20/Nov/2026:19:13:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (compatible; theoldreader.com; 2 subscribers; feed-id=0719795c4d27c784217b0bc0)"
203.0.113.9 - alice [20/Nov/2026:10:00:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "NetNewsWire (RSS Reader; https://netnewswire.com/)"
203.0.113.9 - - [20/Nov/2026:11:00:00 +0000] "GET /feed.xml HTTP/1.1" 304 0 "-" "NetNewsWire (RSS Reader; https://netnewswire.com/)"
203.0.113.10 - - [20/Nov/2026:11:00:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "NetNewsWire (RSS Reader; https://netnewswire.com/)"
203.0.113.11 - - [20/Nov/2026:11:00:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
203.0.113.11 - - [20/Nov/2026:11:00:00 +0000] "GET /feed.xml HTTP/1.1" 404 12 "-" "Liferea/1.15"
203.0.113.11 - - [20/Nov/2026:11:00:00 +0000] "GET / HTTP/1.1" 200 5120 "-" "Mozilla/5.0"
nonsense
203.0.113.12 - - [20/Nov/2026:23:30:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Liferea/1.15"
203.0.113.12 - - [23/Nov/2026:10:00:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Liferea/1.15"
`

func TestReadFeedLog(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	o := FeedOptions{Site: 7, Location: paris, Paths: []string{"/feed.xml"}, Account: "/feed.xml", Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	got, err := ReadFeedLog(strings.NewReader(feedLog), o)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	// By services 462, 36 and 1, 13, 7 and 2; two readers of their own; after midnight in Paris one.
	for i, want := range []struct {
		day       int
		followers uint64
	}{{20, 523}, {21, 1}} {
		c := got[i]
		if !c.Time.Equal(time.Date(2026, 11, want.day, 12, 0, 0, 0, paris)) || c.Followers != want.followers || c.Network != "rss" || c.Account != "/feed.xml" || !c.Rounded || c.Site != 7 {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
	if _, err := ReadFeedLog(strings.NewReader("date,network\n"), o); err == nil {
		t.Error("a file that is no log is taken")
	}
}
