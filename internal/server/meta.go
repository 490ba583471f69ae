package server

import (
	"context"
	"io"
	"time"

	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/install"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Meta is what the pages need of the store; *meta.Store has it. Errors are
// meta.ErrNotFound, *meta.InvalidError for input to correct, and others.
type Meta interface {
	SiteStore
	UserStore
	TokenStore
	AccountStore
	StudyStore
	Ping(ctx context.Context) error
}

// SiteStore keeps sites.
type SiteStore interface {
	Sites(ctx context.Context) ([]meta.Site, error)
	SiteByDomain(ctx context.Context, domain string) (meta.Site, error)
	AddSite(ctx context.Context, site meta.Site) (meta.Site, error)
	UpdateSite(ctx context.Context, site meta.Site) error
	RemoveSite(ctx context.Context, id uint32) error
}

// UserStore keeps users and the link that makes the first one.
type UserStore interface {
	CountUsers(ctx context.Context) (int, error)
	UserByID(ctx context.Context, id int64) (meta.User, error)
	AddOwner(ctx context.Context, token string, u meta.User, password string) (meta.User, error)
	UpdateUser(ctx context.Context, u meta.User) error
	SetPassword(ctx context.Context, id int64, password string) error
	Authenticate(ctx context.Context, email, password string) (meta.User, error)
	VerifyPassword(ctx context.Context, id int64, password string) (bool, error)
	EndSessions(ctx context.Context, id int64) error
	SetupTokenValid(ctx context.Context, plain string) (bool, error)
	// DeriveKey is a key for one purpose, the same at every start.
	DeriveKey(purpose string) ([]byte, error)
}

// TokenStore keeps the keys of programs.
type TokenStore interface {
	Tokens(ctx context.Context, site uint32) ([]meta.Token, error)
	AddToken(ctx context.Context, t meta.Token) (meta.Token, string, error)
	RemoveToken(ctx context.Context, site uint32, id int64) error
	TokenByPlain(ctx context.Context, plain string) (meta.Token, error)
}

// AccountStore keeps the accounts whose followers are read.
type AccountStore interface {
	Accounts(ctx context.Context, site uint32) ([]meta.Account, error)
	AccountByID(ctx context.Context, id int64) (meta.Account, error)
	AddAccount(ctx context.Context, a meta.Account) (meta.Account, error)
	SetAccountEnabled(ctx context.Context, site uint32, id int64, enabled bool) error
	// SetAccountSecret replaces the account's key or password at its network.
	SetAccountSecret(ctx context.Context, site uint32, id int64, secret meta.Secret) error
	RemoveAccount(ctx context.Context, site uint32, id int64) error
	// KnowReplaced notes that the user knows that the handle now belongs to
	// another account.
	KnowReplaced(ctx context.Context, site uint32, id int64) error
	// SetAccountCompetitor sets whether an account is a competitor's.
	SetAccountCompetitor(ctx context.Context, site uint32, id int64, competitor bool) error
	panel.Accounts
}

// StudyStore keeps the studies that a site's users imported.
type StudyStore interface {
	Studies(ctx context.Context, site uint32) ([]meta.Study, error)
	SaveStudies(ctx context.Context, site uint32, studies []meta.Study) error
	RemoveStudy(ctx context.Context, site uint32, id int64) error
}

// Network is a network whose follower counts can be read; the form for its
// accounts is made of this.
type Network struct {
	Key       string    // as stored: "mastodon"
	Name      string    // as its users write it: "Mastodon"
	Example   string    // a handle: "@alice@example.social"
	Handle    text.Text // what to enter, where the example doesn't say it all
	TakesKey  bool      // its API needs a secret, at least for some accounts
	NeedsKey  bool      // … for all accounts
	KeyName   text.Text // what the network calls the secret
	KeyHelp   text.Text // where to get it
	TakesURL  bool      // accounts may be on a server of the user's choice
	RoundedBy text.Text // how it rounds its counts; "" = they are exact
}

// AccountProber reads an account's followers once, now; the account need not
// be stored. A *meta.InvalidError is something to correct; another error's text
// is a key under "problem." in the strings file, or is shown as it is.
type AccountProber interface {
	Probe(ctx context.Context, a meta.Account) (ProbeResult, error)
}

// ProbeResult is what an account's network said.
type ProbeResult struct {
	Followers uint64
	Rounded   bool
	Secret    meta.Secret // to keep in place of the account's; "" = that stays. It may come beside an error
}

// HistoryImporter imports and exports CSV files of readings; see imports.Importer.
// An error of Preview means that nothing could be read. kind is meta.Import's.
type HistoryImporter interface {
	Preview(ctx context.Context, site meta.Site, f imports.File) (*imports.Preview, error)
	// Again reads a file again that Preview kept because it had questions about
	// it; meta.ErrNotFound if the file is no longer kept.
	Again(ctx context.Context, site meta.Site, file int64, f imports.File) (*imports.Preview, error)
	Apply(ctx context.Context, site meta.Site, id int64) (readings int, err error)
	Undo(ctx context.Context, site meta.Site, id int64) error
	Imports(ctx context.Context, site meta.Site) ([]meta.Import, error)
	Export(ctx context.Context, site meta.Site, kind string, csv io.Writer) error
}

// SiteEraser deletes the statistics of a removed site.
type SiteEraser interface {
	RemoveSite(ctx context.Context, site uint32) error
}

// States of a Part.
const (
	PartOK       = "ok"
	PartStarting = "starting"
	PartBusy     = "busy"    // works, but is behind
	PartFailing  = "failing" // doesn't work now
)

// Part is a part of the program: "engine" (ClickHouse), "spool", "writer",
// "poller" or "store" (settings).
type Part struct {
	Name    string
	State   string // one of the Part constants
	Waiting int64  // events waiting for it; -1 = it has no queue
	Detail  string // the cause, for the operator; "" = none
	Since   time.Time
	// LastEvent is the time of the newest event in the statistics; zero if there
	// is none, or the part doesn't know.
	LastEvent time.Time
}

// Checker looks at a page of a site as a browser would: internal/install's.
type Checker interface {
	Check(ctx context.Context, site meta.Site, page string) []install.Finding
}

// HealthReporter knows how the program's parts are.
type HealthReporter interface {
	Health(ctx context.Context) []Part
}
