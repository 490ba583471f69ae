package imports

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/event"
)

// feedLog has a reader of a feed.
const feedLog = `203.0.113.1 - - [20/Nov/2026:03:00:01 +0000] "GET /feed.xml HTTP/1.1" 200 5120 "-" "Feedly/1.0 (+https://feedly.com/fetcher.html; 462 subscribers)"
`

// A log that people choose on the page, plain or in gzip, becomes an import of
// followers; what is no log is told as of other files.
func TestLogsArePreviewed(t *testing.T) {
	i, _, site := newImporter(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(feedLog)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	const limit = 4 << 30
	for _, c := range []struct {
		name, path, log string
		most            int64
		want            string // the key of what is wrong
	}{
		{"plain", "/feed.xml", feedLog, limit, ""},
		{"in gzip", "/feed.xml", packed.String(), limit, ""},
		{"cut off", "/feed.xml", packed.String()[:packed.Len()-9], limit, NoLog},
		{"damaged", "/feed.xml", packed.String()[:20] + "?" + packed.String()[21:], limit, NoLog},
		{"no log", "/feed.xml", "date,network\n", limit, NoLog},
		{"one endless line", "/feed.xml", strings.Repeat("a", 2<<20), limit, NoLog},
		{"no path", "feed", feedLog, limit, BadPath},
		{"as large as it may be", "/feed.xml", feedLog, int64(len(feedLog)) + 1, ""},
		{"larger", "/feed.xml", feedLog, int64(len(feedLog)), BigLog},
	} {
		maxLog = c.most
		p, err := i.Preview(t.Context(), site, File{Name: "access.log", Kind: FeedLog, Account: c.path, Content: strings.NewReader(c.log)})
		switch {
		case err != nil || p.Kind != event.Followers.Name:
			t.Errorf("%s: %+v, %v", c.name, p, err)
		case c.want == "":
			if p.ID == 0 || p.New == 0 || len(p.Accounts) != 1 || p.Accounts[0].Account != "/feed.xml" || len(p.Errors) > 0 {
				t.Errorf("%s: %+v", c.name, p)
			}
		case p.ID != 0 || len(p.Errors) != 1 || p.Errors[0].Key != c.want:
			t.Errorf("%s: %+v, want %s", c.name, p, c.want)
		}
	}
	maxLog = limit
}
