package write

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

func heapInUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Half a million visits take as much memory as docs/operations.md says,
// whatever their texts; with usual texts none has to give way. The test tries
// an eighth of the visits in an eighth of the memory, as memory grows with the
// number of visits.
func TestVisitsStayWithinTheirMemory(t *testing.T) {
	const visits, room = defaultMaxVisits / 8, visitsRoom / 8
	long := strings.Repeat("x", event.MaxURL)
	for _, tt := range []struct {
		name   string
		visits int
		views  int // of each
		fill   func(e *event.Event, visitor, view int)
		most   int // that give way
		least  int
	}{
		{"usual", visits, 3, func(e *event.Event, visitor, view int) {
			e.Path = fmt.Sprintf("/2026/11/an-article-with-a-title-of-usual-length-%d", visitor%500+view)
			e.Referrer, e.Source, e.Channel = "www.google.com", "Google", "Organic Search"
			e.Country, e.Device, e.Browser, e.BrowserVersion, e.OS, e.OSVersion = fmt.Sprint(visitor%20), "Mobile", "Chrome", fmt.Sprint(visitor%50), "Android", fmt.Sprint(visitor%13)
		}, 0, 0},
		{"the longest texts, each its own", visits, 1, func(e *event.Event, visitor, view int) {
			own := fmt.Sprint(visitor)
			e.Path, e.Referrer = "/"+own+long[len(own)+1:], own+long[len(own):]
			e.UTMSource, e.UTMMedium, e.UTMCampaign, e.UTMContent, e.UTMTerm = long[:500], long[:500], long[:500], long[:500], long[:500]
		}, visits, visits / 10 * 9},
		{"many pages each", visits, 40, func(e *event.Event, visitor, view int) { e.Path = fmt.Sprintf("/%d", view) }, visits, visits / 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := heapInUse()
			v := newVisits(visits, room)
			e := event.Event{Site: 1, Name: event.Pageview, Time: noon}
			for i := range tt.visits {
				for view := range tt.views {
					e.Visitor, e.Referrer, e.Source, e.Medium, e.Channel = uint64(i+1), "", "", "", ""
					tt.fill(&e, i, view)
					v.place(&e, uint64(i))
				}
			}
			used := heapInUse() - before
			t.Logf("%d visits live, %d gave way; %d MiB counted, %d MiB in use", v.n, v.evicted, v.bytes()>>20, used>>20)
			if v.bytes() > room || used > room/100*110 {
				t.Errorf("%d MiB counted, %d MiB in use", v.bytes()>>20, used>>20)
			}
			if v.evicted > uint64(tt.most) || v.evicted < uint64(tt.least) || v.n+int(v.evicted) != tt.visits {
				t.Errorf("%d visits live, %d gave way", v.n, v.evicted)
			}
			e.Visitor, e.Time = 1<<40, noon.Add(time.Hour)
			v.place(&e, 1)
			if one := v.bytes(); v.n != 1 || one > 20<<10 || len(v.stamps.kept) != 1 || len(v.entries.kept) != 1 {
				t.Errorf("an hour later %d visits, %d stamps and %d entries take %d bytes", v.n, len(v.stamps.kept), len(v.entries.kept), one)
			}
		})
	}
}

// Whatever is placed, the bytes counted are those that the live visits take.
func TestBytesAddUp(t *testing.T) {
	for seed := range uint64(50) {
		v := newVisits(20, 8<<10)
		placeAll(v, randomStream(rand.New(rand.NewPCG(seed, 1)), 300))
		own, stamps, entries := 0, map[*held[stamp]]int{}, map[*held[string]]int{}
		for vis := v.ends.newer; vis != &v.ends; vis = vis.newer {
			own += vis.bytes()
			stamps[vis.stamp]++
			entries[vis.entry]++
		}
		for h, n := range stamps {
			own += stampBytes + h.texts
			if h.n != n {
				t.Fatalf("seed %d: a stamp is held %d times, and has %d visits", seed, h.n, n)
			}
		}
		for h, n := range entries {
			own += entryBytes + h.texts
			if h.n != n {
				t.Fatalf("seed %d: an entry is held %d times, and has %d visits", seed, h.n, n)
			}
		}
		if v.bytes() != own || len(v.stamps.kept) != len(stamps) || len(v.entries.kept) != len(entries) {
			t.Fatalf("seed %d: %d bytes counted, %d there; %d and %d stamps, %d and %d entries", seed, v.bytes(), own, len(v.stamps.kept), len(stamps), len(v.entries.kept), len(entries))
		}
	}
}

// Different values with the same hash are kept apart.
func TestPoolKeepsValuesOfEqualHashApart(t *testing.T) {
	p := newPool(1, cloneText)
	a, b, c := p.hold("a"), p.hold("b"), p.hold("c")
	a.hash, b.hash, c.hash = 1, 1, 1
	a.next, b.next, c.next = nil, a, b
	p.kept = map[uint64]*held[string]{1: c}
	for _, h := range []*held[string]{b, c, a} {
		p.release(h)
	}
	if p.bytes != 0 || len(p.kept) != 0 {
		t.Errorf("%d bytes and %d values are left", p.bytes, len(p.kept))
	}
}
