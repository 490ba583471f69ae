package event

import "time"

// MaxInsightName is the length of an insight's name, in characters.
const MaxInsightName = 60

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

// Insights are days' figures of accounts. A day is the network's own; its time
// is noon of that date where the site is, so that it falls into that date's
// bucket.
var Insights = define(Entry{Kind: KindInsight, Name: "insights", Noun: "networks' own statistics of accounts (reach, impressions, …)", Note: "A row is one figure of one day.",
	Table: "account_insights", Keeps: Latest, Order: "network, account, insight, day", First: "toDateTime(min(day), {tz:String})", Accounts: true,
	Time: "toDateTime(day, {tz:String}) + toIntervalHour(12)"},
	of(Site, uint32s, func(i *Insight) *uint32 { return &i.Site }).key(),
	of("day", days, func(i *Insight) *time.Time { return &i.Day }).titled("date").key(),
	of("network", few, func(i *Insight) *string { return &i.Network }).key(),
	of("account", few, func(i *Insight) *string { return &i.Account }).key(),
	of("insight", few, func(i *Insight) *string { return &i.Name }).key(),
	of("value", decimal, func(i *Insight) *float64 { return &i.Value }),
	of(Origin, few, func(i *Insight) *string { return &i.Origin }),
)
