package collect

import (
	"context"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Heard gives the visitors who were heard of since a time, and when last.
type Heard func(ctx context.Context, since time.Time, heard func(site uint32, visitor uint64, last time.Time)) error

// maxHeard is how many visitors a generation holds, about 40 bytes each.
const maxHeard = 500_000

// visitors knows who may be on a visit, so that an engagement that would come
// to nothing is answered as left out: what begins visits and ends them is
// internal/write's. Until it knows of all who may be, nobody is without one.
type visitors struct {
	mu         sync.Mutex
	young, old map[visitorKey]int64 // when they were last heard of, in Unix milliseconds
	turned     int64                // when young began
	complete   int64                // from when on everybody is known
	begun      bool                 // nobody who may come again was forgotten since the start
}

type visitorKey struct {
	site uint32
	id   uint64
}

const visitMS = int64(event.VisitTimeout / time.Millisecond)

func newVisitors(now time.Time) *visitors {
	return &visitors{young: map[visitorKey]int64{}, turned: now.UnixMilli(), complete: now.Add(event.VisitTimeout).UnixMilli(), begun: true}
}

// note takes an event. may says whether it may be part of a visit, begins
// whether nothing was heard of its visitor for as long as a visit may be
// silent.
func (v *visitors) note(e *event.Event) (may, begins bool) {
	at := e.Time.UnixMilli()
	key := visitorKey{e.Site, e.Visitor}
	v.mu.Lock()
	defer v.mu.Unlock()
	last, known := v.last(key)
	before, ok := last, known
	if !ok && e.VisitorBefore != 0 {
		before, ok = v.last(visitorKey{e.Site, e.VisitorBefore})
	}
	begins = !ok || at > before+visitMS
	if begins && e.Name == event.Engagement && at >= v.complete {
		return false, false
	}
	if !known || at > last {
		v.set(key, at)
	}
	return true, begins
}

// unnote forgets an event that note took.
func (v *visitors) unnote(e *event.Event) {
	key := visitorKey{e.Site, e.Visitor}
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.young, key)
	delete(v.old, key)
}

// heard notes a visitor who was heard of before the start, or otherwise than by note.
func (v *visitors) heard(site uint32, id uint64, last time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, at := visitorKey{site, id}, last.UnixMilli()
	if before, known := v.last(key); !known || at > before {
		v.set(key, at)
	}
}

// know ends the start: everybody who was heard of before it is known now.
func (v *visitors) know() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.begun {
		v.complete = 0
	}
}

func (v *visitors) last(key visitorKey) (at int64, ok bool) {
	if at, ok = v.young[key]; !ok {
		at, ok = v.old[key]
	}
	return at, ok
}

// set needs mu; nothing later was heard of the visitor. A generation lasts as long as a visit may be silent, so what
// goes with the old one is over.
func (v *visitors) set(key visitorKey, at int64) {
	if over := at-v.turned > visitMS; over || len(v.young) >= maxHeard {
		if !over && len(v.old) > 0 { // some that go may come again
			v.complete, v.begun = max(v.complete, at+visitMS), false
		}
		v.young, v.old, v.turned = map[visitorKey]int64{}, v.young, at
	}
	v.young[key] = at
}
