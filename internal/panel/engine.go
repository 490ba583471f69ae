package panel

import (
	"context"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Deps are what an Engine needs; all must be set but SourceNamed and Pulse. Without a
// Runner there are views, but no answers.
type Deps struct {
	Runner   rows.Runner // the statistics
	Accounts Accounts
	Studies  Studies
	Boards   []dashboards.Dashboard
	Texts    *text.Catalog
	// NetworkNames are the names of networks by key, which are those of visits'
	// sources too; a key without one is shown as it is.
	NetworkNames map[string]string
	// SourceNamed finds what visit:source calls a source by another of its
	// names; nil = a filter takes the one name alone.
	SourceNamed func(name string) (title string, ok bool)
	Now         func() time.Time
	// Pulse knows what goes on now; nil = the Runner is asked.
	Pulse Pulsing
}

// Pulsing knows what goes on at a site now: the visitors of the last
// LiveWindow, and a number that is another one when events came. Where the
// visitors are not complete, the statistics have to be asked for them.
type Pulsing interface {
	Now(site uint32) (visitors, events int64, complete bool)
	// Changed is closed when an event comes, or a visitor. That visitors have
	// gone may be noticed only by Now.
	Changed(site uint32) <-chan struct{}
}

// Accounts know the accounts whose followers a site counts.
type Accounts interface {
	// AccountsVersion is another number after each change of AccountNames.
	AccountsVersion(ctx context.Context, site uint32) (int64, error)
	AccountNames(ctx context.Context, site uint32) (meta.AccountNames, error)
}

// Studies know the studies that a site's users imported.
type Studies interface {
	Studies(ctx context.Context, site uint32) ([]meta.Study, error)
}

// Engine answers. Make one with New; it may be used by many at once.
type Engine struct {
	Deps
	memories
}

// New makes an Engine. It asks nothing yet.
func New(d Deps) *Engine { return &Engine{Deps: d} }

// Dashboard finds a dashboard by its name, the first where it is "".
func (e *Engine) Dashboard(name string) (dashboards.Dashboard, bool) {
	for i, d := range e.Boards {
		if d.Name == name || i == 0 && name == "" {
			return d, true
		}
	}
	return dashboards.Dashboard{}, false
}
