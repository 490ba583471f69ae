package collect

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// visitorHash names a reader for as long as the salt lives: SipHash-2-4 of
// site, address and User-Agent under the salt as key. Without the salt it
// says nothing about its input. It is never 0.
func visitorHash(salt []byte, site uint32, addr netip.Addr, userAgent string) uint64 {
	var buf [20 + 512]byte
	b := binary.LittleEndian.AppendUint32(buf[:0], site)
	a := addr.As16()
	b = append(b, a[:]...)
	b = append(b, userAgent...)
	return max(sipHash(salt, b), 1)
}

// sipHash is SipHash-2-4 (Aumasson, Bernstein 2012), a keyed hash for short
// inputs. The key has 16 bytes.
func sipHash(key, b []byte) uint64 {
	k0, k1 := binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[8:])
	v0, v1 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d
	v2, v3 := k0^0x6c7967656e657261, k1^0x7465646279746573
	round := func() {
		v0 += v1
		v2 += v3
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v1
		v0 += v3
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 = bits.RotateLeft64(v2, 32)
	}
	word := func(m uint64) {
		v3 ^= m
		round()
		round()
		v0 ^= m
	}
	last := uint64(len(b)) << 56
	for ; len(b) >= 8; b = b[8:] {
		word(binary.LittleEndian.Uint64(b))
	}
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	word(last)
	v2 ^= 0xff
	round()
	round()
	round()
	round()
	return v0 ^ v1 ^ v2 ^ v3
}
