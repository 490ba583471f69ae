package write

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// batch is what goes to ClickHouse at once: everything in the groups from one
// index to another, with its events placed in visits. Once it is in the outbox
// it never changes.
type batch struct {
	origin   string // the spool's ID, a hyphen, and a number of the writer's run: no other batch has it with the same range
	resent   bool   // it was made by an earlier run
	from, to uint64
	total    uint64       // records ever spooled at its end
	rows     []event.Row  // until place, events that have no visit yet
	facts    []event.Rows // of the other kinds, which need no visit

	events  int      // read from the spool
	origins []uint64 // of the rows; see visits.place
	encoded []byte
	since   time.Time // of the oldest event, zero where there is none
	taken   time.Time // when the first of its events was taken, by the clock of then
	latest  time.Time // and the last
	began   time.Time // when the first group was read
}

func (b *batch) reset(from uint64, origin string) {
	clear(b.rows) // so that their texts can be freed
	for _, f := range b.facts {
		f.Reset()
	}
	*b = batch{origin: origin, from: from, to: from - 1, rows: b.rows[:0], facts: b.facts, origins: b.origins[:0], encoded: b.encoded[:0]}
}

func (b *batch) records() int {
	n := max(b.events, len(b.rows))
	for _, f := range b.facts {
		n += f.Len()
	}
	return n
}

// parts are the batch's rows for each table.
func (b *batch) parts() []event.Rows {
	return append([]event.Rows{event.Events.Of(b.rows)}, b.facts...)
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
	case event.KindReceipt: // read by internal/spool/receipts alone
	case event.KindRow: // never spooled
		return event.ErrRecord
	default:
		return b.fact(k, rec)
	}
	return nil
}

// fact takes the record of a fact that needs no visit.
func (b *batch) fact(k event.Kind, rec string) error {
	for _, f := range b.facts {
		if f.Entry().Kind == k {
			return f.Add(rec)
		}
	}
	e, err := event.ByKind(k)
	if err != nil {
		return err
	}
	f := e.List()
	b.facts = append(b.facts, f)
	return f.Add(rec)
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

// In the outbox stand, after the origin, the range of indexes, the number of
// records ever spooled at the batch's end, and the records, each after its
// length. An event's record is that of its row.
const headLen = 8 + 8 + 8

func (b *batch) encode() []byte {
	out := append(b.encoded[:0], byte(len(b.origin)))
	out = append(out, b.origin...)
	out = binary.LittleEndian.AppendUint64(out, b.from)
	out = binary.LittleEndian.AppendUint64(out, b.to)
	out = binary.LittleEndian.AppendUint64(out, b.total)
	var rec []byte
	for i := range b.rows {
		rec = event.AppendRow(rec[:0], &b.rows[i])
		out = appendRecord(out, rec)
	}
	for _, f := range b.facts {
		for i := range f.Len() {
			rec = f.AppendRecord(rec[:0], i)
			out = appendRecord(out, rec)
		}
	}
	b.encoded = out
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
		if event.RecordKind(rec) == event.KindRow {
			b.rows = append(b.rows, event.Row{})
			err = event.DecodeRow(rec, &b.rows[len(b.rows)-1])
		} else {
			err = b.add(rec, 0)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// cut takes a text with its length off the front of s.
func cut(s string) (text, rest string, err error) {
	n, w := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
	if w <= 0 || n > uint64(len(s)-w) {
		return "", "", errOutbox
	}
	return s[w : uint64(w)+n], s[uint64(w)+n:], nil
}
