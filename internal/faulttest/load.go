package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	site    = "fault.example"
	senders = 16

	visitsOpen = 20 // visitors of a sender that may come again
	visitLong  = 12 // events of a visitor at most
)

// target is a program as the load sees it.
type target struct {
	node               int
	address, token     string
	accepted, refusals atomic.Int64 // requests whose events were spooled, or refused for now
}

// load posts events until it is stopped. A visitor's events all go to one
// node.
type load struct {
	to   []*target
	seed uint64
	rate int // events a second

	numbers, people atomic.Int64
	epoch           atomic.Int64
	gate            sync.RWMutex // shared by posts, held to begin an epoch

	all       [senders + batchers][]sent
	bots      atomic.Int64 // acknowledged
	botsAsked atomic.Int64
	batches   batchCounts
	odd       sync.Map // answers that should not be
	wg        sync.WaitGroup
}

func (l *load) start(ctx context.Context) {
	for i := range senders {
		l.wg.Go(func() { l.send(ctx, i, l.to[i%len(l.to)]) })
	}
	for i := range batchers {
		l.wg.Go(func() { l.sendBatches(ctx, senders+i, l.to[i%len(l.to)]) })
	}
}

// each is how long one of several senders waits between two posts of so many
// events, which are together a share of all events.
func (l *load) each(senders, events int, share float64) time.Duration {
	return time.Duration(float64(senders*events) / (float64(l.rate) * share) * float64(time.Second))
}

// newEpoch lets change run while no request is under way; visitors of before
// don't come again after it.
func (l *load) newEpoch(change func()) {
	l.gate.Lock()
	defer l.gate.Unlock()
	change()
	l.epoch.Add(1)
}

// crowd are the visitors of one sender.
type crowd struct {
	open   []*visitor
	shared sent // the last share that was acknowledged
	epoch  int64
}

// turn forgets visitors of an epoch before.
func (c *crowd) turn(epoch int64) {
	if epoch != c.epoch {
		*c = crowd{epoch: epoch}
	}
}

// next picks a visitor, who may be new.
func (c *crowd) next(l *load, rng *rand.Rand) *visitor {
	if len(c.open) == 0 || len(c.open) < visitsOpen && rng.IntN(4) == 0 {
		c.open = append(c.open, &visitor{id: int(l.people.Add(1))})
	}
	at := rng.IntN(len(c.open))
	v := c.open[at]
	if v.events++; v.events >= visitLong {
		c.open = append(c.open[:at], c.open[at+1:]...)
	}
	return v
}

// learn notes what was acknowledged.
func (c *crowd) learn(v *visitor, s sent) {
	switch s.kind {
	case pageview:
		v.pages = append(v.pages, s.n)
	case share:
		c.shared = s
	}
	v.lives = v.lives || s.kind != engagement
}

func (l *load) send(ctx context.Context, sender int, to *target) {
	rng := rand.New(rand.NewPCG(l.seed, uint64(sender)))
	client := newClient()
	defer client.CloseIdleConnections()
	pause := l.each(senders, 1, 1-batchShare)
	var people crowd
	for ctx.Err() == nil {
		if rng.IntN(100) == 0 {
			l.bot(client, to)
		}
		l.gate.RLock()
		people.turn(l.epoch.Load())
		v := people.next(l, rng)
		s, body := l.act(rng, v, people.shared)
		s.node, s.epoch = to.node, people.epoch
		s.fate = l.ask(client, to, body+"}", reader, v.addr())
		if s.fate == acked {
			to.accepted.Add(1)
			people.learn(v, s)
		}
		l.gate.RUnlock()
		l.all[sender] = append(l.all[sender], s)
		if s.fate == acked {
			time.Sleep(pause)
		} else {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

const (
	reader  = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)

func newClient() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
}

func (l *load) bot(client *http.Client, to *target) {
	l.botsAsked.Add(1)
	body := fmt.Sprintf(`{"n":"pageview","d":%q,"u":"https://%s/"}`, site, site)
	if l.ask(client, to, body, crawler, "66.249.66.1") == acked {
		l.bots.Add(1)
	}
}

func (l *load) ask(client *http.Client, to *target, body, agent, addr string) fate {
	req, err := http.NewRequest(http.MethodPost, "http://"+to.address+"/api/event", strings.NewReader(body))
	if err != nil {
		panic(err) // a URL of our own
	}
	req.Header.Set("Content-Type", "text/plain")
	req.Header.Set("User-Agent", agent)
	req.Header.Set("X-Forwarded-For", addr)
	resp, err := client.Do(req)
	if err != nil {
		return unsure
	}
	return l.fate(to, resp, body)
}

// fate reads an answer. Only two are to be expected.
func (l *load) fate(to *target, resp *http.Response, body string) fate {
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	switch {
	case resp.StatusCode == http.StatusAccepted:
		return acked
	case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		to.refusals.Add(1)
		return refused
	}
	l.odd.Store(fmt.Sprintf("answer %d to %.300s: %s", resp.StatusCode, body, text), true)
	return unsure
}
