package collect

import (
	"context"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

const (
	flushEvery  = 5 * time.Second
	maxLeftOuts = 10_000 // counts kept between flushes; beyond, agents are not told apart
)

// leftOuts adds up what is kept out, by minute, and spools the sums once in a
// while: a crowd of bots must not fill the spool. A crash loses some seconds
// of these counts; they acknowledge nothing to anyone.
type leftOuts struct {
	mu     sync.Mutex
	counts map[event.LeftOut]uint32 // by the key, whose Count is 0
}

func (l *leftOuts) add(site uint32, now time.Time, reason, agent string) {
	key := event.LeftOut{Site: site, Time: now.UTC().Truncate(time.Minute), Reason: reason, Agent: agent}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[event.LeftOut]uint32{}
	}
	if _, ok := l.counts[key]; !ok && len(l.counts) >= maxLeftOuts {
		key.Agent = ""
	}
	l.counts[key]++
}

// flush spools the sums by spool. Where that takes none, they stay.
func (l *leftOuts) flush(ctx context.Context, spool func(ctx context.Context, records ...[]byte) error) error {
	l.mu.Lock()
	counts := l.counts
	l.counts = nil
	l.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	recs := make([][]byte, 0, len(counts))
	for k, n := range counts {
		k.Count = n
		recs = append(recs, event.LeftOuts.Append(nil, &k))
	}
	err := spool(ctx, recs...)
	if err != nil && ctx.Err() == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		for k, n := range l.counts {
			counts[k] += n
		}
		l.counts = counts
	}
	return err
}
