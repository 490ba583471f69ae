package write

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// batch is what goes to ClickHouse at once: everything that the groups from
// one index to another held, placed in its visits. Once it is in the outbox
// it never changes.
type batch struct {
	origin    string // the spool's ID, a hyphen, and a number of the writer's run: no other batch has it with the same range
	resent    bool   // it was made by an earlier run
	from, to  uint64
	total     uint64      // records ever spooled at its end
	rows      []event.Row // until place, events that have no visit yet
	leftOut   []event.LeftOut
	followers []event.FollowerCount
	posts     []event.PostFigures

	events  int      // read from the spool
	origins []uint64 // of the rows; see visits.place
	encoded []byte
	since   time.Time // of the oldest event, zero where there is none
	taken   time.Time // when the first of its events was taken, by the clock of then
	latest  time.Time // and the last
	began   time.Time // when the first group was read
}

func (b *batch) reset(from uint64, origin string) {
	clear(b.rows) // let go of the texts
	*b = batch{origin: origin, from: from, to: from - 1, rows: b.rows[:0], origins: b.origins[:0], encoded: b.encoded[:0]}
}

func (b *batch) records() int {
	return max(b.events, len(b.rows)) + len(b.leftOut) + len(b.followers) + len(b.posts)
}

// add takes a record of the spool.
func (b *batch) add(rec string, origin uint64) error {
	switch k := event.RecordKind(rec); k {
	case event.KindEvent:
		b.rows = append(b.rows, event.Row{})
		e := &b.rows[len(b.rows)-1].Event
		if err := event.DecodeEvent(rec, e); err != nil {
			b.rows = b.rows[:len(b.rows)-1]
			return err
		}
		b.events++
		b.origins = append(b.origins, origin)
		if b.since.IsZero() || e.Time.Before(b.since) {
			b.since = e.Time
		}
		taken := e.Taken()
		if b.taken.IsZero() || taken.Before(b.taken) {
			b.taken = taken
		}
		if taken.After(b.latest) {
			b.latest = taken
		}
	case event.KindLeftOut:
		return addTo(&b.leftOut, event.DecodeLeftOut, rec)
	case event.KindFollowerCount:
		return addTo(&b.followers, event.DecodeFollowerCount, rec)
	case event.KindPostFigures:
		return addTo(&b.posts, event.DecodePostFigures, rec)
	case event.KindReceipt: // whose business is internal/spool/receipts
	default:
		return fmt.Errorf("kind %d: %w", k, event.ErrRecord)
	}
	return nil
}

// addTo adds a fact that needs no visit.
func addTo[T any](list *[]T, decode func(rec string) (T, error), rec string) error {
	fact, err := decode(rec)
	if err == nil {
		*list = append(*list, fact)
	}
	return err
}

// place makes rows of the events, each in its visit.
func (b *batch) place(v *visits) {
	placed := b.rows[:0]
	for i := range b.rows {
		if row, ok := v.place(&b.rows[i].Event, b.origins[i]); ok {
			placed = append(placed, row)
		}
	}
	clear(b.rows[len(placed):])
	b.rows = placed
}

// The outbox holds, behind the origin, the range of indexes, the number of
// records ever spooled at the batch's end, and the records, each with its
// length. A row is the kind kindRow, its place in the visit, what is known of
// its shares and the record of its event.
const (
	kindRow    = 'R'
	headLen    = 8 + 8 + 8
	rowHeadLen = 1 + 8 + 4 + 5 + 2 + 4
)

func (b *batch) encode() []byte {
	out := append(b.encoded[:0], byte(len(b.origin)))
	out = append(out, b.origin...)
	out = binary.LittleEndian.AppendUint64(out, b.from)
	out = binary.LittleEndian.AppendUint64(out, b.to)
	out = binary.LittleEndian.AppendUint64(out, b.total)
	var rec []byte
	for i := range b.rows {
		r := &b.rows[i]
		rec = append(rec[:0], kindRow)
		rec = binary.LittleEndian.AppendUint64(rec, r.Visit)
		rec = binary.LittleEndian.AppendUint32(rec, r.GapMS)
		rec = append(rec, r.Entry, byte(r.Bounce), r.Scroll, r.Scrolled, r.Read)
		rec = append(rec, r.ShareGeneration, r.ViaGeneration)
		rec = binary.LittleEndian.AppendUint32(rec, r.ViaAge)
		for _, text := range [...]string{r.ShareRoot, r.ViaNetwork, r.ViaKind, r.EntryPath} {
			rec = binary.AppendUvarint(rec, uint64(len(text)))
			rec = append(rec, text...)
		}
		rec = event.AppendEvent(rec, &r.Event)
		out = appendRecord(out, rec)
	}
	out = appendFacts(out, event.AppendLeftOut, b.leftOut)
	out = appendFacts(out, event.AppendFollowerCount, b.followers)
	out = appendFacts(out, event.AppendPostFigures, b.posts)
	b.encoded = out
	return out
}

func appendFacts[T any](out []byte, encode func([]byte, T) []byte, facts []T) []byte {
	var rec []byte
	for _, f := range facts {
		rec = encode(rec[:0], f)
		out = appendRecord(out, rec)
	}
	return out
}

func appendRecord(out, rec []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(rec))), rec...)
}

var errOutbox = errors.New("not a batch that this version reads")

// decodeBatch reads what encode made.
func decodeBatch(data []byte) (b *batch, err error) {
	s := string(data)
	if s == "" || len(s) < 1+int(s[0])+headLen {
		return nil, errOutbox
	}
	b = &batch{origin: s[1 : 1+s[0]], resent: true}
	s = s[1+s[0]:]
	h := []byte(s[:headLen])
	b.from, b.to, b.total = binary.LittleEndian.Uint64(h), binary.LittleEndian.Uint64(h[8:]), binary.LittleEndian.Uint64(h[16:])
	for s = s[headLen:]; s != ""; {
		var rec string
		if rec, s, err = cut(s); err != nil {
			return nil, err
		}
		if rec != "" && rec[0] == kindRow {
			r, err := decodeRow(rec)
			if err != nil {
				return nil, err
			}
			b.rows = append(b.rows, r)
		} else if err := b.add(rec, 0); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func decodeRow(rec string) (r event.Row, err error) {
	if len(rec) < rowHeadLen {
		return r, errOutbox
	}
	h := []byte(rec[1:rowHeadLen])
	r.Visit, r.GapMS = binary.LittleEndian.Uint64(h), binary.LittleEndian.Uint32(h[8:])
	r.Entry, r.Bounce, r.Scroll, r.Scrolled, r.Read = h[12], int8(h[13]), h[14], h[15], h[16]
	r.ShareGeneration, r.ViaGeneration, r.ViaAge = h[17], h[18], binary.LittleEndian.Uint32(h[19:])
	rec = rec[rowHeadLen:]
	for _, text := range [...]*string{&r.ShareRoot, &r.ViaNetwork, &r.ViaKind, &r.EntryPath} {
		if *text, rec, err = cut(rec); err != nil {
			return r, err
		}
	}
	return r, event.DecodeEvent(rec, &r.Event)
}

// cut takes a text with its length off the front of s.
func cut(s string) (text, rest string, err error) {
	n, w := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
	if w <= 0 || n > uint64(len(s)-w) {
		return "", "", errOutbox
	}
	return s[w : uint64(w)+n], s[uint64(w)+n:], nil
}
