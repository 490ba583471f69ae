package social

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Connectors are the networks that can be read, in the order that forms show
// them: a new one is a file with its Connector and a line here.
func Connectors() []Connector {
	return []Connector{
		Mastodon{},
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

// ByNetwork finds a network's connector.
func ByNetwork(network string) (Connector, bool) {
	for _, c := range Connectors() {
		if c.Network() == network {
			return c, true
		}
	}
	return nil, false
}

// Try reads an account once, within ten seconds: the "test connection" of the
// settings page.
func Try(ctx context.Context, client *http.Client, network string, a Account) (Reading, error) {
	c, ok := ByNetwork(network)
	if !ok {
		return Reading{}, &Error{Problem: Unsupported, Err: fmt.Errorf("network %q", network)}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return c.Read(ctx, client, a)
}
