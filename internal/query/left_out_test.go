package query_test

import (
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

func leaveOut(t testing.TB, db *clickhouse.DB, site uint32, token string, list ...event.LeftOut) {
	t.Helper()
	for i := range list {
		list[i].Site = site
	}
	if err := db.Insert(t.Context(), token, event.LeftOuts.Of(list)); err != nil {
		t.Fatal(err)
	}
}

// The figures of a small set, told by hand.
func TestLeftOut(t *testing.T) {
	db := chtest.New(t)
	insert(t, db, 1, small())
	hits := func(when, reason, agent string, n uint32) event.LeftOut {
		return event.LeftOut{Time: at(when), Reason: reason, Agent: agent, Count: n}
	}
	leaveOut(t, db, 1, "a",
		hits("2026-03-09 23:59:00", event.LeftBot, "Googlebot", 100), // the day before
		hits("2026-03-10 00:00:00", event.LeftBot, "Googlebot", 3),
		hits("2026-03-10 09:30:00", event.LeftBot, "", 2),
		hits("2026-03-10 09:30:00", event.LeftAI, "GPTBot", 5),
		hits("2026-03-11 09:05:00", event.LeftPreview, "mastodon", 4),
		hits("2026-03-11 23:59:00", event.LeftExclude, "", 6),
		hits("2026-03-12 00:00:00", event.LeftAI, "GPTBot", 1000), // the day after
	)
	// The same minute and agent, from a later batch.
	leaveOut(t, db, 1, "b", hits("2026-03-10 09:30:00", event.LeftAI, "GPTBot", 1))
	leaveOut(t, db, 2, "c", hits("2026-03-10 09:30:00", event.LeftAI, "GPTBot", 7))

	tests := []struct {
		name    string
		metrics string
		by      string
		filter  []query.Filter
		sparse  bool
		want    string
	}{
		{name: "all", metrics: "left_out", want: "=21"},
		{name: "by reason", metrics: "left_out", by: "left_out:reason", want: "ai=6 | excluded=6 | bot=5 | preview=4"},
		// Readers who opted out have no program; an unnamed bot has.
		{name: "by agent", metrics: "left_out", by: "left_out:agent", want: "GPTBot=6 | mastodon=4 | Googlebot=3 | =2"},
		{name: "both", metrics: "left_out", by: "left_out:reason left_out:agent", want: "ai,GPTBot=6 | preview,mastodon=4 | bot,Googlebot=3 | bot,=2"},
		{name: "previews", metrics: "left_out", by: "left_out:agent", filter: []query.Filter{is("left_out:reason", "preview")}, want: "mastodon=4"},
		{name: "not one agent", metrics: "left_out", filter: []query.Filter{{Op: query.IsNot, Dimension: "left_out:agent", Values: []string{"GPTBot"}}}, want: "=9"},
		{name: "any of two filters", metrics: "left_out", filter: []query.Filter{op(query.Or, is("left_out:reason", "ai"), is("left_out:agent", "mastodon"))}, want: "=10"},
		{name: "by day", metrics: "left_out", by: "time:day", want: "03-10=11 | 03-11=10"},
		{name: "by day and reason", metrics: "left_out", by: "time:day left_out:reason", filter: []query.Filter{is("left_out:reason", "ai", "preview")},
			want: "03-10,ai=6 | 03-10,preview=0 | 03-11,ai=0 | 03-11,preview=4"},
		{name: "only hours that have some", metrics: "left_out", by: "time:hour_of_day", sparse: true, want: "0=3 | 9=12 | 23=6"},
		{name: "beside readers and followers", metrics: "visitors left_out followers", by: "time:day", want: "03-10=3,11,- | 03-11=1,10,-"},
		{name: "readers know nothing of it", metrics: "visitors left_out", filter: []query.Filter{is("left_out:reason", "ai")}, want: "=-,6"},
		{name: "a filter on readers", metrics: "visitors left_out", filter: []query.Filter{is("visit:country", "FR")}, want: "=1,-"},
		{name: "no visits around it", metrics: "left_out", filter: []query.Filter{op(query.HasDone, is("left_out:reason", "ai"))}, want: "=-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := query.Query{Site: query.Site{ID: 1}, Metrics: strings.Fields(test.metrics), Dimensions: strings.Fields(test.by), Filter: test.filter, Range: twoDays(), Sparse: test.sparse}
			if got := ask(t, db, q); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	t.Run("as CSV", func(t *testing.T) {
		var file strings.Builder
		q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"left_out"}, Dimensions: []string{"left_out:agent"}, Range: twoDays()}
		if err := query.StreamCSV(t.Context(), db, q, &file, query.CSVOptions{Lang: "fr", Titles: true, European: true}); err != nil {
			t.Fatal(err)
		}
		if want := "Programme;Accès écartés\r\nGPTBot;6\r\nmastodon;4\r\nGooglebot;3\r\n(sans nom);2\r\n"; file.String() != want {
			t.Errorf("got  %q\nwant %q", file.String(), want)
		}
	})
	t.Run("compared", func(t *testing.T) {
		q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"left_out"}, Dimensions: []string{"left_out:agent"}, Range: query.Range{From: at("2026-03-10 00:00:00"), To: at("2026-03-11 00:00:00")}}
		c, err := query.Compare(t.Context(), db, q, query.Previous)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := changes(c), "GPTBot: 6, before -, - | Googlebot: 3, before 100, -97% | : 2, before -, -"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
