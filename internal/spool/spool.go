// Package spool is the durable queue between collect and write: once Append has
// returned, its records are on disk, and Read gives them, once each and in
// order, until Ack acknowledges them.
//
// Many requests share a commit: while one group of records is being written,
// the next gathers. Groups have consecutive indexes that are never given
// twice in the life of a spool, so that a batch of the writer is named for
// ever by the spool's ID and a range of indexes.
//
// Every buffer has a bound. Beyond MaxBytes, and while the disk has no room,
// Append answers ErrFull; that ends by itself when there is room again. A
// damaged group is skipped, counted and kept in damaged/; it never stops the
// others.
package spool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft-wal/types"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/spool/slots"
)

var (
	// ErrFull says that nothing can be taken now: the spool has reached its
	// bound, or the disk has no room or refuses to write.
	ErrFull = errors.New("spool is full")
	// ErrClosed says that the spool doesn't run any more.
	ErrClosed = errors.New("spool is closed")
	// ErrInUse says that another process has the folder.
	ErrInUse = errors.New("spool is in use by another process")
)

const (
	defaultMaxBytes = 4 << 30
	defaultMinFree  = 256 << 20
	minFreePercent  = 5 // of a small volume
	defaultSegment  = 16 << 20

	maxPending   = 8 << 20 // bytes gathered for the next commit
	crowd        = 16      // records in a commit from which on the next one waits for more
	enough       = 32      // records that are worth a commit without a wait
	gatherFor    = time.Millisecond
	checkEvery   = time.Second // room on the disk, and attempts to heal
	ackRoom      = 512
	idLen        = 16 // hexadecimal digits
	groupRoom    = 64 << 10
	keepGroupBuf = 4 << 20
)

// Options of a spool; the zero value is good.
type Options struct {
	MaxBytes int64 // not yet acknowledged bytes on disk; 0 means 4 GiB
	// MinFree is what the volume must have left for a record to be taken:
	// ClickHouse needs room to take the records over. 0 means 256 MiB or 5 %
	// of the volume, whichever is less; negative means none.
	MinFree int64
	Segment int // bytes of one file, taken on disk in advance; 0 means 16 MiB

	Files Files // of the log; nil means the operating system's

	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Files are where the log keeps its segments; a test puts a slow or a failing
// disk in their place.
type Files = types.VFS

// Spool is a queue in a folder. Append may be called from many goroutines;
// Read, Wait and Ack by one reader.
type Spool struct {
	dir     string
	o       Options
	log     *slog.Logger
	m       metrics
	id      string
	lock    *os.File
	acks    *slots.File
	end     *os.File // how far the log goes; see noteEnd
	minFree uint64

	wake chan struct{} // something is pending
	many chan struct{} // enough is pending
	news chan struct{} // something was committed

	mu      sync.Mutex // guards the fields below
	pending *batch
	spare   []byte
	refuse  error // nil, or why nothing is taken now
	closed  bool

	disk   sync.RWMutex // held to replace or shorten the log, shared to read it
	dlog   *diskLog
	broken bool // Run's: the last commit failed, the log must be opened again

	lastBegan   time.Time // Run's: of the last commit
	lastCount   int
	gatherTimer *time.Timer // Run's, nil before the first wait

	last    atomic.Pointer[totals] // of the last commit
	acked   atomic.Pointer[totals]
	removed atomic.Uint64 // bytes whose removal from disk was asked for
	damaged atomic.Uint64 // groups found damaged since Open
	lost    atomic.Uint64 // records found missing since Open
	seen    totals        // Read's: of the last whole group
	opened  totals        // at the end of Open
	cut     uint64        // records of before that were missing then at the end of the log
	safe    uint64        // records ever spooled up to the last that is in the log or in a batch sent again
}

// batch is what shares a commit.
type batch struct {
	group []byte // headerLen bytes of room, then the body
	count int
	done  chan struct{}
	err   error // set before done is closed
}

func (s *Spool) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// ID names this spool among all: 16 hexadecimal digits.
func (s *Spool) ID() string { return s.id }

// Append takes records, all or none, and returns when they are on disk.
// The error is ErrFull, ErrClosed or that of ctx; in the last case they may
// have been taken. The records' memory is the caller's again on return.
func (s *Spool) Append(ctx context.Context, records ...[]byte) error {
	size := 0
	for _, r := range records {
		size += len(r) + binary.MaxVarintLen32
	}
	b, err := s.join(size, records)
	if err != nil {
		return err
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Spool) join(size int, records [][]byte) (*batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.refuse != nil {
		return nil, s.refuse
	}
	b := s.pending
	if b == nil {
		if cap(s.spare) == 0 {
			s.spare = make([]byte, headerLen, groupRoom)
		}
		b = &batch{group: s.spare[:headerLen], done: make(chan struct{})}
		s.spare = nil
	}
	waiting := s.last.Load().bytes - s.acked.Load().bytes
	if len(b.group) > headerLen && len(b.group)+size > maxPending || waiting+uint64(len(b.group)+size) > uint64(s.o.MaxBytes) {
		if s.pending == nil {
			s.spare = b.group
		}
		return nil, ErrFull
	}
	b.group = slices.Grow(b.group, size) // by doubling, where it is little
	for _, r := range records {
		b.group = binary.AppendUvarint(b.group, uint64(len(r)))
		b.group = append(b.group, r...)
	}
	b.count += len(records)
	s.pending = b
	if b.count >= enough {
		select {
		case s.many <- struct{}{}:
		default:
		}
	}
	return b, nil
}

// Run commits what is appended until ctx ends and everything that Append took
// is on disk; from then on Append answers ErrClosed.
func (s *Spool) Run(ctx context.Context) error {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	s.look()
	for {
		select {
		case <-s.wake:
			s.commitPending()
		case <-tick.C:
			s.look()
		case <-ctx.Done():
			s.mu.Lock()
			s.closed = true
			s.mu.Unlock()
			s.commitPending()
			return nil
		}
	}
}

// gather lets a millisecond pass between commits when many come at once, or
// less where enough have come: a commit costs the processor as much as some
// five requests do.
func (s *Spool) gather() {
	left := gatherFor - time.Since(s.lastBegan)
	if s.lastCount < crowd || left <= 0 {
		return
	}
	if s.gatherTimer == nil {
		s.gatherTimer = time.NewTimer(left)
	} else {
		s.gatherTimer.Reset(left)
	}
	select {
	case <-s.gatherTimer.C:
	case <-s.many:
	}
}

// commitPending commits until nothing is pending.
func (s *Spool) commitPending() {
	for {
		s.mu.Lock()
		b := s.pending
		s.pending = nil
		select {
		case <-s.many: // b's
		default:
		}
		s.mu.Unlock()
		if b == nil {
			return
		}
		b.err = s.commit(b)
		close(b.done)
		s.mu.Lock()
		if s.spare == nil && cap(b.group) <= keepGroupBuf {
			s.spare = b.group
		}
		s.mu.Unlock()
		s.gather()
	}
}

func (s *Spool) commit(b *batch) error {
	start := time.Now()
	s.lastBegan, s.lastCount = start, b.count
	if s.broken {
		return ErrFull
	}
	t := seal(b.group, *s.last.Load(), b.count)
	if err := s.dlog.append(t.index, b.group); err != nil {
		return s.failed(err)
	}
	s.last.Store(&t)
	s.noteEnd(t)
	s.m.committed(b, time.Since(start))
	select {
	case s.news <- struct{}{}:
	default:
	}
	return nil
}

// failed notes a failed commit. What was to be committed was not acknowledged
// to anyone; if the disk has it all the same, it comes back by reopen.
func (s *Spool) failed(err error) error {
	if !s.broken {
		s.log.Error("the spool can't write: refusing events until it can", "err", err)
	}
	s.broken = true
	s.m.failures.Inc()
	s.setRefuse(fmt.Errorf("%w: %w", ErrFull, err))
	return fmt.Errorf("%w: %w", ErrFull, err)
}

func (s *Spool) setRefuse(err error) {
	s.mu.Lock()
	s.refuse = err
	s.mu.Unlock()
}

// reopen opens the log again after a failed commit. The old opening serves
// reads until the new one is there.
func (s *Spool) reopen() error {
	s.disk.Lock()
	defer s.disk.Unlock()
	l, err := openLog(s.path("log"), s.o)
	if err != nil {
		return err
	}
	last := *s.last.Load()
	for i := last.index + 1; i <= l.last(); i++ {
		if _, t, _, err := l.group(i); err == nil {
			last = t
		}
		last.index = i
	}
	s.last.Store(&last)
	old := s.dlog
	s.dlog, s.broken = l, false
	if err := old.close(); err != nil {
		s.log.Warn("close the spool's old log", "err", err)
	}
	return nil
}

// look decides once in a while whether there is room, and tries to heal.
func (s *Spool) look() {
	if s.broken {
		if err := s.reopen(); err != nil {
			s.failed(err)
		} else {
			s.log.Info("the spool can write again")
		}
	}
	free, err := freeBytes(s.dir)
	switch {
	case s.broken: // refuse stays as it is
	case err == nil && free < s.minFree:
		s.setRefuse(fmt.Errorf("%w: the disk has %d MB left, %d MB are kept free", ErrFull, free>>20, s.minFree>>20))
	default:
		s.setRefuse(nil)
	}
}

// Close closes the files, after Run has returned.
func (s *Spool) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.closeFiles()
}

func (s *Spool) closeFiles() error {
	var errs []error
	if s.dlog != nil {
		errs = append(errs, s.dlog.close())
	}
	if s.acks != nil {
		errs = append(errs, s.acks.Close())
	}
	if s.end != nil {
		errs = append(errs, s.end.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
