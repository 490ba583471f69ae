package collect

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// An engagement whose reader is on no visit comes to nothing, and says so.
func TestEngagementWithoutAVisit(t *testing.T) {
	const view = `{"n":"pageview","u":"/","d":"example.com"}`
	const left = `{"n":"engagement","e":2000,"u":"/","d":"example.com"}`
	now := noon
	m := &memory{}
	_, o := newTest(m)
	o.Now = func() time.Time { return now }
	col := New(o)
	send := func(what, body, agent string, dropped string) {
		t.Helper()
		before := len(m.recs)
		r := ask(col, "POST", PathEvent, body, "User-Agent: "+firefox+agent)
		if got := r.Header.Get("X-Plausible-Dropped"); r.StatusCode != 202 || got != dropped {
			t.Errorf("%s: %d, dropped %q, not %q", what, r.StatusCode, got, dropped)
		}
		if taken := len(m.recs) - before; (taken == 0) != (dropped == "1" && strings.Count(body, ",other.org") == 0 || dropped == "2") {
			t.Errorf("%s: %d records", what, taken)
		}
	}
	send("who was here before isn't known", left, " A", "")
	if err := col.Recall(t.Context(), func(context.Context, time.Time, func(uint32, uint64, time.Time)) error { return errors.New("away") }); err == nil {
		t.Fatal("no error")
	}
	send("nor after a try", left, " A", "")
	var e event.Event
	for _, e = range m.events(t) {
	}
	err := col.Recall(t.Context(), func(_ context.Context, since time.Time, heard func(uint32, uint64, time.Time)) error {
		if !since.Equal(noon.Add(-event.VisitTimeout)) {
			t.Errorf("since %v", since)
		}
		heard(e.Site, e.Visitor, noon.Add(-time.Minute))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	send("a visit of before", left, " A", "")
	send("no visit", left, " B", "1")
	send("nor on two sites", strings.Replace(left, `example.com"`, `example.com,other.org"`, 1), " B", "2")
	send("a view", view, " B", "")
	send("a visit", left, " B", "")
	send("a visit on one of two sites", strings.Replace(left, `example.com"`, `example.com,other.org"`, 1), " B", "1")
	now = now.Add(event.VisitTimeout)
	send("as late as may be", left, " B", "")
	now = now.Add(event.VisitTimeout + time.Millisecond)
	send("too late", left, " B", "1")
	send("and still", left, " B", "1")
	send("a custom event", strings.Replace(view, "pageview", "Signup", 1), " C", "")
	send("its visit", left, " C", "")
	send("the first visitor again", left, " A", "1")

	// Over midnight a visit goes on under the day's other salt.
	now = time.Date(2026, 12, 1, 23, 59, 0, 0, time.UTC)
	send("before midnight", view, " D", "")
	now = now.Add(2 * time.Minute)
	send("after midnight", left, " D", "")
}

// A clock that was set back has left visits behind that are still to come.
// Whoever is here now is known all the same.
func TestRecallAfterTheClockWasSetBack(t *testing.T) {
	_, o := newTest(&memory{})
	col := New(o)
	var heard []time.Time
	for hour := range 6 {
		heard = append(heard, noon.Add(-time.Minute), noon.Add(time.Duration(hour)*time.Hour))
	}
	err := col.Recall(t.Context(), func(_ context.Context, _ time.Time, hear func(uint32, uint64, time.Time)) error {
		for i, last := range heard {
			hear(1, uint64(i+1), last)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, last := range heard {
		e := event.Event{Site: 1, Visitor: uint64(i + 1), Name: event.Engagement, Time: noon.Add(time.Minute)}
		if may, _ := col.visitors.note(&e); !may {
			t.Errorf("who was heard of at %v is left out", last)
		}
	}
	e := event.Event{Site: 1, Visitor: 1000, Name: event.Engagement, Time: noon.Add(time.Minute)}
	if may, _ := col.visitors.note(&e); may {
		t.Error("a stranger is not left out")
	}
}

// Memory is bounded, and who was forgotten for want of it is not left out.
func TestVisitorsAreBounded(t *testing.T) {
	v := newVisitors(noon)
	v.know()
	view := event.Event{Site: 1, Name: event.Pageview, Time: noon}
	for i := range uint64(2*maxHeard + 1) {
		view.Visitor = i + 1
		v.note(&view)
	}
	if n := len(v.young) + len(v.old); n > 2*maxHeard {
		t.Errorf("%d visitors", n)
	}
	first := event.Event{Site: 1, Visitor: 1, Name: event.Engagement, Time: noon.Add(time.Minute)}
	if may, _ := v.note(&first); !may {
		t.Error("the first visitor is forgotten and left out")
	}
	v.know()
	stranger := event.Event{Site: 2, Visitor: 1, Name: event.Engagement, Time: noon.Add(time.Minute)}
	if may, _ := v.note(&stranger); !may {
		t.Error("left out though not all are known")
	}
	stranger.Time = noon.Add(time.Hour)
	if may, _ := v.note(&stranger); may {
		t.Error("not left out when all are known again")
	}
}
