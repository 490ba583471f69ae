package slots

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"hash/crc32"
)

// Behind a value stand the CRC-32C of each of its blocks, the XOR of all its
// blocks, and a copy of its header under another magic. Any one damaged block,
// be it a bit or a sector of the disk, can be made good from the others.
const (
	tailMagic = "\x89EST\r\n\x1a\x01"
	tailLen   = headerLen
	block     = 4096
)

// repairs gives the bytes that stand behind a value; head is its header
// without the magic.
func repairs(head, data []byte) []byte {
	blocks := (len(data) + block - 1) / block
	b := make([]byte, 0, 4*blocks+block+tailLen)
	parity := make([]byte, min(len(data), block))
	for i := range blocks {
		part := data[i*block : min((i+1)*block, len(data))]
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(part, castagnoli))
		subtle.XORBytes(parity, parity, part)
	}
	return append(append(append(b, parity...), tailMagic...), head...)
}

// mend finds the latest value in b, a whole file, that one damaged block keeps
// from being valid. Tails of older values may stand behind it.
func mend(b []byte) (latest Value, ok bool) {
	var heads [][]byte
	if len(b) >= headerLen {
		heads = append(heads, b[8:headerLen])
	}
	for at := 0; ; at += len(tailMagic) {
		i := bytes.Index(b[at:], []byte(tailMagic))
		if i < 0 || at+i+tailLen > len(b) {
			break
		}
		at += i
		heads = append(heads, b[at+8:at+tailLen])
	}
	for _, head := range heads {
		if v, good := mendAs(head, b[min(headerLen, len(b)):]); good && (!ok || v.Seq > latest.Seq) {
			latest, ok = v, true
		}
	}
	return latest, ok
}

// mendAs gives the value that head is of, where at most one block of it is
// damaged.
func mendAs(head, body []byte) (v Value, ok bool) {
	n := int(binary.LittleEndian.Uint32(head[8:]))
	blocks := (n + block - 1) / block
	parityAt := n + 4*blocks
	parityLen := min(n, block)
	if n > len(body) || parityAt+parityLen > len(body) {
		return v, false
	}
	data := bytes.Clone(body[:n])
	bad := -1
	for i := range blocks {
		sum := binary.LittleEndian.Uint32(body[n+4*i:])
		if crc32.Checksum(data[i*block:min((i+1)*block, n)], castagnoli) == sum {
			continue
		}
		if bad >= 0 {
			return v, false
		}
		bad = i
	}
	if bad >= 0 {
		mended := make([]byte, block)
		copy(mended, body[parityAt:parityAt+parityLen])
		for i := range blocks {
			if i != bad {
				subtle.XORBytes(mended, mended, data[i*block:min((i+1)*block, n)])
			}
		}
		copy(data[bad*block:min((bad+1)*block, n)], mended)
	}
	return whole(head, data)
}
