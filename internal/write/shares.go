package write

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// Rules of shares:
//
//   - A share's parent is what the snippet says. The snippet keeps it in the
//     page, and a full page load clears it: then the parent is the share
//     that brought the visit.
//   - Its generation and the root of its tree follow from its parent's. An
//     unknown parent is taken for the root itself.
//   - A sharer's visit through their own share was not brought by it: it
//     loses the mark. What they share then is no reshare of their own share
//     either, but stands beside it. The collector recognises a visitor of
//     the UTC day before (event.Event.VisitorBefore); a sharer who returns
//     later than that counts as another reader.
//   - Nobody reports that an address was copied from the address bar. The
//     first visit through it reveals it: then a share of the kind
//     ShareAddress is recorded, once, in that visit's name, as there is no
//     other. It has its place in the tree; who made it and when is not
//     known.
//   - Rows of a visit through a share carry the share's network, kind and
//     generation, its entry the time since the share.

// share is what is known of an act of sharing.
type share struct {
	visitor       uint64 // 0 where nobody knows
	time          int64  // ms
	parent, root  string
	network, kind string
	generation    uint8
}

type shareKey struct {
	site uint32
	id   string
}

// maxShares is the size of each of two sets of remembered shares: those used
// lately, and those used before them. A share takes about 250 bytes. It is more
// than two batches can hold, so that shares on their way to ClickHouse are
// known.
const maxShares = 50_000

// shares knows acts of sharing: those used lately from memory, the others by
// asking ClickHouse, at most once per batch for all that the batch names.
type shares struct {
	max      int
	now, old map[shareKey]share
	unknown  map[shareKey]bool // asked for in this batch, and not there
}

func newShares(most int) *shares {
	return &shares{max: most, now: map[shareKey]share{}}
}

func (s *shares) get(key shareKey) (share, bool) {
	if sh, ok := s.now[key]; ok {
		return sh, true
	}
	sh, ok := s.old[key]
	if ok {
		s.put(key, sh)
	}
	return sh, ok
}

func (s *shares) put(key shareKey, sh share) {
	if len(s.now) >= s.max {
		s.old, s.now = s.now, make(map[shareKey]share, s.max)
	}
	s.now[key] = sh
}

// before prepares b's events for their visits: where sharers return through
// their own share, the event loses its mark.
func (s *shares) before(ctx context.Context, db rows.Runner, b *batch) error {
	s.unknown = map[shareKey]bool{}
	var wanted []shareKey
	for i := range b.rows {
		e := &b.rows[i].Event
		wanted = s.want(wanted, e.Site, e.ViaShare)
		wanted = s.want(wanted, e.Site, e.ShareParent)
	}
	if err := s.ask(ctx, db, wanted); err != nil {
		return err
	}
	own := map[shareKey]uint64{} // shares of this batch, which come to be known when it is placed
	for i := range b.rows {
		e := &b.rows[i].Event
		if e.Name == event.Share {
			own[shareKey{e.Site, e.ShareID}] = e.Visitor
		}
		if e.ViaShare == "" {
			continue
		}
		key := shareKey{e.Site, e.ViaShare}
		sharer, here := own[key]
		if known, ok := s.get(key); ok {
			sharer, here = known.visitor, true
		}
		if here && is(sharer, e) {
			returned(e)
		}
	}
	return nil
}

// is reports whether e is the sharer's, under today's visitor hash or that of
// the day before.
func is(sharer uint64, e *event.Event) bool {
	return sharer != 0 && (sharer == e.Visitor || sharer == e.VisitorBefore)
}

// returned makes e the event of a reader who came by no share.
func returned(e *event.Event) {
	e.ViaShare, e.ViaParent = "", ""
	if e.Channel != enrich.ChannelShares {
		return
	}
	e.Medium, e.Channel = "", enrich.ChannelDirect
	if e.Source != "" {
		e.Medium, e.Channel = "referral", enrich.ChannelReferral
	}
}

// after completes b's rows once they stand in their visits.
func (s *shares) after(ctx context.Context, db rows.Runner, b *batch) error {
	var wanted []shareKey
	made := map[shareKey]bool{}
	for i := range b.rows {
		r := &b.rows[i]
		if r.Name == event.Share {
			made[shareKey{r.Site, r.ShareID}] = true
		}
		for _, id := range [...]string{r.ViaShare, r.ViaParent, r.ShareParent} {
			if !made[shareKey{r.Site, id}] {
				wanted = s.want(wanted, r.Site, id)
			}
		}
	}
	if err := s.ask(ctx, db, wanted); err != nil {
		return err
	}
	var told []event.Row
	for i := range b.rows {
		r := &b.rows[i]
		if r.Name == event.Share && r.ShareID != "" {
			s.grow(r)
		}
		if r.Entry == 1 && enrich.FromAddressBar(r.ViaShare) {
			if _, known := s.get(shareKey{r.Site, r.ViaShare}); !known {
				told = append(told, s.tell(r))
			}
		}
		s.complete(r)
	}
	for i := range told {
		s.complete(&told[i])
	}
	b.rows = slices.Insert(b.rows, 0, told...)
	s.unknown = nil
	return nil
}

// tell makes the share from an address bar that r, the first visit through it,
// reveals. The row adds nothing to the visit.
func (s *shares) tell(r *event.Row) event.Row {
	told := event.Row{Event: r.Event, Visit: r.Visit, Began: r.Began, EntryPath: r.EntryPath}
	told.Name, told.Passive, told.Props, told.RevenueCurrency, told.RevenueAmount = event.Share, true, nil, "", ""
	told.ShareID, told.ShareParent, told.ShareNetwork, told.ShareKind = r.ViaShare, r.ViaParent, "copy", event.ShareAddress
	told.ViaShare, told.Visitor, told.VisitorBefore = "", 0, 0 // it isn't this reader's share
	s.grow(&told)
	told.ViaShare, told.Visitor, told.VisitorBefore = r.ViaShare, r.Visitor, r.VisitorBefore
	return told
}

// complete fills in, on a row, what is known of the share that brought its
// visit.
func (s *shares) complete(r *event.Row) {
	if r.ViaShare == "" {
		return
	}
	via, ok := s.get(shareKey{r.Site, r.ViaShare})
	if !ok {
		return
	}
	r.ViaNetwork, r.ViaKind, r.ViaGeneration = via.network, via.kind, via.generation
	if r.Entry == 1 && via.kind != event.ShareAddress {
		r.ViaAge = uint32(min(max(r.Time.UnixMilli()-via.time, 0)/1000, math.MaxUint32))
	}
}

// grow finds a share's place in its tree and remembers it.
func (s *shares) grow(r *event.Row) {
	if r.ShareParent == "" {
		r.ShareParent = r.ViaShare
	}
	parent, known := s.get(shareKey{r.Site, r.ShareParent})
	switch {
	case r.ShareParent == "":
		r.ShareRoot, r.ShareGeneration = r.ShareID, 1
	case !known:
		r.ShareRoot, r.ShareGeneration = r.ShareParent, uint8(max(2, enrich.Generation(r.ShareID)))
	case !is(parent.visitor, &r.Event):
		r.ShareRoot, r.ShareGeneration = parent.root, min(parent.generation, math.MaxUint8-1)+1
	case parent.parent == "":
		r.ShareParent, r.ShareRoot, r.ShareGeneration = "", r.ShareID, 1
	default:
		r.ShareParent, r.ShareRoot, r.ShareGeneration = parent.parent, parent.root, parent.generation
	}
	key := shareKey{r.Site, strings.Clone(r.ShareID)}
	if _, ok := s.get(key); ok {
		return // the first of this ID is the share
	}
	s.put(key, share{
		visitor: r.Visitor, time: r.Time.UnixMilli(), generation: r.ShareGeneration,
		parent: strings.Clone(r.ShareParent), root: strings.Clone(r.ShareRoot),
		network: strings.Clone(r.ShareNetwork), kind: strings.Clone(r.ShareKind),
	})
}

// want adds an unknown share to those to ask ClickHouse for.
func (s *shares) want(list []shareKey, site uint32, id string) []shareKey {
	key := shareKey{site, id}
	if id == "" || s.unknown[key] {
		return list
	}
	if _, ok := s.get(key); ok {
		return list
	}
	s.unknown[key] = true
	return append(list, key)
}

// The table's key is (site_id, share_id): looking up a share reads a few
// thousand rows.
const sharesSQL = `SELECT site_id, share_id, s.1 AS visitor, s.2 AS at, s.3 AS parent, s.4 AS root, toString(s.5) AS network, toString(s.6) AS kind, s.7 AS generation
FROM (SELECT site_id, share_id, argMin((visitor, toUnixTimestamp64Milli(ts), parent, root, network, kind, generation), ts) AS s
FROM shares
WHERE (site_id, share_id) IN (SELECT toUInt32(k.1), k.2 FROM (SELECT arrayJoin(arrayZip({sites:Array(String)}, {ids:Array(String)})) AS k))
GROUP BY site_id, share_id)`

func (s *shares) ask(ctx context.Context, db rows.Runner, list []shareKey) error {
	if len(list) == 0 {
		return nil
	}
	sites, ids := make([]string, len(list)), make([]string, len(list))
	for i, k := range list {
		sites[i], ids[i] = strconv.FormatUint(uint64(k.site), 10), k.id
	}
	args := []rows.Arg{rows.Bind("sites", sites), rows.Bind("ids", ids)}
	err := db.Select(ctx, sharesSQL, args, func(row *rows.Row) error {
		key := shareKey{uint32(row.Uint("site_id")), row.Text("share_id")}
		sh := share{
			visitor: row.Uint("visitor"), time: row.Int("at"), parent: row.Text("parent"), root: row.Text("root"),
			network: row.Text("network"), kind: row.Text("kind"), generation: uint8(row.Uint("generation")),
		}
		if sh.kind == event.ShareAddress {
			sh.visitor = 0
		}
		if row.Err() == nil {
			s.put(key, sh)
			delete(s.unknown, key)
		}
		return nil
	})
	if err != nil {
		for _, k := range list { // to be asked for again
			delete(s.unknown, k)
		}
		return fmt.Errorf("read shares: %w", err)
	}
	return nil
}
