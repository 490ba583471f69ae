// Package slots keeps one small value on disk that is replaced often and must
// survive a crash in the middle of the replacement, also on a full disk: two
// files whose room is taken in advance, written in turn. The spool keeps its
// bookkeeping in one, the writer the batch that it is sending.
//
// A value is valid whole or not at all (CRC-32C), and comes with what it takes
// to make one damaged block of it good again: a batch on its way to ClickHouse
// stands nowhere else. It must never be that no value is valid after the first
// Put returned, unless both files are damaged.
package slots

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// A slot begins with magic, sequence number, length and CRC of these two and
// the value.
const (
	magic     = "\x89ESL\r\n\x1a\x01"
	headerLen = 8 + 8 + 4 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// File is a pair of slots. It is not safe for use from several goroutines.
type File struct {
	files [2]*os.File
	seq   uint64 // of the latest value, 0 before the first
}

// Value is what one slot holds.
type Value struct {
	Seq  uint64
	Data []byte
}

// Open opens path.0 and path.1 and makes what is missing, with room bytes
// taken on disk for each. A value may be longer, where the disk has the room.
func Open(path string, room int) (*File, error) {
	f := &File{}
	for i := range f.files {
		file, err := openOne(fmt.Sprintf("%s.%d", path, i), room)
		if err != nil {
			f.Close()
			return nil, err
		}
		f.files[i] = file
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		f.Close()
		return nil, err
	}
	values, err := f.Values()
	if err != nil {
		f.Close()
		return nil, err
	}
	if n := len(values); n > 0 {
		f.seq = values[n-1].Seq
	}
	return f, nil
}

// openOne makes a new file under another name first, so that one that exists
// has its room.
func openOne(name string, room int) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	file, err = os.OpenFile(name+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err = file.Write(make([]byte, room)); err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		file.Close()
		os.Remove(name + ".new")
		return nil, err
	}
	return file, nil
}

// Put replaces the older of the two values and returns when the new one is on
// disk. After an error the newer value is still there.
func (f *File) Put(data []byte) error {
	seq := f.seq + 1
	var h [headerLen]byte
	copy(h[:], magic)
	binary.LittleEndian.PutUint64(h[8:], seq)
	binary.LittleEndian.PutUint32(h[16:], uint32(len(data)))
	binary.LittleEndian.PutUint32(h[20:], crc32.Update(crc32.Checksum(h[8:20], castagnoli), castagnoli, data))

	file := f.files[seq%2]
	if _, err := file.WriteAt(h[:], 0); err != nil {
		return err
	}
	if _, err := file.WriteAt(data, headerLen); err != nil {
		return err
	}
	if _, err := file.WriteAt(repairs(h[8:], data), headerLen+int64(len(data))); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	f.seq = seq
	return nil
}

// Values are the valid values, older first: none, one or two.
func (f *File) Values() ([]Value, error) {
	var values []Value
	for _, file := range f.files {
		v, ok, err := read(file)
		if err != nil {
			return nil, err
		}
		if ok {
			values = append(values, v)
		}
	}
	sort.Slice(values, func(i, j int) bool { return values[i].Seq < values[j].Seq })
	return values, nil
}

// Latest is the newest valid value; ok is false where there is none.
func (f *File) Latest() (v Value, ok bool, err error) {
	values, err := f.Values()
	if err != nil || len(values) == 0 {
		return Value{}, false, err
	}
	return values[len(values)-1], true, nil
}

func read(file *os.File) (Value, bool, error) {
	info, err := file.Stat()
	if err != nil {
		return Value{}, false, err
	}
	b := make([]byte, info.Size())
	if _, err := file.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return Value{}, false, err
	}
	if len(b) >= headerLen && string(b[:8]) == magic {
		if v, ok := whole(b[8:headerLen], b[headerLen:]); ok {
			return v, true, nil
		}
	}
	v, ok := mend(b)
	return v, ok, nil
}

// whole gives the value at the beginning of data that head, a header without
// its magic, is of.
func whole(head, data []byte) (v Value, ok bool) {
	n := binary.LittleEndian.Uint32(head[8:])
	if uint64(n) > uint64(len(data)) {
		return v, false
	}
	data = data[:n]
	if crc32.Update(crc32.Checksum(head[:12], castagnoli), castagnoli, data) != binary.LittleEndian.Uint32(head[12:]) {
		return v, false
	}
	return Value{Seq: binary.LittleEndian.Uint64(head), Data: data}, true
}

// Close closes the files.
func (f *File) Close() error {
	var errs []error
	for _, file := range f.files {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
