package write

import (
	"hash/maphash"
	"time"
	"unsafe"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Rules of a visit:
//
//   - It belongs to one visitor of one site and lasts until nothing was heard
//     for event.VisitTimeout, by the events' own times. An event that comes
//     late joins the visit whose span it falls in, unless it is of an earlier
//     UTC day or beyond event.VisitDays. Of a visitor there may be
//     two at a time: the latest, and one before it, so that neither a log that
//     comes late nor a clock that is set back makes a visit of each event.
//   - Any event but an engagement starts one, and is its entry (Row.Entry); an
//     engagement without a live visit is dropped.
//   - Its attributes (referrer, source, channel, UTM, country, device, share)
//     and its entry page are those of its first event, and stand on every row
//     of it.
//   - It is a bounce until a second page view, a custom event or a share that
//     is not Passive. Engagement never ends a bounce.
//   - Its duration is the span of all its events, engagement included.
//   - A view begins with a page view of a path and ends with the next one of
//     the same path in the same visit. Depth and reading count once a view.
//   - At the change of the salt a live visit goes on under the new visitor
//     hash; its rows keep the first, so that a visitor counts once.

const (
	timeoutMS = int64(event.VisitTimeout / time.Millisecond)
	readMS    = uint32(event.ReadEngaged / time.Millisecond)
	dayMS     = int64(24 * time.Hour / time.Millisecond)

	maxViews = 32 // paths of a visit whose depth is followed; the oldest gives way

	// What things take in memory, with what the allocator and maps add.
	visitBytes = int(unsafe.Sizeof(visit{}))
	viewBytes  = int(unsafe.Sizeof(view{}))
	keyBytes   = 48 // in the map of live visits
	stampBytes = int(unsafe.Sizeof(held[stamp]{})) + 48
	entryBytes = int(unsafe.Sizeof(held[string]{})) + 48
)

type visitKey struct {
	visitor uint64 // first: so a key has 16 bytes
	site    uint32
	late    bool // the visit before the visitor's latest
}

// stamp holds the attributes of a visit. Few differ.
type stamp struct {
	Referrer, Source, Medium, Channel                       string
	UTMSource, UTMMedium, UTMCampaign, UTMContent, UTMTerm  string
	Country, Device, Browser, BrowserVersion, OS, OSVersion string
	ViaShare                                                string
}

func stampOf(e *event.Event) stamp {
	return stamp{
		e.Referrer, e.Source, e.Medium, e.Channel,
		e.UTMSource, e.UTMMedium, e.UTMCampaign, e.UTMContent, e.UTMTerm,
		e.Country, e.Device, e.Browser, e.BrowserVersion, e.OS, e.OSVersion,
		e.ViaShare,
	}
}

func (s *stamp) apply(e *event.Event) {
	e.Referrer, e.Source, e.Medium, e.Channel = s.Referrer, s.Source, s.Medium, s.Channel
	e.UTMSource, e.UTMMedium, e.UTMCampaign, e.UTMContent, e.UTMTerm = s.UTMSource, s.UTMMedium, s.UTMCampaign, s.UTMContent, s.UTMTerm
	e.Country, e.Device, e.Browser, e.BrowserVersion, e.OS, e.OSVersion = s.Country, s.Device, s.Browser, s.BrowserVersion, s.OS, s.OSVersion
	e.ViaShare = s.ViaShare
}

func cloneStamp(s stamp) (stamp, int) {
	n := joined(&s.Referrer, &s.Source, &s.Medium, &s.Channel,
		&s.UTMSource, &s.UTMMedium, &s.UTMCampaign, &s.UTMContent, &s.UTMTerm,
		&s.Country, &s.Device, &s.Browser, &s.BrowserVersion, &s.OS, &s.OSVersion,
		&s.ViaShare)
	return s, n
}

func cloneText(s string) (string, int) {
	n := joined(&s)
	return s, n
}

type view struct {
	page     uint64 // hash of host and path
	engaged  uint32 // ms
	depth    uint8
	scrolled bool // a depth was reported
	read     bool
}

type visit struct {
	keys        [2]visitKey // the second is set after a change of the salt
	id, visitor uint64
	began       int64 // ms: when its entry happened
	first, last int64 // ms: of all its events, as one may come late
	heard       int64 // ms: when an event of it last came
	stamp       *held[stamp]
	entry       *held[string]
	viewed      bool // has had a page view
	active      bool // is not a bounce
	views       []view

	newer, older *visit
}

// visits is the state of all live visits. It is used by one goroutine.
type visits struct {
	max      int // live visits; the one without an event for longest gives way
	maxBytes int // of them with all that they have; so it does there
	live     map[visitKey]*visit
	ends     visit // newer is the oldest, older the newest: a ring
	n        int
	own      int // bytes, without stamps and entries
	stamps   *pool[stamp]
	entries  *pool[string]
	seed     maphash.Seed
	noVisit  uint64 // engagements dropped
	evicted  uint64 // visits that gave way before their time
}

func newVisits(maxLive, maxBytes int) *visits {
	v := &visits{
		max: maxLive, maxBytes: maxBytes, live: map[visitKey]*visit{}, seed: maphash.MakeSeed(),
		stamps: newPool(stampBytes, cloneStamp), entries: newPool(entryBytes, cloneText),
	}
	v.ends.newer, v.ends.older = &v.ends, &v.ends
	return v
}

// place makes e a row of its visit. origin is different for every event ever
// placed and makes the visit's ID. ok is false for an engagement that has no
// live visit.
func (v *visits) place(e *event.Event, origin uint64) (row event.Row, ok bool) {
	t := e.Time.UnixMilli()
	vis, key, keep := v.find(e, t)
	began := false
	if vis == nil {
		if e.Name == event.Engagement {
			v.noVisit++
			return row, false
		}
		vis = &visit{keys: [2]visitKey{key}, id: visitID(key, origin), visitor: e.Visitor, began: t, first: t, last: t, stamp: v.stamps.hold(stampOf(e)), entry: v.entries.hold(e.Path)}
		began = true
		if keep {
			v.insert(vis)
		}
	}
	row = event.Row{Event: *e, Visit: vis.id, Began: time.UnixMilli(vis.began).UTC()}
	row.Visitor = vis.visitor
	row.GapMS = vis.stretch(t)
	vis.step(&row, began)
	switch e.Name {
	case event.Pageview:
		v.open(vis, v.page(e))
	case event.Engagement:
		vis.engage(v.page(e), &row)
	}
	row.EntryPath = vis.entry.value
	vis.stamp.value.apply(&row.Event)

	now := e.Taken().UnixMilli()
	v.touch(vis, now)
	if began && !keep {
		v.release(vis)
	}
	v.expire(now)
	v.fit()
	return row, true
}

// find gives the live visit that e falls in. Where there is none, key is that
// of a new one, and keep says that later events may join it.
func (v *visits) find(e *event.Event, t int64) (vis *visit, key visitKey, keep bool) {
	key = visitKey{site: e.Site, visitor: e.Visitor}
	vis = v.live[key]
	if vis == nil && e.VisitorBefore != 0 {
		before := v.live[visitKey{site: e.Site, visitor: e.VisitorBefore}]
		if before != nil && before.keys[1] == (visitKey{}) && before.holds(t) {
			before.keys[1] = key
			v.live[key] = before
			v.own += keyBytes
			return before, key, true
		}
	}
	if vis != nil && t < vis.first-timeoutMS {
		key.late = true
		vis = v.live[key]
	}
	switch {
	case vis == nil || vis.holds(t):
		return vis, key, true
	case t < vis.first:
		return nil, key, false
	}
	v.remove(vis)
	return nil, key, true
}

func (vis *visit) holds(t int64) bool {
	later := t/dayMS - vis.began/dayMS
	return t <= vis.last+timeoutMS && t >= vis.first-timeoutMS && later >= 0 && later < event.VisitDays
}

// stretch widens the visit to include t and returns by how many ms.
func (vis *visit) stretch(t int64) uint32 {
	gap := max(t-vis.last, vis.first-t, 0)
	vis.first, vis.last = min(vis.first, t), max(vis.last, t)
	return uint32(gap)
}

// step counts the entry and the bounce. began says that row is the visit's
// first.
func (vis *visit) step(row *event.Row, began bool) {
	if row.Name == event.Engagement {
		return
	}
	view := row.Name == event.Pageview
	interest := !row.Passive && (vis.viewed || !view)
	vis.viewed = vis.viewed || view
	switch {
	case began:
		row.Entry, vis.active = 1, interest
		if !interest {
			row.Bounce = 1
		}
	case interest && !vis.active:
		vis.active, row.Bounce = true, -1
	}
}

// open begins a view. Of a live visit, the room for it is counted.
func (v *visits) open(vis *visit, page uint64) {
	had := cap(vis.views)
	vis.open(page)
	if vis.newer != nil {
		v.own += (cap(vis.views) - had) * viewBytes
	}
}

func (vis *visit) open(page uint64) {
	for i := range vis.views {
		if vis.views[i].page == page {
			vis.views = append(vis.views[:i], vis.views[i+1:]...)
			break
		}
	}
	if len(vis.views) == maxViews {
		vis.views = append(vis.views[:0], vis.views[1:]...)
	}
	vis.views = append(vis.views, view{page: page})
}

// engage counts what the report adds to its view. Time counts in any case;
// depth and reading only where the view is known.
func (vis *visit) engage(page uint64, row *event.Row) {
	for i := len(vis.views) - 1; i >= 0; i-- {
		w := &vis.views[i]
		if w.page != page {
			continue
		}
		w.engaged += row.EngagedMS
		if row.HasScroll {
			if !w.scrolled {
				w.scrolled, row.Scrolled = true, 1
			}
			if row.ScrollDepth > w.depth {
				row.Scroll, w.depth = row.ScrollDepth-w.depth, row.ScrollDepth
			}
		}
		if !w.read && w.engaged >= readMS && w.depth >= event.ReadScroll {
			w.read, row.Read = true, 1
		}
		return
	}
}

func (v *visits) page(e *event.Event) uint64 { return v.pageHash(e.Hostname, e.Path) }

func (v *visits) pageHash(host, path string) uint64 {
	return maphash.Comparable(v.seed, [2]string{host, path})
}

func visitID(k visitKey, origin uint64) uint64 {
	id := mix(mix(origin^uint64(k.site)<<32) ^ k.visitor)
	return max(id, 1)
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (v *visits) insert(vis *visit) {
	if v.n >= v.max {
		v.remove(v.ends.newer)
		v.evicted++
	}
	for _, k := range vis.keys {
		if k != (visitKey{}) {
			v.live[k] = vis
		}
	}
	v.n++
	v.own += vis.bytes()
	v.push(vis)
	v.fit()
}

// bytes are what a visit takes by itself, without what it has in common with
// others.
func (vis *visit) bytes() int {
	n := visitBytes + keyBytes + cap(vis.views)*viewBytes
	if vis.keys[1] != (visitKey{}) {
		n += keyBytes
	}
	return n
}

// bytes are what all live visits take.
func (v *visits) bytes() int { return v.own + v.stamps.bytes + v.entries.bytes }

// fit evicts visits until the rest fit into the bytes allowed. The visit that
// had an event last stays.
func (v *visits) fit() {
	for v.n > 1 && v.bytes() > v.maxBytes {
		v.remove(v.ends.newer)
		v.evicted++
	}
}

// makeLate makes room for a visitor's latest visit.
func (v *visits) makeLate(vis *visit) {
	v.takeOut(vis)
	vis.keys = [2]visitKey{{site: vis.keys[0].site, visitor: vis.keys[0].visitor, late: true}}
	if before := v.live[vis.keys[0]]; before != nil {
		v.remove(before)
	}
	v.insert(vis)
}

func (v *visits) push(vis *visit) {
	vis.older, vis.newer = v.ends.older, &v.ends
	vis.older.newer, vis.newer.older = vis, vis
}

func (v *visits) unlink(vis *visit) {
	vis.older.newer, vis.newer.older = vis.newer, vis.older
}

func (v *visits) touch(vis *visit, now int64) {
	vis.heard = now
	if vis.newer != nil {
		v.unlink(vis)
		v.push(vis)
	}
}

func (v *visits) remove(vis *visit) {
	v.takeOut(vis)
	v.release(vis)
}

// release gives up what a visit holds in common with others.
func (v *visits) release(vis *visit) {
	v.stamps.release(vis.stamp)
	v.entries.release(vis.entry)
	vis.stamp, vis.entry = nil, nil
}

// takeOut leaves the visit as it is, for insert.
func (v *visits) takeOut(vis *visit) {
	v.own -= vis.bytes()
	for _, k := range vis.keys {
		if v.live[k] == vis {
			delete(v.live, k)
		}
	}
	v.unlink(vis)
	vis.newer, vis.older = nil, nil
	v.n--
}

// expire forgets visits that no event can join any more. It goes by when their
// events arrived, since the events of a late visit may be of any time. A minute
// is left for events that are spooled late.
func (v *visits) expire(now int64) {
	for {
		oldest := v.ends.newer
		if oldest == &v.ends || oldest.heard+timeoutMS+60_000 >= now {
			return
		}
		v.remove(oldest)
	}
}
