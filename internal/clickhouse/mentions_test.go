package clickhouse_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// A mention counts once however often it is found, as it was last; deleted, it
// counts no more and nothing is kept of what it said.
func TestMentionsCountOnce(t *testing.T) {
	_, db, site := newImporter(t)
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	mention := func(source, id, author, language string) *event.Mention {
		return &event.Mention{Site: site.ID, Published: day, Seen: day.Add(time.Hour), Source: source, ID: id, Kind: event.MentionedReply,
			Author: author, Language: language, Text: "so true", URL: "https://example.org/" + id, Origin: event.OriginPoll}
	}
	gone := mention("bluesky", "3", "carol", "en")
	var records [][]byte
	for _, m := range []*event.Mention{
		mention("bluesky", "1", "alice", "en"), mention("bluesky", "2", "alice", "fr"), gone,
		mention("mastodon", "1", "alice", "en"), mention("webmention", "1", "", ""),
	} {
		records = append(records, event.Mentions.Append(nil, m))
	}
	spooled(t, db, records...)
	edited := mention("bluesky", "2", "alice", "fr")
	edited.Kind, edited.Text = "poke", "so false"
	gone.Deleted = true
	time.Sleep(2 * time.Millisecond) // the later record wins, by milliseconds
	spooled(t, db, event.Mentions.Append(nil, edited), event.Mentions.Append(nil, gone))

	ask := func(by ...string) string {
		t.Helper()
		res, err := query.Run(t.Context(), db, query.Query{
			Site: query.Site{ID: site.ID}, Metrics: []string{"mentions", "mention_authors"}, Dimensions: by,
			Range: query.Range{From: day.Truncate(24 * time.Hour), To: day.AddDate(0, 0, 1)}, Order: []query.Order{{Key: append(by, "mentions")[0]}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(res.Rows)
	}
	for by, want := range map[string]string{
		"mention:source":   "[[bluesky 2 1] [mastodon 1 1] [webmention 1 0]]",
		"mention:kind":     "[[mention 1 1] [reply 3 2]]",
		"mention:author":   "[[ 1 0] [alice 3 2]]",
		"mention:language": "[[ 1 0] [en 2 2] [fr 1 1]]",
	} {
		if got := ask(by); got != want {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
	if got := ask(); got != "[[4 2]]" {
		t.Errorf("in all: %s", got)
	}
	kept := ""
	err := db.Select(t.Context(), "SELECT concat(author, text, url) AS said FROM mentions FINAL WHERE deleted", nil, func(row *rows.Row) error {
		kept += row.Text("said") + ";"
		return nil
	})
	if err != nil || kept != ";" {
		t.Errorf("of the deleted one is kept %q, %v", kept, err)
	}
}
