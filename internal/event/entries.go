package event

// Entries are all kinds of facts, in the order in which a batch is stored and
// people are shown them.
func Entries() []*Entry {
	return []*Entry{&Events.Entry, &LeftOuts.Entry, &Followers.Entry, &Posts.Entry, &Insights.Entry, &Mentions.Entry}
}
