package collect

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/forwarded"
)

// POST /api/events takes events that servers and log shippers send for
// readers, many at a time. Rules:
//
//   - Each is an event as /api/event takes it, and says whose it is: ip and
//     user_agent, opt_out where the reader's browser asked not to be tracked.
//     All three end where a reader's own do.
//   - timestamp is when it happened, at most maxLate ago: that far the salts
//     reach. Clocks differ, so up to maxAhead it may lie in the future, which
//     then means now.
//   - What is wrong with one refuses that one. All others are taken, in the
//     order of their timestamps, in one append to the spool.
//   - Nothing is taken of a body that doesn't come whole, is no list of
//     events, or is beyond a bound.
//   - While the writer is behind, a batch waits a moment for it, since batches
//     are easily taken faster than they are written, and what readers do now
//     stands behind them in the queue. It is taken all the same: the writer may
//     be away for long.
//   - Under an Idempotency-Key the same batch again changes nothing and is
//     answered as the first time; see internal/spool/receipts.
const (
	maxBatchEvents  = 10_000
	maxBatchRecords = 8 << 20 // bytes that it may come to in the spool
	maxBehind       = 150_000 // records: about a second of the writer's at its fastest
	paceStep        = 20 * time.Millisecond
	maxKey          = 255

	maxLate  = 24 * time.Hour
	maxAhead = 5 * time.Minute
	lateHour = time.Hour // hits left out that are older are counted by the hour
)

func (c *Collector) serveBatch(w http.ResponseWriter, r *http.Request) {
	if c.o.Tokens == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h["Cache-Control"] = noStore
	var no *refusal
	token, err := c.admit(r)
	if errors.As(err, &no) {
		c.answerRefusal(w, no)
		return
	}
	key, keyed, ok := idempotencyKey(r.Header, token)
	if !ok || keyed && c.o.Receipts == nil {
		c.refuse(w, http.StatusBadRequest, "idempotency_key", fmt.Sprintf("should be 1 to %d printable characters", maxKey))
		return
	}
	taken := func(*event.Receipt) {}
	if keyed {
		old, done, err := c.o.Receipts.Begin(r.Context(), key)
		if err != nil {
			c.answerRefusal(w, &refusal{http.StatusServiceUnavailable, "unavailable", "", err})
			return
		}
		if old != nil {
			c.m.batches.WithLabelValues("repeated").Inc()
			h.Set("Idempotency-Replayed", "true")
			answerBatch(w, old)
			return
		}
		taken = done
	}
	var receipt *event.Receipt
	defer func() { taken(receipt) }() // after a panic, too
	b := &openBatch{c: c, token: token, now: c.o.Now(), receipt: event.Receipt{Key: key, Nonce: rand.Uint64()}}
	b.receipt.Time = b.now
	if err := b.take(w, r, keyed); err != nil {
		if errors.As(err, &no) {
			c.answerRefusal(w, no)
		}
		return
	}
	receipt = &b.receipt
	c.m.batches.WithLabelValues("taken").Inc()
	c.m.size.Observe(float64(b.events))
	c.m.accepted.Add(float64(b.records))
	for _, l := range b.left {
		c.countLeftOut(l.Site, l.Time, l.Reason, l.Agent)
	}
	answerBatch(w, receipt)
}

// admit checks all but the body.
func (c *Collector) admit(r *http.Request) (Token, error) {
	if r.Method != http.MethodPost {
		return Token{}, &refusal{http.StatusMethodNotAllowed, "request", "send events with POST", nil}
	}
	sender, _ := forwarded.Reader(r, c.o.TrustedProxies)
	if err := c.limits.request(sender, c.o.Now()); err != nil {
		return Token{}, &refusal{http.StatusTooManyRequests, limitReason(err), "comes too often: slow down", nil}
	}
	token, err := c.sender(r)
	switch {
	case errors.Is(err, ErrNoToken):
		return token, &refusal{http.StatusUnauthorized, "token", `needs the header "Authorization: Bearer TOKEN", with a token that may send events`, nil}
	case errors.Is(err, ErrOldToken):
		return token, &refusal{http.StatusUnauthorized, "token", "the token has expired: make another of the kind ingest", nil}
	case errors.Is(err, ErrOtherToken):
		return token, &refusal{http.StatusForbidden, "token", "the token is not for sending events: make one of the kind ingest", nil}
	case err != nil:
		return token, &refusal{http.StatusServiceUnavailable, "unavailable", "", err}
	}
	if !bodyIsList(r.Header) {
		return token, &refusal{http.StatusUnsupportedMediaType, "request", "send a JSON array as application/json, or JSON lines as application/x-ndjson", nil}
	}
	return token, nil
}

// openBatch is one that is being taken.
type openBatch struct {
	c       *Collector
	token   Token
	now     time.Time
	buf     *buffers
	receipt event.Receipt

	events  int       // in it
	records int       // for the spool
	times   []int64   // of records, ms
	foreign int       // events for sites that the token doesn't open
	left    []leftHit // counted once the batch is taken
	errs    []byte    // JSON: the answer's errors, without brackets
}

type leftHit = event.LeftOut

// take reads the batch and puts it into the spool. The error is a *refusal,
// after which nothing was taken, or that of a client that has gone.
func (b *openBatch) take(w http.ResponseWriter, r *http.Request, keyed bool) error {
	c := b.c
	b.buf = c.buffer()
	defer c.release(b.buf)
	if err := b.buf.readBody(r, maxBatch, &c.bodies); err != nil {
		c.refuseBody(w, err, "is larger than 5 MiB")
		return err
	}
	// Sent bodies have a bound of their own; from here on a batch needs more.
	place := time.NewTimer(c.batchWait)
	defer place.Stop()
	select {
	case c.batches <- struct{}{}:
		defer func() { <-c.batches }()
	case <-place.C:
		return &refusal{http.StatusServiceUnavailable, "busy", "", nil}
	case <-r.Context().Done():
		return r.Context().Err()
	}
	c.pace(r.Context())
	text, err := inflate(b.buf.body, r.Header.Get("Content-Encoding"))
	if err != nil {
		return err
	}
	// A record is about as long as its text; growing by doubling would copy it
	// and leave as much again to the garbage collector.
	b.buf.recs = slices.Grow(b.buf.recs, min(len(text), maxBatchRecords))
	if err := eachEvent(text, func(at spot, p *payload, ok bool) error { return b.add(r.Context(), at, p, ok) }); err != nil {
		return err
	}
	if b.events > 0 && b.foreign == b.events {
		return &refusal{http.StatusForbidden, "token", "the token is not for any of these sites", nil}
	}
	b.receipt.Records = uint32(b.records)
	b.receipt.Errors = packErrors(b.errs)
	records := b.sorted(keyed)
	if len(records) == 0 {
		return nil
	}
	ctx := r.Context()
	if keyed {
		// Whether it was taken must be known, even when nobody waits for it.
		ctx = context.WithoutCancel(ctx)
	}
	if err := c.o.Spool.Append(ctx, records...); err != nil {
		return &refusal{http.StatusServiceUnavailable, "unavailable", "", err}
	}
	return nil
}

// pace waits while the writer is behind.
func (c *Collector) pace(ctx context.Context) {
	if c.o.Behind == nil {
		return
	}
	for end := time.Now().Add(c.paceWait); c.o.Behind() > maxBehind && time.Now().Before(end); {
		select {
		case <-time.After(paceStep):
		case <-ctx.Done():
			return
		}
	}
}

// add takes one event, or notes what is wrong with it.
func (b *openBatch) add(ctx context.Context, at spot, p *payload, ok bool) error {
	if b.events++; b.events > maxBatchEvents {
		return &refusal{http.StatusRequestEntityTooLarge, "request", fmt.Sprintf("has more than %d events", maxBatchEvents), nil}
	}
	if b.events%1000 == 0 {
		runtime.Gosched() // single events are not to wait for all of it
	}
	if !ok {
		var bad problems
		bad.add("event", "is not a JSON object")
		return b.refuse(at, bad)
	}
	if !p.nameClick() {
		b.receipt.Dropped++
		return nil
	}
	e, bad := b.c.check(p)
	h := hit{payload: *p, userAgent: p.userAgent, optOut: p.optOut, token: &b.token}
	if h.addr, ok = forwarded.ParseAddr(p.addr); !ok {
		bad.add("ip", "is required: the reader's address")
	}
	if p.userAgent == "" {
		bad.add("user_agent", "is required: the reader's")
	}
	b.when(p.timestamp, &e, &bad)
	if bad != nil {
		return b.refuse(at, bad)
	}
	from := len(b.buf.ends)
	out, bad, err := b.c.place(ctx, b.now, &h, &e, b.buf, b.leave)
	switch {
	case err != nil:
		return &refusal{http.StatusServiceUnavailable, "unavailable", "", err}
	case bad != nil:
		if out.foreign > 0 {
			b.foreign++
		}
		b.buf.cut(from)
		return b.refuse(at, bad)
	case out.taken == 0:
		b.receipt.Dropped++
		return nil
	}
	b.receipt.Accepted++
	b.records += out.taken
	for range out.taken {
		b.times = append(b.times, e.Time.UnixMilli())
	}
	if len(b.buf.recs) > maxBatchRecords {
		return &refusal{http.StatusRequestEntityTooLarge, "request", "comes to more than 8 MiB of events: send fewer at once", nil}
	}
	return nil
}

// when reads the time of an event.
func (b *openBatch) when(timestamp string, e *event.Event, bad *problems) {
	e.Time = b.now
	if timestamp == "" {
		return
	}
	t, err := time.Parse(time.RFC3339, timestamp)
	switch {
	case err != nil:
		bad.add("timestamp", "should look like 2026-11-23T08:15:30Z (RFC 3339)")
	case t.After(b.now.Add(maxAhead)):
		bad.add("timestamp", "is more than 5 minutes in the future")
	case t.Before(b.now.Add(-maxLate)):
		bad.add("timestamp", "is older than 24 hours")
	case t.Before(b.now):
		e.Time = t.UTC().Truncate(time.Millisecond)
		e.Late = uint32(b.now.Sub(e.Time).Milliseconds())
	}
}

func (b *openBatch) leave(site uint32, at time.Time, reason, agent string) {
	if b.now.Sub(at) > lateHour {
		at = at.Truncate(time.Hour)
	}
	b.left = append(b.left, leftHit{Site: site, Time: at, Reason: reason, Agent: agent})
}

func (b *openBatch) refuse(at spot, bad problems) error {
	for field := range bad {
		b.c.m.refused.WithLabelValues(field).Inc()
	}
	line, err := at.json(bad)
	if err != nil {
		return err // a map of texts can't fail
	}
	if len(b.errs) > 0 {
		b.errs = append(b.errs, ',')
	}
	b.errs = append(b.errs, line...)
	return nil
}

// sorted are the records in the order of their events' times, behind the
// receipt.
func (b *openBatch) sorted(keyed bool) [][]byte {
	records := b.buf.records()
	if !slices.IsSorted(b.times) {
		sort.Stable(byTime{b.times, records})
	}
	if !keyed {
		return records
	}
	return append([][]byte{event.AppendReceipt(nil, &b.receipt)}, records...)
}

type byTime struct {
	times   []int64
	records [][]byte
}

func (s byTime) Len() int           { return len(s.times) }
func (s byTime) Less(i, j int) bool { return s.times[i] < s.times[j] }
func (s byTime) Swap(i, j int) {
	s.times[i], s.times[j] = s.times[j], s.times[i]
	s.records[i], s.records[j] = s.records[j], s.records[i]
}

func (c *Collector) answerRefusal(w http.ResponseWriter, r *refusal) {
	if r.cause != nil {
		c.logFailure(r.cause)
	}
	switch r.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", "POST")
	case http.StatusUnsupportedMediaType:
		w.Header().Set("Accept-Encoding", acceptEncoding)
	}
	c.m.refused.WithLabelValues(r.reason).Inc()
	c.answerProblem(w, r.status, problems{"request": {r.text}})
}

// answerBatch answers with the same bytes whenever it is asked for the same.
func answerBatch(w http.ResponseWriter, r *event.Receipt) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, `{"accepted":%d,"dropped":%d,"errors":[%s]}`+"\n", r.Accepted, r.Dropped, unpackErrors(r.Errors))
}

// idempotencyKey reads the header. It means something to its token alone.
func idempotencyKey(h http.Header, token Token) (key [16]byte, keyed, ok bool) {
	v := h["Idempotency-Key"]
	if len(v) == 0 {
		return key, false, true
	}
	text := v[0]
	if len(v) > 1 || text == "" || len(text) > maxKey || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return key, true, false
	}
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, uint64(token.ID)), text...))
	return [16]byte(sum[:16]), true, true
}

// sender finds the token that a request was sent with.
func (c *Collector) sender(r *http.Request) (Token, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || text == "" || len(text) > 200 {
		return Token{}, ErrNoToken
	}
	return c.o.Tokens.IngestToken(r.Context(), text)
}
