package event

import "time"

// LeftOut counts hits that were left out on purpose, so that the dashboards
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

// LeftOuts are hits left out.
var LeftOuts = define(Entry{Kind: KindLeftOut, Name: "left-out", Noun: "hits that are counted nowhere else, by minute",
	Table: "left_out", Keeps: Sums, Order: "ts, reason, agent"},
	of(Site, uint32s, func(l *LeftOut) *uint32 { return &l.Site }).key(),
	of(When, seconds, func(l *LeftOut) *time.Time { return &l.Time }).titled("date").key(),
	of("reason", few, func(l *LeftOut) *string { return &l.Reason }).key(),
	of("agent", few, func(l *LeftOut) *string { return &l.Agent }).key(),
	of("hits", wide, func(l *LeftOut) *uint32 { return &l.Count }),
)
