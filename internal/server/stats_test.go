package server

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
)

// statsRig has a site with two visits of 2026-03-10, and a token for it.
func statsRig(t *testing.T) (c *client, token string) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	site := r.site(meta.Site{Domain: "example.com", Timezone: "UTC"})
	var rows []event.Row
	for i, source := range []string{"Google", ""} {
		id := uint64(i + 1)
		rows = append(rows, event.Row{
			Event: event.Event{Site: site.ID, Time: r.now.Add(-time.Hour), Name: event.Pageview, Path: "=1+1", Source: source, Visitor: id},
			Visit: id, EntryPath: "=1+1", Entry: 1, Bounce: 1,
		})
	}
	if err := db.InsertEvents(t.Context(), "stats", rows); err != nil {
		t.Fatal(err)
	}
	_, plain, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return r.client(), plain
}

func (c *client) stats(token, body, accept string) answer {
	h := http.Header{"Content-Type": {"application/json"}}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	if accept != "" {
		h.Set("Accept", accept)
	}
	return c.do(http.MethodPost, "/api/v2/query", strings.NewReader(body), h)
}

const bySource = `{"site_id":"example.com","metrics":["visitors","bounce_rate"],"date_range":"7d","dimensions":["visit:source","event:page"]}`

func TestStatsAPI(t *testing.T) {
	c, token := statsRig(t)
	a := c.stats(token, bySource, "")
	var got struct {
		Results []struct{ Metrics, Dimensions []any }
		Query   struct {
			DateRange []string `json:"date_range"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want := []struct{ Metrics, Dimensions []any }{
		{[]any{1., 100.}, []any{"Direct / None", "=1+1"}},
		{[]any{1., 100.}, []any{"Google", "=1+1"}},
	}
	if diff := cmp.Diff(want, got.Results); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2026-03-04T00:00:00Z", "2026-03-10T23:59:59Z"}, got.Query.DateRange); diff != "" {
		t.Error(diff)
	}
	if cache := a.header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control: %s", cache)
	}

	// The same rows as CSV, safe to open.
	a = c.stats(token, bySource, "text/csv, application/json;q=0.5")
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	if diff := cmp.Diff([][]string{
		{"visit:source", "event:page", "visitors", "bounce_rate"},
		{"Direct / None", "'=1+1", "1", "100"},
		{"Google", "'=1+1", "1", "100"},
	}, rows); diff != "" {
		t.Error(diff)
	}

	// All time begins with the first event.
	a = c.stats(token, `{"site_id":"example.com","metrics":["visitors"],"date_range":"all"}`, "")
	if !strings.Contains(a.body, `"2026-03-10T00:00:00Z"`) || !strings.Contains(a.body, `"metrics":[2]`) {
		t.Error(a.body)
	}
}

func TestStatsAPIRefuses(t *testing.T) {
	c, token := statsRig(t)
	other := c.site(meta.Site{Domain: "other.org"})
	_, others, err := c.store.AddToken(t.Context(), meta.Token{SiteID: other.ID, Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	_, ingest, err := c.store.AddToken(t.Context(), meta.Token{SiteID: other.ID, Kind: meta.TokenIngest, Name: "in"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, token, body string
		status            int
		says              string
	}{
		{"no token", "", bySource, http.StatusUnauthorized, "API key"},
		{"a wrong token", "nonsense", bySource, http.StatusUnauthorized, "not valid"},
		{"another site's token", others, bySource, http.StatusUnauthorized, "not valid"},
		{"a token to send events", ingest, bySource, http.StatusUnauthorized, "not valid"},
		{"no such site", token, strings.ReplaceAll(bySource, "example.com", "nowhere.org"), http.StatusUnauthorized, "not valid"},
		{"no JSON", token, "visitors please", http.StatusBadRequest, "body"},
		{"an unknown metric", token, strings.ReplaceAll(bySource, "bounce_rate", "money"), http.StatusBadRequest, "metrics"},
		{"an unknown field", token, strings.ReplaceAll(bySource, "date_range", "dates"), http.StatusBadRequest, "dates"},
		{"too much", token, strings.Repeat(" ", 2<<20), http.StatusRequestEntityTooLarge, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, accept := range []string{"", "text/csv"} {
				a := c.stats(test.token, test.body, accept)
				var got struct{ Error string }
				if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != test.status || !strings.Contains(got.Error, test.says) || got.Error == "" {
					t.Errorf("%d %s, want %d and %q", a.status, a.body, test.status, test.says)
				}
			}
		})
	}
}

// broken gives rows and then fails.
type broken struct{ rows int }

func (b broken) Select(_ context.Context, _ string, _ []query.Arg, row func([]any) error) error {
	for range b.rows {
		if err := row([]any{strings.Repeat("x", 1000), uint64(1), uint64(1)}); err != nil {
			return err
		}
	}
	return errors.New("gone")
}

// Half a file must not pass for a whole one.
func TestStatsCSVBreaksOff(t *testing.T) {
	for rows, status := range map[int]int{0: http.StatusInternalServerError, 1000: 0} {
		r := newRig(t, func(d *Deps) { d.Runner = broken{rows} })
		site := r.site(meta.Site{Domain: "example.com"})
		_, token, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v2/query",
			strings.NewReader(`{"site_id":"example.com","metrics":["visitors"],"date_range":"7d","dimensions":["visit:source"]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Accept", "text/csv")
		res, err := http.DefaultClient.Do(req)
		if status != 0 {
			if err != nil || res.StatusCode != status || !strings.Contains(res.Header.Get("Content-Type"), "json") {
				t.Errorf("%d rows: %v, %v", rows, res, err)
			}
			continue
		}
		if err == nil {
			_, err = csv.NewReader(res.Body).ReadAll()
			res.Body.Close()
		}
		if err == nil {
			t.Error("a file that broke off reads well")
		}
	}
}

// What is left out can be asked for, and is no part of anything else.
func TestStatsAPILeftOut(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	site := r.site(meta.Site{Domain: "example.com", Timezone: "UTC"})
	if err := db.InsertLeftOut(t.Context(), "stats", []event.LeftOut{
		{Site: site.ID, Time: r.now.Add(-time.Hour), Reason: event.LeftAI, Agent: "GPTBot", Count: 5},
		{Site: site.ID, Time: r.now.Add(-2 * time.Hour), Reason: event.LeftPreview, Agent: "mastodon", Count: 2},
		{Site: site.ID, Time: r.now.Add(-2 * time.Hour), Reason: event.LeftBot, Count: 1},
	}); err != nil {
		t.Fatal(err)
	}
	_, token, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	const agents = `{"site_id":"example.com","metrics":["left_out"],"date_range":"day","dimensions":["left_out:agent"]`
	for name, test := range map[string]struct{ body, accept, says string }{
		"beside readers": {`{"site_id":"example.com","metrics":["visitors","left_out"],"date_range":"day"}`, "", `"metrics":[0,8]`},
		"as CSV":         {agents + `}`, "text/csv", "left_out:agent,left_out\r\nGPTBot,5\r\nmastodon,2\r\n(unnamed),1\r\n"},
		"filtered":       {agents + `,"filters":[["is","left_out:reason",["bot"]]]}`, "", `"results":[{"metrics":[1],"dimensions":["(unnamed)"]}]`},
		"unnamed":        {agents + `,"filters":[["is","left_out:agent",["(unnamed)"]]]}`, "", `"results":[{"metrics":[1],"dimensions":["(unnamed)"]}]`},
		"of readers":     {`{"site_id":"example.com","metrics":["visitors","left_out"],"date_range":"day","filters":[["is","visit:country",["FR"]]]}`, "", `"left_out":{"code":"filter_not_applicable"`},
		"by country":     {`{"site_id":"example.com","metrics":["left_out"],"date_range":"day","dimensions":["visit:country"]}`, "", `can't be asked by`},
	} {
		if a := c.stats(token, test.body, test.accept); !strings.Contains(a.body, test.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
