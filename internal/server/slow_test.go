package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// crowdedRig is a demo site with many pages, whose owner is signed in, and a
// token for it.
func crowdedRig(t *testing.T, pages int) (owner *client, token string) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	r.owner()
	site := meta.NewSite("demo.example")
	site.Demo = true
	site = r.site(site)
	rows := make([]event.Row, pages)
	for i := range rows {
		id := uint64(i + 1)
		rows[i] = event.Row{
			Event: event.Event{Site: site.ID, Time: r.now.Add(-time.Hour), Name: event.Pageview, Path: fmt.Sprintf("/%060d", i), Visitor: id},
			Visit: id, Entry: 1, Bounce: 1,
		}
		rows[i].EntryPath = rows[i].Path
	}
	if err := db.Insert(t.Context(), "pages", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	_, token, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return r.signedIn(), token
}

// unread asks for something and never reads the answer.
func (r *rig) unread(path string) {
	r.t.Helper()
	u, err := url.Parse(r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(2 << 10)
	if _, err := fmt.Fprintf(c, "GET %s%s HTTP/1.1\r\nHost: %s\r\n\r\n", r.root, path, u.Host); err != nil {
		r.t.Fatal(err)
	}
}

// answers checks that a request is answered with 200 before the time at which a
// client that reads nothing would be disconnected.
func (c *client) answers(t *testing.T, what, method, path, body string, header http.Header) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), writeStall-5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := c.http.Do(req)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %s %v", what, res.StatusCode, text, err)
	}
}

// Too expensive patterns, and those that ClickHouse rejects, are the client's error;
// the answer has ClickHouse's message.
func TestBadPatternsAreRejected(t *testing.T) {
	owner, token := crowdedRig(t, 10)
	for pattern, want := range map[string]string{
		`((a{0,30}){0,30}){0,30}`: `is not a regular expression`,
		`(.{0,20}a){20}`:          `repeats something 400 times`,
		`\p{Letter}`:              `ClickHouse refuses a pattern: \\p{Letter}, error: invalid character class range`, // as JSON
	} {
		a := owner.client().get("/demo.example/overview/pages.json?period=today&lang=en&f=" + url.QueryEscape(`matches,event:page,"`+pattern+`"`))
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, want) {
			t.Errorf("panel, %s: %d %s", pattern, a.status, a.body)
		}
		quoted, err := json.Marshal(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, accept := range []string{"", "text/csv"} {
			a = owner.client().stats(token, `{"site_id":"demo.example","metrics":["visitors"],"date_range":"day","filters":[["matches","event:page",[`+string(quoted)+`]]]}`, accept)
			if a.status != http.StatusBadRequest || !strings.Contains(a.body, want) {
				t.Errorf("Stats API, %s: %d %s", pattern, a.status, a.body)
			}
		}
	}
}

// Strangers who request long files and read nothing block nobody: neither users nor
// API clients nor other strangers.
func TestUnreadFilesStopNobody(t *testing.T) {
	owner, token := crowdedRig(t, 8000)
	owner.narrow.Store(true)
	for range 6 {
		owner.unread("/demo.example/overview/pages.csv?period=today&limit=all")
		owner.unread("/demo.example/overview/pages.json?period=today&limit=all")
	}
	for owner.asked.Load() < 13 {
		time.Sleep(time.Millisecond)
	}
	owner.narrow.Store(false)
	owner.answers(t, "the owner's panel", "GET", "/demo.example/overview/pages.json?period=today", "", nil)
	owner.answers(t, "the owner's file", "GET", "/demo.example/overview/pages.csv?period=today&limit=all", "", nil)
	owner.client().answers(t, "another stranger's panel", "GET", "/demo.example/overview/pages.json?period=today", "", nil)
	owner.client().answers(t, "live figures", "GET", "/demo.example/overview/live.json", "", nil)
	owner.client().answers(t, "the Stats API", "POST", "/api/v2/query",
		`{"site_id":"demo.example","metrics":["visitors"],"date_range":"day"}`, http.Header{"Authorization": {"Bearer " + token}})
}

// lateImporter signals when it is given a file.
type lateImporter struct {
	fakeImporter
	begun chan struct{}
}

func (i lateImporter) Preview(ctx context.Context, site meta.Site, f imports.File) (*imports.Preview, error) {
	i.begun <- struct{}{}
	return i.fakeImporter.Preview(ctx, site, f)
}

// A slow upload blocks no other import: the importer gets the file only when it is
// complete.
func TestSlowUploadsStopNobody(t *testing.T) {
	begun := make(chan struct{}, 2)
	r := newRig(t, func(d *Deps) { d.Importer = lateImporter{begun: begun} })
	c := r.signedIn()
	r.site(meta.Site{Domain: "example.com", Timezone: "UTC"})
	body, more := io.Pipe()
	form := multipart.NewWriter(more)
	ended := make(chan answer, 1)
	go func() {
		ended <- c.do("POST", "/example.com/settings/import", body, http.Header{"Content-Type": {form.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}})
	}()
	file, err := form.CreateFormFile("file", "slow.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := "date,network,account,followers\n" + strings.Repeat("2026-01-01,mastodon,@a,1\n", 2*answerMemory/24)
	if _, err := io.WriteString(file, lines[:len(lines)/2]); err != nil {
		t.Fatal(err)
	}
	if a := upload(c, "/example.com/settings/import", "date,network,account,followers\n1\n"); a.status != http.StatusOK {
		t.Errorf("another file: %d", a.status)
	}
	<-begun
	select {
	case <-begun:
		t.Error("work began on half a file")
	default:
	}
	if _, err := io.WriteString(file, lines[len(lines)/2:]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(form.Close(), more.Close()); err != nil {
		t.Fatal(err)
	}
	if a := <-ended; a.status != http.StatusOK || !strings.Contains(a.body, "5,461") {
		t.Errorf("the slow file: %d %s", a.status, a.body)
	}
}
