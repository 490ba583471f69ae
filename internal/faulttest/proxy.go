package main

import (
	"net"
	"sync"
	"time"
)

// mode is what the network between the program and ClickHouse does.
type mode int

const (
	pass    mode = iota
	hold         // bytes wait
	refuse       // connections are reset, new ones too
	swallow      // the answers to inserts are lost: ClickHouse has the rows, and nobody knows
)

// aBlock is what a client sends at least when it sends rows, and not when it
// asks something.
const aBlock = 6 << 10

// proxy stands between the program and a ClickHouse server.
type proxy struct {
	l       net.Listener
	target  func() string
	onClose func()

	mu    sync.Mutex
	cond  *sync.Cond
	mode  mode
	conns map[*net.TCPConn]*int // with the bytes that the client has sent since the mode was set
	lost  int                   // answers, in parts, since the mode was set
}

func newProxy(target func() string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{l: l, target: target, conns: map[*net.TCPConn]*int{}}
	p.cond = sync.NewCond(&p.mu)
	go p.accept()
	return p, nil
}

func (p *proxy) addr() string { return p.l.Addr().String() }

func (p *proxy) set(m mode) {
	p.mu.Lock()
	p.mode, p.lost = m, 0
	for _, sent := range p.conns {
		*sent = 0
	}
	p.mu.Unlock()
	p.cond.Broadcast()
	if m == refuse {
		p.reset()
	}
}

// swallowed says whether an answer was lost since the mode was set.
func (p *proxy) swallowed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost > 0
}

// reset ends all connections as a firewall does that has forgotten them.
func (p *proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
	p.conns = map[*net.TCPConn]*int{}
}

func (p *proxy) close() {
	p.set(pass)
	p.l.Close()
	p.reset()
	p.onClose()
}

func (p *proxy) accept() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		in := c.(*net.TCPConn)
		p.mu.Lock()
		refused := p.mode == refuse
		p.mu.Unlock()
		if refused {
			_ = in.SetLinger(0)
			in.Close()
			continue
		}
		go p.serve(in)
	}
}

func (p *proxy) serve(in *net.TCPConn) {
	c, err := net.DialTimeout("tcp", p.target(), 5*time.Second)
	if err != nil {
		in.Close()
		return
	}
	out := c.(*net.TCPConn)
	p.mu.Lock()
	sent := new(int)
	p.conns[in], p.conns[out] = sent, sent
	p.mu.Unlock()
	done := make(chan struct{}, 2)
	go func() { p.copy(out, in, sent, false); done <- struct{}{} }()
	go func() { p.copy(in, out, sent, true); done <- struct{}{} }()
	<-done
	in.Close()
	out.Close()
	<-done
	p.mu.Lock()
	delete(p.conns, in)
	delete(p.conns, out)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn, sent *int, answers bool) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		for p.mode == hold {
			p.cond.Wait()
		}
		if !answers {
			*sent += n
		}
		lost := p.mode == swallow && answers && *sent >= aBlock
		if lost {
			p.lost++
		}
		p.mu.Unlock()
		if lost {
			continue
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
