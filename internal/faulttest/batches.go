package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	batchers   = 4
	batchShare = 0.3 // of all events come in batches
	batchLong  = 50  // events
)

// batch is one that is sent under its key until it is acknowledged, and now
// and then after that.
type batch struct {
	n, bots int
	key     string
	body    string
	events  []sent
	goesOn  bool   // with visitors of a batch before
	epoch   int64  // when it was made
	answer  string // the first that said 202
}

// batchCounts are those of all batchers.
type batchCounts struct{ made, acked, again, replayed atomic.Int64 }

// sendBatches sends one batch after the other, each of them until it is
// acknowledged, whatever its earlier attempts came to.
func (l *load) sendBatches(ctx context.Context, sender int, to *target) {
	rng := rand.New(rand.NewPCG(l.seed, uint64(sender)))
	client := newClient()
	defer client.CloseIdleConnections()
	pause := l.each(batchers, batchLong/2, batchShare)
	var people crowd
	var recent []*batch // acknowledged in this epoch
	for ctx.Err() == nil {
		l.gate.RLock()
		if l.epoch.Load() != people.epoch {
			recent = nil
		}
		people.turn(l.epoch.Load())
		b := l.fill(rng, &people)
		if len(recent) > 0 && rng.IntN(4) == 0 {
			l.postBatch(client, rng, to, recent[rng.IntN(len(recent))], whole)
		}
		l.gate.RUnlock()
		if l.deliver(ctx, client, rng, to, b) {
			recent = append(recent[max(0, len(recent)-20):], b)
		} else {
			people = crowd{epoch: -1} // nobody knows how far they have got
		}
		l.all[sender] = append(l.all[sender], b.events...)
		time.Sleep(pause)
	}
	// What was taken before the last fault is still known under its key.
	for _, b := range recent {
		if b.epoch == l.epoch.Load() {
			l.postBatch(client, rng, to, b, whole)
		}
	}
}

// fill makes a batch. Its events count as acknowledged for those behind them:
// it is taken as a whole or not at all.
func (l *load) fill(rng *rand.Rand, people *crowd) *batch {
	b := &batch{n: int(l.batches.made.Add(1)), epoch: people.epoch}
	b.key = fmt.Sprintf("faults-%d-%d", l.seed, b.n)
	known := slices.Clone(people.open)
	var lines []string
	for range 1 + rng.IntN(batchLong) {
		v := people.next(l, rng)
		s, body := l.act(rng, v, people.shared)
		s.batch = b.n
		b.goesOn = b.goesOn || slices.Contains(known, v) ||
			s.parent > 0 && !slices.ContainsFunc(b.events, func(e sent) bool { return e.n == s.parent })
		people.learn(v, s)
		b.events = append(b.events, s)
		lines = append(lines, fmt.Sprintf(`%s,"ip":%q,"user_agent":%q}`, body, v.addr(), reader))
	}
	if rng.IntN(5) == 0 {
		b.bots = 1
		l.botsAsked.Add(1)
		lines = append(lines, fmt.Sprintf(`{"n":"pageview","d":%q,"u":"https://%s/","ip":"66.249.66.1","user_agent":%q}`, site, site, crawler))
	}
	b.body = strings.Join(lines, "\n")
	return b
}

// deliver sends b until it is acknowledged. One that goes on with visitors of
// an epoch that is over is given up: it may be there, once.
func (l *load) deliver(ctx context.Context, client *http.Client, rng *rand.Rand, to *target, b *batch) bool {
	var ended time.Time
	for try := 0; ; try++ {
		how := whole
		if try == 0 && rng.IntN(4) == 0 {
			how = cut(1 + rng.IntN(2))
		}
		f, over := l.try(client, rng, to, b, how)
		if f == acked || over {
			return f == acked
		}
		if try == 0 {
			l.batches.again.Add(1)
		}
		time.Sleep(time.Duration(20+rng.IntN(100)) * time.Millisecond)
		if ended.IsZero() && ctx.Err() != nil {
			ended = time.Now()
		}
		if !ended.IsZero() && time.Since(ended) > patience {
			l.odd.Store(fmt.Sprintf("batch %d was not taken in %s", b.n, patience), true)
			return false
		}
	}
}

func (l *load) try(client *http.Client, rng *rand.Rand, to *target, b *batch, how cut) (f fate, over bool) {
	l.gate.RLock()
	defer l.gate.RUnlock()
	epoch := l.epoch.Load()
	if b.goesOn && epoch != b.epoch {
		return unsure, true
	}
	if f = l.postBatch(client, rng, to, b, how); f != acked {
		return f, false
	}
	for i := range b.events {
		s := &b.events[i]
		s.fate, s.node, s.epoch = acked, to.node, epoch
	}
	l.batches.acked.Add(1)
	l.bots.Add(int64(b.bots))
	if rng.IntN(10) == 0 { // somebody who didn't hear it
		l.postBatch(client, rng, to, b, whole)
	}
	return acked, false
}

// cut is how a request ends early.
type cut int

const (
	whole     cut = iota
	inBody        // the second half is never sent
	inWaiting     // nobody waits for the answer
)

var errCut = errors.New("cut off")

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, errCut }

// postBatch posts b once.
func (l *load) postBatch(client *http.Client, rng *rand.Rand, to *target, b *batch, how cut) fate {
	ctx := context.Background()
	var body io.Reader = strings.NewReader(b.body)
	switch how {
	case inBody:
		body = io.MultiReader(strings.NewReader(b.body[:rng.IntN(len(b.body))]), cutOff{})
	case inWaiting:
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(15_000))*time.Microsecond)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+to.address+"/api/events", body)
	if err != nil {
		panic(err) // a URL of our own
	}
	req.ContentLength = int64(len(b.body))
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Authorization", "Bearer "+to.token)
	req.Header.Set("Idempotency-Key", b.key)
	resp, err := client.Do(req)
	if err != nil {
		return unsure
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil && resp.StatusCode == http.StatusAccepted {
		return unsure
	}
	resp.Body = io.NopCloser(strings.NewReader(string(text)))
	f := l.fate(to, resp, b.body)
	if f == acked {
		replayed := resp.Header.Get("Idempotency-Replayed") == "true"
		if !replayed {
			to.accepted.Add(1)
		}
		l.check(b, string(text), replayed)
	}
	return f
}

// check holds an answer against what was sent, and against the one before.
func (l *load) check(b *batch, text string, replayed bool) {
	var answer struct{ Accepted, Dropped int }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Accepted != len(b.events) || answer.Dropped != b.bots {
		l.odd.Store(fmt.Sprintf("batch %d of %d events: %s", b.n, len(b.events), text), true)
	}
	if replayed {
		l.batches.replayed.Add(1)
	}
	if b.answer == "" {
		b.answer = text
	} else if !replayed || text != b.answer {
		l.odd.Store(fmt.Sprintf("batch %d was answered %s, and then %s (replayed: %t)", b.n, b.answer, text, replayed), true)
	}
}
