package enrich

import "github.com/earshot-analytics/earshot/internal/event"

// Kinds of Bot that others ask for.
const (
	BotAI      = "ai"      // gathers or fetches for an AI model or assistant
	BotPreview = "preview" // fetches a page for the card under a shared link
	botFeed    = "feed"    // reads feeds
	botOffice  = "office"  // a mail or office program that fetches what a document names
	botProgram = "program" // says no more than a name and a version
	botOther   = "other"
)

// Bot says which program, not a reader, sent a request. The zero Bot is a
// reader. Names come from lists, never from the request: there are only so many.
type Bot struct {
	// Kind is BotAI, BotPreview, search, feed, office, monitor, seo, ads,
	// archive, scanner, academic, library, automation, program or other; "" is
	// a reader.
	Kind string
	// Name is the program's name, "" where only its behaviour is known.
	Name string
	// Network is the network key that a preview was fetched for, "" otherwise.
	Network string
}

// Is reports whether this is a bot.
func (b Bot) Is() bool { return b.Kind != "" }

// ReadsFeeds reports whether somebody reads what this asks for when it asks
// for a feed: people do, and feed readers, Outlook and programs of which no
// more is known than a name do it for people. Whoever gathers, watches, scans
// or previews doesn't, nor does an HTTP library.
func (b Bot) ReadsFeeds() bool {
	switch b.Kind {
	case "", botFeed, botOffice, botProgram:
		return true
	}
	return false
}

// LeftOut is the reason under which the hit is counted as left out, one of
// event's Left constants, or "" for a reader.
func (b Bot) LeftOut() string {
	switch b.Kind {
	case "":
		return ""
	case BotAI:
		return event.LeftAI
	case BotPreview:
		return event.LeftPreview
	}
	return event.LeftBot
}

// Agent is what the hit is counted under: the key of the network that fetched
// a preview, or the bot's name.
func (b Bot) Agent() string {
	if b.Network != "" {
		return b.Network
	}
	return b.Name
}
