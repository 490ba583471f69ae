// Package event holds the facts that Earshot records: what readers did on a
// page, and what networks said of an account. Collect makes them, the spool
// keeps them, write turns them into rows. Each kind of fact is one Entry. It
// imports nothing of ours but internal/rows and does no I/O.
//
// Rules for every field: text is valid UTF-8 without control characters and
// within the limits below; an empty string means "not known"; times are UTC
// with milliseconds; an identifier of 0 means "none".
package event

import "time"

// Built-in event names; every other name is a custom event (a goal).
const (
	Pageview   = "pageview"
	Engagement = "engagement"
	Share      = "share"
)

// ShareAddress is the kind of a share that the writer records when a visit
// comes by an address copied from the address bar. Nobody knows who shared it,
// nor when.
const ShareAddress = "address"

// Limits of a single event, in bytes unless said otherwise.
const (
	MaxName      = 120  // characters
	MaxURL       = 2000 // without its query; a longer page URL is refused
	MaxReferrer  = 2000 // without its query; a longer referrer is cut
	MaxProps     = 30   // properties kept, the rest dropped
	MaxPropKey   = 300
	MaxPropValue = 2000
	MaxEngaged   = 30 * 24 * time.Hour
)

// Event is one thing that one reader did, enriched, before it belongs to a visit.
type Event struct {
	Site uint32    // meta's site ID
	Time time.Time // when it happened: when the collector took it, unless it came late
	Late uint32    // ms from Time to when the collector took it, of an event that came with its own time
	Name string    // Pageview, Engagement, Share or a custom name

	Visitor       uint64 // keyed hash under the day's salt
	VisitorBefore uint64 // the same under the salt before; 0 when that is gone

	Hostname string // the page's host without "www."
	Path     string // the page's path, and its fragment in hash mode
	Referrer string // cleaned: host and path, without scheme, "www." and query

	Source  string // "Google", "Mastodon", a registrable domain; "" = direct
	Medium  string
	Channel string // Plausible's channel names

	UTMSource, UTMMedium, UTMCampaign, UTMContent, UTMTerm string

	Country                 string // ISO 3166-1 alpha-2
	Device                  string // "Desktop", "Mobile", "Tablet", …
	Browser, BrowserVersion string
	OS, OSVersion           string

	ViaShare  string // the share ID that the page's URL carried
	ViaParent string // the share that this one followed from, where the URL says so: of an address from the address bar

	ShareID      string // name Share: this act of sharing
	ShareNetwork string // name Share: network key, "copy", "native", "email", …
	ShareKind    string // name Share: link, native, copy, button, window, manual; ShareAddress is the writer's
	ShareParent  string // name Share: the share that brought the sharer

	EngagedMS   uint32 // name Engagement: since the report before
	ScrollDepth uint8  // name Engagement: deepest point so far, 0–100
	HasScroll   bool   // ScrollDepth was sent

	Passive bool // sent with "i": false: does not end a bounce

	Props           []Prop // in the order sent
	RevenueCurrency string // ISO 4217
	RevenueAmount   string // decimal, at most three places
}

// Taken is when the collector took the event.
func (e *Event) Taken() time.Time { return e.Time.Add(time.Duration(e.Late) * time.Millisecond) }

// Prop is a custom property of an event.
type Prop struct{ Key, Value string }

// VisitTimeout is the inactivity that ends a visit.
const VisitTimeout = 30 * time.Minute

// VisitDays is on how many UTC days a visit can have events: on the one that it
// began on, and on the next, as nobody is known again after that. None of its
// events is from before the first.
const VisitDays = 2

// Origins of a reading. What an import stored has its number too: "import:7".
const (
	OriginPoll   = "poll"
	OriginImport = "import"
)
