package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// A record is one fact in the compact form that the spool keeps: a kind, a
// version, then the columns of its entry in order. Text is a length and its
// bytes, times are milliseconds since 1970. An event has a record of its own:
// there are many of them, and the writer makes the row of it.

// Kind says which fact a record holds.
type Kind byte

// Kinds of records. A number is never given to another kind.
const (
	KindEvent         Kind = 1
	KindLeftOut       Kind = 2
	KindFollowerCount Kind = 3
	KindReceipt       Kind = 4
	KindPostFigures   Kind = 5
	KindInsight       Kind = 6
	KindRow           Kind = 'R' // of the writer's outbox alone
)

const (
	recordVersion  = 1
	columnsVersion = 2 // of records that are an entry's columns in order
)

// ErrRecord is what decoding a damaged or unknown record gives.
var ErrRecord = errors.New("not a record that this version reads")

// RecordKind is the kind of a record, 0 for an empty one.
func RecordKind(rec string) Kind {
	if rec == "" {
		return 0
	}
	return Kind(rec[0])
}

// Flags of an event.
const (
	flagScroll = 1 << iota
	flagPassive
)

// AppendEvent appends e as a record.
func AppendEvent(b []byte, e *Event) []byte {
	b = append(b, byte(KindEvent), recordVersion)
	b = binary.AppendUvarint(b, uint64(e.Site))
	b = appendTime(b, e.Time)
	b = binary.AppendUvarint(b, uint64(e.Late))
	b = binary.LittleEndian.AppendUint64(b, e.Visitor)
	b = binary.LittleEndian.AppendUint64(b, e.VisitorBefore)
	for _, s := range [...]string{
		e.Name, e.Hostname, e.Path, e.Referrer, e.Source, e.Medium, e.Channel,
		e.UTMSource, e.UTMMedium, e.UTMCampaign, e.UTMContent, e.UTMTerm,
		e.Country, e.Device, e.Browser, e.BrowserVersion, e.OS, e.OSVersion, e.ViaShare, e.ViaParent,
		e.ShareID, e.ShareNetwork, e.ShareKind, e.ShareParent, e.RevenueCurrency, e.RevenueAmount,
	} {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(e.EngagedMS))
	var flags byte
	if e.HasScroll {
		flags |= flagScroll
	}
	if e.Passive {
		flags |= flagPassive
	}
	b = append(b, e.ScrollDepth, flags)
	b = binary.AppendUvarint(b, uint64(len(e.Props)))
	for _, p := range e.Props {
		b = appendText(appendText(b, p.Key), p.Value)
	}
	return b
}

// DecodeEvent reads what AppendEvent made. The texts of the event share rec's
// memory.
func DecodeEvent(rec string, e *Event) error {
	d := decoder{s: rec}
	d.header(KindEvent, recordVersion)
	*e = Event{Site: uint32(d.uvarint()), Time: d.time(), Late: uint32(d.uvarint()), Visitor: d.uint64(), VisitorBefore: d.uint64()}
	for _, p := range [...]*string{
		&e.Name, &e.Hostname, &e.Path, &e.Referrer, &e.Source, &e.Medium, &e.Channel,
		&e.UTMSource, &e.UTMMedium, &e.UTMCampaign, &e.UTMContent, &e.UTMTerm,
		&e.Country, &e.Device, &e.Browser, &e.BrowserVersion, &e.OS, &e.OSVersion, &e.ViaShare, &e.ViaParent,
		&e.ShareID, &e.ShareNetwork, &e.ShareKind, &e.ShareParent, &e.RevenueCurrency, &e.RevenueAmount,
	} {
		*p = d.text()
	}
	e.EngagedMS = uint32(d.uvarint())
	e.ScrollDepth = d.byte()
	flags := d.byte()
	e.HasScroll, e.Passive = flags&flagScroll != 0, flags&flagPassive != 0
	if n := d.uvarint(); n > 0 && n <= MaxProps {
		e.Props = make([]Prop, n)
		for i := range e.Props {
			e.Props[i] = Prop{Key: d.text(), Value: d.text()}
		}
	} else if n > MaxProps {
		d.bad = true
	}
	return d.end("event")
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(t.UnixMilli()))
}

// decoder takes fields off the front of s; after the first that does not fit,
// bad is set and every field is zero.
type decoder struct {
	s   string
	bad bool
}

func (d *decoder) header(k Kind, version byte) {
	if Kind(d.byte()) != k || d.byte() != version {
		d.bad = true
	}
}

func (d *decoder) take(n uint64) string {
	if d.bad || n > uint64(len(d.s)) {
		d.bad = true
		return ""
	}
	t := d.s[:n]
	d.s = d.s[n:]
	return t
}

func (d *decoder) byte() byte {
	if t := d.take(1); t != "" {
		return t[0]
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	t := d.take(8)
	if t == "" {
		return 0
	}
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

func (d *decoder) uint32() uint32 {
	t := d.take(4)
	if t == "" {
		return 0
	}
	return uint32(t[0]) | uint32(t[1])<<8 | uint32(t[2])<<16 | uint32(t[3])<<24
}

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c := d.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	d.bad = true
	return 0
}

func (d *decoder) text() string    { return d.take(d.uvarint()) }
func (d *decoder) time() time.Time { return time.UnixMilli(int64(d.uint64())).UTC() }

func (d *decoder) end(what string) error {
	if d.bad || d.s != "" {
		return fmt.Errorf("decode %s: %w", what, ErrRecord)
	}
	return nil
}
