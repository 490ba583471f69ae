package panel

import (
	"context"
	"strings"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Site is what the query package needs to know of a site.
func (e *Engine) Site(ctx context.Context, site meta.Site) (query.Site, error) {
	q := query.Site{ID: site.ID, Domain: site.Domain, Location: site.Location(), Sources: map[string]string{}, SourceNamed: e.SourceNamed}
	for network, source := range e.NetworkNames {
		q.Sources[source] = network
	}
	// A server that few have an account on has no name as a source but its own.
	accounts, err := e.Accounts.Accounts(ctx, site.ID)
	if err != nil {
		return q, err
	}
	for _, a := range accounts {
		if _, host, ok := strings.Cut(strings.TrimPrefix(a.Handle, "@"), "@"); ok {
			q.Sources[host] = a.Network
		}
	}
	others, err := e.Accounts.Competitors(ctx, site.ID)
	if err != nil {
		return q, err
	}
	for _, a := range others {
		q.Others = append(q.Others, query.AccountKey(a.Network, a.Handle))
	}
	return q, nil
}

// Recorded is Site with when its recording began. Who asks about readers by
// time, or compares, needs it.
func (e *Engine) Recorded(ctx context.Context, site meta.Site) (query.Site, error) {
	of, err := e.Site(ctx, site)
	if err != nil {
		return of, err
	}
	return of, e.recorded(ctx, &of)
}
