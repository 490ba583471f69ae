package spool

import (
	"context"
	"errors"
	"fmt"
	"os"

	wal "github.com/hashicorp/raft-wal"
)

const maxDamagedKept = 64 << 20 // bytes kept under damaged/ in one run

// Group is what was committed at once.
type Group struct {
	Index   uint64
	Records []string
	Total   uint64 // records ever spooled, with these
}

// Read gives the groups from index from on, until they have maxBytes
// together, and the last index that they cover: damaged groups are left out,
// and upto goes past them. upto is from-1 where there is nothing yet.
func (s *Spool) Read(from uint64, maxBytes int) (groups []Group, upto uint64, err error) {
	s.disk.RLock()
	defer s.disk.RUnlock()
	upto = from - 1
	if acked := *s.acked.Load(); acked.index == upto && s.seen.index < upto {
		s.seen = acked // what is before was not read here
	}
	for end := s.last.Load().index; upto < end && maxBytes > 0; upto++ {
		recs, t, raw, err := s.dlog.group(upto + 1)
		if errors.Is(err, wal.ErrClosed) {
			return groups, upto, ErrClosed
		}
		if err != nil {
			s.keepDamaged(upto+1, raw, err)
			continue
		}
		s.miss(t, len(recs))
		maxBytes -= len(raw)
		groups = append(groups, Group{Index: upto + 1, Records: recs, Total: t.records})
	}
	return groups, upto, nil
}

// miss counts the records that were lost between the last whole group and this
// one of n records.
func (s *Spool) miss(t totals, n int) {
	if t.index <= s.seen.index {
		return
	}
	if before := t.records - uint64(n); before > s.seen.records {
		s.lost.Add(before - s.seen.records)
		s.log.Error("records in the spool are lost by damage of its files", "records", before-s.seen.records, "before_index", t.index)
	}
	s.seen = t
}

// Each gives f every whole group from index from on, in order, that is there
// now. Damaged ones are left to Read.
func (s *Spool) Each(from uint64, f func(Group)) error {
	for i, end := from, s.Last(); i <= end; i++ {
		s.disk.RLock()
		recs, t, _, err := s.dlog.group(i)
		s.disk.RUnlock()
		if errors.Is(err, wal.ErrClosed) {
			return ErrClosed
		}
		if err == nil {
			f(Group{Index: i, Records: recs, Total: t.records})
		}
	}
	return nil
}

func (s *Spool) keepDamaged(index uint64, raw []byte, cause error) {
	n := s.damaged.Add(1)
	s.log.Error("a group in the spool is damaged: left out", "index", index, "bytes", len(raw), "err", cause)
	if len(raw) == 0 || n*uint64(len(raw)) > maxDamagedKept {
		return
	}
	name := s.path("damaged", fmt.Sprintf("%s-%020d-%d.group", s.id, index, n))
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		s.log.Warn("keep the damaged group", "err", err)
	}
}

// Wait returns when there is a group with an index above after.
func (s *Spool) Wait(ctx context.Context, after uint64) error {
	for {
		if s.last.Load().index > after {
			return nil
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Ack says that the groups up to an index are safe elsewhere. They may be
// removed from the disk and are not waiting any more; the spool remembers so
// durably before it returns.
func (s *Spool) Ack(upto uint64) error {
	was := *s.acked.Load()
	if upto <= was.index {
		return nil
	}
	t, last := was, *s.last.Load()
	s.disk.RLock()
	for i := upto; i > was.index; i-- { // the last whole group
		if upto >= last.index {
			t = last
			break
		}
		if _, at, _, err := s.dlog.group(i); err == nil {
			t = at
			break
		}
	}
	s.disk.RUnlock()
	t.index = upto

	if err := s.writeAcked(t); err != nil {
		return fmt.Errorf("note what is acknowledged: %w", err)
	}
	s.acked.Store(&t)
	// Shortening the log costs a few commits of its own, so it is done once per file.
	if t.bytes-s.removed.Load() < uint64(s.o.Segment) {
		return nil
	}
	s.disk.Lock()
	defer s.disk.Unlock()
	if err := s.dlog.removeTo(upto); err != nil {
		return fmt.Errorf("remove what is acknowledged: %w", err)
	}
	s.removed.Store(t.bytes)
	return nil
}

// Resent is Ack after a batch of an earlier run was sent again. total is how
// many records had ever been spooled at the batch's end; 0 = unknown. The batch
// may hold groups that the log has lost since.
func (s *Spool) Resent(upto, total uint64) error {
	if total > s.safe {
		back := min(total-s.safe, s.cut)
		s.safe = total
		s.cut -= back
		s.lost.Add(-back)
		s.log.Info("records that the spool has lost were in a batch on its way", "records", back)
	}
	return s.Ack(min(upto, s.opened.index))
}

// Acked is the index up to which Ack was called, in this run or before.
func (s *Spool) Acked() uint64 { return s.acked.Load().index }

// Last is the index of the last group, 0 before the first.
func (s *Spool) Last() uint64 { return s.last.Load().index }

// Health is the spool's state for people and probes.
type Health struct {
	Ready          bool   // Append takes records
	Reason         string // why not
	WaitingRecords uint64 // on disk, not acknowledged
	WaitingBytes   uint64
	DamagedGroups  uint64 // found since the start
	LostRecords    uint64 // found missing since the start
}

// Health says how the spool is.
func (s *Spool) Health() Health {
	s.mu.Lock()
	refuse, closed := s.refuse, s.closed
	s.mu.Unlock()
	last, acked := *s.last.Load(), *s.acked.Load()
	h := Health{
		WaitingRecords: last.records - min(acked.records, last.records),
		WaitingBytes:   last.bytes - min(acked.bytes, last.bytes),
		DamagedGroups:  s.damaged.Load(),
		LostRecords:    s.lost.Load(),
	}
	switch {
	case closed:
		h.Reason = ErrClosed.Error()
	case refuse != nil:
		h.Reason = refuse.Error()
	case h.WaitingBytes >= uint64(s.o.MaxBytes):
		h.Reason = ErrFull.Error()
	default:
		h.Ready = true
	}
	return h
}
