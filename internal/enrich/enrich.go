// Package enrich tells, from what a browser sends, which browser, system and
// device a reader has, where the visit came from, in which country, through
// which share, and whether it is a reader at all. Collect calls it, once an
// event. Everything comes from lists inside the program, and an address
// database and a list of referrer spam on disk: no network, nothing kept of a
// reader but answers by User-Agent in a bounded cache.
package enrich

import (
	"log/slog"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Options of New. The zero value is what most want.
type Options struct {
	// GeoIP is the path of an MMDB with countries (DB-IP or GeoLite2, country
	// or city). "" looks in DataDir/geoip and in node_modules; finding none is
	// no error, a path that cannot be read is.
	GeoIP string
	// DataDir is Earshot's data folder, which may have a list of referrer spam;
	// "" has none.
	DataDir string
	// Now is asked how old what was read of that list is; nil is the clock.
	Now func() time.Time
	// Log is told when the list was read, or can't be; nil tells nobody.
	Log *slog.Logger
	// AllowHeadless takes headless Chrome for a reader: for browser tests.
	AllowHeadless bool
}

// Enricher holds the lists. It is safe for concurrent use; nothing of it changes
// but the list of referrer spam.
type Enricher struct {
	table  *table
	agents *Agents
	geo    *geo

	spamList *spamList
}

// New reads the embedded lists and opens the address database.
func New(o Options) (*Enricher, error) {
	t, err := newTable(sourcesYAML)
	if err != nil {
		return nil, err
	}
	agents, err := newAgents(t, o)
	if err != nil {
		return nil, err
	}
	g, err := newGeo(o)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	list := "" // of referrer spam
	if o.DataDir != "" {
		list = filepath.Join(o.DataDir, SpamListName)
	}
	return &Enricher{
		table:    t,
		geo:      g,
		agents:   agents,
		spamList: newSpamList(list, o.Now, o.Log),
	}, nil
}

// Close gives the address database back. The Enricher must not be used after.
func (e *Enricher) Close() error {
	if e.geo.db == nil {
		return nil
	}
	return e.geo.db.Close()
}

// Hit is one request, as it came in.
type Hit struct {
	URL       string     // of the page; without a host it is one of Domain
	Domain    string     // the site's, as it is named
	Referrer  string     // of the page, "" where none
	UserAgent string     //
	Addr      netip.Addr // of the reader; used here and kept nowhere
	TimeZone  string     // the browser's, "Europe/Paris"; asked where Addr tells no country

	event.PageRules // the site's
}

// Page is a Hit, understood. Where Bot.Is() or there is Spam, nothing else is
// set.
type Page struct {
	Bot  Bot
	Spam string // the domain that the hit is there to advertise

	Hostname string // without "www."
	Path     string
	Search   string // the words that were searched for, where the page is a search
	Via             // the share in the URL, none where its ID is empty
	Country  string // ISO 3166-1 alpha-2, "" where not known

	*Agent
	Origin
}

// Page understands a hit. The error is ErrURL or ErrLong.
func (e *Enricher) Page(h Hit) (Page, error) {
	u, err := parsePageOf(h.URL, h.Domain, h.PageRules)
	if err != nil {
		return Page{}, err
	}
	agent := e.Agent(h.UserAgent)
	if agent.Bot.Is() {
		return Page{Bot: agent.Bot, Agent: agent}, nil
	}
	p := Page{Agent: agent, Hostname: Hostname(u)}
	undoEscapes(u, h.ShareParam)
	from := e.arrival(u, h.Referrer)
	if spam := e.spam(u, from); spam != "" {
		return Page{Spam: spam, Agent: agent}, nil
	}
	p.Via, _ = TakeShareParam(u, h.ShareParam)
	p.Path, p.Search = e.page(u, h.PageRules)
	p.Origin = from.origin(e, agent.InApp, p.Via.ID != "")
	var ok bool
	if p.Country, ok = e.Country(h.Addr); !ok {
		p.Country, _ = e.CountryOfZone(h.TimeZone)
	}
	return p, nil
}

// LeftOut is why the hit is counted as left out, one of event's Left constants,
// and under which name; "" for a reader's.
func (p Page) LeftOut() (reason, agent string) {
	if p.Spam != "" {
		return event.LeftSpam, p.Spam
	}
	return p.Bot.LeftOut(), p.Bot.Agent()
}

// Fill sets what enrichment knows of an event, and leaves its other fields:
// Search is the caller's.
func (p Page) Fill(ev *event.Event) {
	ev.Hostname, ev.Path, ev.Referrer = p.Hostname, p.Path, p.Referrer
	ev.ViaShare, ev.ViaParent = p.Via.ID, p.Via.Parent
	ev.Source, ev.Medium, ev.Channel = p.Source, p.Medium, p.Channel
	ev.UTMSource, ev.UTMMedium, ev.UTMCampaign = p.UTMSource, p.UTMMedium, p.UTMCampaign
	ev.UTMContent, ev.UTMTerm = p.UTMContent, p.UTMTerm
	ev.Country = p.Country
	if a := p.Agent; a != nil {
		ev.Device, ev.Browser, ev.BrowserVersion = a.Device, a.Browser, a.BrowserVersion
		ev.OS, ev.OSVersion = a.OS, a.OSVersion
	}
}
