package collect

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/earshot-analytics/earshot/internal/forwarded"
)

// What is wrong with how readers' addresses come, so that many readers count
// as one visitor. The texts are keys of the pages' strings too.
const (
	ProxyBare    = "bare"    // a trusted proxy sends no X-Forwarded-For
	ProxyUnnamed = "unnamed" // a proxy that isn't trusted sends one
	ProxyLocal   = "local"   // all that came came from this machine itself
)

// proxyMemory is how long a way of coming is remembered.
const proxyMemory = time.Hour

var proxyTexts = map[string]string{
	ProxyBare:    "a trusted proxy sends no X-Forwarded-For: all readers behind it count as one visitor. Have it set the header, as docs/configuration.md shows",
	ProxyUnnamed: "a proxy sends X-Forwarded-For and is not in EARSHOT_TRUSTED_PROXIES: all readers behind it count as one visitor. Name its address there",
	ProxyLocal:   "all events come from this machine itself: where a proxy passes readers on, they count as one visitor. Have it set X-Forwarded-For, and name its address in EARSHOT_TRUSTED_PROXIES",
}

// proxies notes by which ways requests come.
type proxies struct {
	seen [forwarded.Local + 1]atomic.Int64 // when each was last seen, in Unix seconds

	mu   sync.Mutex
	peer netip.Addr // of the last proxy that isn't trusted
	told map[string]bool
}

// note takes a request. In the log each trouble is told once.
func (p *proxies) note(how forwarded.How, peer netip.Addr, now time.Time, log *slog.Logger) {
	sec := now.Unix()
	if p.seen[how].Load() != sec {
		p.seen[how].Store(sec)
	}
	if how == forwarded.Direct || how == forwarded.Header {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if how == forwarded.Unnamed {
		p.peer = peer
	}
	trouble, addr := p.trouble(now)
	if trouble == "" || p.told[trouble] {
		return
	}
	if p.told == nil {
		p.told = map[string]bool{}
	}
	p.told[trouble] = true
	if addr.IsValid() {
		log.Warn(proxyTexts[trouble], "proxy", addr)
	} else {
		log.Warn(proxyTexts[trouble])
	}
}

// trouble needs mu.
func (p *proxies) trouble(now time.Time) (string, netip.Addr) {
	lately := func(how forwarded.How) bool {
		at := p.seen[how].Load()
		return at > 0 && now.Unix()-at < int64(proxyMemory/time.Second)
	}
	switch {
	case lately(forwarded.Unnamed):
		return ProxyUnnamed, p.peer
	case lately(forwarded.Header):
		return "", netip.Addr{} // whoever comes straight to the port tries things out
	case lately(forwarded.Bare):
		return ProxyBare, netip.Addr{}
	case lately(forwarded.Local) && !lately(forwarded.Direct):
		return ProxyLocal, netip.Addr{}
	}
	return "", netip.Addr{}
}

// ofLocalPage says that a browser sends for a page of this machine, where
// nobody stands in between.
func ofLocalPage(h http.Header) bool {
	from := h.Get("Origin")
	if from == "" {
		from = h.Get("Referer")
	}
	u, err := url.Parse(from)
	if err != nil {
		return false
	}
	addr, isAddr := forwarded.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || isAddr && addr.IsLoopback()
}
