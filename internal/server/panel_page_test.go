package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// pageRunner records the statements of a page. Statements that contain the text of
// hold wait until they are cancelled; those with the text of fail return an error.
type pageRunner struct {
	rows.Runner
	hold, fail string
	panics     string // statements that contain it meet a fault of the program's

	mu    sync.Mutex
	asked map[string]int
	held  int
}

func (r *pageRunner) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	r.mu.Lock()
	r.asked[sql]++
	hold := r.hold != "" && strings.Contains(sql, r.hold)
	if hold {
		r.held++
	}
	r.mu.Unlock()
	if hold {
		<-ctx.Done()
		r.mu.Lock()
		r.held--
		r.mu.Unlock()
		return ctx.Err()
	}
	if r.panics != "" && strings.Contains(sql, r.panics) {
		panic("a fault of the program's")
	}
	if r.fail != "" && strings.Contains(sql, r.fail) {
		return errors.New("it broke")
	}
	return r.Runner.Select(ctx, sql, args, each)
}

func (r *pageRunner) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

func pageRig(t *testing.T) (*pageRunner, *rig) {
	db := chtest.New(t)
	run := &pageRunner{Runner: db, asked: map[string]int{}}
	r := newRig(t, func(d *Deps) { d.Runner = run })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("page.example")
	site.Demo = true
	site = r.site(site)
	if err := db.Insert(t.Context(), "history", event.Events.Of(history(site.ID, r.now))); err != nil {
		t.Fatal(err)
	}
	return run, r
}

// panels.json runs no query twice: the map and the list of countries share one, and
// a panel and its comparison are one statement.
func TestAPageAsksNothingTwice(t *testing.T) {
	run, r := pageRig(t)
	c := r.client()
	c.get("/page.example/overview/countries.json") // afterwards the site is cached
	clear(run.asked)
	page := pageOf(t, c, "/page.example/overview/panels.json?lang=en&compare=previous")
	for sql, n := range run.asked {
		if n != 1 {
			t.Errorf("asked %d times:\n%s", n, sql)
		}
	}
	byCountry := 0
	for sql := range run.asked {
		if strings.Contains(sql, "country") {
			byCountry++
		}
	}
	if byCountry != 1 {
		t.Errorf("%d statements by country", byCountry)
	}
	countries, world := answerIn(t, "countries", string(page["countries"])), answerIn(t, "world", string(page["world"]))
	if len(countries.Rows) == 0 || len(countries.Rows) != len(countries.Change) || len(world.Rows) < len(countries.Rows) {
		t.Errorf("%d countries in the list with %d changes, %d on the map", len(countries.Rows), len(countries.Change), len(world.Rows))
	}
	some := pageOf(t, c, "/page.example/overview/panels.json?panels=sources,figures")
	if len(some) != 2 || some["sources"] == nil || some["figures"] == nil {
		t.Errorf("of two panels: %d", len(some))
	}
	for _, path := range []string{"/page.example/overview/panels.json?panels=sources,nothing", "/page.example/nothing/panels.json", "/page.example/overview/panels.csv"} {
		if a := c.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := c.get("/page.example/overview/panels.json?period=century"); a.status != http.StatusBadRequest {
		t.Errorf("a wrong period: %d %s", a.status, a.body)
	}
	none := meta.NewSite("hidden.example")
	r.site(none)
	if a := c.get("/hidden.example/overview/panels.json"); a.status == http.StatusOK {
		t.Error("a stranger sees a site's panels")
	}
}

// A panel that fails says so in its place, and the others answer.
func TestAPanelFailsAlone(t *testing.T) {
	run, r := pageRig(t)
	run.fail = "utm_campaign"
	page := pageOf(t, r.client(), "/page.example/overview/panels.json?lang=en")
	for id, text := range page {
		var failed struct {
			Error  string
			Status int
		}
		if err := json.Unmarshal(text, &failed); err != nil {
			t.Fatal(err)
		}
		if (failed.Error != "") != (id == "campaigns") || failed.Error != "" && failed.Status != http.StatusInternalServerError {
			t.Errorf("%s: %+v", id, failed)
		}
	}
	// Without its page, every panel of a report says so, except the list of pages.
	report := pageOf(t, r.client(), "/page.example/page/panels.json?lang=en")
	for id, text := range report {
		if refused := strings.Contains(string(text), `"status":400`); refused == (id == "pages") {
			t.Errorf("%s: %.200s", id, text)
		}
	}
}

// A panel that panics ends itself: not the program, nor the panels that wait for
// the same rows. The countries and the map are one question.
func TestAPanelPanicsAlone(t *testing.T) {
	run, r := pageRig(t)
	for panics, boards := range map[string]map[string][]string{
		"country":      {"overview": {"countries", "world"}},
		"utm_campaign": {"overview": {"campaigns"}},
		"post_figures": {"posts": {"posts", "networks"}},
	} {
		run.panics = panics
		for board, failed := range boards {
			page := pageOf(t, r.client(), "/page.example/"+board+"/panels.json?lang=en")
			for _, id := range failed {
				if !strings.Contains(string(page[id]), `"status":500`) {
					t.Errorf("%s, where %s panics: %.200s", id, panics, page[id])
				}
			}
			if board == "overview" && strings.Contains(string(page["sources"]), `"status"`) {
				t.Errorf("sources, where %s panics: %.200s", panics, page["sources"])
			}
		}
	}
}

// panels.json sends each panel as soon as it is ready: slow ones don't delay the
// others, and if the client leaves, the queries are cancelled.
func TestPanelsStreamAndStop(t *testing.T) {
	run, r := pageRig(t)
	run.hold = "country"
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/page.example/overview/panels.json?"+url.Values{"panels": {"figures,countries,shared-to"}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got := ""
	for !strings.Contains(got, `"figures":{`) || !strings.Contains(got, `"shared-to":{`) {
		b := make([]byte, 4096)
		n, err := res.Body.Read(b)
		if got += string(b[:n]); err != nil {
			t.Fatalf("ended with %v after %q", err, got)
		}
	}
	if strings.Contains(got, "countries") || run.waiting() != 1 {
		t.Errorf("%d wait, after %q", run.waiting(), got)
	}
	leave()
	eventually.True(t, "nothing is asked any more", func() bool { return run.waiting() == 0 })
}
