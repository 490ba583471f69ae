package collect

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/forwarded"
)

// Limits are how many events are taken a second, in the long run; in a burst
// five seconds' worth at once. 0 takes any number. Loopback and private
// addresses are a proxy's or a container network's, with many readers behind
// them: they have no limit by address or visitor.
type Limits struct {
	Address float64 // requests from one address; of IPv6, from one /64
	Visitor float64 // events of one visitor of one site
	Site    float64 // events of one site
	Visits  float64 // that begin, from one address; in a burst 500 seconds' worth, as of a school at eight
}

const (
	burstSeconds = 5
	burstVisits  = 500     // seconds
	maxLimited   = 100_000 // of each kind, those that are remembered
)

// What a request is told that meets a limit. The texts are also the reasons in
// the metrics.
var (
	errAddressLimit = errors.New("address_limit")
	errVisitorLimit = errors.New("visitor_limit")
	errSiteLimit    = errors.New("site_limit")
	errVisitsLimit  = errors.New("visits_limit")
)

// limitReason is the reason of an error that is one of them; else "".
func limitReason(err error) string {
	for _, limit := range [...]error{errAddressLimit, errVisitorLimit, errSiteLimit, errVisitsLimit} {
		if errors.Is(err, limit) {
			return limit.Error()
		}
	}
	return ""
}

type limiters struct {
	address *limiter[netip.Prefix]
	visitor *limiter[uint64]
	site    *limiter[uint32]
	visits  *limiter[netip.Prefix]
}

func newLimiters(l Limits) limiters {
	return limiters{
		newLimiter[netip.Prefix](l.Address, burstSeconds), newLimiter[uint64](l.Visitor, burstSeconds),
		newLimiter[uint32](l.Site, burstSeconds), newLimiter[netip.Prefix](l.Visits, burstVisits),
	}
}

// request asks for one more request from an address.
func (l *limiters) request(addr netip.Addr, now time.Time) error {
	if l.address == nil || sharedAddress(addr) {
		return nil
	}
	if !l.address.allow(forwarded.Network(addr), now) {
		return errAddressLimit
	}
	return nil
}

// event asks for one more event of a visitor and a site.
func (l *limiters) event(addr netip.Addr, e *event.Event, now time.Time) error {
	if !sharedAddress(addr) && !l.visitor.allow(e.Visitor, now) {
		return errVisitorLimit
	}
	if !l.site.allow(e.Site, now) {
		return errSiteLimit
	}
	return nil
}

// visit asks for one more visit from an address: by changing its User-Agent
// one can be any number of visitors.
func (l *limiters) visit(addr netip.Addr, now time.Time) error {
	if l.visits == nil || sharedAddress(addr) || l.visits.allow(forwarded.Network(addr), now) {
		return nil
	}
	return errVisitsLimit
}

func sharedAddress(a netip.Addr) bool {
	return !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// limiter has a rate for each of many. Those that were not heard of for long
// give way in two generations: who comes again then begins with a full burst,
// which is what they would have had anyway.
type limiter[K comparable] struct {
	rate       rate.Limit
	burst      int
	mu         sync.Mutex
	young, old map[K]*rate.Limiter
}

// newLimiter gives nil, which allows everything, for a rate of 0.
func newLimiter[K comparable](perSecond, burstSeconds float64) *limiter[K] {
	if perSecond <= 0 {
		return nil
	}
	return &limiter[K]{rate: rate.Limit(perSecond), burst: max(1, int(perSecond*burstSeconds)), young: map[K]*rate.Limiter{}}
}

func (l *limiter[K]) allow(key K, now time.Time) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	one := l.young[key]
	if one == nil {
		if len(l.young) >= maxLimited/2 {
			l.young, l.old = map[K]*rate.Limiter{}, l.young
		}
		if one = l.old[key]; one == nil {
			one = rate.NewLimiter(l.rate, l.burst)
		}
		l.young[key] = one
	}
	l.mu.Unlock()
	return one.AllowN(now, 1)
}
