// Package lane serves small plain requests to a few paths with much less work
// than net/http does for each: the posts of events, thousands a second.
// cmd/earshot puts a Listener between the port and its http.Server.
//
// A connection begins here. A request is served here where all of it fits a
// buffer and nothing about it is out of the ordinary (see parse); at the first
// other one, the connection goes on to net/http for good, by Accept, with
// every byte of that request. So nothing is answered here that net/http would
// refuse, and whatever this package doesn't understand has net/http's answer.
//
// What it must never do: guess. Two readings of where a request ends are how
// requests are smuggled past proxies.
package lane

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultIdle = 2 * time.Minute
	// defaultWhole is how long a request may take to come in, from its first
	// byte to its last, and how long a new connection may say nothing.
	defaultWhole = 10 * time.Second

	maxRequest = 16 << 10 // bytes of head and body; more is net/http's
	firstRoom  = 4 << 10  // bytes that most requests fit in
)

// Options of a Listener. Handler and Paths are needed.
type Options struct {
	// Handler answers what is served here. It has each request only until it
	// returns: request and body are used again. The request's context doesn't
	// end when the client goes away.
	Handler http.Handler
	Paths   []string // served here when posted to, byte for byte

	Idle  time.Duration // between requests; 0 means 2 minutes
	Whole time.Duration // from a request's first byte, or from the connection's beginning, to its last; 0 means 10 seconds
	Log   *slog.Logger
}

// Listener is a port whose connections begin in the lane. Accept gives those
// that are net/http's.
type Listener struct {
	net.Listener
	o      Options
	others chan net.Conn
	failed chan struct{} // closed when the port takes no more connections
	err    error         // set before failed is closed

	begin sync.Once
	all   sync.WaitGroup

	closing atomic.Bool
	mu      sync.Mutex // guards conns, and closing while it turns true
	conns   map[*conn]struct{}
}

// New puts a lane in front of l. It takes connections from the first Accept on.
func New(l net.Listener, o Options) *Listener {
	if o.Idle == 0 {
		o.Idle = defaultIdle
	}
	if o.Whole == 0 {
		o.Whole = defaultWhole
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Listener{Listener: l, o: o, others: make(chan net.Conn), failed: make(chan struct{}), conns: map[*conn]struct{}{}}
}

// Accept gives the next connection whose request is not for the lane.
func (l *Listener) Accept() (net.Conn, error) {
	l.begin.Do(func() { go l.accept() })
	select {
	case c := <-l.others:
		return c, nil
	case <-l.failed:
		return nil, l.err
	}
}

func (l *Listener) accept() {
	const firstPause, lastPause = 5 * time.Millisecond, time.Second
	pause := firstPause
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				l.err = err
				close(l.failed)
				return
			}
			// Too many open files, or a client that has gone: as net/http, wait.
			l.o.Log.Warn("accept a connection", "err", err)
			time.Sleep(pause)
			pause = min(2*pause, lastPause)
			continue
		}
		pause = firstPause
		c := newConn(l, nc)
		if !l.add(c) {
			nc.Close()
			continue
		}
		go l.serve(c)
	}
}

func (l *Listener) add(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing.Load() {
		return false
	}
	l.conns[c] = struct{}{}
	l.all.Add(1)
	return true
}

func (l *Listener) serve(c *conn) {
	defer l.all.Done()
	pass := func() (pass bool) {
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler { // net/http's word for "close, and be silent"
					l.o.Log.Error("panic while answering", "panic", p, "stack", string(debug.Stack()))
				}
				pass = false
			}
		}()
		return c.serve()
	}()
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
	if !pass {
		c.nc.Close()
		return
	}
	_ = c.nc.SetDeadline(time.Time{}) // net/http has its own; a dead connection says so there
	select {
	case l.others <- &passed{Conn: c.nc, seen: c.buf[:c.n]}:
	case <-l.failed:
		c.nc.Close()
	}
}

// Shutdown closes the port, lets requests under way have their answers, closes
// connections between two requests, and returns when all are gone or ctx ends;
// then those that are left are cut. Connections that net/http has are its own.
func (l *Listener) Shutdown(ctx context.Context) error {
	err := l.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	l.mu.Lock()
	l.closing.Store(true)
	for c := range l.conns {
		c.hurry()
	}
	l.mu.Unlock()
	gone := make(chan struct{})
	go func() { l.all.Wait(); close(gone) }()
	select {
	case <-gone:
		return err
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.nc.Close()
	}
	return errors.Join(err, ctx.Err())
}

// passed is a connection of which the lane has read something.
type passed struct {
	net.Conn
	seen []byte
}

// NetConn is the connection as the port gave it.
func (p *passed) NetConn() net.Conn { return p.Conn }

func (p *passed) Read(b []byte) (int, error) {
	if len(p.seen) > 0 {
		n := copy(b, p.seen)
		if p.seen = p.seen[n:]; len(p.seen) == 0 {
			p.seen = nil
		}
		return n, nil
	}
	return p.Conn.Read(b)
}
