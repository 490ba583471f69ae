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
// meta.ErrNotFound, *meta.InvalidError for input to mend, and the rest.
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
	// SetAccountSecret replaces what the network asks for.
	SetAccountSecret(ctx context.Context, site uint32, id int64, secret meta.Secret) error
	RemoveAccount(ctx context.Context, site uint32, id int64) error
	// KnowReplaced notes that an account's owner knows that its handle is
	// another's now.
	KnowReplaced(ctx context.Context, site uint32, id int64) error
	// SetAccountCompetitor says whose an account is.
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
	TakesKey  bool      // its API asks for a secret, of some accounts at least
	NeedsKey  bool      // … of all
	KeyName   text.Text // what the network calls it
	KeyHelp   text.Text // where to get it
	TakesURL  bool      // its API may stand at an address of one's own
	RoundedBy text.Text // how it rounds its counts; "" = they are exact
}

// AccountProber reads an account's followers once, now; the account need not
// be stored. An *meta.InvalidError is something to mend; another error's text
// is a key under "problem." in the strings file, or else shown as it is.
type AccountProber interface {
	Probe(ctx context.Context, a meta.Account) (ProbeResult, error)
}

// ProbeResult is what an account's network said.
type ProbeResult struct {
	Followers uint64
	Rounded   bool
	Secret    meta.Secret // to keep in place of the account's; "" = that stays. It may come beside an error
}

// HistoryImporter takes in CSV files of readings and gives them out; see
// imports.Importer. Preview's error means that nothing was read at all. kind is
// as meta.Import has it.
type HistoryImporter interface {
	Preview(ctx context.Context, site meta.Site, f imports.File) (*imports.Preview, error)
	// Again reads a file anew that Preview kept as it left something open; meta.ErrNotFound
	// once it is gone.
	Again(ctx context.Context, site meta.Site, file int64, f imports.File) (*imports.Preview, error)
	Apply(ctx context.Context, site meta.Site, id int64) (readings int, err error)
	Undo(ctx context.Context, site meta.Site, id int64) error
	Imports(ctx context.Context, site meta.Site) ([]meta.Import, error)
	Export(ctx context.Context, site meta.Site, kind string, csv io.Writer) error
}

// SiteEraser takes the statistics of a removed site away.
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
	Waiting int64  // events that stand before it; -1 = not a question here
	Detail  string // the cause, for the operator; "" = none
	Since   time.Time
	// LastEvent is when the newest event in the statistics came; zero where
	// there is none, or the part knows of none.
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
