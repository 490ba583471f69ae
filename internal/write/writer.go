// Package write takes what collect and social have spooled, makes visits of
// it and brings it to ClickHouse in batches, exactly once. cmd/earshot wires
// it to the spool and to ClickHouse.
//
// How it stays exactly once: a batch is written to the outbox, with its visits
// made, before it is sent. The token it is sent with is made of the spool's ID,
// the run of the writer that made the batch, the range of groups and the table,
// and ClickHouse ignores a token that it has had. After a crash the batch in
// the outbox is sent again unchanged, the visits are read back from ClickHouse,
// and the spool is read on from behind that batch. A batch that may have
// arrived is therefore never computed anew.
//
// It must never acknowledge a group whose rows ClickHouse has not confirmed,
// and never give up: while ClickHouse is away it tries for ever and says so
// in Health.
package write

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/spool/slots"
)

const (
	defaultMaxRows   = 20_000
	defaultMaxWait   = 500 * time.Millisecond
	defaultMaxVisits = 500_000
	visitsRoom       = 160 << 20
	defaultRoom      = 8 << 20

	// An insert costs ClickHouse some 50 ms of processor time, however few its
	// rows: a batch that has many when MaxWait is over waits as long again.
	crowd = 1000

	readAtOnce    = 1 << 20 // bytes
	maxBatchBytes = 8 << 20 // of spooled records in a batch
	firstRetry    = 100 * time.Millisecond
	lastRetry     = 5 * time.Second
	tryTime       = time.Minute     // for one insert
	maxLate       = 2 * time.Hour   // of events whose visits are read back at the start
	farewell      = 5 * time.Second // for the batch on its way when Run has to end
)

// Options of a writer. Source, Sink, History and Dir are needed.
type Options struct {
	Source  Source
	Sink    Sink
	History rows.Runner // where the state of visits is read back from
	Dir     string      // of the outbox
	// Stored is told of the events that ClickHouse has stored and that queries
	// now find; it must not hold on to them. nil = nobody is told.
	Stored func([]event.Row)

	MaxRows   int           // in a batch, give or take one group; 0 means 20,000
	MaxWait   time.Duration // from a batch's first group to its sending, twice that under load; 0 means 500 ms
	MaxVisits int           // live at once, some 300 bytes each, 160 MiB at most; 0 means 500,000
	Room      int           // bytes taken on disk for each half of the outbox; 0 means 8 MiB

	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Writer brings the spool to ClickHouse.
type Writer struct {
	o      Options
	log    *slog.Logger
	m      metrics
	outbox *slots.File
	origin string // of this run's batches: see batch
	visits *visits
	shares *shares
	loaded bool

	mu    sync.Mutex
	state writerState
}

// New gives a writer that does nothing until Run.
func New(o Options) *Writer {
	if o.MaxRows == 0 {
		o.MaxRows = defaultMaxRows
	}
	if o.MaxWait == 0 {
		o.MaxWait = defaultMaxWait
	}
	if o.MaxVisits == 0 {
		o.MaxVisits = defaultMaxVisits
	}
	if o.Room == 0 {
		o.Room = defaultRoom
	}
	w := &Writer{o: o, log: o.Log, visits: newVisits(o.MaxVisits, visitsRoom), shares: newShares(maxShares), state: writerState{trouble: map[string]error{}}}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	w.m = newMetrics(o.Registerer, func() float64 { return w.Health().Lag.Seconds() })
	return w
}

// Health says how the writer is.
func (w *Writer) Health() Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state.health()
}

// Run writes until ctx ends; then the batch on its way gets five seconds to
// arrive. What has not arrived stays in the spool and the outbox.
func (w *Writer) Run(ctx context.Context) error {
	if err := os.MkdirAll(w.o.Dir, 0o700); err != nil {
		return fmt.Errorf("make the outbox: %w", err)
	}
	var err error
	if w.outbox, err = slots.Open(filepath.Join(w.o.Dir, "outbox"), w.o.Room); err != nil {
		return fmt.Errorf("open the outbox: %w", err)
	}
	defer w.outbox.Close()
	w.origin = fmt.Sprintf("%s-%08x", w.o.Source.ID(), rand.Uint32())

	// Inserts outlive ctx by the farewell.
	sendCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })
	defer stop()

	if err := w.resend(ctx, sendCtx); err != nil {
		return ended(ctx, err)
	}
	if err := w.lookBack(ctx); err != nil {
		w.log.Debug("it isn't known when the last event came", "err", err)
	}
	queue := make(chan *batch)
	free := make(chan *batch, 2)
	free <- &batch{}
	free <- &batch{}
	sent := make(chan error, 1)
	go func() {
		var err error
		for b := range queue {
			if err == nil {
				err = w.deliver(ctx, sendCtx, b)
			}
			free <- b
		}
		sent <- err
	}()
	err = w.prepare(ctx, free, queue)
	close(queue)
	return ended(ctx, errors.Join(err, <-sent))
}

// lookBack finds out for Health when the last event of an earlier run came.
func (w *Writer) lookBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	last, err := latestEvent(ctx, w.o.History)
	w.mu.Lock()
	defer w.mu.Unlock()
	if last.After(w.state.lastEvent) {
		w.state.lastEvent = last
	}
	return err
}

// ended drops the errors that are only ctx's end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// resend sends what the outbox holds and may not have arrived. Only the batch
// right after what is acknowledged can have been sent; a later one is made
// anew.
func (w *Writer) resend(ctx, sendCtx context.Context) error {
	values, err := w.outbox.Values()
	if err != nil {
		return fmt.Errorf("read the outbox: %w", err)
	}
	next := uint64(0) // behind the batch that was sent before
	for _, v := range values {
		b, err := decodeBatch(v.Data)
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		if spool, _, _ := strings.Cut(b.origin, "-"); spool != w.o.Source.ID() {
			continue // its spool was removed
		}
		if w.o.Source.Acked() == 0 && b.from > 1 {
			// The spool's note of what is acknowledged is lost. All before the
			// older of the two batches is.
			if err := w.o.Source.Ack(b.from - 1); err != nil {
				return err
			}
		}
		if b.from != w.o.Source.Acked()+1 && b.from != next {
			continue
		}
		next = b.to + 1
		if err := w.deliver(ctx, sendCtx, b); err != nil {
			return err
		}
	}
	return nil
}

// prepare gathers, places and puts into the outbox one batch after the other.
// It ends with ctx or when free has nothing more to give.
func (w *Writer) prepare(ctx context.Context, free <-chan *batch, queue chan<- *batch) error {
	pos := w.o.Source.Acked()
	for {
		b := <-free
		b.reset(pos+1, w.origin)
		if err := w.gather(ctx, b); err != nil {
			return err
		}
		pos = b.to
		if b.events > 0 && !w.loaded {
			since := b.since
			if oldest := b.taken.Add(-maxLate); since.Before(oldest) {
				since = oldest
			}
			// A clock that was set back within the batch must not make them old.
			if err := w.load(ctx, since.Add(-event.VisitTimeout-time.Minute), b.latest); err != nil {
				return err
			}
		}
		if err := w.placeBatch(ctx, b); err != nil {
			return err
		}
		w.m.visits(w.visits)
		if b.records() > 0 {
			data := b.encode()
			if err := w.retry(ctx, "write the outbox", func() error { return w.outbox.Put(data) }); err != nil {
				return err
			}
		}
		select {
		case queue <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// placeBatch makes rows of b's events, in their visits and beside their shares.
func (w *Writer) placeBatch(ctx context.Context, b *batch) error {
	const doing = "read shares"
	if err := w.retry(ctx, doing, func() error { return w.shares.before(ctx, w.o.History, b) }); err != nil {
		return err
	}
	b.place(w.visits)
	return w.retry(ctx, doing, func() error { return w.shares.after(ctx, w.o.History, b) })
}

func (w *Writer) load(ctx context.Context, since, now time.Time) error {
	err := w.retry(ctx, "read live visits", func() error {
		w.visits = newVisits(w.o.MaxVisits, visitsRoom)
		return loadVisits(ctx, w.o.History, w.visits, since, now)
	})
	w.loaded = err == nil
	return err
}

// gather waits for a group and fills b until it is full or MaxWait is over.
func (w *Writer) gather(ctx context.Context, b *batch) error {
	if err := w.o.Source.Wait(ctx, b.to); err != nil {
		return err
	}
	b.began = time.Now()
	end := b.began.Add(w.o.MaxWait)
	for bytes := 0; ; {
		groups, upto, err := w.o.Source.Read(b.to+1, readAtOnce)
		if err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		for _, g := range groups {
			b.total = g.Total
			for i, rec := range g.Records {
				bytes += len(rec)
				if err := b.add(rec, g.Index<<24|uint64(i)); err != nil {
					w.m.unreadable.Inc()
					w.log.Error("a spooled record can't be read: left out", "index", g.Index, "err", err)
				}
			}
		}
		b.to = upto
		if b.records() >= w.o.MaxRows || bytes >= maxBatchBytes {
			break
		}
		if w.waitUntil(ctx, end, b.to) == nil {
			continue
		}
		late := b.began.Add(2 * w.o.MaxWait)
		if ctx.Err() != nil || b.records() < crowd || end.Equal(late) {
			break
		}
		end = late
	}
	w.mu.Lock()
	w.state.oldest = append(w.state.oldest, b.taken)
	w.mu.Unlock()
	return ctx.Err()
}

func (w *Writer) waitUntil(ctx context.Context, end time.Time, after uint64) error {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	return w.o.Source.Wait(ctx, after)
}

// deliver sends a batch until it has arrived and acknowledges its groups.
func (w *Writer) deliver(ctx, sendCtx context.Context, b *batch) error {
	token := func(table string) string {
		return fmt.Sprintf("%s-%d-%d-%s", b.origin, b.from, b.to, table)
	}
	start := time.Now()
	var err error
	for _, facts := range b.parts() {
		table := facts.Entry().Table
		if facts.Len() == 0 || err != nil {
			continue
		}
		err = w.retryWhile(ctx, sendCtx, "insert into "+table, func() error {
			ctx, cancel := context.WithTimeout(sendCtx, tryTime)
			defer cancel()
			return w.o.Sink.Insert(ctx, token(table), facts)
		})
		if err == nil {
			w.m.rows.WithLabelValues(table).Add(float64(facts.Len()))
		}
	}
	if err == nil {
		err = w.retryWhile(ctx, sendCtx, "acknowledge", func() error {
			if b.resent {
				return w.o.Source.Resent(b.to, b.total)
			}
			return w.o.Source.Ack(b.to)
		})
	}
	if err != nil {
		return err
	}
	w.m.delivered(b, time.Since(start))
	if w.o.Stored != nil {
		w.o.Stored(b.rows)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.state.oldest) > 0 { // none for a batch of the outbox
		w.state.oldest = w.state.oldest[1:]
	}
	if n := len(b.rows); n > 0 && b.rows[n-1].Taken().After(w.state.lastEvent) {
		w.state.lastEvent = b.rows[n-1].Taken()
	}
	return nil
}

func (w *Writer) retry(ctx context.Context, what string, try func() error) error {
	return w.retryWhile(ctx, ctx, what, try)
}

// retryWhile tries until it works. It stops trying when ctx has ended, and
// gives the last error; tryCtx is what a try itself is bound to.
func (w *Writer) retryWhile(ctx, tryCtx context.Context, what string, try func() error) error {
	wait := firstRetry
	for {
		err := try()
		if err == nil {
			w.trouble(what, nil)
			return nil
		}
		err = fmt.Errorf("%s: %w", what, err)
		if ctx.Err() != nil || tryCtx.Err() != nil || errors.Is(err, spool.ErrClosed) {
			return err
		}
		w.m.retries.Inc()
		if w.trouble(what, err) {
			w.log.Warn("the writer has trouble and tries again until it works", "err", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		wait = min(2*wait, lastRetry)
	}
}

// trouble notes why something doesn't work, nil when it does, and says whether
// that is a first failure.
func (w *Writer) trouble(what string, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, had := w.state.trouble[what]
	if err == nil {
		delete(w.state.trouble, what)
		return false
	}
	w.state.trouble[what] = err
	return !had
}
