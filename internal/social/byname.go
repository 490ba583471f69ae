package social

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Connectors are all networks that can be read.
func Connectors() []Connector { return append([]Connector{Mastodon{}}, otherConnectors()...) }

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
