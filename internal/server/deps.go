package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Deps is what the server needs. Meta and Sessions must be set; without one of
// the others, only the pages or figures that need it are missing.
type Deps struct {
	Meta     Meta
	Sessions scs.CtxStore // where logins are kept
	Runner   rows.Runner  // the statistics; nil = none yet
	// EventsAlone says that figures are computed from events, never read from
	// closed days.
	EventsAlone bool
	Pulse       panel.Pulsing // the current state of sites; nil = the database is queried

	Collect http.Handler // answers /api/event, /api/events and /api/pixel.gif; nil = not this role
	Demo    http.Handler // answers /demo-blog/…, below the base's path; nil = none

	Networks []Network // whose followers can be read
	// NetworkNames are the names of networks by key, as enrich has them, which
	// are those of visits' sources too; a key without one is shown as it is.
	NetworkNames map[string]string
	// SourceNamed finds what visit:source calls a source by another of its
	// names, as enrich has them; nil = a filter takes the one name alone.
	SourceNamed func(name string) (title string, ok bool)
	Prober      AccountProber   // tries an account; nil = no button
	Importer    HistoryImporter // takes in CSV files of readings; nil = no page
	Health      HealthReporter  // the program's parts; nil = only this server's own
	Eraser      SiteEraser      // takes a removed site's statistics away; nil = they stay, unreachable
	Checker     Checker         // looks at a blog's pages; nil = no button
	// ProxyTrouble says what is wrong with how a proxy forwards readers'
	// addresses, and which proxy it is; package collect has it. nil = not this
	// role.
	ProxyTrouble func() (trouble string, proxy netip.Addr)

	BaseURL        baseurl.URL    // public address; zero = as the request says
	TrustedProxies []netip.Prefix // whose X-Forwarded-* headers count
	// TempDir is where long answers wait for their clients; "" = the system's.
	// It must be this program's alone.
	TempDir    string
	Registerer prometheus.Registerer // gets the metrics; nil = none
	Version    string
	// Stopping is closed when the program is about to stop: then answers of
	// live.json are no longer held. nil = never.
	Stopping <-chan struct{}
	Log      *slog.Logger     // nil = slog.Default()
	Now      func() time.Time // nil = time.Now
}

// Server answers HTTP requests. Make one with New.
type Server struct {
	Deps
	strings   *text.Catalog
	assets    *assets
	views     *views
	sessions  *scs.SessionManager
	panels    *panel.Engine
	answers   *answerStore
	logins    *throttle
	passwords *turn.Turns
	held      *turn.Turns // answers of live.json
	csrf      *http.CrossOriginProtection
	handler   http.Handler
}
