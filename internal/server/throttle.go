package server

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/turn"
)

// throttle slows down the guessing of passwords. Each count (per network, and per
// account and network) is a token bucket: a failed try takes a token, time adds
// them again, and a successful try gives its token back. There is no count per
// account alone, or anybody could lock its owner out.
//
// Its memory is bounded: counts are kept by a hash, so that each takes the same
// space and none reveals what was typed; a rejected try adds no count; and when
// there are too many, those with the most tries left are forgotten.
type throttle struct {
	now     func() time.Time
	salt    [16]byte
	mu      sync.Mutex
	buckets map[bucketKey]*bucket
}

type bucketKey [16]byte

type bucket struct {
	tries float64 // left
	at    time.Time
	told  time.Time // when a rejection was last logged
	limit
}

// limit is how many tries a bucket holds and how long one takes to come back.
type limit struct {
	burst float64
	every time.Duration
}

// count is what a try is counted under.
type count struct {
	what string
	limit
}

var (
	networkLimit = limit{20, 15 * time.Second} // an office shares an address
	accountLimit = limit{8, time.Minute}       // of an account, from one network or one known browser
)

// passwordTurns bounds how many passwords are hashed at once, which costs time and
// memory on purpose. Browsers that signed in before have the turns of users, so
// that a flood of strangers doesn't block them; strangers take turns by network.
func passwordTurns() turn.Limits {
	return turn.Limits{
		turn.User:     {Places: 1, Queue: 64, Line: 8},
		turn.Stranger: {Places: 1, Queue: 64, Line: 4},
	}
}

// passwordWait is how long a try waits for its turn.
const passwordWait = 5 * time.Second

const (
	maxBuckets = 20_000
	// tellEvery is how often a bucket's rejections are logged: with a line for
	// each, somebody who guesses could fill the log.
	tellEvery = time.Minute
)

func newThrottle(now func() time.Time) *throttle {
	t := &throttle{now: now, buckets: map[bucketKey]*bucket{}}
	rand.Read(t.salt[:])
	return t
}

// take takes a try from every count; if one has none left, it takes nothing and
// returns how long to wait. tell says that this rejection should be logged.
func (t *throttle) take(counts ...count) (wait time.Duration, tell bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, c := range counts {
		b := t.buckets[t.key(c)]
		if b == nil {
			continue
		}
		if b.fill(now); b.tries < 1 {
			wait = max(wait, time.Duration((1-b.tries)*float64(b.every)))
			if now.Sub(b.told) >= tellEvery {
				b.told, tell = now, true
			}
		}
	}
	if wait > 0 {
		return wait, tell
	}
	for _, c := range counts {
		key := t.key(c)
		b := t.buckets[key]
		if b == nil {
			if len(t.buckets) >= maxBuckets {
				t.evict(now)
			}
			b = &bucket{tries: c.burst, at: now, limit: c.limit}
			t.buckets[key] = b
		}
		b.tries--
	}
	return 0, false
}

// giveBack undoes a take whose password was right.
func (t *throttle) giveBack(counts ...count) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, c := range counts {
		if b := t.buckets[t.key(c)]; b != nil {
			b.fill(now)
			b.tries = min(b.burst, b.tries+1)
		}
	}
}

func (t *throttle) key(c count) bucketKey {
	sum := sha256.Sum256(append(t.salt[:], c.what...))
	return bucketKey(sum[:len(bucketKey{})])
}

func (b *bucket) fill(now time.Time) {
	since := max(0, now.Sub(b.at)) // if the clock is set back, nothing is taken away
	b.tries = min(b.burst, b.tries+float64(since)/float64(b.every))
	b.at = now
}

// evict forgets full buckets, and then those with the most tries left, one in ten
// in all: so that under a flood not every try has to search all buckets.
func (t *throttle) evict(now time.Time) {
	keys := make([]bucketKey, 0, len(t.buckets))
	for key, b := range t.buckets {
		if b.fill(now); b.tries >= b.burst {
			delete(t.buckets, key)
		} else {
			keys = append(keys, key)
		}
	}
	const most = maxBuckets - maxBuckets/10
	if len(keys) <= most {
		return
	}
	slices.SortFunc(keys, func(a, b bucketKey) int {
		return cmp.Compare(t.buckets[b].left(), t.buckets[a].left())
	})
	for _, key := range keys[:len(keys)-most] {
		delete(t.buckets, key)
	}
}

// left is how full a bucket is, 0 to 1.
func (b *bucket) left() float64 { return b.tries / b.burst }

// network is the prefix that is counted as one client: one subscriber has a whole
// /64 of IPv6.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
