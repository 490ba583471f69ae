package panel

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Site is what the query package needs to know of a site. Accounts are read again
// only after they have changed; the maps and slices are shared: don't modify them.
func (e *Engine) Site(ctx context.Context, site meta.Site) (query.Site, error) {
	version, err := e.Accounts.AccountsVersion(ctx, site.ID)
	if err != nil {
		return query.Site{}, err
	}
	good := func(_ time.Duration, k knownSite) bool { return k.version == version }
	known, err := e.sites.get(ctx, askedKey{site: site.ID}, e.Now(), good, func(ctx context.Context) (knownSite, error) {
		names, err := e.Accounts.AccountNames(ctx, site.ID)
		return e.known(version, names), err
	})
	return query.Site{
		ID: site.ID, Domain: site.Domain, Location: site.Location(), SourceNamed: e.SourceNamed,
		Sources: known.sources, Others: known.others,
	}, err
}

func (e *Engine) known(version int64, names meta.AccountNames) knownSite {
	k := knownSite{version: version, sources: map[string]string{}}
	for network, source := range e.NetworkNames {
		k.sources[source] = network
	}
	for _, a := range names.Followed {
		// A server that few have an account on has no name as a source but its own.
		if _, host, ok := strings.Cut(strings.TrimPrefix(a.Handle, "@"), "@"); ok {
			k.sources[host] = a.Network
		}
	}
	for _, a := range names.Others {
		k.others = append(k.others, query.AccountKey(a.Network, a.Handle))
	}
	return k
}

// Recorded is Site with the time when its recording began, which queries about
// readers over time and comparisons need, and with its closed days.
func (e *Engine) Recorded(ctx context.Context, site meta.Site) (query.Site, error) {
	of, err := e.Site(ctx, site)
	if err != nil {
		return of, err
	}
	if err := e.recorded(ctx, &of); err != nil {
		return of, err
	}
	return of, e.closed(ctx, &of)
}

// View reads the parameters of a URL. The error is a *query.InvalidError to show
// to the reader, or one of the store.
func (e *Engine) View(ctx context.Context, site meta.Site, values url.Values) (query.View, error) {
	of, err := e.Site(ctx, site)
	if err != nil {
		return query.View{}, err
	}
	if values.Get("period") == "all" && e.Runner != nil {
		if of.Since, err = query.AskSince(ctx, e.Runner, of); err != nil {
			return query.View{}, err
		}
	}
	return query.FromURL(of, values, e.Now())
}
