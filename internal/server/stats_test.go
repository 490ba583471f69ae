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
	"github.com/earshot-analytics/earshot/internal/rows"
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
	if err := db.Insert(t.Context(), "stats", event.Events.Of(rows)); err != nil {
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

const bySource = `{"site_id":"example.com","metrics":["visitors","bounce_rate"],"date_range":"day","dimensions":["visit:source","event:page"]}`

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
	if diff := cmp.Diff([]string{"2026-03-10T00:00:00Z", "2026-03-10T23:59:59Z"}, got.Query.DateRange); diff != "" {
		t.Error(diff)
	}
	if cache := a.header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control: %s", cache)
	}

	// The same rows as CSV, with formulas escaped.
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
	ends := time.Now().Add(100 * time.Millisecond)
	_, old, err := c.store.AddToken(t.Context(), meta.Token{Expires: ends})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(ends))
	tests := []struct {
		name, token, body string
		status            int
		says              string
	}{
		{"no token", "", bySource, http.StatusUnauthorized, "API key"},
		{"a wrong token", "nonsense", bySource, http.StatusUnauthorized, "not valid"},
		{"an expired token", old, bySource, http.StatusUnauthorized, "expired on " + ends.UTC().Format(time.DateOnly)},
		{"another site's token", others, bySource, http.StatusUnauthorized, "not valid"},
		{"a token to send events", ingest, bySource, http.StatusUnauthorized, "not valid"},
		{"no such site", token, strings.ReplaceAll(bySource, "example.com", "nowhere.org"), http.StatusUnauthorized, "not valid"},
		{"no JSON", token, "visitors please", http.StatusBadRequest, "body"},
		{"an unknown metric", token, strings.ReplaceAll(bySource, "bounce_rate", "money"), http.StatusBadRequest, "metrics"},
		{"an unknown field", token, strings.ReplaceAll(bySource, "date_range", "dates"), http.StatusBadRequest, "dates"},
		{"too large a body", token, strings.Repeat(" ", 2<<20), http.StatusRequestEntityTooLarge, ""},
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

// broken is a Runner that gives rows and then fails.
type broken struct{ rows int }

func (b broken) Select(_ context.Context, _ string, _ []rows.Arg, each func(*rows.Row) error) error {
	row := rows.New([]string{"d0", "m0", "rows"})
	for range b.rows {
		if err := row.Give([]any{strings.Repeat("x", 1000), uint64(1), uint64(1)}, each); err != nil {
			return err
		}
	}
	return errors.New("gone")
}

// An incomplete file must not look complete.
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

// Goals that a site never had are rejected, in any filter and period; revenue is an
// amount with its currency, or one amount per currency.
func TestStatsAPIGoalsAndRevenue(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) {
		d.Runner = db
		d.SourceNamed = func(name string) (string, bool) { return "X", strings.EqualFold(name, "x (twitter)") }
	})
	r.now = time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	site := r.site(meta.Site{Domain: "example.com", Timezone: "UTC"})
	quiet := r.site(meta.Site{Domain: "quiet.org", Timezone: "UTC"})
	var rows []event.Row
	for i, sale := range strings.Split("Order EUR 1234.6,Order EUR 10,Tip JPY 2000,Tip USD -5,Signup", ",") {
		f := append(strings.Fields(sale), "", "")
		rows = append(rows, event.Row{Visit: uint64(i + 1), Event: event.Event{
			Site: site.ID, Time: r.now.AddDate(0, 0, -i), Name: f[0], Path: "/", Source: "X", Country: "FR", Visitor: uint64(i + 1), RevenueCurrency: f[1], RevenueAmount: f[2],
		}})
	}
	rows = append(rows, event.Row{Visit: 9, Event: event.Event{Site: quiet.ID, Time: r.now, Name: event.Pageview, Path: "/", Visitor: 9}})
	if err := db.Insert(t.Context(), "stats", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	_, token, err := r.store.AddToken(t.Context(), meta.Token{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	const events, paid = `{"site_id":"example.com","metrics":["events"],"date_range":"30d"`, `{"site_id":"example.com","metrics":["total_revenue","average_revenue"],"date_range":"month"`
	for name, test := range map[string]struct {
		body, accept string
		status       int
		says         string
	}{
		"a goal":                     {events + `,"filters":[["is","event:goal",["Signup"]]]}`, "", 200, `"metrics":[1]`},
		"a goal of another period":   {`{"site_id":"example.com","metrics":["events"],"date_range":"day","filters":[["is","event:goal",["Signup"]]]}`, "", 200, `"metrics":[0]`},
		"a goal in any case":         {events + `,"filters":[["is","event:goal",["SIGNUP"],{"case_sensitive":false}]]}`, "", 200, `"metrics":[1]`},
		"share is always a goal":     {events + `,"filters":[["is","event:goal",["share"]]]}`, "", 200, `"metrics":[0]`},
		"an unknown goal":            {events + `,"filters":[["is","event:goal",["Sign up"]]]}`, "", 400, `there is no goal \"Sign up\"; known are Order, Tip, Signup`},
		"a goal in the wrong case":   {events + `,"filters":[["is","event:goal",["signup"]]]}`, "", 400, `known are`},
		"one of two goals unknown":   {events + `,"filters":[["is","event:goal",["Order","Sale"]]]}`, "", 400, `\"Sale\"`},
		"is_not an unknown goal":     {events + `,"filters":[["is_not","event:goal",["Sale"]]]}`, "", 400, `\"Sale\"`},
		"in nested filters":          {events + `,"filters":[["or",[["is","visit:source",["X"]],["not",["has_done",["is","event:goal",["Sale"]]]]]]]}`, "", 400, `\"Sale\"`},
		"as CSV":                     {events + `,"filters":[["is","event:goal",["Sale"]]]}`, "text/csv", 400, `\"Sale\"`},
		"pageview is no goal":        {events + `,"filters":[["is","event:goal",["pageview"]]]}`, "", 400, `\"pageview\"`},
		"a site without goals":       {`{"site_id":"quiet.org","metrics":["events"],"date_range":"day","filters":[["is","event:goal",["Signup"]]]}`, "", 400, `earshot(`},
		"a source by another name":   {events + `,"filters":[["is","visit:source",["X (Twitter)"]]]}`, "", 200, `"metrics":[4]`},
		"a name as country's code":   {events + `,"filters":[["is","visit:country",["France"]]]}`, "", 400, "visit:country_name"},
		"a three-letter code":        {events + `,"filters":[["is_not","visit:country",["FRA"]]]}`, "", 400, "two letters"},
		"an unknown country":         {events + `,"filters":[["is","visit:country",["Unknown"]]]}`, "", 200, `"metrics":[0]`},
		"a country by name":          {events + `,"dimensions":["visit:country_name"],"filters":[["is","visit:country_name",["France"]]]}`, "", 200, `{"metrics":[4],"dimensions":["France"]}`},
		"a city":                     {events + `,"filters":[["is","visit:city",[588409]]]}`, "", 400, "visit:country"},
		"one currency":               {paid + `,"filters":[["is","event:goal",["Order"]]]}`, "", 200, `[{"value":1244.6,"currency":"EUR","short":"€1.2K","long":"€1,244.60"},{"value":622.3,"currency":"EUR","short":"€622.3","long":"€622.30"}]`},
		"several currencies":         {paid + `}`, "", 200, `"metrics":[[{"value":1244.6,"currency":"EUR","short":"€1.2K","long":"€1,244.60"},{"value":2000,"currency":"JPY","short":"¥2.0K","long":"¥2,000"},{"value":-5,"currency":"USD","short":"-$5.0","long":"-$5.00"}]`},
		"several, with a warning":    {paid + `}`, "", 200, `"total_revenue":{"code":"no_single_revenue_currency"`},
		"by currency":                {paid + `,"dimensions":["event:currency"]}`, "", 200, `"dimensions":["JPY"]},{"metrics":[{"value":1244.6`},
		"without revenue":            {paid + `,"filters":[["is","event:goal",["Signup"]]]}`, "", 200, `"metrics":[null,null]`},
		"no revenue, with a warning": {paid + `,"filters":[["is","event:goal",["Signup"]]]}`, "", 200, `"no_revenue_goals_matching"`},
		"ordered":                    {paid + `,"dimensions":["event:goal"],"order_by":[["total_revenue","asc"]]}`, "", 200, `"dimensions":["Order"]},{"metrics":[[`},
		"revenue as CSV":             {paid + `,"filters":[["is","event:goal",["Order"]]]}`, "text/csv", 200, "total_revenue,total_revenue_currency,average_revenue,average_revenue_currency\r\n1244.6,EUR,622.3,EUR\r\n"},
	} {
		if a := c.stats(token, test.body, test.accept); a.status != test.status || !strings.Contains(a.body, test.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// Left-out hits can be queried, and count in no other metric.
func TestStatsAPILeftOut(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	site := r.site(meta.Site{Domain: "example.com", Timezone: "UTC"})
	if err := db.Insert(t.Context(), "stats", event.LeftOuts.Of([]event.LeftOut{
		{Site: site.ID, Time: r.now.Add(-time.Hour), Reason: event.LeftAI, Agent: "GPTBot", Count: 5},
		{Site: site.ID, Time: r.now.Add(-2 * time.Hour), Reason: event.LeftPreview, Agent: "mastodon", Count: 2},
		{Site: site.ID, Time: r.now.Add(-2 * time.Hour), Reason: event.LeftBot, Count: 1},
	})); err != nil {
		t.Fatal(err)
	}
	_, token, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	const agents = `{"site_id":"example.com","metrics":["left_out"],"date_range":"day","dimensions":["left_out:agent"]`
	for name, test := range map[string]struct{ body, accept, says string }{
		"beside readers":    {`{"site_id":"example.com","metrics":["visitors","left_out"],"date_range":"day"}`, "", `"metrics":[0,8]`},
		"as CSV":            {agents + `}`, "text/csv", "left_out:agent,left_out\r\nGPTBot,5\r\nmastodon,2\r\n(unnamed),1\r\n"},
		"filtered":          {agents + `,"filters":[["is","left_out:reason",["bot"]]]}`, "", `"results":[{"metrics":[1],"dimensions":["(unnamed)"]}]`},
		"unnamed":           {agents + `,"filters":[["is","left_out:agent",["(unnamed)"]]]}`, "", `"results":[{"metrics":[1],"dimensions":["(unnamed)"]}]`},
		"a readers' filter": {`{"site_id":"example.com","metrics":["visitors","left_out"],"date_range":"day","filters":[["is","visit:country",["FR"]]]}`, "", `"left_out":{"code":"filter_not_applicable"`},
		"by country":        {`{"site_id":"example.com","metrics":["left_out"],"date_range":"day","dimensions":["visit:country"]}`, "", `can't be asked by`},
	} {
		if a := c.stats(token, test.body, test.accept); !strings.Contains(a.body, test.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// Mentions can be queried like other metrics, and are unknown before the first one.
func TestStatsAPIMentions(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	site := r.site(meta.Site{Domain: "example.com", Timezone: "UTC"})
	if err := db.Insert(t.Context(), "stats", event.Mentions.Of([]event.Mention{
		{Site: site.ID, Published: r.now.Add(-time.Hour), Source: "bluesky", ID: "1", Kind: event.MentionedReply, Author: "alice"},
		{Site: site.ID, Published: r.now.Add(-2 * time.Hour), Source: "bluesky", ID: "2", Kind: event.MentionedQuote, Author: "alice"},
		{Site: site.ID, Published: r.now.Add(-2 * time.Hour), Source: "webmention", ID: "1", Deleted: true},
		{Site: site.ID, Published: r.now.Add(-2 * time.Hour), Source: "webmention", ID: "2"},
	})); err != nil {
		t.Fatal(err)
	}
	_, token, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	const ask = `{"site_id":"example.com","metrics":["mentions","mention_authors"],"date_range":"day"`
	for name, test := range map[string]struct{ body, accept, says string }{
		"by source":      {ask + `,"dimensions":["mention:source"]}`, "text/csv", "mention:source,mentions,mention_authors\r\nbluesky,2,1\r\nwebmention,1,0\r\n"},
		"filtered":       {ask + `,"filters":[["is","mention:kind",["quote"]]]}`, "", `"results":[{"metrics":[1,1],"dimensions":[]}]`},
		"by day":         {strings.Replace(ask, `"day"`, `["2026-03-09","2026-03-10"]`, 1) + `,"dimensions":["time:day"]}`, "text/csv", "mention_authors\r\n2026-03-10,3,1\r\n"},
		"beside readers": {strings.Replace(ask, `"mention_authors"`, `"visitors"`, 1) + `}`, "", `"metrics":[3,`},
		"by country":     {ask + `,"dimensions":["visit:country"]}`, "", `can't be asked by`},
	} {
		if a := c.stats(token, test.body, test.accept); !strings.Contains(a.body, test.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
