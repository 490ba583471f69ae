package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	walfs "github.com/hashicorp/raft-wal/fs"
	"github.com/hashicorp/raft-wal/segment"
	"github.com/hashicorp/raft-wal/types"

	"github.com/earshot-analytics/earshot/internal/spool/slots"
)

// metaStore keeps the log's list of segments. It stands in for the log's own
// BoltDB because that one keeps a lock after Close, so a log could not be
// opened again after a failed write, and needs new room on a full disk.
type metaStore struct {
	dir  string
	file *slots.File
}

const metaRoom = 16 << 10 // some 60 segments; more where the disk has room

var errNoMeta = errors.New("the list of segments is damaged")

// Load gives the list as it was committed, with one repair: a last segment
// that is full but was not closed in the list (the process ended in between)
// is closed and followed by a new one. The log itself would refuse every
// append to it.
func (m *metaStore) Load(dir string) (types.PersistentState, error) {
	var s types.PersistentState
	m.dir = dir
	if m.file == nil {
		f, err := slots.Open(filepath.Join(dir, "segments"), metaRoom)
		if err != nil {
			return s, fmt.Errorf("open list of segments: %w", err)
		}
		m.file = f
	}
	v, ok, err := m.file.Latest()
	if err != nil {
		return s, fmt.Errorf("read list of segments: %w", err)
	}
	if !ok {
		if old, _ := filepath.Glob(filepath.Join(dir, "*.wal")); len(old) > 0 {
			return s, errNoMeta
		}
		return s, nil
	}
	if err := json.Unmarshal(v.Data, &s); err != nil {
		return s, fmt.Errorf("%w: %w", errNoMeta, err)
	}
	return m.closeFull(s)
}

func (m *metaStore) closeFull(s types.PersistentState) (types.PersistentState, error) {
	if len(s.Segments) == 0 {
		return s, nil
	}
	tail := &s.Segments[len(s.Segments)-1]
	if !tail.SealTime.IsZero() {
		return s, nil
	}
	w, err := segment.NewFiler(m.dir, walfs.New()).RecoverTail(*tail)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer w.Close()
	full, indexStart, err := w.Sealed()
	if err != nil || !full {
		return s, err
	}
	last := w.LastIndex()
	now := time.Now()
	tail.SealTime, tail.MaxIndex, tail.IndexStart = now, last, indexStart
	s.Segments = append(s.Segments, types.SegmentInfo{
		ID: s.NextSegmentID, BaseIndex: last + 1, MinIndex: last + 1,
		SizeLimit: tail.SizeLimit, Codec: tail.Codec, CreateTime: now,
	})
	s.NextSegmentID++
	return s, m.CommitState(s)
}

// CommitState returns when s is on disk.
func (m *metaStore) CommitState(s types.PersistentState) error {
	b, err := json.Marshal(s)
	if err == nil {
		err = m.file.Put(b)
	}
	if err != nil {
		return fmt.Errorf("store list of segments: %w", err)
	}
	return nil
}

// GetStable and SetStable are raft's; nobody here calls them.
func (m *metaStore) GetStable([]byte) ([]byte, error) { return nil, nil }
func (m *metaStore) SetStable(_, _ []byte) error      { return errors.New("not kept") }

// Close ends the store. The log calls it at its own end, the spool also where
// no log could be opened.
func (m *metaStore) Close() error {
	if m.file == nil {
		return nil
	}
	err := m.file.Close()
	m.file = nil
	return err
}
