package spool

import (
	"encoding/binary"
	"hash/crc32"
)

// The file end records how far the log went, so that groups cut off its end are
// noticed: the log alone looks as if it had never been longer. It is written at
// each commit, and the operating system decides when it reaches the disk. After
// a power cut it may say less than the log has; no loss is reported then.
const (
	endFile   = "end"
	totalsLen = 24
)

func (t totals) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, t.index)
	b = binary.LittleEndian.AppendUint64(b, t.records)
	return binary.LittleEndian.AppendUint64(b, t.bytes)
}

func readTotals(b []byte) totals {
	return totals{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])}
}

func (s *Spool) noteEnd(t totals) {
	var room [totalsLen + 4]byte
	b := t.append(room[:0])
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	_, _ = s.end.WriteAt(b, 0) // the events are safe without it
}

// readEnd gives nothing where the note is damaged or missing.
func (s *Spool) readEnd() totals {
	var b [totalsLen + 4]byte
	if _, err := s.end.ReadAt(b[:], 0); err != nil || crc32.Checksum(b[:totalsLen], castagnoli) != binary.LittleEndian.Uint32(b[totalsLen:]) {
		return totals{}
	}
	return readTotals(b[:])
}
