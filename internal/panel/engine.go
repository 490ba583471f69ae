package panel

import (
	"context"
	"time"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Deps are what an Engine needs. SourceNamed and Pulse are optional. Without a
// Runner, an Engine makes views but no answers.
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
	// EventsAlone says that figures are computed from events, never read from
	// closed days.
	EventsAlone bool
	// Pulse knows the current state of sites; nil = the Runner is queried.
	Pulse Pulsing
}

// Pulsing knows the current state of a site: the visitors of the last
// LiveWindow, and a number that changes when events arrive. If complete is
// false, there may be more visitors, and the database must be queried.
type Pulsing interface {
	Now(site uint32) (visitors, events int64, complete bool)
	// Changed returns a channel that is closed when an event or a visitor
	// arrives. It need not be closed when visitors leave; Now counts that.
	Changed(site uint32) <-chan struct{}
}

// Accounts know the accounts whose followers a site counts.
type Accounts interface {
	// AccountsVersion changes whenever AccountNames changes.
	AccountsVersion(ctx context.Context, site uint32) (int64, error)
	AccountNames(ctx context.Context, site uint32) (meta.AccountNames, error)
}

// Studies know the studies that a site's users imported.
type Studies interface {
	Studies(ctx context.Context, site uint32) ([]meta.Study, error)
}

// Engine answers the questions of panels. Make one with New. It is safe for
// concurrent use.
type Engine struct {
	Deps
	memories
}

// New makes an Engine. It runs no query yet.
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
