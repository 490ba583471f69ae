package collect

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/earshot-analytics/earshot/internal/event"
)

type fakeTokens map[string]Token

func (f fakeTokens) IngestToken(_ context.Context, text string) (Token, error) {
	if text == "stats" {
		return Token{}, ErrOtherToken
	}
	if text == "old" {
		return Token{}, ErrOldToken
	}
	t, ok := f[text]
	if !ok {
		return Token{}, ErrNoToken
	}
	return t, nil
}

func newBatchTest(spool Spool) (*Collector, Options) {
	_, o := newTest(spool)
	o.Tokens = fakeTokens{"all": {ID: 1}, "one": {ID: 2, Site: 1}}
	return New(o), o
}

// line is an event in a batch. More overrides: "timestamp", `"…"`, …
func line(path string, more ...string) string {
	fields := map[string]string{"n": `"pageview"`, "u": fmt.Sprintf(`"https://example.com%s"`, path), "d": `"example.com"`,
		"ip": `"81.2.3.4"`, "user_agent": `"` + firefox + `"`}
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	var parts []string
	for _, k := range []string{"n", "u", "d", "ip", "user_agent", "timestamp", "opt_out", "p"} {
		if v := fields[k]; v != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", k, v))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func zstded(s string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(s), nil))
}

func send(c *Collector, body string, header ...string) *http.Response {
	return ask(c, "POST", PathEvents, body, append([]string{"Authorization: Bearer all", "Content-Type: application/json", "User-Agent: curl/8"}, header...)...)
}

type batchAnswer struct {
	Accepted, Dropped int
	Errors            json.RawMessage
}

func TestBatch(t *testing.T) {
	yesterday := noon.Add(-24 * time.Hour).Format(time.RFC3339)
	for _, c := range []struct {
		name   string
		body   string
		header []string
		status int
		want   batchAnswer
		paths  string // of what was spooled, in order
	}{
		{name: "an array", body: "[" + line("/a") + ",\n " + line("/b") + "]", status: 202, want: batchAnswer{2, 0, []byte("[]")}, paths: "/a /b"},
		{name: "lines", body: line("/a") + "\n\n" + line("/b") + "\r\n", header: []string{"Content-Type: application/x-ndjson"}, status: 202, want: batchAnswer{2, 0, []byte("[]")}, paths: "/a /b"},
		{name: "one event is a line", body: line("/a"), status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "no events", body: "[]", status: 202, want: batchAnswer{0, 0, []byte("[]")}},
		{name: "gzip", body: gzipped("[" + line("/a") + "]"), header: []string{"Content-Encoding: gzip"}, status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "zstd", body: zstded("[" + line("/a") + "]"), header: []string{"Content-Encoding: zstd"}, status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "what is wrong with one refuses that one", body: "[" + line("/a") + `,7,` + line("/b", "ip", `"x"`, "user_agent", "") + "," + line("/c") + "]", status: 202,
			want: batchAnswer{2, 0, []byte(`[{"index":1,"errors":{"event":["is not a JSON object"]}},{"index":2,"errors":{"ip":["is required: the reader's address"],"user_agent":["is required: the reader's"]}}]`)}, paths: "/a /c"},
		{name: "a line that is cut", body: line("/a") + "\n{\"n\":\"page\n" + line("/b"), status: 202,
			want: batchAnswer{2, 0, []byte(`[{"line":2,"errors":{"event":["is not a JSON object"]}}]`)}, paths: "/a /b"},
		{name: "a site that isn't there", body: line("/a", "d", `"nobody.org"`), status: 202,
			want: batchAnswer{0, 0, []byte(`[{"line":1,"errors":{"domain":["nobody.org is not a site here: add it in Earshot, or check data-site in the snippet"]}}]`)}},
		{name: "bots and readers who asked not to be tracked are left out", body: line("/a", "user_agent", `"Googlebot/2.1"`) + "\n" + line("/b", "opt_out", "true") + "\n" + line("/c"), status: 202,
			want: batchAnswer{1, 2, []byte("[]")}, paths: "/c"},
		{name: "in the order of their times", body: line("/c") + "\n" + line("/b", "timestamp", `"2026-11-23T11:00:00Z"`) + "\n" + line("/a", "timestamp", `"2026-11-23T12:30:00+02:00"`), status: 202,
			want: batchAnswer{3, 0, []byte("[]")}, paths: "/a /b /c"},
		{name: "a day old is taken", body: line("/a", "timestamp", `"`+yesterday+`"`), status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "older is not", body: line("/a", "timestamp", `"2026-11-22T11:59:59Z"`), status: 202,
			want: batchAnswer{0, 0, []byte(`[{"line":1,"errors":{"timestamp":["is older than 24 hours"]}}]`)}},
		{name: "clocks differ by five minutes", body: line("/a", "timestamp", `"2026-11-23T12:05:00Z"`), status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "not by more", body: line("/a", "timestamp", `"2026-11-23T12:05:01Z"`), status: 202,
			want: batchAnswer{0, 0, []byte(`[{"line":1,"errors":{"timestamp":["is more than 5 minutes in the future"]}}]`)}},
		{name: "a number is no time", body: line("/a", "timestamp", `1795000000`), status: 202,
			want: batchAnswer{0, 0, []byte(`[{"line":1,"errors":{"timestamp":["should look like 2026-11-23T08:15:30Z (RFC 3339)"]}}]`)}},
		{name: "a token of one site sends that one's", body: line("/a") + "\n" + line("/b", "d", `"other.org"`), header: []string{"Authorization: Bearer one"}, status: 202,
			want: batchAnswer{1, 0, []byte(`[{"line":2,"errors":{"domain":["this token is not for this site"]}}]`)}, paths: "/a"},

		{name: "a token of one site and events of another", body: line("/b", "d", `"other.org"`), header: []string{"Authorization: Bearer one"}, status: 403},
		{name: "sites that aren't there are not told from others'", body: line("/b", "d", `"nobody.org"`), header: []string{"Authorization: Bearer one"}, status: 403},
		{name: "no token", body: line("/a"), header: []string{"Authorization: "}, status: 401},
		{name: "not a token", body: line("/a"), header: []string{"Authorization: Bearer nothing"}, status: 401},
		{name: "a token that has expired", body: line("/a"), header: []string{"Authorization: Bearer old"}, status: 401},
		{name: "another scheme", body: line("/a"), header: []string{"Authorization: Basic all"}, status: 401},
		{name: "a token for statistics", body: line("/a"), header: []string{"Authorization: Bearer stats"}, status: 403},
		{name: "half an array", body: "[" + line("/a") + ",", status: 400},
		{name: "an array and more", body: "[" + line("/a") + "]]", status: 400},
		{name: "a comma too many", body: "[" + line("/a") + ",]", status: 400},
		{name: "no comma", body: "[" + line("/a") + line("/b") + "]", status: 400},
		{name: "nothing", body: "", status: 400},
		{name: "not JSON", body: "a=b", status: 400},
		{name: "a form", body: line("/a"), header: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 415},
		{name: "an encoding not known", body: line("/a"), header: []string{"Content-Encoding: br"}, status: 415},
		{name: "not what the encoding says", body: line("/a"), header: []string{"Content-Encoding: gzip"}, status: 400},
		{name: "half a gzip", body: gzipped("[" + line("/a") + "]")[:60], header: []string{"Content-Encoding: gzip"}, status: 400},
		{name: "half a zstd", body: zstded(strings.Repeat(line("/a")+"\n", 100))[:100], header: []string{"Content-Encoding: zstd"}, status: 400},
		{name: "a zip bomb", body: gzipped(strings.Repeat(" ", 16<<20)), header: []string{"Content-Encoding: gzip"}, status: 413},
		{name: "a zstd bomb", body: zstded(strings.Repeat(" ", 16<<20)), header: []string{"Content-Encoding: zstd"}, status: 413},
		{name: "5 MiB", body: line("/a") + strings.Repeat(" ", maxBatch-len(line("/a"))), status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "more", body: line("/a") + strings.Repeat(" ", maxBatch-len(line("/a"))+1), status: 413},
		{name: "5 MiB inflated", body: gzipped(line("/a") + strings.Repeat(" ", maxBatch-len(line("/a")))), header: []string{"Content-Encoding: gzip"}, status: 202, want: batchAnswer{1, 0, []byte("[]")}, paths: "/a"},
		{name: "more inflated", body: gzipped(line("/a") + strings.Repeat(" ", maxBatch-len(line("/a"))+1)), header: []string{"Content-Encoding: gzip"}, status: 413},
		{name: "a key too long", body: line("/a"), header: []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, status: 400},
		{name: "no way to remember keys", body: line("/a"), header: []string{"Idempotency-Key: k"}, status: 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newBatchTest(m)
			r := send(col, c.body, c.header...)
			body := bodyOf(t, r)
			if r.StatusCode != c.status {
				t.Fatalf("%d %s", r.StatusCode, body)
			}
			var paths []string
			for _, e := range m.events(t) {
				paths = append(paths, e.Path)
			}
			if got := strings.Join(paths, " "); got != c.paths {
				t.Errorf("spooled %q, not %q", got, c.paths)
			}
			if c.status != 202 {
				if !strings.Contains(body, `"errors"`) {
					t.Errorf("says %s", body)
				}
				return
			}
			var got batchAnswer
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err, body)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s\n%s", diff, body)
			}
		})
	}
}

func TestBatchEdges(t *testing.T) {
	small := `{"n":"a","u":"https://example.com/","ip":"81.2.3.4","user_agent":"` + firefox + `"}` + "\n"
	for _, c := range []struct {
		name   string
		n      int
		line   string
		status int
	}{
		{"10,000 events", maxBatchEvents, small, 202},
		{"one more", maxBatchEvents + 1, small, 413},
		{"10,000 refused", maxBatchEvents, `{}` + "\n", 202},
		{"that many sites make too much of it", 1500, strings.Replace(small, `"n":"a"`, `"n":"a","d":"example.com,other.org,hash.example,blog.example","p":{"a":"`+strings.Repeat("x", 2000)+`"}`, 1), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newBatchTest(m)
			r := send(col, strings.Repeat(c.line, c.n))
			if body := bodyOf(t, r); r.StatusCode != c.status {
				t.Fatalf("%d %.200s", r.StatusCode, body)
			}
			if c.status != 202 && len(m.recs) > 0 {
				t.Errorf("%d taken all the same", len(m.recs))
			}
		})
	}
}

// The reader whom a server names is the reader whom the snippet saw: the same
// visitor, on the same day, by that day's salt.
func TestBatchVisitor(t *testing.T) {
	m := &memory{}
	col, o := newBatchTest(m)
	ask(col, "POST", PathEvent, `{"n":"pageview","u":"https://example.com/"}`, "User-Agent: "+firefox)
	send(col, line("/", "ip", `"203.0.113.9"`)+"\n"+line("/", "ip", `"203.0.113.9:80"`, "timestamp", `"2026-11-23T00:00:00Z"`)+"\n"+
		line("/", "ip", `"::ffff:203.0.113.9"`, "timestamp", `"2026-11-22T23:59:59Z"`))
	o.Now = func() time.Time { return noon.Add(-24 * time.Hour) }
	ask(New(o), "POST", PathEvent, `{"n":"pageview","u":"https://example.com/"}`, "User-Agent: "+firefox)
	got := m.events(t)
	// As the snippet saw it today; late yesterday, today and today by the batch; as the snippet saw it yesterday.
	if got[3].Visitor != got[0].Visitor || got[2].Visitor != got[0].Visitor || got[2].VisitorBefore != got[0].VisitorBefore {
		t.Error("today's visitor is another one in a batch")
	}
	if got[1].Visitor != got[4].Visitor || got[1].Visitor != got[0].VisitorBefore || got[1].VisitorBefore != 0 {
		t.Error("yesterday's visitor is another one in a batch")
	}
	if late := got[1]; late.Late != uint32((12*time.Hour+time.Second).Milliseconds()) || !late.Taken().Equal(noon) {
		t.Errorf("taken at %s", late.Taken())
	}
}

func TestBatchCountsWhatIsLeftOutOnce(t *testing.T) {
	m := &memory{err: errNoRoom}
	col, _ := newBatchTest(m)
	body := line("/", "user_agent", `"Googlebot/2.1"`, "timestamp", `"2026-11-23T09:40:00Z"`) + "\n" + line("/")
	if r := send(col, body); r.StatusCode != 503 || r.Header.Get("Retry-After") == "" {
		t.Fatal(r.StatusCode)
	}
	m.err = nil
	if r := send(col, body); r.StatusCode != 202 {
		t.Fatal(r.StatusCode)
	}
	if err := col.left.flush(t.Context(), m.Append); err != nil {
		t.Fatal(err)
	}
	got := m.leftOut(t)
	if len(got) != 1 || got[0].Count != 1 || !got[0].Time.Equal(noon.Add(-3*time.Hour)) {
		t.Errorf("%+v", got)
	}
}

var errNoRoom = fmt.Errorf("no room")

func TestErrorsArePacked(t *testing.T) {
	for _, n := range []int{0, 1, 10_000} {
		text := strings.TrimSuffix(strings.Repeat(`{"line":1234,"errors":{"event":["is not a JSON object"]}},`, n), ",")
		packed := packErrors([]byte(text))
		if unpackErrors(packed) != text {
			t.Errorf("%d lines are not the same again", n)
		}
		if len(packed) > 20_000 {
			t.Errorf("%d lines take %d bytes", n, len(packed))
		}
	}
}

func FuzzBatch(f *testing.F) {
	f.Add("[" + line("/a") + "]")
	f.Add(line("/a") + "\n" + line("/b", "timestamp", `"2026-11-23T11:00:00Z"`))
	f.Add(`[{"n":"a"},[],7,"x"]`)
	f.Add("{}\n{")
	f.Fuzz(func(t *testing.T, body string) {
		m := &memory{}
		col, _ := newBatchTest(m)
		r := send(col, body)
		answer := bodyOf(t, r)
		switch r.StatusCode {
		case 400:
			if len(m.recs) > 0 {
				t.Fatal("taken, and answered 400")
			}
			if strings.HasPrefix(strings.TrimLeft(body, " \n\r\t"), "[") && json.Valid([]byte(body)) && !strings.Contains(body, "\x00") {
				t.Fatalf("a JSON array is refused: %s", answer)
			}
		case 202:
			var got struct {
				batchAnswer
				Errors []struct{ Errors problems }
			}
			if err := json.Unmarshal([]byte(answer), &got); err != nil {
				t.Fatal(err, answer)
			}
			taken := 0
			for _, r := range m.recs {
				if event.RecordKind(r) == event.KindEvent {
					taken++
				}
			}
			if taken < got.Accepted {
				t.Fatalf("%d accepted, %d spooled", got.Accepted, taken)
			}
		}
	})
}

func BenchmarkBatch(b *testing.B) {
	col, _ := newBatchTest(discard{})
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "%s\n", line(fmt.Sprintf("/2026/post-%d", i), "ip", fmt.Sprintf(`"81.2.%d.%d"`, i/250, i%250), "timestamp", `"2026-11-23T11:00:00Z"`))
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := send(col, lines.String()); r.StatusCode != 202 {
			b.Fatal(r.StatusCode)
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}

// A batch waits for a writer that is behind, and not for ever.
func TestBatchesWaitForTheWriter(t *testing.T) {
	c, _ := newBatchTest(&memory{})
	asked := 0
	c.paceWait = time.Hour
	c.o.Behind = func() uint64 {
		if asked++; asked < 4 {
			return maxBehind + 1
		}
		return maxBehind
	}
	post := func() {
		t.Helper()
		if resp := send(c, line("/a")); resp.StatusCode != http.StatusAccepted {
			t.Fatalf("status %d", resp.StatusCode)
		}
	}
	if post(); asked != 4 {
		t.Errorf("it looked %d times", asked)
	}
	c.paceWait = 2 * paceStep
	c.o.Behind = func() uint64 { return maxBehind + 1 }
	post()
}
