package panel

import (
	"context"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Pulse is a site's state at a moment.
type Pulse struct {
	Readers int64 `json:"readers"` // visitors of the last five minutes
	Seen    int64 `json:"seen"`    // changes when events arrive and when a day begins
}

// knownSite is what a question must know of a site's accounts.
type knownSite struct {
	version int64
	sources map[string]string // as query.Site has them
	others  []string
}

// askedKey is a site and a class of askers. Each class has its own answers, so
// that a signed-in user never waits for an answer that is queued as a stranger's.
type askedKey struct {
	site  uint32
	class turn.Class
}

func askedBy(ctx context.Context, site uint32) askedKey { return askedKey{site, turn.Of(ctx).Class} }

// memory caches the last answers to frequent questions. Answers are small, and
// there are few per site, so nothing is evicted.
type memory[T any] struct {
	mu  sync.Mutex
	all map[askedKey]*held[T]
}

// held is a cached answer, and a lock for whoever refreshes it.
type held[T any] struct {
	asking chan struct{} // has an element while somebody asks
	at     time.Time
	known  bool
	value  T
}

func (m *memory[T]) of(key askedKey) *held[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[askedKey]*held[T]{}
	}
	if m.all[key] == nil {
		m.all[key] = &held[T]{asking: make(chan struct{}, 1)}
	}
	return m.all[key]
}

// get returns the cached answer if it is good enough, and asks otherwise;
// concurrent callers wait for that answer.
func (m *memory[T]) get(ctx context.Context, key askedKey, now time.Time, good func(age time.Duration, value T) bool, ask func(context.Context) (T, error)) (T, error) {
	h := m.of(key)
	select {
	case h.asking <- struct{}{}:
		defer func() { <-h.asking }()
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	if age := now.Sub(h.at); h.known && age >= 0 && good(age, h.value) {
		return h.value, nil
	}
	value, err := ask(ctx)
	if err == nil {
		h.at, h.known, h.value = now, true, value
	}
	return value, err
}

// Memories of an Engine.
type memories struct {
	pulses memory[pulses]
	watch  watch
	firsts memory[query.Recorded]
	sites  memory[knownSite]
}
