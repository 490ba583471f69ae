package event

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Row is an Event placed in its visit, as the events table has it. The
// fields below are increments, so that each metric of visits is a plain sum
// over rows and needs no join:
//
//	visits = Σ Entry, bounces = Σ Bounce, total visit duration = Σ GapMS,
//	scroll depth = Σ Scroll ÷ Σ Scrolled, read views = Σ Read.
//
// By time they are summed by Began, so that a visit counts whole where it began.
type Row struct {
	Event
	Visit     uint64
	Began     time.Time // when the visit began: Time of its entry; zero stands for Time
	EntryPath string    // path of the visit's first event
	Entry     uint8     // 1 on the first event of a visit
	Bounce    int8      // +1 on a first event that shows no interest, −1 on what ends the bounce
	GapMS     uint32    // since the event before in the same visit
	Scroll    uint8     // percent deeper than this view's deepest point before
	Scrolled  uint8     // 1 on a view's first depth
	Read      uint8     // 1 where a view comes to count as read

	Sharing
}

// Sharing is what the writer knows of a row's shares, of the one that it is
// and of the one that brought its visit: their facts stand on the row, so that
// no question about shares needs a join.
type Sharing struct {
	ShareRoot       string // name Share: the first share of its tree, itself where it has no parent
	ShareGeneration uint8  // name Share: 1 without a parent, else its parent's and 1

	ViaNetwork    string // of the share that brought the visit; "" where it is not known
	ViaKind       string
	ViaGeneration uint8
	ViaAge        uint32 // on the visit's entry: seconds since that share
}

// A page view counts as read from this engaged time and depth on.
const (
	ReadEngaged = 15 * time.Second
	ReadScroll  = 75 // percent
)

// Events are rows of events. Their records are those of the writer's outbox: the
// place in the visit and what is known of the shares, then the event's record.
var Events = define(Entry{Kind: KindRow, Name: "events", Noun: "events", Note: "Times are UTC. Cells that a spreadsheet would run as a formula begin with an apostrophe.",
	Table: "events", Order: "day, visitor, ts"},
	of(Site, uint32s, func(r *Row) *uint32 { return &r.Site }),
	of(When, millis, func(r *Row) *time.Time { return &r.Time }),
	of("name", few, func(r *Row) *string { return &r.Name }),
	of("visitor", uint64s, func(r *Row) *uint64 { return &r.Visitor }),
	of("visit", uint64s, func(r *Row) *uint64 { return &r.Visit }),
	of("began", millis, func(r *Row) *time.Time {
		if r.Began.IsZero() {
			return &r.Time
		}
		return &r.Began
	}),
	of("hostname", few, func(r *Row) *string { return &r.Hostname }),
	of("path", text, func(r *Row) *string { return &r.Path }),
	of("entry_path", text, func(r *Row) *string { return &r.EntryPath }),
	of("referrer", text, func(r *Row) *string { return &r.Referrer }),
	of("source", few, func(r *Row) *string { return &r.Source }),
	of("medium", few, func(r *Row) *string { return &r.Medium }),
	of("channel", few, func(r *Row) *string { return &r.Channel }),
	of("utm_source", few, func(r *Row) *string { return &r.UTMSource }),
	of("utm_medium", few, func(r *Row) *string { return &r.UTMMedium }),
	of("utm_campaign", few, func(r *Row) *string { return &r.UTMCampaign }),
	of("utm_content", few, func(r *Row) *string { return &r.UTMContent }),
	of("utm_term", few, func(r *Row) *string { return &r.UTMTerm }),
	of("country", few, func(r *Row) *string { return &r.Country }),
	of("device", few, func(r *Row) *string { return &r.Device }),
	of("browser", few, func(r *Row) *string { return &r.Browser }),
	of("browser_version", few, func(r *Row) *string { return &r.BrowserVersion }),
	of("os", few, func(r *Row) *string { return &r.OS }),
	of("os_version", few, func(r *Row) *string { return &r.OSVersion }),
	of("via_share", text, func(r *Row) *string { return &r.ViaShare }),
	of("via_network", few, func(r *Row) *string { return &r.ViaNetwork }),
	of("via_kind", few, func(r *Row) *string { return &r.ViaKind }),
	of("via_generation", uint8s, func(r *Row) *uint8 { return &r.ViaGeneration }),
	of("via_age", uint32s, func(r *Row) *uint32 { return &r.ViaAge }),
	of("share_id", text, func(r *Row) *string { return &r.ShareID }),
	of("share_network", few, func(r *Row) *string { return &r.ShareNetwork }),
	of("share_kind", few, func(r *Row) *string { return &r.ShareKind }),
	of("share_parent", text, func(r *Row) *string { return &r.ShareParent }),
	of("share_root", text, func(r *Row) *string { return &r.ShareRoot }),
	of("share_generation", uint8s, func(r *Row) *uint8 { return &r.ShareGeneration }),
	of("props", props, func(r *Row) *[]Prop { return &r.Props }),
	of("revenue_currency", few, func(r *Row) *string { return &r.RevenueCurrency }),
	of("revenue_amount", amount, func(r *Row) *string { return &r.RevenueAmount }),
	of("passive", flag, func(r *Row) *bool { return &r.Passive }),
	of("entry", uint8s, func(r *Row) *uint8 { return &r.Entry }),
	of("bounce", int8s, func(r *Row) *int8 { return &r.Bounce }),
	of("gap_ms", uint32s, func(r *Row) *uint32 { return &r.GapMS }),
	of("engaged_ms", uint32s, func(r *Row) *uint32 { return &r.EngagedMS }),
	of("scroll", uint8s, func(r *Row) *uint8 { return &r.Scroll }),
	of("scrolled", uint8s, func(r *Row) *uint8 { return &r.Scrolled }),
	of("read", uint8s, func(r *Row) *uint8 { return &r.Read }),
).coded(AppendRow, DecodeRow)

// AppendRow appends r as a record.
func AppendRow(b []byte, r *Row) []byte {
	b = append(b, byte(KindRow), recordVersion)
	b = binary.LittleEndian.AppendUint64(b, r.Visit)
	b = appendTime(b, r.Began)
	b = binary.LittleEndian.AppendUint32(b, r.GapMS)
	b = append(b, r.Entry, byte(r.Bounce), r.Scroll, r.Scrolled, r.Read, r.ShareGeneration, r.ViaGeneration)
	b = binary.LittleEndian.AppendUint32(b, r.ViaAge)
	for _, s := range [...]string{r.ShareRoot, r.ViaNetwork, r.ViaKind, r.EntryPath} {
		b = appendText(b, s)
	}
	return AppendEvent(b, &r.Event)
}

// DecodeRow reads what AppendRow made. The texts of the row share rec's memory.
func DecodeRow(rec string, r *Row) error {
	d := decoder{s: rec}
	d.header(KindRow, recordVersion)
	r.Visit, r.Began, r.GapMS = d.uint64(), d.time(), d.uint32()
	r.Entry, r.Bounce, r.Scroll, r.Scrolled, r.Read = d.byte(), int8(d.byte()), d.byte(), d.byte(), d.byte()
	r.ShareGeneration, r.ViaGeneration, r.ViaAge = d.byte(), d.byte(), d.uint32()
	for _, p := range [...]*string{&r.ShareRoot, &r.ViaNetwork, &r.ViaKind, &r.EntryPath} {
		*p = d.text()
	}
	if d.bad {
		return d.end("row")
	}
	return DecodeEvent(d.s, &r.Event)
}

// Types of values that rows of events alone have: their records are no columns.
var (
	flag = &typ[bool]{
		sql: "UInt8", same: equal[bool], example: yes.example,
		scan: func(row *rows.Row, column string, _ Texts) bool { return row.Uint(column) != 0 },
		lay: func(n int, at func(int) *bool, m *Memory) any {
			vs := slice[uint8](m, n)
			for i := range vs {
				vs[i] = 0
				if *at(i) {
					vs[i] = 1
				}
			}
			return vs
		},
	}
	props = &typ[[]Prop]{
		sql: "Map(LowCardinality(String), String)", same: slices.Equal[[]Prop],
		example: func(column string, n int) []Prop { return []Prop{{column, strconv.Itoa(n)}} },
		scan: func(row *rows.Row, column string, kept Texts) (list []Prop) {
			all, _ := row.Cell(column).(map[string]string)
			for _, key := range slices.Sorted(maps.Keys(all)) {
				list = append(list, Prop{kept.of(key), all[key]})
			}
			return list
		},
		lay: func(n int, at func(int) *[]Prop, m *Memory) any {
			vs := slice[any](m, n)
			for i := range vs {
				vs[i] = nil // the driver's empty map, for the many rows without
				if list := *at(i); len(list) > 0 {
					all := make(map[string]string, len(list))
					for _, p := range list {
						all[p.Key] = p.Value
					}
					vs[i] = all
				}
			}
			return vs
		},
	}
	amount = &typ[string]{
		sql: "Decimal(18, 3)", same: equal[string],
		example: func(_ string, n int) string { return strconv.Itoa(n) + ".5" },
		scan: func(row *rows.Row, column string, _ Texts) string {
			if v := row.Float(column); v != 0 {
				return strconv.FormatFloat(v, 'f', -1, 64)
			}
			return ""
		},
		lay: func(n int, at func(int) *string, m *Memory) any {
			vs := slice[*string](m, n)
			for i := range vs {
				if vs[i] = at(i); *vs[i] == "" {
					vs[i] = nil // 0, without reading it
				}
			}
			return vs
		},
	}
)
