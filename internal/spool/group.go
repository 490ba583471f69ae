package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"unsafe"
)

// A group is what one commit put on disk, and one entry of the log:
//
//	magic    8  bytes that no UTF-8 text without control characters contains
//	index    8  the entry's index, by which a misplaced entry is noticed
//	records  8  records ever spooled, this group's included
//	bytes    8  bytes ever spooled, this group's included
//	count    4  records in the group
//	length   4  bytes of the body
//	crc      4  CRC-32C of the header from index to length, and of the body
//	body        each record's length (uvarint) and bytes
//
// Numbers are little-endian.
const (
	magic     = "\x89ESG\r\n\x1a\x01"
	headerLen = 8 + 8 + 8 + 8 + 4 + 4 + 4
	crcAt     = headerLen - 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("damaged")

// totals count what was ever spooled up to an index.
type totals struct{ index, records, bytes uint64 }

// seal writes the header in front of a group whose body stands behind
// headerLen bytes of room, and returns the totals after it.
func seal(group []byte, before totals, count int) totals {
	after := totals{before.index + 1, before.records + uint64(count), before.bytes + uint64(len(group))}
	copy(group, magic)
	binary.LittleEndian.PutUint64(group[8:], after.index)
	binary.LittleEndian.PutUint64(group[16:], after.records)
	binary.LittleEndian.PutUint64(group[24:], after.bytes)
	binary.LittleEndian.PutUint32(group[32:], uint32(count))
	binary.LittleEndian.PutUint32(group[36:], uint32(len(group)-headerLen))
	binary.LittleEndian.PutUint32(group[crcAt:], checksum(group))
	return after
}

func checksum(group []byte) uint32 {
	return crc32.Update(crc32.Checksum(group[8:crcAt], castagnoli), castagnoli, group[headerLen:])
}

// parse checks the group that b begins with and cuts b to it.
func parse(b []byte) (group []byte, t totals, count int, err error) {
	if len(b) < headerLen || string(b[:8]) != magic {
		return nil, t, 0, fmt.Errorf("no group: %w", errDamaged)
	}
	n := uint64(headerLen) + uint64(binary.LittleEndian.Uint32(b[36:]))
	if n > uint64(len(b)) {
		return nil, t, 0, fmt.Errorf("group cut short: %w", errDamaged)
	}
	b = b[:n]
	if checksum(b) != binary.LittleEndian.Uint32(b[crcAt:]) {
		return nil, t, 0, fmt.Errorf("checksum: %w", errDamaged)
	}
	t = totals{binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])}
	return b, t, int(binary.LittleEndian.Uint32(b[32:])), nil
}

// records cuts a checked group into its records, which share its memory: b
// must not change afterwards.
func records(b []byte, count int) ([]string, error) {
	body := unsafe.String(unsafe.SliceData(b), len(b))[headerLen:]
	recs := make([]string, 0, count)
	for body != "" {
		n, w := binary.Uvarint(b[len(b)-len(body):])
		if w <= 0 || n > uint64(len(body)-w) {
			return nil, fmt.Errorf("record lengths: %w", errDamaged)
		}
		recs = append(recs, body[w:uint64(w)+n])
		body = body[uint64(w)+n:]
	}
	if len(recs) != count {
		return nil, fmt.Errorf("%d records, not %d: %w", len(recs), count, errDamaged)
	}
	return recs, nil
}
