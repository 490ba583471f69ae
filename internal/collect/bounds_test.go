package collect

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// One step before each bound an event is taken, one beyond it is not, or not
// whole. The table is the one of docs/operations.md.
func TestBoundsOfAnEvent(t *testing.T) {
	const site = `"d":"example.com"`
	url := func(n int) string { return "https://example.com/" + strings.Repeat("a", n-len("https://example.com/")) }
	props := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`"k%d":1`, i))
		}
		return `{` + strings.Join(all, ",") + `}`
	}
	pad := func(n int) string {
		event := `{"n":"a",` + site + `,"u":"https://example.com/"}`
		return event + strings.Repeat(" ", n-len(event))
	}
	text := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name   string
		body   string
		status int
		ok     func(e event.Event) bool
	}{
		{"a URL of 2,000 bytes", `{"n":"pageview",` + site + `,"u":"` + url(event.MaxURL) + `"}`, 202, nil},
		{"one more", `{"n":"pageview",` + site + `,"u":"` + url(event.MaxURL+1) + `"}`, 400, nil},
		{"of which the query is no part", `{"n":"pageview",` + site + `,"u":"` + url(event.MaxURL) + `?` + text(50_000) + `&utm_source=nl"}`, 202,
			func(e event.Event) bool { return e.UTMSource == "nl" }},
		{"a long referrer is cut", `{"n":"pageview",` + site + `,"u":"https://example.com/","r":"https://other.org/` + text(5000) + `"}`, 202,
			func(e event.Event) bool { return len(e.Referrer) <= event.MaxReferrer && e.Referrer != "" }},
		{"a name of 120 characters", `{"n":"` + strings.Repeat("é", event.MaxName) + `",` + site + `,"u":"https://example.com/"}`, 202, nil},
		{"one more character", `{"n":"` + strings.Repeat("é", event.MaxName+1) + `",` + site + `,"u":"https://example.com/"}`, 400, nil},
		{"31 properties are 30", `{"n":"a",` + site + `,"u":"https://example.com/","p":` + props(31) + `}`, 202,
			func(e event.Event) bool { return len(e.Props) == event.MaxProps }},
		{"a key of 300 and a value of 2,000 bytes", `{"n":"a",` + site + `,"u":"https://example.com/","p":{"` + text(300) + `":"` + text(2000) + `"}}`, 202, nil},
		{"a longer key", `{"n":"a",` + site + `,"u":"https://example.com/","p":{"` + text(301) + `":"x"}}`, 400, nil},
		{"a longer value", `{"n":"a",` + site + `,"u":"https://example.com/","p":{"x":"` + text(2001) + `"}}`, 400, nil},
		{"20 sites", `{"n":"a","d":"example.com` + strings.Repeat(",example.com", 19) + `","u":"https://example.com/"}`, 202, nil},
		{"21 sites", `{"n":"a","d":"example.com` + strings.Repeat(",example.com", 20) + `","u":"https://example.com/"}`, 400, nil},
		{"99 levels", `{"n":"a",` + site + `,"u":"https://example.com/","x":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`, 202, nil},
		{"100 levels", `{"n":"a",` + site + `,"u":"https://example.com/","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, 400, nil},
		{"1 MB", pad(maxBody), 202, nil},
		{"more", pad(maxBody + 1), 413, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newTest(m)
			if r := ask(col, "POST", PathEvent, c.body); r.StatusCode != c.status {
				t.Fatalf("%d %s (%d bytes)", r.StatusCode, bodyOf(t, r), len(c.body))
			}
			events := m.events(t)
			if (len(events) > 0) != (c.status == 202) {
				t.Fatalf("%d events", len(events))
			}
			if c.ok != nil && !c.ok(events[0]) {
				t.Errorf("%+v", events[0])
			}
		})
	}
}

// stuck is a spool whose disk hangs.
type stuck struct{ let chan struct{} }

func (s stuck) Append(ctx context.Context, _ ...[]byte) error {
	select {
	case <-s.let:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// While as many batches are worked on as may be, one more waits, and is sent
// away in the end; single events don't wait for batches.
func TestBatchesAtOnceAreBounded(t *testing.T) {
	s := stuck{make(chan struct{})}
	col, _ := newBatchTest(s)
	col.batchWait = 50 * time.Millisecond
	codes := make(chan int, maxBatches)
	for range maxBatches {
		go func() { codes <- send(col, line("/")).StatusCode }()
	}
	for len(col.batches) < maxBatches {
		time.Sleep(time.Millisecond)
	}
	if r := send(col, line("/")); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d", r.StatusCode)
	}
	close(s.let)
	for range maxBatches {
		if code := <-codes; code != http.StatusAccepted {
			t.Errorf("one of those: %d", code)
		}
	}
	if r := send(col, line("/")); r.StatusCode != http.StatusAccepted {
		t.Errorf("afterwards: %d", r.StatusCode)
	}
}
