package query_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

func TestAskPulses(t *testing.T) {
	db := chtest.New(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	row := func(site uint32, visitor uint64, name string, ago time.Duration) event.Row {
		at := now.Add(-ago)
		return event.Row{Event: event.Event{Site: site, Visitor: visitor, Name: name, Time: at}, Visit: visitor, Began: at}
	}
	err := db.Insert(t.Context(), "one", event.Events.Of([]event.Row{
		row(1, 7, event.Pageview, time.Minute), row(1, 7, event.Engagement, 0),
		row(1, 8, event.Pageview, time.Hour), row(1, 8, event.Engagement, 5*time.Minute),
		row(1, 9, event.Pageview, 5*time.Minute+time.Millisecond),
		row(1, 10, event.Pageview, 13*time.Hour), // the day before
		row(2, 7, "Signup", time.Second),
		row(2, 8, event.Pageview, -time.Minute), // to come
		row(3, 7, event.Pageview, 0),
	}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := query.AskPulses(t.Context(), db, []uint32{1, 2, 4}, now.Add(-5*time.Minute), now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[uint32]query.Pulse{1: {2, 3}, 2: {1, 1}}, got); diff != "" {
		t.Error(diff)
	}
}
