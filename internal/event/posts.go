package event

import "time"

// MaxPostText is how much of a post is kept, in characters.
const MaxPostText = 280

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

// Posts are readings of the accounts' posts.
var Posts = define(Entry{Kind: KindPostFigures, Name: "posts", Noun: "figures of posts",
	Note:  "A row is one reading of one post. --from and --to are days of readings. A figure that the network does not say is empty.",
	Table: "post_figures", Keeps: Latest, Order: "network, account, published, post, ts", First: "min(published)", Accounts: true},
	of(Site, uint32s, func(p *PostFigures) *uint32 { return &p.Site }).key(),
	of(When, seconds, func(p *PostFigures) *time.Time { return &p.Time }).titled("date").key(),
	of("network", few, func(p *PostFigures) *string { return &p.Network }).key(),
	of("account", few, func(p *PostFigures) *string { return &p.Account }).key(),
	of("post", text, func(p *PostFigures) *string { return &p.Post }).key(),
	of("published", seconds, func(p *PostFigures) *time.Time { return &p.Published }),
	of("url", text, func(p *PostFigures) *string { return &p.URL }).holding(Address),
	of("text", text, func(p *PostFigures) *string { return &p.Text }),
	of("page", text, func(p *PostFigures) *string { return &p.Page }).holding(Page),
	of("share_id", text, func(p *PostFigures) *string { return &p.ShareID }).holding(ShareOf),
	of("likes", maybe, func(p *PostFigures) **uint64 { return &p.Likes }),
	of("comments", maybe, func(p *PostFigures) **uint64 { return &p.Comments }),
	of("reposts", maybe, func(p *PostFigures) **uint64 { return &p.Reposts }),
	of("views", maybe, func(p *PostFigures) **uint64 { return &p.Views }),
	of(Origin, few, func(p *PostFigures) *string { return &p.Origin }),
)
