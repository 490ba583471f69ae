// Package event holds the facts that Earshot records: what readers did on a
// page, and what networks said of an account. Collect makes them, the spool
// keeps them, write turns them into rows. It imports nothing of ours and does
// no I/O.
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

// Row is an Event placed in its visit, as the events table has it. The
// fields below are increments, so that each metric of visits is a plain sum
// over rows and needs no join:
//
//	visits = Σ Entry, bounces = Σ Bounce, total visit duration = Σ GapMS,
//	scroll depth = Σ Scroll ÷ Σ Scrolled, read views = Σ Read.
type Row struct {
	Event
	Visit     uint64
	EntryPath string // path of the visit's first event
	Entry     uint8  // 1 on the first event of a visit
	Bounce    int8   // +1 on a first event that shows no interest, −1 on what ends the bounce
	GapMS     uint32 // since the event before in the same visit
	Scroll    uint8  // percent deeper than this view's deepest point before
	Scrolled  uint8  // 1 on a view's first depth
	Read      uint8  // 1 where a view comes to count as read

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

// VisitTimeout is the inactivity that ends a visit.
const VisitTimeout = 30 * time.Minute

// LeftOut counts hits that were refused on purpose, so that the dashboards
// can say what they leave out. Reason is one of the Left* constants.
type LeftOut struct {
	Site   uint32
	Time   time.Time // the minute
	Reason string
	Agent  string // name of the bot or previewing network, or the spam's domain; "" where unknown
	Count  uint32
}

// Reasons to leave a hit out.
const (
	LeftBot     = "bot"
	LeftAI      = "ai"
	LeftPreview = "preview"
	LeftExclude = "excluded"
	LeftSpam    = "spam" // referrer spam; Agent is the domain that it advertises
)

// FollowerCount is one reading of one account. A failed reading is not
// recorded at all: unknown is never 0.
type FollowerCount struct {
	Site      uint32
	Time      time.Time
	Network   string // network key: mastodon, bluesky, …
	Account   string // handle as shown: @alice@example.social
	Followers uint64
	Following *uint64 // nil = unknown
	Posts     *uint64 // nil = unknown
	Origin    string  // OriginPoll, or of an import
	Rounded   bool    // the network rounds what it says
	// Ended says that the following ends here, instead of a count: the account
	// moved away, or somebody else has its name. What comes after it is another
	// following.
	Ended bool
}

// PostFigures is one reading of one post of an account. A failed reading is
// not recorded at all, and a count that the network doesn't say is nil.
type PostFigures struct {
	Site      uint32
	Time      time.Time // of the reading
	Network   string    // network key
	Account   string    // handle as in FollowerCount
	Post      string    // the network's ID of the post
	Published time.Time
	URL       string // the post's own address, http(s) only; "" = unknown
	Text      string // plain text, its first MaxPostText characters
	Page      string // path on the site that the post links to, as Event.Path has it; "" = none
	ShareID   string // share ID that the link carried; "" = none

	Likes, Comments, Reposts, Views *uint64 // nil = the network doesn't say

	Origin string // as in FollowerCount
}

// Insight is what a network's own statistics say of an account for one day:
// how many people it reached, how often its posts were shown.
type Insight struct {
	Site    uint32
	Day     time.Time // the first instant in UTC of the day's date, which is the network's own
	Network string    // network key
	Account string    // handle as in FollowerCount
	Name    string    // what was counted: "reach"; small letters, digits and _, MaxInsightName characters at most
	Value   float64   // finite
	Origin  string    // as in FollowerCount
}

// MaxInsightName is the length of an insight's name, in characters.
const MaxInsightName = 60

// MaxPostText is how much of a post is kept, in characters.
const MaxPostText = 280

// Origins of a reading. What an import stored has its number too: "import:7".
const (
	OriginPoll   = "poll"
	OriginImport = "import"
)
