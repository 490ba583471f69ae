package main

import (
	"fmt"
	"math/rand/v2"
)

// kind of an event.
type kind byte

const (
	pageview kind = iota
	engagement
	share
	custom
	passive
)

// fate of an event, as its sender knows it.
type fate byte

const (
	unsure  fate = iota // no answer: it may be there, once
	acked               // 202
	refused             // 503 with Retry-After: it may be there, once
)

// sent is one event that was posted.
type sent struct {
	n, visitor int
	view       int // engagement: number of the page view that it is of
	parent     int // share: number of the one that it passes on, 0 for none
	engagedMS  int
	depth      int // -1: none
	batch      int // number of the one that it is in, 0 for none
	node       int
	epoch      int64 // when its fate was decided
	kind       kind
	fate       fate
}

// visitor is somebody whose events all go through one sender, one after the
// other.
type visitor struct {
	id, events int
	pages      []int // numbers of page views that were acknowledged
	lives      bool  // an event that makes a visit was acknowledged
}

func (v *visitor) addr() string {
	return fmt.Sprintf("81.%d.%d.%d", 2+v.id>>16, v.id>>8&255, v.id&255)
}

func shareID(n int) string { return fmt.Sprintf("1%09d", n) }

// act decides what a visitor does next, and gives it as JSON without the
// closing brace. before is the last share that the sender had acknowledged.
func (l *load) act(rng *rand.Rand, v *visitor, before sent) (s sent, body string) {
	s = sent{n: int(l.numbers.Add(1)), visitor: v.id, depth: -1}
	switch d := rng.IntN(100); {
	case d < 40:
		s.kind = pageview
	case d < 70 && v.lives && len(v.pages) > 0:
		s.kind, s.view = engagement, v.pages[rng.IntN(len(v.pages))]
		s.engagedMS = rng.IntN(12_000)
		if rng.IntN(4) > 0 {
			s.depth = rng.IntN(101)
		}
	case d < 80:
		s.kind = share
	case d < 90:
		s.kind = passive
	case d < 95:
		s.kind = custom
	}
	if v.events == 1 && rng.IntN(2) == 0 && s.kind == custom {
		s.kind = passive
	}
	page := s.n
	if s.kind == engagement {
		page = s.view
	}
	body = fmt.Sprintf(`{"d":%q,"u":"https://%s/v/%d/%d","p":{"n":"%d"}`, site, site, v.id, page, s.n)
	switch s.kind {
	case pageview:
		body += `,"n":"pageview"`
	case engagement:
		body += fmt.Sprintf(`,"n":"engagement","e":%d`, s.engagedMS)
		if s.depth >= 0 {
			body += fmt.Sprintf(`,"sd":%d`, s.depth)
		}
	case share:
		body += fmt.Sprintf(`,"n":"share","sh":{"i":%q,"n":"mastodon","k":"link"`, shareID(s.n))
		if before.visitor != v.id { // one's own share is not passed on
			s.parent = before.n
		}
		if s.parent > 0 {
			body += fmt.Sprintf(`,"p":%q`, shareID(s.parent))
		}
		body += "}"
	case passive:
		body += `,"n":"seen","i":false`
	case custom:
		body += `,"n":"signup"`
	}
	return s, body
}
