package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/meta"
)

const (
	sitesFresh = 500 * time.Millisecond // a change by another process is seen this late at most
	missFresh  = 100 * time.Millisecond // an unknown domain asks the store this often at most
)

// siteCache finds sites by domain for each event without a query of the store each
// time. The first caller that finds it stale refreshes it; concurrent callers use
// what it has.
type siteCache struct {
	meta *meta.Store
	log  *slog.Logger
	now  func() time.Time

	sites   atomic.Pointer[map[string]meta.Site] // nil until they were read once
	checked atomic.Int64                         // when, in nanoseconds

	mu      sync.Mutex
	version int64
}

func newSiteCache(m *meta.Store, log *slog.Logger, now func() time.Time) *siteCache {
	return &siteCache{meta: m, log: log, now: now, version: -1}
}

// Site is collect.Sites'.
func (c *siteCache) Site(ctx context.Context, domain string) (collect.Site, bool, error) {
	site, ok := c.find(ctx, domain)
	if !ok && c.sites.Load() == nil {
		return collect.Site{}, false, errors.New("the sites can't be read")
	}
	return collect.Site{ID: site.ID, RespectOptOut: site.RespectOptOut, PageRules: site.Pages()}, ok, nil
}

// find finds a site by any spelling of its domain.
func (c *siteCache) find(ctx context.Context, domain string) (meta.Site, bool) {
	if c.age() > sitesFresh && c.mu.TryLock() {
		c.refresh(ctx)
		c.mu.Unlock()
	}
	if site, ok := c.known(domain); ok { // domains nearly always come in normal form
		return site, true
	}
	domain, err := meta.NormalizeDomain(domain)
	if err != nil {
		return meta.Site{}, false
	}
	if site, ok := c.known(domain); ok || c.age() < missFresh {
		return site, ok
	}
	c.mu.Lock()
	if c.age() >= missFresh { // otherwise another caller has just refreshed it
		c.refresh(ctx)
	}
	c.mu.Unlock()
	return c.known(domain)
}

func (c *siteCache) known(domain string) (meta.Site, bool) {
	sites := c.sites.Load()
	if sites == nil {
		return meta.Site{}, false
	}
	site, ok := (*sites)[domain]
	return site, ok
}

func (c *siteCache) age() time.Duration {
	return time.Duration(c.now().UnixNano() - c.checked.Load())
}

// refresh needs mu. If the store fails, the sites stay as they were.
func (c *siteCache) refresh(ctx context.Context) {
	// If this request is cancelled, the others still need the result.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	defer func() { c.checked.Store(c.now().UnixNano()) }()
	version, err := c.meta.SitesVersion(ctx)
	if err == nil && version == c.version {
		return
	}
	var list []meta.Site
	if err == nil {
		list, err = c.meta.Sites(ctx)
	}
	if err != nil {
		c.log.Error("sites can't be read, going on with the ones known", "err", err)
		return
	}
	sites := make(map[string]meta.Site, len(list))
	for _, site := range list {
		sites[site.Domain] = site
	}
	c.sites.Store(&sites)
	c.version = version
}
