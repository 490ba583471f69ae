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

// kind of an event.
type kind byte

const (
	pageview kind = iota
	engagement
	share
	custom
	passive
)

// fate of an event, as its sender knows it.
type fate byte

const (
	unsure  fate = iota // no answer: it may be there, once
	acked               // 202
	refused             // 503 with Retry-After: it may be there, once
)

// sent is one event that was posted.
type sent struct {
	n, visitor int
	view       int // engagement: number of the page view that it is of
	parent     int // share: number of the one that it passes on, 0 for none
	engagedMS  int
	depth      int // -1: none
	kind       kind
	fate       fate
}

// visitor is somebody whose events all go through one sender, one after the
// other.
type visitor struct {
	id, events int
	pages      []int // numbers of page views that were acknowledged
	lives      bool  // an event that makes a visit was acknowledged
}

// load posts events until it is stopped.
type load struct {
	address string
	seed    uint64
	pause   time.Duration // of each sender between two events

	numbers, people atomic.Int64
	epoch           atomic.Int64
	gate            sync.RWMutex // shared by posts, held to begin an epoch

	all       [senders][]sent
	bots      atomic.Int64 // acknowledged
	botsAsked atomic.Int64
	odd       sync.Map // answers that should not be
	accepted  atomic.Int64
	refusals  atomic.Int64
	wg        sync.WaitGroup
}

func (l *load) start(ctx context.Context) {
	for i := range senders {
		l.wg.Go(func() { l.send(ctx, i) })
	}
}

// newEpoch lets change run while no request is under way; visitors of before
// don't come again after it.
func (l *load) newEpoch(change func()) {
	l.gate.Lock()
	defer l.gate.Unlock()
	change()
	l.epoch.Add(1)
}

func (l *load) send(ctx context.Context, sender int) {
	rng := rand.New(rand.NewPCG(l.seed, uint64(sender)))
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var open []*visitor
	var shared sent
	epoch := int64(0)
	for ctx.Err() == nil {
		if rng.IntN(100) == 0 {
			l.bot(client)
		}
		l.gate.RLock()
		if now := l.epoch.Load(); now != epoch {
			epoch, open, shared = now, nil, sent{}
		}
		if len(open) == 0 || len(open) < visitsOpen && rng.IntN(4) == 0 {
			open = append(open, &visitor{id: int(l.people.Add(1))})
		}
		at := rng.IntN(len(open))
		v := open[at]
		s := l.post(client, rng, v, shared)
		l.gate.RUnlock()
		if s.kind == share && s.fate == acked {
			shared = s
		}
		l.all[sender] = append(l.all[sender], s)
		if v.events >= visitLong {
			open = append(open[:at], open[at+1:]...)
		}
		if s.fate == acked {
			l.accepted.Add(1)
			time.Sleep(l.pause)
		} else {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func shareID(n int) string { return fmt.Sprintf("1%09d", n) }

// post sends the next thing that a visitor does. before is the last share that
// the sender had acknowledged.
func (l *load) post(client *http.Client, rng *rand.Rand, v *visitor, before sent) sent {
	s := sent{n: int(l.numbers.Add(1)), visitor: v.id, depth: -1}
	v.events++
	switch d := rng.IntN(100); {
	case d < 40:
		s.kind = pageview
	case d < 70 && v.lives && len(v.pages) > 0:
		s.kind, s.view = engagement, v.pages[rng.IntN(len(v.pages))]
		s.engagedMS = rng.IntN(12_000)
		if rng.IntN(4) > 0 {
			s.depth = rng.IntN(101)
		}
	case d < 80:
		s.kind = share
	case d < 90:
		s.kind = passive
	case d < 95:
		s.kind = custom
	}
	if v.events == 1 && rng.IntN(2) == 0 && s.kind == custom {
		s.kind = passive
	}
	page := s.n
	if s.kind == engagement {
		page = s.view
	}
	body := fmt.Sprintf(`{"d":%q,"u":"https://%s/v/%d/%d","p":{"n":"%d"}`, site, site, v.id, page, s.n)
	switch s.kind {
	case pageview:
		body += `,"n":"pageview"`
	case engagement:
		body += fmt.Sprintf(`,"n":"engagement","e":%d`, s.engagedMS)
		if s.depth >= 0 {
			body += fmt.Sprintf(`,"sd":%d`, s.depth)
		}
	case share:
		body += fmt.Sprintf(`,"n":"share","sh":{"i":%q,"n":"mastodon","k":"link"`, shareID(s.n))
		if before.visitor != v.id { // one's own share is not passed on
			s.parent = before.n
		}
		if s.parent > 0 {
			body += fmt.Sprintf(`,"p":%q`, shareID(s.parent))
		}
		body += "}"
	case passive:
		body += `,"n":"seen","i":false`
	case custom:
		body += `,"n":"signup"`
	}
	s.fate = l.ask(client, body+"}", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		fmt.Sprintf("81.%d.%d.%d", 2+v.id>>16, v.id>>8&255, v.id&255))
	if s.fate == acked {
		if s.kind == pageview {
			v.pages = append(v.pages, s.n)
		}
		v.lives = v.lives || s.kind != engagement
	}
	return s
}

func (l *load) bot(client *http.Client) {
	l.botsAsked.Add(1)
	body := fmt.Sprintf(`{"n":"pageview","d":%q,"u":"https://%s/"}`, site, site)
	if l.ask(client, body, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "66.249.66.1") == acked {
		l.bots.Add(1)
	}
}

func (l *load) ask(client *http.Client, body, agent, addr string) fate {
	req, err := http.NewRequest(http.MethodPost, "http://"+l.address+"/api/event", strings.NewReader(body))
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
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	switch {
	case resp.StatusCode == http.StatusAccepted:
		return acked
	case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		l.refusals.Add(1)
		return refused
	}
	l.odd.Store(fmt.Sprintf("answer %d to %s: %s", resp.StatusCode, body, text), true)
	return unsure
}
