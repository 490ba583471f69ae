package spool

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft-wal/fs"

	"github.com/earshot-analytics/earshot/internal/spool/slots"
)

// Open opens the spool in dir, or makes a new one there.
func Open(dir string, o Options) (*Spool, error) {
	s := &Spool{dir: dir, o: o, log: o.Log, wake: make(chan struct{}, 1), many: make(chan struct{}, 1), news: make(chan struct{}, 1)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.o.MaxBytes == 0 {
		s.o.MaxBytes = defaultMaxBytes
	}
	if s.o.Segment == 0 {
		s.o.Segment = defaultSegment
	}
	if s.o.Files == nil {
		s.o.Files = fs.New()
	}
	if err := s.open(); err != nil {
		s.closeFiles()
		return nil, fmt.Errorf("open spool %s: %w", dir, err)
	}
	s.m = newMetrics(s, o.Registerer)
	return s, nil
}

func (s *Spool) open() (err error) {
	if err := os.MkdirAll(s.path("damaged"), 0o700); err != nil {
		return err
	}
	if s.lock, err = lockFile(s.path("lock")); err != nil {
		return err
	}
	var tail tail
	if s.dlog, tail, err = openChecked(s.path("log"), s.path("damaged"), s.o, s.log.Error); err != nil {
		return err
	}
	s.damaged.Store(tail.lost)
	if s.acks, err = slots.Open(s.path("log", "acked"), ackRoom); err != nil {
		return err
	}
	acked, err := s.readAcked()
	if err != nil {
		return err
	}
	if s.end, err = os.OpenFile(s.path("log", endFile), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	s.acked.Store(&acked)
	s.removed.Store(acked.bytes)
	s.seen = acked
	last, err := s.recoverEnd(acked)
	if err != nil {
		return err
	}
	end := s.readEnd()
	if end.records > last.records {
		s.cut = end.records - last.records
		s.lost.Store(s.cut)
		s.log.Error("the end of the spool is lost by damage of its files", "records", s.cut)
	}
	s.safe = last.records
	if last, err = s.mark(last, tail, end.index); err != nil {
		return err
	}
	s.opened = last
	s.last.Store(&last)
	s.minFree, err = s.freeBound()
	return err
}

// mark appends empty groups for every index that may have been given out
// before: up to end where that is known; in any case one, and one more for each
// damaged or unfinished group at the log's end. The writer may have used those
// indexes: new events under them would be taken for what it has already sent.
func (s *Spool) mark(last totals, tail tail, end uint64) (totals, error) {
	for _, raw := range tail.broken {
		s.keepDamaged(last.index, raw, errDamaged)
	}
	return s.dlog.fill(last, max(end, last.index+uint64(len(tail.broken))+1))
}

// recoverEnd finds the totals at the log's end. An index up to the
// acknowledged one is never given again, even where the log's end is lost.
func (s *Spool) recoverEnd(acked totals) (totals, error) {
	end := s.dlog.last()
	if end <= acked.index {
		if end > 0 && end < acked.index {
			return acked, s.dlog.clear()
		}
		return acked, nil
	}
	last := acked
	for i := end; i > acked.index; i-- {
		if _, t, _, err := s.dlog.group(i); err == nil {
			last = t
			break
		}
	}
	last.index = end // damaged groups behind count for nothing
	return last, nil
}

// readAcked reads the spool's ID and what is acknowledged. They are stored
// together, with the log: without it indexes begin anew, and need another ID.
func (s *Spool) readAcked() (totals, error) {
	id, t, err := latestAck(s.acks)
	if err != nil {
		return totals{}, err
	}
	if id != "" {
		s.id = id
		return t, nil
	}
	var r [idLen / 2]byte
	rand.Read(r[:])
	s.id = hex.EncodeToString(r[:])
	for range 2 { // in both slots, so that one damaged bit doesn't change the ID
		if err := s.writeAcked(totals{}); err != nil {
			return totals{}, err
		}
	}
	return totals{}, nil
}

// latestAck gives what a note of readAcked's says, and no ID where there is
// none.
func latestAck(f *slots.File) (id string, t totals, err error) {
	v, ok, err := f.Latest()
	if err == nil && ok && len(v.Data) == idLen+totalsLen {
		id, t = string(v.Data[:idLen]), readTotals(v.Data[idLen:])
	}
	return id, t, err
}

// ackedIn is what is acknowledged of the log in a folder.
func ackedIn(dir string) (totals, error) {
	f, err := slots.Open(filepath.Join(dir, "acked"), ackRoom)
	if err != nil {
		return totals{}, err
	}
	defer f.Close()
	_, t, err := latestAck(f)
	return t, err
}

func (s *Spool) writeAcked(t totals) error {
	return s.acks.Put(t.append(append(make([]byte, 0, idLen+totalsLen), s.id...)))
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (s *Spool) freeBound() (uint64, error) {
	switch {
	case s.o.MinFree > 0:
		return uint64(s.o.MinFree), nil
	case s.o.MinFree < 0:
		return 0, nil
	}
	size, err := volumeBytes(s.dir)
	return min(defaultMinFree, size/100*minFreePercent), err
}
