// Package pulse knows what goes on at each site now: how many visitors were
// heard of within the last minutes, and how many events came. cmd/earshot has
// the writer tell it what ClickHouse has stored and pages ask it, so that a page
// that is watched costs ClickHouse nothing.
//
// What it says is what a statement would find: it must never count an event
// that is not stored yet, and where it doesn't know all it must say so.
package pulse

import (
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// maxVisitors are known at once, some 60 bytes each. Beyond, ClickHouse is to
// be asked.
const maxVisitors = 300_000

// ahead is how far an event's time may lie in the future: the statement that
// counts visitors reaches as far, since clocks differ.
const ahead = time.Minute

// Book is what is known. It may be used by many at once.
type Book struct {
	now    func() time.Time
	window int64 // ms
	alone  bool
	most   int

	mu       sync.Mutex
	sites    map[uint32]*site
	last     map[visitor]int64 // when each was heard of, in Unix ms; within window
	due      [][]visitor       // each once, by the second that it was heard of, or an earlier one: a ring
	second   int64             // the oldest of due
	latest   int64             // ms: the clock, when it was looked at
	complete int64             // ms: from when on everybody is known who was heard of
	first    int64             // number of events that each site begins with
}

type site struct {
	visitors, events int64
	changed          chan struct{} // closed when one of them is another; nil = nobody waits
}

type visitor struct {
	site uint32
	id   uint64
}

// New makes a Book of those who were heard of within window. alone says that
// ClickHouse stores nothing that it isn't told of: without that, it never knows
// all visitors.
func New(window time.Duration, alone bool, now func() time.Time) *Book {
	b := &Book{now: now, window: window.Milliseconds(), alone: alone, most: maxVisitors}
	b.first = now().UnixMilli() // no number that an earlier run's pages know
	b.begin(b.first)
	return b
}

// begin forgets everybody, not how many events came.
func (b *Book) begin(now int64) {
	if b.sites == nil {
		b.sites = map[uint32]*site{}
	}
	for _, s := range b.sites {
		s.add(-s.visitors, 0)
	}
	b.last = map[visitor]int64{}
	b.second = (now - b.window) / 1000
	b.due = make([][]visitor, (b.window+ahead.Milliseconds())/1000+2)
	b.latest, b.complete = now, now+b.window
}

// Stored takes rows that ClickHouse has stored, and keeps none of them.
func (b *Book) Stored(rows []event.Row) {
	if len(rows) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn()
	for i := range rows {
		row := &rows[i]
		b.heard(visitor{row.Site, row.Visitor}, row.Time.UnixMilli())
		if row.Name != event.Engagement {
			b.of(row.Site).add(0, 1)
		}
	}
}

// Heard takes a visitor of before the start, and when the last event was.
func (b *Book) Heard(site uint32, id uint64, last time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn()
	b.heard(visitor{site, id}, last.UnixMilli())
}

// Recalled says that all visitors of before the start were told.
func (b *Book) Recalled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.complete == b.first+b.window { // else somebody was forgotten since
		b.complete = 0
	}
}

// Now gives the visitors of a site and a number that is another one when events
// came; complete says that these are all visitors.
func (b *Book) Now(site uint32) (visitors, events int64, complete bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn()
	events = b.first
	if s := b.sites[site]; s != nil {
		visitors, events = s.visitors, b.first+s.events
	}
	return visitors, events, b.alone && b.latest >= b.complete
}

// Changed is closed when Now will say something else of a site. Who has gone is
// noticed only when something comes or somebody asks.
func (b *Book) Changed(site uint32) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.of(site)
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// turn looks at the clock and forgets those who have gone.
func (b *Book) turn() {
	now := b.now().UnixMilli()
	if now < b.latest-ahead.Milliseconds() { // set back: what is known is of another time
		b.begin(now)
	}
	b.latest = max(b.latest, now)
	oldest := b.latest - b.window // who was heard of then is still here
	if b.second+int64(len(b.due)) < oldest/1000 {
		b.second = oldest/1000 - int64(len(b.due)) // the whole ring is over
	}
	for ; b.second < oldest/1000; b.second++ {
		b.forget(oldest)
	}
	b.forget(oldest)
}

// forget goes through the oldest second.
func (b *Book) forget(oldest int64) {
	at := b.slot(b.second)
	was := *at
	*at = was[:0]
	for _, v := range was {
		switch last := b.last[v]; {
		case last < oldest:
			delete(b.last, v)
			b.sites[v.site].add(-1, 0)
		case last/1000 == b.second:
			*at = append(*at, v)
		default:
			to := b.slot(last / 1000)
			*to = append(*to, v)
		}
	}
	if len(*at) == 0 {
		*at = nil // of a crowd nothing stays
	}
}

func (b *Book) slot(second int64) *[]visitor { return &b.due[second%int64(len(b.due))] }

func (b *Book) heard(v visitor, at int64) {
	before, known := b.last[v]
	switch {
	case at < b.latest-b.window || at > b.latest+ahead.Milliseconds() || known && at <= before:
		return
	case known:
	case len(b.last) >= b.most:
		b.complete = b.latest + b.window
		return
	default:
		to := b.slot(at / 1000)
		*to = append(*to, v)
		b.of(v.site).add(1, 0)
	}
	b.last[v] = at
}

func (b *Book) of(id uint32) *site {
	s := b.sites[id]
	if s == nil {
		s = &site{}
		b.sites[id] = s
	}
	return s
}

func (s *site) add(visitors, events int64) {
	s.visitors, s.events = s.visitors+visitors, s.events+events
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
