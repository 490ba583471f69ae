package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// block is an answer that a page brought.
type block struct {
	panel, text string
	inCard      bool
}

// blocksOf are the answers in a page, as a browser finds them.
func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var list []block
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "script" || attr(n, "src") != "" {
			continue
		}
		if attr(n, "type") != "application/json" || attr(n, "data-answer") == "" {
			t.Errorf("a script that is no answer: %v", n.Attr)
		}
		b := block{panel: attr(n, "data-answer"), inCard: n.Parent.Data == "section"}
		if n.FirstChild != nil {
			b.text = n.FirstChild.Data
		}
		list = append(list, b)
	}
	return list
}

// A dashboard's page has the answers of the panels in sight, those that panels.json
// would give, and asks nothing for the tabs behind them.
func TestAPageArrivesWithItsPanels(t *testing.T) {
	run, r := pageRig(t)
	c := r.client()
	clear(run.asked)
	a := c.get("/page.example/overview?lang=en&period=28d&f=contains,event:page,/")
	for sql := range run.asked {
		if strings.Contains(sql, "utm_campaign") {
			t.Error("a tab that nobody sees was asked for")
		}
	}
	want := pageOf(t, c, "/page.example/overview/panels.json?lang=en&period=28d&f=contains,event:page,/")
	var ids []string
	for _, b := range blocksOf(t, a.body) {
		ids = append(ids, b.panel)
		if !b.inCard || b.text != string(want[b.panel])+"\n" {
			t.Errorf("%s (in its card: %t): %.200s\nwant %.200s", b.panel, b.inCard, b.text, want[b.panel])
		}
	}
	if list := []string{"figures", "trend", "pages", "sources", "shared-to", "followers", "devices", "countries", "world"}; !slices.Equal(ids, list) {
		t.Errorf("the page has %q, want %q", ids, list)
	}
	clear(run.asked)
	if frame := c.do(http.MethodGet, "/page.example/overview?lang=en", nil, http.Header{partHeader: {framePart}}); len(run.asked) > 0 || !strings.Contains(frame.body, `id="frame"`) {
		t.Errorf("the frame alone asks %d statements: %.200s", len(run.asked), frame.body)
	}
	if a := c.get("/page.example/overview?period=century"); a.status != http.StatusBadRequest {
		t.Errorf("a wrong period: %d", a.status)
	}
}

// What stands above a slow panel is on the way before it, what is below it isn't,
// and whoever leaves the page ends its questions.
func TestAPageStreamsAndStops(t *testing.T) {
	run, r := pageRig(t)
	run.hold = "country"
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/page.example/overview", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got := ""
	for !strings.HasSuffix(got, blockOf("countries")) {
		b := make([]byte, 4096)
		n, err := res.Body.Read(b)
		if got += string(b[:n]); err != nil {
			t.Fatalf("ended with %v after %q", err, got)
		}
	}
	if !strings.Contains(got, blockOf("figures")+`{"id":"figures"`) || run.waiting() != 1 {
		t.Errorf("%d wait, after %q", run.waiting(), got)
	}
	leave()
	eventually.True(t, "nothing is asked any more", func() bool { return run.waiting() == 0 })
}

// A panel that fails says so in its block, in the reader's language.
func TestAPanelFailsAloneInItsPage(t *testing.T) {
	run, r := pageRig(t)
	run.fail = "country"
	for _, b := range blocksOf(t, r.client().get("/page.example/overview?lang=en").body) {
		var got struct{ Error, ID string }
		if err := json.Unmarshal([]byte(b.text), &got); err != nil {
			t.Fatal(err)
		}
		if failed := b.panel == "countries" || b.panel == "world"; failed != (got.Error != "") || failed == (got.ID != "") {
			t.Errorf("%s: %.200s", b.panel, b.text)
		}
	}
}

// A page waits for its panels no longer than it may; those that are late come at its
// end.
func TestLatePanelsComeAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(rec)
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		page := "<body>"
		ids := []string{"a", "b", "c", "d"}
		for _, id := range ids {
			page += "<section>" + blockOf(id) + "</script></section>"
		}
		from := make(chan panelJSON)
		go func() {
			defer close(from)
			from <- panelJSON{"b", []byte(`"early"`)}
			time.Sleep(time.Second)
			from <- panelJSON{"a", []byte(`"first"`)}
			time.Sleep(pageWait)
			from <- panelJSON{"d", []byte(`"late"`)}
			from <- panelJSON{"c", []byte(`"late"`)}
		}()
		out := &arriving{c: c, rest: []byte(page + "</body>"), wait: pageWait}
		out.answers(from, ids)
		out.write(out.rest)
		want := []block{{"a", "\"first\"\n", true}, {"b", "\"early\"\n", true}, {"c", "\n", true}, {"d", "\n", true}, {"d", "\"late\"\n", false}, {"c", "\"late\"\n", false}}
		if got := blocksOf(t, rec.Body.String()); !slices.Equal(got, want) {
			t.Errorf("the page has %v\nwant %v", got, want)
		}
	})
}
