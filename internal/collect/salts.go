package collect

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Salts gives the random 16 bytes of now's UTC day, and of the day before
// where they are still there.
type Salts interface {
	Salts(ctx context.Context, now time.Time) (today, before []byte, err error)
}

// daySalts remembers the salts of a day.
type daySalts struct {
	salts Salts
	mu    sync.Mutex // one asks, the others wait
	day   atomic.Pointer[daySalt]
}

type daySalt struct {
	day           int64
	today, before []byte
}

func (d *daySalts) get(ctx context.Context, now time.Time) (*daySalt, error) {
	day := now.UTC().Unix() / 86400
	if s := d.day.Load(); s != nil && s.day == day {
		return s, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.day.Load(); s != nil && s.day == day {
		return s, nil
	}
	today, before, err := d.salts.Salts(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("get the day's salt: %w", err)
	}
	if len(today) != 16 || len(before) != 0 && len(before) != 16 {
		return nil, fmt.Errorf("the day's salt has %d and %d bytes, not 16", len(today), len(before))
	}
	s := &daySalt{day, today, before}
	d.day.Store(s)
	return s, nil
}

// of gives the salts of a time on the day or on the one before: its own and,
// where it is still there, that of the day before it.
func (s *daySalt) of(t time.Time) (own, before []byte) {
	if t.UTC().Unix()/86400 < s.day && len(s.before) > 0 {
		return s.before, nil
	}
	return s.today, s.before
}
