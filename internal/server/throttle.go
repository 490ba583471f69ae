package server

import (
	"net/netip"
	"sync"
	"time"
)

// throttle slows guessing of passwords down. Each key (an address, an account)
// has a bucket of tries that failures empty and time fills again; a success
// gives its own try back. It is bounded: when it is full of active guessers,
// the ones that are nearest to full again are forgotten first.
type throttle struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tries float64 // left
	at    time.Time
	limit
}

// limit is how many tries a bucket holds and how long one takes to come back.
type limit struct {
	burst float64
	every time.Duration
}

var (
	addressLimit = limit{20, 15 * time.Second} // an office shares an address
	accountLimit = limit{8, time.Minute}
)

const maxBuckets = 20_000

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, buckets: map[string]*bucket{}}
}

// take uses a try of every key up, or none and says how long to wait.
func (t *throttle) take(keys map[string]limit) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	var used []*bucket
	for key, lim := range keys {
		b := t.bucket(key, lim, now)
		if b.tries < 1 {
			wait = max(wait, time.Duration((1-b.tries)*float64(lim.every)))
		}
		used = append(used, b)
	}
	if wait > 0 {
		return wait
	}
	for _, b := range used {
		b.tries--
	}
	return 0
}

// giveBack undoes a take whose password was right.
func (t *throttle) giveBack(keys map[string]limit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, lim := range keys {
		b := t.bucket(key, lim, t.now())
		b.tries = min(b.burst, b.tries+1)
	}
}

func (t *throttle) bucket(key string, lim limit, now time.Time) *bucket {
	b, ok := t.buckets[key]
	if !ok {
		if len(t.buckets) >= maxBuckets {
			t.evict(now)
		}
		b = &bucket{tries: lim.burst, limit: lim}
		t.buckets[key] = b
	} else {
		b.tries = min(b.burst, b.tries+float64(now.Sub(b.at))/float64(b.every))
	}
	b.at = now
	return b
}

// evict forgets full buckets; when there are none, one that has most left.
func (t *throttle) evict(now time.Time) {
	var fullest string
	most := -1.0
	for key, b := range t.buckets {
		left := b.tries + float64(now.Sub(b.at))/float64(b.every)
		if left >= b.burst {
			delete(t.buckets, key)
		} else if left > most {
			fullest, most = key, left
		}
	}
	if len(t.buckets) >= maxBuckets {
		delete(t.buckets, fullest)
	}
}

// addressKey groups IPv6 addresses by the /64 that one subscriber has.
func addressKey(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return "address " + p.String()
		}
	}
	return "address " + a.String()
}
