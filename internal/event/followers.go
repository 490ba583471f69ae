package event

import "time"

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

// Followers are readings of accounts.
var Followers = define(Entry{Kind: KindFollowerCount, Name: "followers", Noun: "follower counts",
	Table: "follower_counts", Keeps: Latest, Order: "network, account, ts", First: "min(ts)", Accounts: true},
	of(Site, uint32s, func(c *FollowerCount) *uint32 { return &c.Site }).key(),
	of(When, seconds, func(c *FollowerCount) *time.Time { return &c.Time }).titled("date").key(),
	of("network", few, func(c *FollowerCount) *string { return &c.Network }).key(),
	of("account", few, func(c *FollowerCount) *string { return &c.Account }).key(),
	of("followers", uint64s, func(c *FollowerCount) *uint64 { return &c.Followers }),
	of("following", maybe, func(c *FollowerCount) **uint64 { return &c.Following }),
	of("posts", maybe, func(c *FollowerCount) **uint64 { return &c.Posts }),
	of(Origin, few, func(c *FollowerCount) *string { return &c.Origin }),
	of("rounded", yes, func(c *FollowerCount) *bool { return &c.Rounded }),
	of("ended", yes, func(c *FollowerCount) *bool { return &c.Ended }),
)
