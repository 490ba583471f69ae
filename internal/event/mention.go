package event

import (
	"slices"
	"strings"
	"time"
)

// KindMention is the kind of a mention's records.
const KindMention Kind = 7

// Mention is one place where somebody speaks of the site, elsewhere: a post that
// links to it, an answer, a comment. The same again, by its source and ID,
// replaces it: it was edited, or deleted.
type Mention struct {
	Site      uint32
	Published time.Time
	Source    string // key of where it was found: a network's, webmention, …
	ID        string // permanent, the source's own
	Kind      string // one of the Mentioned constants; "" = unknown

	Author          string // handle, or what tells the author from others at the source; "" = unknown
	AuthorName      string
	AuthorURL       string  // http(s) only
	AuthorFollowers *uint64 // when it was seen; nil = unknown

	Text     string // plain text, its first MaxMentionText characters
	Language string // BCP 47: en, pt-BR
	URL      string // its own address, http(s) only
	Page     string // path of the site's page that it speaks of, as Event.Path has it; "" = none
	Parent   string // ID of what it answers; "" = nothing

	Seen    time.Time // when it was found
	Deleted bool      // there it is gone: nothing of its author and its words is kept
	Origin  string    // as in FollowerCount
}

// MaxMentionText is how much of a mention is kept, in characters.
const MaxMentionText = 2000

// Kinds of mentions.
const (
	MentionedBy     = "mention" // it speaks of the site or links to it
	MentionedReply  = "reply"
	MentionedQuote  = "quote"
	MentionedIn     = "comment" // under something of the site's own
	MentionedLike   = "like"
	MentionedRepost = "repost"
	MentionedMark   = "bookmark"
)

var mentionKinds = []string{MentionedBy, MentionedReply, MentionedQuote, MentionedIn, MentionedLike, MentionedRepost, MentionedMark}

// tidy takes what is said away from a mention that is deleted, and has a kind in
// place of one that nobody knows.
func (m *Mention) tidy() {
	if m.Kind != "" && !slices.Contains(mentionKinds, m.Kind) {
		m.Kind = MentionedBy
	}
	m.Source = strings.ToLower(m.Source)
	if text := []rune(m.Text); len(text) > MaxMentionText {
		m.Text = string(text[:MaxMentionText])
	}
	if m.Deleted {
		m.Author, m.AuthorName, m.AuthorURL, m.AuthorFollowers, m.Text, m.URL = "", "", "", nil, "", ""
	}
}

// Mentions are mentions of a site.
var Mentions = define(Entry{Kind: KindMention, Name: "mentions", Noun: "mentions of the site elsewhere",
	Note:  "A row is one mention, as it was last seen. Of one that is deleted there, only that is known.",
	Table: "mentions", Keeps: Latest, Order: "ts, source, id", First: "min(ts)"},
	of(Site, uint32s, func(m *Mention) *uint32 { return &m.Site }).key(),
	of(When, seconds, func(m *Mention) *time.Time { return &m.Published }).titled("published"),
	of("source", few, func(m *Mention) *string { return &m.Source }).key(),
	of("id", text, func(m *Mention) *string { return &m.ID }).key(),
	of("kind", few, func(m *Mention) *string { return &m.Kind }),
	of("author", text, func(m *Mention) *string { return &m.Author }),
	of("author_name", text, func(m *Mention) *string { return &m.AuthorName }),
	of("author_url", text, func(m *Mention) *string { return &m.AuthorURL }).holding(Address),
	of("author_followers", maybe, func(m *Mention) **uint64 { return &m.AuthorFollowers }),
	of("text", text, func(m *Mention) *string { return &m.Text }).most(MaxMentionText),
	of("language", few, func(m *Mention) *string { return &m.Language }),
	of("url", text, func(m *Mention) *string { return &m.URL }).holding(Address),
	of("page", text, func(m *Mention) *string { return &m.Page }).holding(Page),
	of("parent", text, func(m *Mention) *string { return &m.Parent }),
	of("seen", seconds, func(m *Mention) *time.Time { return &m.Seen }),
	of("deleted", yes, func(m *Mention) *bool { return &m.Deleted }),
	of(Origin, few, func(m *Mention) *string { return &m.Origin }),
).tidied((*Mention).tidy)
