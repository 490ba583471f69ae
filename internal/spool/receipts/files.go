package receipts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// A file has the receipts that were acknowledged within an hour and is named
// by it, in hours since 1970. Each receipt stands behind this header:
//
//	magic   4
//	length  4  of the record
//	crc     4  CRC-32C of length and record
//
// Numbers are little-endian. What is damaged is skipped up to the next magic.
const (
	magic     = "\x89ER\n"
	headerLen = 4 + 4 + 4
	suffix    = ".receipts"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type files struct {
	dir string

	mu   sync.Mutex
	open *os.File
	hour int64
	size int64 // of what is whole in open
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// add appends receipts and returns when they are on disk. After an error what
// was begun is written over by the next.
func (f *files) add(now time.Time, due []unkept) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.turn(hourOf(now)); err != nil {
		return err
	}
	var out []byte
	for i := range due {
		at := len(out)
		out = append(out, make([]byte, headerLen)...)
		out = event.AppendReceipt(out, &due[i].rec)
		rec := out[at:]
		copy(rec, magic)
		binary.LittleEndian.PutUint32(rec[4:], uint32(len(rec)-headerLen))
		binary.LittleEndian.PutUint32(rec[8:], checksum(rec))
	}
	if _, err := f.open.WriteAt(out, f.size); err != nil {
		return err
	}
	if err := f.open.Sync(); err != nil {
		f.closeOpen() // a failed sync says nothing about the next: begin another opening
		return err
	}
	f.size += int64(len(out))
	return nil
}

// turn opens the hour's file.
func (f *files) turn(hour int64) error {
	if f.open != nil && f.hour == hour {
		return nil
	}
	f.closeOpen()
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(hour), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		err = syncDir(f.dir)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.open, f.hour, f.size = file, hour, info.Size()
	return nil
}

func (f *files) closeOpen() {
	if f.open != nil {
		f.open.Close()
		f.open = nil
	}
}

func (f *files) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closeOpen()
}

func (f *files) path(hour int64) string {
	return filepath.Join(f.dir, fmt.Sprintf("%08d%s", hour, suffix))
}

// hours are those that have a file, in order.
func (f *files) hours() ([]int64, error) {
	list, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var hours []int64
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if hour, err := strconv.ParseInt(name, 10, 64); ok && err == nil {
			hours = append(hours, hour)
		}
	}
	sort.Slice(hours, func(i, j int) bool { return hours[i] < hours[j] })
	return hours, err
}

// each gives every receipt in order, and damaged what can't be read.
func (f *files) each(got func(event.Receipt), damaged func(file string, bytes int)) error {
	hours, err := f.hours()
	for _, hour := range hours {
		b, err := os.ReadFile(f.path(hour))
		if err != nil {
			return err
		}
		lost := 0
		for len(b) > 0 {
			r, n, ok := parse(b)
			if ok {
				got(r)
			} else {
				lost += n
			}
			b = b[n:]
		}
		if lost > 0 {
			damaged(f.path(hour), lost)
		}
	}
	return err
}

// parse reads the receipt that b begins with, and gives its length, or that of
// what is to be skipped.
func parse(b []byte) (r event.Receipt, n int, ok bool) {
	if len(b) >= headerLen && string(b[:4]) == magic {
		end := headerLen + uint64(binary.LittleEndian.Uint32(b[4:]))
		if end <= uint64(len(b)) && checksum(b[:end]) == binary.LittleEndian.Uint32(b[8:]) {
			if r, err := event.DecodeReceipt(string(b[headerLen:end])); err == nil {
				return r, int(end), true
			}
		}
	}
	if next := bytes.Index(b[1:], []byte(magic)); next >= 0 {
		return r, next + 1, false
	}
	return r, len(b), false
}

func checksum(rec []byte) uint32 {
	return crc32.Update(crc32.Checksum(rec[4:8], castagnoli), castagnoli, rec[headerLen:])
}

// removeBefore removes the files of hours that were over before t.
func (f *files) removeBefore(t time.Time) error {
	hours, err := f.hours()
	for _, hour := range hours {
		if hour < hourOf(t) {
			err = errors.Join(err, os.Remove(f.path(hour)))
		}
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
