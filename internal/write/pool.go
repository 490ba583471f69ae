package write

import (
	"hash/maphash"
	"strings"
)

// pool keeps one copy of a value for all visits that have it, for as long as
// any of them does, and counts the bytes that this takes. The standard
// library's unique would share values too, but doesn't tell how much memory
// they take.
type pool[T comparable] struct {
	seed  maphash.Seed
	kept  map[uint64]*held[T]        // by hash
	clone func(T) (own T, texts int) // into memory that nobody else holds on to, and its bytes
	each  int                        // bytes that one takes beside its texts
	bytes int
}

// held is a value of a pool.
type held[T comparable] struct {
	value T
	hash  uint64
	n     int // how many hold it
	texts int
	next  *held[T] // of the same hash
}

func newPool[T comparable](each int, clone func(T) (T, int)) *pool[T] {
	return &pool[T]{seed: maphash.MakeSeed(), kept: map[uint64]*held[T]{}, clone: clone, each: each}
}

// hold gives the value that is kept; release has to be called once for it.
func (p *pool[T]) hold(value T) *held[T] {
	hash := maphash.Comparable(p.seed, value)
	first := p.kept[hash]
	for h := first; h != nil; h = h.next {
		if h.value == value {
			h.n++
			return h
		}
	}
	h := &held[T]{hash: hash, n: 1, next: first}
	h.value, h.texts = p.clone(value)
	p.kept[hash] = h
	p.bytes += p.each + h.texts
	return h
}

func (p *pool[T]) release(h *held[T]) {
	if h.n--; h.n > 0 {
		return
	}
	p.bytes -= p.each + h.texts
	if first := p.kept[h.hash]; first != h {
		for at := first; ; at = at.next {
			if at.next == h {
				at.next = h.next
				return
			}
		}
	}
	if h.next == nil {
		delete(p.kept, h.hash)
		return
	}
	p.kept[h.hash] = h.next
}

// joined moves texts into one piece of memory, and returns its size as the
// allocator rounds it: sizes go up in steps of an eighth.
func joined(texts ...*string) int {
	n := 0
	for _, t := range texts {
		n += len(*t)
	}
	var b strings.Builder
	b.Grow(n)
	for _, t := range texts {
		b.WriteString(*t)
	}
	all := b.String()
	for _, t := range texts {
		*t, all = all[:len(*t)], all[len(*t):]
	}
	return n + n/8
}
