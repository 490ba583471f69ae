package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// A record is one fact in the compact form that the spool keeps: a kind, a
// version, then the fields in order. Text is a length and its bytes, times are
// milliseconds since 1970.

// Kind says which fact a record holds.
type Kind byte

// Kinds of records. A number is never given to another kind.
const (
	KindEvent         Kind = 1
	KindLeftOut       Kind = 2
	KindFollowerCount Kind = 3
	KindReceipt       Kind = 4
	KindPostFigures   Kind = 5
	KindInsight       Kind = 6 // in packed imports alone
)

const recordVersion = 1

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

// Flags of a follower count.
const (
	flagRounded = 1 << iota
	flagEnded
	flagFollowing // and right after it, of posts: appendKnown
)

const flagLikes = 1 // of a post's figures, and right after it their other counts

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
	d.header(KindEvent)
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

// AppendLeftOut appends l as a record.
func AppendLeftOut(b []byte, l LeftOut) []byte {
	b = append(b, byte(KindLeftOut), recordVersion)
	b = binary.AppendUvarint(b, uint64(l.Site))
	b = appendTime(b, l.Time)
	b = appendText(appendText(b, l.Reason), l.Agent)
	return binary.AppendUvarint(b, uint64(l.Count))
}

// DecodeLeftOut reads what AppendLeftOut made.
func DecodeLeftOut(rec string) (LeftOut, error) {
	d := decoder{s: rec}
	d.header(KindLeftOut)
	l := LeftOut{Site: uint32(d.uvarint()), Time: d.time(), Reason: d.text(), Agent: d.text(), Count: uint32(d.uvarint())}
	return l, d.end("left-out count")
}

// AppendFollowerCount appends f as a record.
func AppendFollowerCount(b []byte, f FollowerCount) []byte {
	b = append(b, byte(KindFollowerCount), recordVersion)
	b = binary.AppendUvarint(b, uint64(f.Site))
	b = appendTime(b, f.Time)
	b = appendText(appendText(appendText(b, f.Network), f.Account), f.Origin)
	b = binary.AppendUvarint(b, f.Followers)
	var flags byte
	if f.Rounded {
		flags |= flagRounded
	}
	if f.Ended {
		flags |= flagEnded
	}
	return appendKnown(b, flags, flagFollowing, f.Following, f.Posts)
}

// DecodeFollowerCount reads what AppendFollowerCount made.
func DecodeFollowerCount(rec string) (FollowerCount, error) {
	d := decoder{s: rec}
	d.header(KindFollowerCount)
	f := FollowerCount{Site: uint32(d.uvarint()), Time: d.time(), Network: d.text(), Account: d.text(), Origin: d.text(), Followers: d.uvarint()}
	flags := d.byte()
	f.Rounded, f.Ended = flags&flagRounded != 0, flags&flagEnded != 0
	d.known(flags, flagFollowing, &f.Following, &f.Posts)
	return f, d.end("follower count")
}

// AppendPostFigures appends p as a record.
func AppendPostFigures(b []byte, p PostFigures) []byte {
	b = append(b, byte(KindPostFigures), recordVersion)
	b = binary.AppendUvarint(b, uint64(p.Site))
	b = appendTime(appendTime(b, p.Time), p.Published)
	for _, s := range [...]string{p.Network, p.Account, p.Post, p.URL, p.Text, p.Page, p.ShareID, p.Origin} {
		b = appendText(b, s)
	}
	return appendKnown(b, 0, flagLikes, p.Likes, p.Comments, p.Reposts, p.Views)
}

// DecodePostFigures reads what AppendPostFigures made.
func DecodePostFigures(rec string) (PostFigures, error) {
	d := decoder{s: rec}
	d.header(KindPostFigures)
	p := PostFigures{Site: uint32(d.uvarint()), Time: d.time(), Published: d.time()}
	for _, s := range [...]*string{&p.Network, &p.Account, &p.Post, &p.URL, &p.Text, &p.Page, &p.ShareID, &p.Origin} {
		*s = d.text()
	}
	d.known(d.byte(), flagLikes, &p.Likes, &p.Comments, &p.Reposts, &p.Views)
	return p, d.end("post figures")
}

// AppendInsight appends i as a record.
func AppendInsight(b []byte, i Insight) []byte {
	b = append(b, byte(KindInsight), recordVersion)
	b = binary.AppendUvarint(b, uint64(i.Site))
	b = appendTime(b, i.Day)
	for _, s := range [...]string{i.Network, i.Account, i.Name, i.Origin} {
		b = appendText(b, s)
	}
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(i.Value))
}

// DecodeInsight reads what AppendInsight made.
func DecodeInsight(rec string) (Insight, error) {
	d := decoder{s: rec}
	d.header(KindInsight)
	i := Insight{Site: uint32(d.uvarint()), Day: d.time(), Network: d.text(), Account: d.text(), Name: d.text(), Origin: d.text(), Value: math.Float64frombits(d.uint64())}
	return i, d.end("insight")
}

// appendKnown appends flags with a bit for each count that is known, from
// first up, then those counts.
func appendKnown(b []byte, flags, first byte, counts ...*uint64) []byte {
	at := len(b)
	b = append(b, flags)
	for i, n := range counts {
		if n != nil {
			b[at] |= first << i
			b = binary.AppendUvarint(b, *n)
		}
	}
	return b
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

func (d *decoder) header(k Kind) {
	if Kind(d.byte()) != k || d.byte() != recordVersion {
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

// known takes the counts that appendKnown appended.
func (d *decoder) known(flags, first byte, counts ...**uint64) {
	for i, p := range counts {
		if flags&(first<<i) != 0 {
			n := d.uvarint()
			*p = &n
		}
	}
}

func (d *decoder) text() string    { return d.take(d.uvarint()) }
func (d *decoder) time() time.Time { return time.UnixMilli(int64(d.uint64())).UTC() }

func (d *decoder) end(what string) error {
	if d.bad || d.s != "" {
		return fmt.Errorf("decode %s: %w", what, ErrRecord)
	}
	return nil
}
