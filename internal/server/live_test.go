package server

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Without Deps.Pulse, the database is queried.
func TestLive(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Now()
	site := meta.NewSite("small.example")
	site.Demo = true
	site = r.site(site)
	c := r.client()
	const path = "/small.example/overview/live.json"
	a := c.get(path)
	quiet := pulseOf(t, a)
	if quiet.Readers != 0 {
		t.Errorf("quiet: %s", a.body)
	}
	again := func() answer {
		return c.do(http.MethodGet, path, nil, http.Header{"If-None-Match": {a.header.Get("ETag")}})
	}
	if b := again(); b.status != http.StatusNotModified || b.body != "" {
		t.Errorf("nothing new answers %d %q", b.status, b.body)
	}
	if err := db.Insert(t.Context(), "one", event.Events.Of([]event.Row{pageview(site, "/", 7)})); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(panel.LiveEvery)
	if b := again(); b.status != http.StatusOK || pulseOf(t, b) != (panel.Pulse{Readers: 1, Seen: quiet.Seen + 1}) {
		t.Errorf("after an event: %d %s", b.status, b.body)
	}
	r.now = r.now.Add(panel.LiveWindow + time.Minute)
	if b := c.get(path); pulseOf(t, b).Readers != 0 {
		t.Errorf("the reader has gone: %s", b.body)
	}
}

func pulseOf(t *testing.T, a answer) (p panel.Pulse) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%d %q: %v", a.status, a.body, err)
	}
	return p
}

// A hundred open pages of all sites share one query every few seconds. Each class
// of askers has its own.
func TestLiveQueriesAreShared(t *testing.T) {
	db := chtest.New(t)
	asked := &countingRunner{Runner: db}
	r := newRig(t, func(d *Deps) { d.Runner = asked })
	r.now = time.Now()
	for _, name := range []string{"one.example", "two.example"} {
		site := meta.NewSite(name)
		site.Demo = true
		r.site(site)
	}
	stranger, owner := r.client(), r.signedIn()
	watch := func(c *client) {
		for range 20 {
			c.get("/one.example/overview/live.json")
			c.get("/two.example/overview/live.json")
		}
	}
	watch(stranger)
	r.now = r.now.Add(panel.LiveEvery)
	asked.n = 0
	watch(stranger)
	if asked.n != 1 {
		t.Errorf("40 screens ask %d questions, want 1", asked.n)
	}
	r.now = r.now.Add(panel.LiveEvery - time.Millisecond)
	watch(stranger)
	if asked.n != 1 {
		t.Errorf("%d questions a moment later", asked.n)
	}
	watch(owner)
	if asked.n < 2 {
		t.Error("users share strangers' answers, and wait for them")
	}
}

// told is a panel.Pulsing, as a process that writes events has it.
type told struct {
	visitors int64
	complete bool

	mu      sync.Mutex
	events  int64
	changed chan struct{}
}

func (p *told) Now(uint32) (visitors, events int64, complete bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.visitors, p.events, p.complete
}

func (p *told) Changed(uint32) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.changed
}

func (p *told) add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events += n
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// What Deps.Pulse knows isn't queried. If it doesn't know all visitors, the database
// is queried soon after new events.
func TestLiveFromThePulse(t *testing.T) {
	asked := &countingRunner{Runner: chtest.New(t)}
	known := &told{visitors: 3, complete: true}
	r := newRig(t, func(d *Deps) { d.Runner, d.Pulse = asked, known })
	r.now = time.Date(2026, 11, 23, 22, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	r.site(site)
	c := r.client()
	get := func() panel.Pulse { return pulseOf(t, c.get("/small.example/overview/live.json")) }
	first := get()
	if first.Readers != 3 || asked.n != 0 {
		t.Errorf("%+v after %d questions", first, asked.n)
	}
	known.add(1)
	if p := get(); p.Seen != first.Seen+1 {
		t.Errorf("an event: %+v, before it %+v", p, first)
	}
	known.add(-1)
	r.now = r.now.Add(time.Hour)
	if p := get(); p.Seen == first.Seen {
		t.Error("the site's next day shows nothing new")
	}
	known.complete = false
	for _, step := range []struct {
		after  time.Duration
		events int64
		asks   int
	}{
		{0, 0, 1}, {time.Second, 0, 0}, {0, 1, 1}, {time.Second, 0, 0}, {panel.LiveEvery, 0, 1},
	} {
		known.add(step.events)
		r.now, asked.n = r.now.Add(step.after), 0
		if p := get(); p.Readers != 0 || asked.n != step.asks {
			t.Errorf("%+v: %+v after %d questions", step, p, asked.n)
		}
	}
}

// A held answer is sent when something is new, and at once when the program stops or
// too many others are held.
func TestLiveIsHeldUntilItChanges(t *testing.T) {
	known, stopping, reg := &told{visitors: 3, complete: true}, make(chan struct{}), prometheus.NewRegistry()
	r := newRig(t, func(d *Deps) { d.Runner, d.Pulse, d.Stopping, d.Registerer = &countingRunner{}, known, stopping, reg })
	site := meta.NewSite("small.example")
	site.Demo = true
	r.site(site)
	c := r.client()
	const path = "/small.example/overview/live.json"
	wait := func(etag, prefer string) answer {
		return c.do(http.MethodGet, path, nil, http.Header{"If-None-Match": {etag}, "Prefer": {prefer}})
	}
	tag := c.get(path).header.Get("ETag")
	if a := wait(`"other"`, "wait=25"); a.status != http.StatusOK || a.header.Get("Preference-Applied") != "" {
		t.Errorf("there is something new: %d %v", a.status, a.header)
	}
	for _, prefer := range []string{"", "wait", "wait=-1", "wait=x", "wait=0", "respond-async"} {
		if a := wait(tag, prefer); a.status != http.StatusNotModified || a.header.Get("Preference-Applied") != "" {
			t.Errorf("Prefer %q: %d %v", prefer, a.status, a.header)
		}
	}
	began := time.Now()
	if a := wait(tag, "wait=1"); a.status != http.StatusNotModified || a.header.Get("Preference-Applied") != "wait" || time.Since(began) < time.Second {
		t.Errorf("nothing new: %d %v after %v", a.status, a.header, time.Since(began))
	}
	each := liveTurns()[turn.Stranger].Each
	held := make(chan answer, each)
	for range each {
		go func() { held <- wait(tag, "wait=25") }()
	}
	// A request beyond the limit is answered at once, and takes no place from others.
	eventually.True(t, "all places are taken", func() bool { return taken(t, reg, "live figures", turn.Stranger) == each })
	if a := wait(tag, "wait=25"); a.status != http.StatusNotModified || a.header.Get("Preference-Applied") != "" {
		t.Errorf("one too many: %d %v", a.status, a.header)
	}
	known.add(1)
	for range each {
		a := <-held
		if a.status != http.StatusOK {
			t.Errorf("something new: %d", a.status)
		}
		tag = a.header.Get("ETag")
	}
	go func() { held <- wait(tag, "wait=25") }()
	eventually.True(t, "one waits", func() bool { return taken(t, reg, "live figures", turn.Stranger) == 1 })
	close(stopping)
	if a := <-held; a.status != http.StatusNotModified || a.header.Get("Preference-Applied") != "" {
		t.Errorf("the program stops: %d %v", a.status, a.header)
	}
}

// taken is how many turns are in use, from the metrics.
func taken(t *testing.T, reg *prometheus.Registry, of string, class turn.Class) int {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if f.GetName() == "earshot_turns_taken" && labels["of"] == of && labels["class"] == class.String() {
				return int(m.GetGauge().GetValue())
			}
		}
	}
	t.Fatalf("no metric of %s", of)
	return 0
}
