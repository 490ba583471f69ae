package main

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/raft-wal/types"
)

// disk is one as it is for a power cut: what was written and not synced is in
// memory alone, so that kill -9 takes it too. It may be slow, fail, or lie.
type disk struct {
	types.VFS
	ctl  *atomic.Pointer[control]
	lies bool // breakFsync
}

func (d disk) Create(dir, name string, size uint64) (types.WritableFile, error) {
	w, err := d.VFS.Create(dir, name, size)
	return d.file(w), err
}

func (d disk) OpenWriter(dir, name string) (types.WritableFile, error) {
	w, err := d.VFS.OpenWriter(dir, name)
	return d.file(w), err
}

func (d disk) file(w types.WritableFile) types.WritableFile {
	if w == nil {
		return nil
	}
	return &file{WritableFile: w, disk: d}
}

type file struct {
	types.WritableFile
	disk disk

	mu      sync.Mutex
	dirty   []block
	flushed time.Time
}

const lieFor = 2 * time.Second

type block struct {
	at int64
	b  []byte
}

func (f *file) WriteAt(b []byte, at int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dirty = append(f.dirty, block{at, append([]byte(nil), b...)})
	return len(b), nil
}

func (f *file) ReadAt(b []byte, at int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.WritableFile.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	clear(b[n:])
	for _, d := range f.dirty {
		from, to := max(at, d.at), min(at+int64(len(b)), d.at+int64(len(d.b)))
		if from < to {
			copy(b[from-at:to-at], d.b[from-d.at:])
			n = max(n, int(to-at))
		}
	}
	if n == len(b) {
		err = nil
	}
	return n, err
}

func (f *file) Sync() error {
	c := f.disk.ctl.Load()
	time.Sleep(time.Duration(c.SyncMS) * time.Millisecond)
	if c.Broken {
		return syscall.EIO
	}
	if f.disk.lies && time.Since(f.flushed) < lieFor {
		return nil
	}
	if err := f.flush(); err != nil {
		return err
	}
	return f.WritableFile.Sync()
}

func (f *file) flush() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.dirty {
		if _, err := f.WritableFile.WriteAt(d.b, d.at); err != nil {
			return err
		}
	}
	f.dirty, f.flushed = nil, time.Now()
	return nil
}
