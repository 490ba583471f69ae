package social

import (
	"errors"
	"fmt"
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

// Readers of a feed are recognised by the same rules as page views: feed
// readers, people's apps and programs that give nothing but a name read it to
// somebody; crawlers, monitors and fetchers for AI models don't.
func TestFeedReadersFollowTheRulesOfPageViews(t *testing.T) {
	for agent, want := range map[string]uint64{
		"NetNewsWire (RSS Reader; https://netnewswire.com/)":  1,
		"Reeder/5050001 CFNetwork/1568.300.101 Darwin/24.2.0": 1,
		"okhttp/4.12.0":  1,
		"Akregator/5.22": 1,
		"Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)": 1,
		"SomeReaderOfMine/2.1": 1,
		"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13110; Pro)":                                        1,
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0":                                      1,
		"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)":                                                  0,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)":            0,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amzn-User/0.1) Chrome/119.0.6045.214 Safari/537.36": 0,
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)":                                         0,
		"Java/17.0.2": 0, "axios/1.7.2": 0, "python-requests/2.32.3": 0, "Wget/1.21.4": 0,
		"UptimeRobot/2.0 (http://www.uptimerobot.com/)":                                                                           0,
		"W3C_Validator/1.3 http://validator.w3.org/services":                                                                      0,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36": 0,
		"-": 0, "": 0,
	} {
		line := `203.0.113.7 - - [20/Nov/2026:11:00:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "` + agent + `"` + "\n"
		got, err := ReadFeedLog(strings.NewReader(line), FeedOptions{Site: 7, Location: time.UTC, Paths: []string{"/feed.xml"}, Account: "/feed.xml", Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
		if err != nil || len(got) != 1 || got[0].Followers != want {
			t.Errorf("%q: %+v, %v; want %d", agent, got, err, want)
		}
	}
}

// A log with more readers than the bound allows is refused; one whose readers
// come back is not.
func TestReadersOfALogAreBounded(t *testing.T) {
	defer func(n int) { maxReaders = n }(maxReaders)
	maxReaders = 100
	for readers, want := range map[int]error{100: nil, 101: ErrManyReaders} {
		var log strings.Builder
		for i := range 3 * readers {
			fmt.Fprintf(&log, `203.0.113.7 - - [20/Nov/2026:11:00:00 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "SomeReaderOfMine/2.1 no %d"`+"\n", i%readers)
		}
		_, err := ReadFeedLog(strings.NewReader(log.String()), FeedOptions{Site: 7, Location: time.UTC, Paths: []string{"/feed.xml"}, Account: "/feed.xml", Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
		if !errors.Is(err, want) {
			t.Errorf("%d readers: %v", readers, err)
		}
	}
}
