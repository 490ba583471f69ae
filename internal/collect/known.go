package collect

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	siteTTL  = 2 * time.Second // a site that is added or changed counts after this
	maxKnown = 10_000          // domains remembered, also those that are no site
)

// knownSites remembers for a moment what Sites said.
type knownSites struct {
	sites Sites
	mu    sync.RWMutex
	by    map[string]knownSite
}

type knownSite struct {
	site  Site
	known bool
	until time.Time
}

func (k *knownSites) get(ctx context.Context, domain string, now time.Time) (Site, bool, error) {
	k.mu.RLock()
	s, had := k.by[domain]
	k.mu.RUnlock()
	if had && now.Before(s.until) {
		return s.site, s.known, nil
	}
	site, known, err := k.sites.Site(ctx, domain)
	if err != nil {
		if had {
			return s.site, s.known, nil // better old than none
		}
		return Site{}, false, fmt.Errorf("look up site: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil || len(k.by) >= maxKnown {
		k.by = map[string]knownSite{}
	}
	// The key must not keep a whole request in memory.
	k.by[strings.Clone(domain)] = knownSite{site, known, now.Add(siteTTL)}
	return site, known, nil
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
