// Package connections bounds what a port's connections may take from each
// other: how many there are, in all and from one address, and the memory of
// requests that have not come whole. cmd/earshot puts a Listener on each port
// and the three hooks (State, Context, Handler) into each http.Server.
//
// A connection waits until a request of it has come, and works until that is
// answered. Where a bound is met, the one that has waited longest gives way;
// only where none waits is the new one rejected: it is closed without a word.
// So whoever opens thousands and says nothing, or says it slowly, loses them
// as soon as others want to come in.
//
// What it must never do: end a connection whose request is being answered.
package connections

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/earshot-analytics/earshot/internal/forwarded"
)

const (
	// freeHead is what each connection may have sent of a request that has not
	// come whole: most requests fit in.
	freeHead = 4 << 10
	// maxHeads is what all may have sent beyond that, and maxHeadsOfOne those of
	// one address.
	maxHeads      = 32 << 20
	maxHeadsOfOne = 2 << 20

	// grace is how long a connection waits safely: a request is on its way.
	grace = 500 * time.Millisecond
	// looked is how many of those that may give way are looked at, beginning
	// anywhere: the longest of so many waits long enough.
	looked = 32
)

// Limits are how many connections are open at once; 0 is any number.
type Limits struct {
	All     int
	Address int // from one address; of IPv6, from one /64
}

// Options of a Listener.
type Options struct {
	Limits
	// Spared are addresses that many come through, such as those of proxies:
	// they have no bound of their own. Loopback and private addresses never do.
	Spared  []netip.Prefix
	Metrics *Metrics     // nil = none
	Port    string       // in the metrics
	Now     func() int64 // nanoseconds from anywhere on; nil = the clock
}

// Listener is a port whose connections are bounded.
type Listener struct {
	net.Listener
	o     Options
	ports ports

	mu    sync.Mutex
	conns map[*Conn]struct{}
	from  map[netip.Prefix]*source
	heads int64
}

// source is an address with its connections.
type source struct {
	conns map[*Conn]struct{}
	heads int64
}

// Bound puts bounds on the connections of l.
func Bound(l net.Listener, o Options) *Listener {
	if o.Now == nil {
		begun := time.Now()
		o.Now = func() int64 { return int64(time.Since(begun)) }
	}
	return &Listener{Listener: l, o: o, ports: o.Metrics.of(o.Port), conns: map[*Conn]struct{}{}, from: map[netip.Prefix]*source{}}
}

// Accept gives the next connection that the bounds let in: a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.admit(nc); c != nil {
			return c, nil
		}
		nc.Close()
	}
}

// admit gives nil for a connection that is rejected.
func (l *Listener) admit(nc net.Conn) *Conn {
	c := &Conn{Conn: nc, l: l}
	key, bounded := l.source(nc.RemoteAddr())
	now := l.now()
	c.state.Store(now)
	var gone []*Conn
	l.mu.Lock()
	defer func() {
		l.mu.Unlock()
		for _, old := range gone {
			old.Conn.Close()
		}
	}()
	if bounded {
		if c.from = l.from[key]; c.from == nil {
			c.from = &source{conns: map[*Conn]struct{}{}}
		}
		if l.o.Address > 0 && len(c.from.conns) >= l.o.Address {
			old := longestWaiting(c.from.conns, now)
			if old == nil {
				l.ports.rejectedAddress.Inc()
				return nil
			}
			gone = append(gone, old)
			l.remove(old)
			l.ports.gaveWayAddress.Inc()
		}
	}
	if l.o.All > 0 && len(l.conns) >= l.o.All {
		old := longestWaiting(l.conns, now)
		if old == nil {
			l.ports.rejectedAll.Inc()
			return nil
		}
		gone = append(gone, old)
		l.remove(old)
		l.ports.gaveWayAll.Inc()
	}
	l.conns[c] = struct{}{}
	if bounded {
		c.key = key
		l.from[key] = c.from // the last of it may just have given way
		c.from.conns[c] = struct{}{}
	}
	l.ports.open.Inc()
	return c
}

// now is never 0, which says that a connection works.
func (l *Listener) now() int64 { return l.o.Now() + 1 }

// source is whose connection it is; bounded says that it has a bound of its
// own.
func (l *Listener) source(a net.Addr) (key netip.Prefix, bounded bool) {
	addr, ok := forwarded.ParseAddr(a.String())
	if !ok || addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || forwarded.Trusted(addr, l.o.Spared) {
		return key, false
	}
	return forwarded.Network(addr), true
}

// longestWaiting takes the connection out of a few that has waited longest,
// and longer than grace, so that it can work no more; nil where none has.
func longestWaiting(conns map[*Conn]struct{}, now int64) *Conn {
	for {
		var oldest *Conn
		since := now - int64(grace)
		n := 0
		for c := range conns {
			if at := c.state.Load(); at > 0 && at <= since {
				oldest, since = c, at
			}
			if n++; n == looked {
				break
			}
		}
		if oldest == nil || oldest.state.CompareAndSwap(since, ended) {
			return oldest
		}
	}
}

// remove needs mu.
func (l *Listener) remove(c *Conn) {
	if _, ok := l.conns[c]; !ok {
		return
	}
	delete(l.conns, c)
	l.ports.open.Dec()
	l.give(c)
	if c.from == nil {
		return
	}
	delete(c.from.conns, c)
	if len(c.from.conns) == 0 {
		delete(l.from, c.key)
	}
}

// ended is the state of a connection that gave way or is closed, 0 that of one
// that works; every other is since when it waits.
const ended = -1

// Conn is a connection that a Listener let in.
type Conn struct {
	net.Conn
	l     *Listener
	from  *source // nil = its address has no bound
	key   netip.Prefix
	state atomic.Int64

	head atomic.Int64 // bytes that came while it waited
	held int64        // of them, those that count; guarded by the Listener's mu
}

var errNoRoom = errors.New("too much of requests that have not come whole")

// Read is net.Conn's. While the connection waits, what comes counts.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.state.Load() != 0 {
		if head := c.head.Add(int64(n)); head > freeHead && !c.l.take(c, head-freeHead) {
			c.l.ports.rejectedHead.Inc()
			c.Close()
			return 0, errNoRoom
		}
	}
	return n, err
}

// take has a connection hold so many bytes, and says whether there is room.
func (l *Listener) take(c *Conn, held int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	more := held - c.held
	if c.state.Load() == 0 || more <= 0 {
		return true // its request has come meanwhile
	}
	if _, open := l.conns[c]; !open || l.heads+more > maxHeads || c.from != nil && c.from.heads+more > maxHeadsOfOne {
		return false
	}
	l.heads += more
	if c.from != nil {
		c.from.heads += more
	}
	c.held = held
	return true
}

// give needs mu.
func (l *Listener) give(c *Conn) {
	l.heads -= c.held
	if c.from != nil {
		c.from.heads -= c.held
	}
	c.held = 0
}

// Work says that a request has come. It gives false where the connection had
// to give way: then the request must not be answered.
func (c *Conn) Work() bool {
	for {
		since := c.state.Load()
		if since == ended {
			return false
		}
		if c.state.CompareAndSwap(since, 0) {
			break
		}
	}
	if c.head.Swap(0) > freeHead {
		c.l.mu.Lock()
		c.l.give(c)
		c.l.mu.Unlock()
	}
	return true
}

// Wait says that the request is answered.
func (c *Conn) Wait() { c.state.CompareAndSwap(0, c.l.now()) }

// Close is net.Conn's.
func (c *Conn) Close() error {
	c.state.Store(ended)
	c.l.mu.Lock()
	c.l.remove(c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}
