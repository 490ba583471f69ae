package trackertest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/eventually"
)

// Event is one event as it came over the wire, and what came with it.
type Event struct {
	Name     string          `json:"n"`
	URL      string          `json:"u"`
	Referrer string          `json:"r"`
	Domain   string          `json:"d"`
	Hash     int             `json:"h"`
	Zone     string          `json:"tz"`
	Link     string          `json:"l"`  // of a click that the collector names
	Engaged  *float64        `json:"e"`  // milliseconds since the report before
	Scroll   *float64        `json:"sd"` // percent
	Share    *Share          `json:"sh"`
	P        json.RawMessage `json:"p"` // properties: an object, or JSON in a string
	Props    map[string]any  `json:"props"`
	Revenue  map[string]any  `json:"revenue"`

	Type   string      `json:"-"` // media type of the request
	Header http.Header `json:"-"`
	Path   string      `json:"-"` // of the request
}

// Share is the part of an event that tells of a share.
type Share struct {
	ID      string `json:"i"`
	Network string `json:"n"`
	Kind    string `json:"k"`
	Parent  string `json:"p"`
}

// Properties returns the custom properties, however the client wrote them.
func (e Event) Properties(t testing.TB) map[string]any {
	t.Helper()
	if len(e.P) == 0 {
		return e.Props
	}
	raw := []byte(e.P)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = []byte(text)
	}
	var props map[string]any
	if err := json.Unmarshal(raw, &props); err != nil {
		t.Fatalf("properties %s: %v", e.P, err)
	}
	return props
}

// Collector is a server that takes events as the real one does, remembers
// them, and serves the snippet below /js/.
type Collector struct {
	URL string // http://collector.earshot.test:port

	mu     sync.Mutex
	events []Event
	faults []string
}

// NewCollector starts a collector that ends with the test.
func NewCollector(t testing.TB, snippets map[string][]byte) *Collector {
	t.Helper()
	c := &Collector{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /js/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(snippets[r.PathValue("name")])
	})
	mux.HandleFunc("/", c.take)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c.URL = strings.Replace(server.URL, "127.0.0.1", "collector.earshot.test", 1)
	return c
}

func (c *Collector) take(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	body, err := io.ReadAll(r.Body)
	event := Event{Type: r.Header.Get("Content-Type"), Header: r.Header, Path: r.URL.Path}
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || r.Method != http.MethodPost {
		c.faults = append(c.faults, fmt.Sprintf("%s %s %q: %v", r.Method, r.URL, body, err))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if event.Name == "" {
		if event.Name = enrich.Click(event.URL, event.Link); event.Name == "" {
			return
		}
		event.Props = map[string]any{"url": event.Link}
	}
	c.events = append(c.events, event)
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte("ok"))
}

// Events returns what came so far under a name, every event where it is "".
func (c *Collector) Events(name string) []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.events), func(e Event) bool { return name != "" && e.Name != name })
}

// Wait returns the events of a name as soon as there are n of them, and fails
// the test where there are more or they don't come.
func (c *Collector) Wait(t testing.TB, name string, n int) []Event {
	t.Helper()
	var found []Event
	if !eventually.Is(func() bool { found = c.Events(name); return len(found) >= n }) || len(found) > n {
		t.Fatalf("%d events %q, want %d: %s", len(found), name, n, c.summary())
	}
	return found
}

// Settled waits until n events are there, and a moment longer for any that
// should not come; a faulty snippet sends at once. It returns the names in the
// order of arrival.
func (c *Collector) Settled(t testing.TB, n int) []string {
	t.Helper()
	eventually.True(t, fmt.Sprintf("%d events", n), func() bool { return len(c.Events("")) >= n })
	time.Sleep(120 * time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.faults) > 0 {
		t.Errorf("the collector refused %q", c.faults)
	}
	var names []string
	for _, e := range c.events {
		names = append(names, e.Name)
	}
	return names
}

// Forget drops what came so far.
func (c *Collector) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = nil
}

func (c *Collector) summary() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, e := range c.events {
		fmt.Fprintf(&b, "\n  %s %s", e.Name, e.URL)
		if e.Share != nil {
			fmt.Fprintf(&b, " %+v", *e.Share)
		}
	}
	return b.String()
}
