// Package receipts makes a batch that comes twice under one idempotency key
// count once. Collect asks it before it takes a batch, the writer reads the
// spool through it.
//
// Rules:
//
//   - A receipt (event.Receipt) stands in the spool right before the records
//     of its batch, in one commit. What is on disk of a batch, its receipt is
//     as well: there is no moment at which one could be had without the other.
//   - The first receipt of a key in the order of the spool counts; the records
//     of a later one within a day are left out when the spool is read. That
//     decides, whatever was answered. It happens when a commit failed, so that
//     the sender was sent away, and the disk had it all the same.
//   - The spool forgets a group once it is acknowledged: before that, its
//     receipts are written to a file of the hour. Files and spool together are
//     the durable index; the one in memory is made of both at the start.
//   - Memory is bounded: beyond MaxKeys, a batch with a new key is refused.
package receipts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/spool"
)

// Life is how long a key is remembered.
const Life = 24 * time.Hour

const (
	maxKeys    = 500_000  // about 50 MB
	maxErrors  = 16 << 20 // bytes of answers' errors
	sweepEvery = 10 * time.Minute
)

var (
	// ErrNotReady says that the index isn't read yet.
	ErrNotReady = errors.New("the index of idempotency keys isn't read yet")
	// ErrFull says that too many keys were used within a day.
	ErrFull = errors.New("too many idempotency keys within a day")
)

// Log is the spool as it is needed here.
type Log interface {
	ID() string
	Acked() uint64
	Last() uint64
	Each(from uint64, f func(spool.Group)) error
	Read(from uint64, maxBytes int) (groups []spool.Group, upto uint64, err error)
	Wait(ctx context.Context, after uint64) error
	Ack(upto uint64) error
	Resent(upto, total uint64) error
}

// Options of a Book. Log and Dir are needed.
type Options struct {
	Log     Log
	Dir     string           // of the files
	MaxKeys int              // remembered at once; 0 means 500,000
	Now     func() time.Time // nil means time.Now

	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Book knows the keys of a day.
type Book struct {
	o       Options
	log     *slog.Logger
	ready   chan struct{} // closed when the index is read
	loadErr error         // set before ready is closed
	twice   prometheus.Counter
	files   files

	mu       sync.Mutex
	keys     map[[16]byte]*entry
	errs     int             // bytes of errors in keys
	unkept   []unkept        // decided, not in a file yet, in the order of the spool
	foreseen map[uint64]bool // by nonce, what was decided at the start and isn't read yet
	mark     mark            // see sweep
	horizon  time.Time       // all that was taken before is read and acknowledged
}

// entry is what is known of a key.
type entry struct {
	at                int64 // ms; when it was taken
	nonce             uint64
	decided           bool // by the spool's order; nonce is then the one that counts
	known             bool // there is an answer
	accepted, dropped uint32
	errors            string
	busy              chan struct{} // closed when whoever takes the batch has done
}

type unkept struct {
	index uint64
	rec   event.Receipt
}

type mark struct {
	index uint64
	at    time.Time
}

// New gives a book that is read by Run.
func New(o Options) *Book {
	if o.MaxKeys == 0 {
		o.MaxKeys = maxKeys
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &Book{o: o, log: o.Logger, ready: make(chan struct{}), keys: map[[16]byte]*entry{}, foreseen: map[uint64]bool{}, files: files{dir: o.Dir}}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.twice = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "earshot", Subsystem: "receipts", Name: "left_out_batches_total",
		Help: "Batches found a second time in the spool under one idempotency key, and left out."})
	if o.Registerer != nil {
		o.Registerer.MustRegister(b.twice, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "earshot", Subsystem: "receipts",
			Name: "keys", Help: "Idempotency keys remembered."}, func() float64 { return float64(b.size()) }))
	}
	return b
}

func (b *Book) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.keys)
}

// Run reads the index and forgets old keys until ctx ends.
func (b *Book) Run(ctx context.Context) error {
	b.loadErr = b.load()
	close(b.ready)
	if b.loadErr != nil {
		return fmt.Errorf("read the idempotency keys: %w", b.loadErr)
	}
	defer b.files.close()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.sweep()
		case <-ctx.Done():
			return nil
		}
	}
}

// load reads the files, then what the spool has beyond them.
func (b *Book) load() error {
	err := b.files.each(func(r event.Receipt) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.decide(&r)
	}, func(file string, bytes int) {
		b.log.Error("idempotency keys were damaged: a batch of theirs that is sent again may count twice", "file", file, "bytes", bytes)
	})
	if err != nil {
		return err
	}
	return b.o.Log.Each(b.o.Log.Acked()+1, func(g spool.Group) {
		for _, rec := range g.Records {
			if r, ok := decode(rec); ok {
				counts := b.meet(g.Index, &r)
				b.mu.Lock()
				b.foreseen[r.Nonce] = counts
				b.mu.Unlock()
			}
		}
	})
}

// Begin asks for a key before its batch is taken. Where it was taken within a
// day, old is its receipt. Else the batch is the caller's to take, until it
// calls done, with the receipt that was put into the spool, or nil where
// nothing was taken; who asks meanwhile waits for that. The error is ErrFull,
// ErrNotReady or that of ctx.
func (b *Book) Begin(ctx context.Context, key [16]byte) (old *event.Receipt, done func(*event.Receipt), err error) {
	select {
	case <-b.ready:
		if b.loadErr != nil {
			return nil, nil, ErrNotReady
		}
	default:
		return nil, nil, ErrNotReady
	}
	for {
		b.mu.Lock()
		e := b.keys[key]
		if e != nil && e.busy == nil && e.at < b.o.Now().Add(-Life).UnixMilli() {
			e = nil // the reader gets to know by the times
		}
		switch {
		case e == nil:
			if b.full() {
				b.mu.Unlock()
				return nil, nil, ErrFull
			}
			mine := &entry{busy: make(chan struct{})}
			before := b.keys[key]
			b.keys[key] = mine
			b.mu.Unlock()
			return nil, func(r *event.Receipt) { b.done(key, mine, before, r) }, nil
		case e.busy == nil || e.known:
			r := &event.Receipt{Key: key, Nonce: e.nonce, Time: time.UnixMilli(e.at).UTC(), Accepted: e.accepted, Dropped: e.dropped, Errors: e.errors}
			b.mu.Unlock()
			return r, nil, nil
		}
		busy := e.busy
		b.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// full needs mu.
func (b *Book) full() bool {
	if len(b.keys) < b.o.MaxKeys && b.errs < maxErrors {
		return false
	}
	b.forget()
	return len(b.keys) >= b.o.MaxKeys || b.errs >= maxErrors
}

// done ends what Begin began. before is what was known of the key from more
// than a day ago.
func (b *Book) done(key [16]byte, e, before *entry, r *event.Receipt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(e.busy)
	e.busy = nil
	if r != nil {
		b.learn(e, r)
	}
	switch {
	case e.known: // also where nothing was taken now, but the spool brings an earlier attempt
		if before != nil {
			b.errs -= len(before.errors)
		}
	case before != nil:
		b.keys[key] = before
	default:
		delete(b.keys, key)
	}
}

// learn notes what was taken and answered; what the reader has met stays. It
// needs mu.
func (b *Book) learn(e *entry, r *event.Receipt) {
	if e.known {
		return
	}
	e.known, e.nonce = true, r.Nonce
	e.at, e.accepted, e.dropped, e.errors = r.Time.UnixMilli(), r.Accepted, r.Dropped, r.Errors
	b.errs += len(e.errors)
}

// unlearn needs mu.
func (b *Book) unlearn(e *entry) {
	b.errs -= len(e.errors)
	*e = entry{busy: e.busy}
}

// decide says whether r is the first of its key, and whether it was met
// before. It needs mu.
func (b *Book) decide(r *event.Receipt) (counts, again bool) {
	e := b.keys[r.Key]
	switch {
	case e == nil:
		e = &entry{}
		b.keys[r.Key] = e
	case e.decided && e.nonce == r.Nonce:
		return true, true
	case e.decided && r.Time.UnixMilli()-e.at < Life.Milliseconds():
		return false, false
	case e.known && e.nonce != r.Nonce: // of another day, or one that is read before the one that was answered
		b.unlearn(e)
	}
	b.learn(e, r)
	e.decided = true
	return true, false
}

// read decides about the receipts of a group and gives its records without
// those that count twice, and how many batches that were.
func (b *Book) read(g spool.Group) (kept []string, twice int) {
	from := 0 // the first record that is not in kept
	for i := 0; i < len(g.Records); i++ {
		r, ok := decode(g.Records[i])
		if !ok || b.meet(g.Index, &r) {
			continue
		}
		twice++
		kept = append(kept, g.Records[from:i]...)
		i += min(int(r.Records), len(g.Records)-1-i)
		from = i + 1
	}
	if from == 0 {
		return g.Records, 0
	}
	return append(kept, g.Records[from:]...), twice
}

// decode reads a record that is a receipt. One that can't be read is no
// receipt to anyone: its batch counts.
func decode(rec string) (r event.Receipt, ok bool) {
	if event.RecordKind(rec) != event.KindReceipt {
		return r, false
	}
	r, err := event.DecodeReceipt(rec)
	r.Errors = strings.Clone(r.Errors) // let go of the group
	return r, err == nil
}

// meet says whether a receipt of the spool counts.
func (b *Book) meet(index uint64, r *event.Receipt) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if counts, ok := b.foreseen[r.Nonce]; ok {
		delete(b.foreseen, r.Nonce)
		return counts
	}
	counts, again := b.decide(r)
	if counts && !again {
		b.unkept = append(b.unkept, unkept{index, *r})
	}
	return counts
}

// sweep forgets keys of more than a day ago, once no receipt from their day
// can be waiting in the spool.
func (b *Book) sweep() {
	now, acked, last := b.o.Now(), b.o.Log.Acked(), b.o.Log.Last()
	b.mu.Lock()
	if acked >= b.mark.index {
		b.horizon = b.mark.at
		b.mark = mark{last, now}
	}
	b.forget()
	horizon := b.horizon
	b.mu.Unlock()
	if err := b.files.removeBefore(horizon.Add(-Life)); err != nil {
		b.log.Warn("remove old idempotency keys", "err", err)
	}
}

// forget needs mu.
func (b *Book) forget() {
	old := b.horizon.Add(-Life).UnixMilli()
	for key, e := range b.keys {
		if e.busy == nil && e.at < old {
			b.errs -= len(e.errors)
			delete(b.keys, key)
		}
	}
}
