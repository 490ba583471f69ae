package social

// otherConnectors are all networks but the fediverse, which asks each of them
// whether an address is one of its profiles'. They stand in the order that forms
// show them: a new one is a file with its Connector and a line here.
func otherConnectors() []Connector {
	return []Connector{
		Bluesky{},
		YouTube{},
		X{},
		Facebook{},
		Instagram{},
		Threads{},
		LinkedIn{},
		TikTok{},
		Pinterest{},
		Reddit{},
		Telegram{},
		GitHub{},
		Twitch{},
		Discord{},
		Mailchimp{},
		Listmonk{},
		Ghost{},
	}
}
