package spool

import (
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/segment"
)

// diskLog is one opening of the log's files. After a failed append it can
// still be read and shortened, but needs to be opened anew to take more.
type diskLog struct {
	wal  *wal.WAL
	meta *metaStore
}

func openLog(dir string, o Options) (*diskLog, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &diskLog{meta: &metaStore{}}
	w, err := wal.Open(dir,
		wal.WithMetaStore(l.meta),
		wal.WithSegmentFiler(segment.NewFiler(dir, o.Files)),
		wal.WithSegmentSize(o.Segment),
		// What goes wrong comes back as an error of the next append.
		wal.WithLogger(hclog.NewNullLogger()))
	if err != nil {
		l.meta.Close()
		return nil, err
	}
	l.wal = w
	return l, nil
}

// last is the index of the last group, 0 where there is none.
func (l *diskLog) last() uint64 {
	n, _ := l.wal.LastIndex() // an error says that it is closed
	return n
}

// append returns when the groups, the first of which has the index, are on
// disk.
func (l *diskLog) append(index uint64, groups ...[]byte) error {
	logs := make([]*raft.Log, len(groups))
	for i, g := range groups {
		logs[i] = &raft.Log{Index: index + uint64(i), Data: g}
	}
	return l.wal.StoreLogs(logs)
}

const emptyAtOnce = 1000 // groups in one write

// fill appends empty groups behind last, up to an index.
func (l *diskLog) fill(last totals, upto uint64) (totals, error) {
	for last.index < upto {
		var empty [][]byte
		first := last.index + 1
		for range min(upto-last.index, emptyAtOnce) {
			g := make([]byte, headerLen)
			last = seal(g, last, 0)
			empty = append(empty, g)
		}
		if err := l.append(first, empty...); err != nil {
			return last, err
		}
	}
	return last, nil
}

// read gives the raw bytes of a group, which may be damaged. They are the
// caller's.
func (l *diskLog) read(index uint64) ([]byte, error) {
	var e raft.Log
	if err := l.wal.GetLog(index, &e); err != nil {
		return nil, err
	}
	return e.Data, nil
}

// group reads and checks a group. The raw bytes come back in any case.
func (l *diskLog) group(index uint64) (recs []string, t totals, raw []byte, err error) {
	raw, err = l.read(index)
	if err != nil {
		return nil, t, raw, err
	}
	g, t, count, err := parse(raw)
	if err == nil && t.index != index {
		err = fmt.Errorf("group %d stands in its place: %w", t.index, errDamaged)
	}
	if err == nil {
		recs, err = records(g, count)
	}
	return recs, t, raw, err
}

// removeTo forgets groups up to index but the last one; files that have no
// other are deleted. The last is kept because the log needs a new file, and so
// room on the disk, to be empty.
func (l *diskLog) removeTo(index uint64) error {
	first, err := l.wal.FirstIndex()
	if err != nil || first == 0 {
		return err
	}
	return l.wal.DeleteRange(first, min(index, l.last()-1))
}

// clear forgets all groups, so that the next may have any index.
func (l *diskLog) clear() error { return l.wal.DeleteRange(1, l.last()) }

func (l *diskLog) close() error {
	return errors.Join(l.wal.Close(), l.meta.Close())
}
