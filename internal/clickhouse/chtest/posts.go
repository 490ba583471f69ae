package chtest

import (
	"fmt"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/event"
)

// InsertPosts adds readings of posts, each in a batch of its own: a later one
// stands in the place of an earlier one of the same post and time.
func InsertPosts(t testing.TB, db *clickhouse.DB, rows ...event.PostFigures) {
	t.Helper()
	for i, r := range rows {
		if err := db.Insert(t.Context(), fmt.Sprint(t.Name(), r.Time, r.Post, i), event.Posts.Of([]event.PostFigures{r})); err != nil {
			t.Fatal(err)
		}
	}
}
