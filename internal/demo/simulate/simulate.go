// Package simulate plays readers through a graph of shares whose law is known:
// how often they share, how many readers a share brings, how fast these come.
// It gives the events that a collector would spool and the truth about them,
// told without SQL, visits or increments, so that what the dashboards say can
// be held against it. Tests play it through the writer into ClickHouse. It
// does no I/O.
package simulate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
)

// Graph is the law that readers follow.
type Graph struct {
	Site    uint32
	Seed    uint64
	Start   time.Time     // readers come from here on,
	Span    time.Duration // for so long, evenly
	Readers int           // who come by themselves

	Sharing  float64       // part of the readers who share
	Again    float64       // part of the sharers who share once more, and of those again
	Brings   float64       // readers that a share brings, on average (Poisson)
	HalfLife time.Duration // by which half of them have come (exponential)
	Depth    int           // readers of this generation share no more; 0 means no end

	Forgets  float64 // part of the sharers on whose page the snippet has forgotten what brought them
	Returns  float64 // part of the sharers who come back by their own share, on that UTC day or the next
	Copies   float64 // part of the readers who pass the address in the address bar on
	Lingers  float64 // part of the readers who open another page 25 minutes later: over the hour's end, or midnight
	Networks []string
}

// K is the graph's K-factor without an end in depth: readers that a reader
// brings.
func (g Graph) K() float64 { return g.Sharing / (1 - g.Again) * g.Brings }

// Carried is the part of all readers whom a share brings, by the law; it is K
// where there is no end in depth.
func (g Graph) Carried() float64 {
	if g.Depth == 0 {
		return g.K()
	}
	carried, all := 0.0, 1.0
	for i := 1; i <= g.Depth; i++ {
		carried += math.Pow(g.K(), float64(i))
		all += math.Pow(g.K(), float64(i))
	}
	return carried / all
}

// Play is what happened.
type Play struct {
	Events   []event.Event // in order of time
	Previews []event.LeftOut
	Until    time.Time // just after the last event
	Truth
}

// Truth is what the figures have to come to.
type Truth struct {
	Visitors, Visits          int
	VisitsByHour              map[string]int // UTC, as 2006-01-02T15, by when they began
	ShareVisitors             int
	ShareVisits               int
	Ages                      []uint32 // seconds from its share to each visit that a share brought, sorted; of shares reported
	FirstVisits               []uint32 // seconds from each of these to its first visit, where it has one, sorted
	Shares, Reshares, Deepest int
	Generations               int            // summed over the shares
	ByNetwork                 map[string]int // shares
	VisitsByNetwork           map[string]int // that they brought
	ByGeneration              map[int]int    // shares
	Often                     map[int]int    // sharers by their number of shares
	Spread                    map[string]int // by share: visits that it and what followed from it brought
	Parents                   map[string]string
}

// reader is one who is to come.
type reader struct {
	at  time.Time
	via *shared // nil = by themselves
}

// shared is an act of sharing.
type shared struct {
	id, parent string
	network    string
	at         time.Time
	generation int
	bar        bool // from the address bar: there once somebody comes by it
	brought    []uint32
}

// player holds a play on its way.
type player struct {
	g     Graph
	r     *rand.Rand
	p     *Play
	all   map[string]*shared
	count int // of visitors
}

// Play plays the graph. The same graph gives the same play.
func (g Graph) Play() *Play {
	pl := &player{g: g, r: rand.New(rand.NewPCG(g.Seed, 0x5ea5)), all: map[string]*shared{}, p: &Play{Truth: Truth{
		ByNetwork: map[string]int{}, VisitsByNetwork: map[string]int{}, ByGeneration: map[int]int{}, Often: map[int]int{},
		Spread: map[string]int{}, Parents: map[string]string{}, VisitsByHour: map[string]int{},
	}}}
	var queue []reader
	for range g.Readers {
		queue = append(queue, reader{at: g.Start.Add(time.Duration(pl.r.Float64() * float64(g.Span))).Truncate(time.Millisecond)})
	}
	for len(queue) > 0 {
		next := queue[0]
		queue = append(queue[1:], pl.visit(next)...)
	}
	pl.finish()
	return pl.p
}

// visit plays a reader and gives those whom they bring.
func (pl *player) visit(rd reader) (brought []reader) {
	g, r := pl.g, pl.r
	visitor := pl.visitor()
	pl.land(visitor, rd.at, rd.via)
	if g.Lingers > 0 && r.Float64() < g.Lingers {
		pl.linger(visitor, rd.at.Add(25*time.Minute), rd.at)
	}
	depth := 0
	if rd.via != nil {
		depth = rd.via.generation
	}
	if g.Depth > 0 && depth >= g.Depth {
		return nil
	}
	if g.Copies > 0 && r.Float64() < g.Copies {
		brought = pl.readers(pl.copy(rd.at.Add(10*time.Second), rd.via))
	}
	if r.Float64() >= g.Sharing {
		return brought
	}
	at := rd.at.Add(20 * time.Second)
	forgot := r.Float64() < g.Forgets
	if forgot {
		pl.add(pl.event(visitor, at, event.Pageview, "/next"))
	}
	n := 1
	for r.Float64() < g.Again {
		n++
	}
	var last *shared
	for range n {
		at = at.Add(5 * time.Second)
		last = pl.share(visitor, at, rd.via, rd.via, forgot)
		brought = append(brought, pl.readers(last)...)
	}
	if r.Float64() < g.Returns {
		n += pl.comeBack(visitor, last, rd.via)
	}
	pl.p.Often[n]++
	return brought
}

// linger goes on with a visit, after midnight UTC under another name.
func (pl *player) linger(visitor uint64, at, began time.Time) {
	e := pl.event(visitor, at, event.Pageview, "/next")
	if at.UTC().Day() != began.UTC().Day() {
		pl.count++
		e.Visitor, e.VisitorBefore = uint64(pl.count), visitor
	}
	pl.add(e)
}

// comeBack lets a sharer land on their own share hours later and share once
// more. On the next UTC day they are another visitor, of whom the collector
// knows who they were.
func (pl *player) comeBack(visitor uint64, own, via *shared) (more int) {
	at := own.at.Add(time.Hour + time.Duration(pl.r.IntN(16*3600_000))*time.Millisecond)
	again, before := visitor, uint64(0)
	if at.UTC().Day() != own.at.UTC().Day() {
		again, before = pl.visitor(), visitor
	}
	pl.began(at)
	e := pl.event(again, at, event.Pageview, "/post")
	e.ViaShare, e.Medium, e.Channel = own.id, "share", enrich.ChannelShares
	pl.add(e)
	pl.share(again, at.Add(10*time.Second), via, own, false)
	for i := len(pl.p.Events) - 2; i < len(pl.p.Events); i++ {
		pl.p.Events[i].VisitorBefore = before
	}
	if before != 0 {
		pl.p.Often[1]++
		return 0
	}
	return 1
}

// copy passes on what the address bar shows. No event says so.
func (pl *player) copy(at time.Time, parent *shared) *shared {
	sh := &shared{network: "copy", at: at, generation: 1, bar: true}
	if parent != nil {
		sh.parent, sh.generation = parent.id, parent.generation+1
	}
	sh.id = strconv.FormatInt(int64(sh.generation), 36) + "_" + pl.letters(8)
	pl.all[sh.id] = sh
	return sh
}

func (pl *player) letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + pl.r.IntN(26))
	}
	return string(b)
}

// readers draws who comes through a share.
func (pl *player) readers(sh *shared) (list []reader) {
	// Poisson by Knuth's product of uniforms; Brings is small.
	for p := pl.r.Float64(); p > math.Exp(-pl.g.Brings); p *= pl.r.Float64() {
		after := time.Duration(pl.r.ExpFloat64() * float64(pl.g.HalfLife) / math.Ln2)
		list = append(list, reader{at: sh.at.Add(after).Truncate(time.Millisecond), via: sh})
	}
	return list
}

func (pl *player) visitor() uint64 {
	pl.count++
	pl.p.Visitors++
	return uint64(pl.count)
}

// began counts a visit.
func (pl *player) began(at time.Time) {
	pl.p.Visits++
	pl.p.VisitsByHour[at.UTC().Format("2006-01-02T15")]++
}

// land counts a visit of somebody whom a share or nothing brought.
func (pl *player) land(visitor uint64, at time.Time, via *shared) {
	e := pl.event(visitor, at, event.Pageview, "/post")
	pl.began(at)
	if via != nil {
		age := uint32(at.Sub(via.at).Milliseconds() / 1000)
		if via.bar && len(via.brought) == 0 {
			pl.known(via)
		}
		via.brought = append(via.brought, age)
		pl.p.ShareVisitors++
		pl.p.ShareVisits++
		if !via.bar {
			pl.p.Ages = append(pl.p.Ages, age)
		} else {
			e.ViaParent = via.parent
		}
		pl.p.VisitsByNetwork[via.network]++
		e.ViaShare, e.Medium, e.Channel = via.id, "share", enrich.ChannelShares
	}
	pl.add(e)
}

// share records one. claimed is what the snippet takes for the parent, which
// is its own business; parent is the truth.
func (pl *player) share(visitor uint64, at time.Time, parent, claimed *shared, forgot bool) *shared {
	sh := &shared{network: pl.g.Networks[pl.r.IntN(len(pl.g.Networks))], at: at, generation: 1}
	if parent != nil {
		sh.parent, sh.generation = parent.id, parent.generation+1
	}
	e := pl.event(visitor, at, event.Share, "/post")
	depth := 1
	if claimed != nil && !forgot {
		e.ShareParent = claimed.id
		depth = enrich.Generation(claimed.id) + 1
	}
	sh.id = strconv.FormatInt(int64(depth), 36)
	sh.id += pl.letters(9)
	e.ShareID, e.ShareNetwork, e.ShareKind = sh.id, sh.network, "link"
	pl.all[sh.id] = sh
	pl.known(sh)
	pl.add(e)
	pl.p.Previews = append(pl.p.Previews, event.LeftOut{Site: pl.g.Site, Time: at.Truncate(time.Minute), Reason: event.LeftPreview, Agent: sh.network, Count: 1})
	return sh
}

// known counts a share of which something is heard.
func (pl *player) known(sh *shared) {
	p := pl.p
	p.Shares++
	if sh.parent != "" {
		p.Reshares++
	}
	p.Generations += sh.generation
	p.Deepest = max(p.Deepest, sh.generation)
	p.ByNetwork[sh.network]++
	p.ByGeneration[sh.generation]++
	p.Parents[sh.id] = sh.parent
}

func (pl *player) event(visitor uint64, at time.Time, name, path string) event.Event {
	return event.Event{Site: pl.g.Site, Time: at.UTC(), Name: name, Visitor: visitor, Hostname: "blog.example", Path: path, Channel: enrich.ChannelDirect}
}

func (pl *player) add(e event.Event) { pl.p.Events = append(pl.p.Events, e) }

// finish sorts, and adds up what followed from each share.
func (pl *player) finish() {
	p := pl.p
	slices.SortStableFunc(p.Events, func(a, b event.Event) int { return a.Time.Compare(b.Time) })
	p.Until = p.Events[len(p.Events)-1].Time.Add(time.Millisecond)
	for id, sh := range pl.all {
		if len(sh.brought) > 0 && !sh.bar {
			p.FirstVisits = append(p.FirstVisits, slices.Min(sh.brought))
		}
		for up := id; up != ""; up = p.Parents[up] {
			p.Spread[up] += len(sh.brought)
		}
	}
	slices.SortFunc(p.Ages, cmp.Compare)
	slices.SortFunc(p.FirstVisits, cmp.Compare)
}
