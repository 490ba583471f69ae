package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Account is a profile on a network whose followers are read for a site.
type Account struct {
	ID      int64
	Site    uint32
	Network string // network key: mastodon, bluesky, …
	Handle  string // as its network writes it: @alice@example.social
	BaseURL string // where its API answers; "" = the network's usual place
	Secret  Secret // what its API asks for; encrypted at rest
	Enabled bool
	Created time.Time
	// Competitor says that the account is somebody else's: it is read in the
	// same way, and is in no figure of the site's own following.
	Competitor bool

	AccountState
}

// AccountState is what the poller knows of an account.
type AccountState struct {
	LastReadingAt time.Time
	LastFollowers *uint64 // nil = never read, or its following has ended
	LastRounded   bool    // the network rounded LastFollowers
	LastError     string  // "" = the last try went well
	LastErrorAt   time.Time
	NextPoll      time.Time // zero = now
	Failures      int       // in a row

	PostsAt    time.Time // when its posts were last read; zero = never
	PostsError string    // why they could not be read since; "" = they were

	PermanentID string    // the network's own ID of the account that the handle stands for; "" = not known
	ReplacedAt  time.Time // when the handle was found to belong to another account; zero = it was not, or the owner has been told
	MovedTo     string    // the account that it says it moved to; "" = it did not

	RenewAt time.Time // when its secret is to be renewed; zero = now, where it can be
}

const accountColumns = "id, site_id, network, handle, base_url, secret, enabled, created, last_reading_at, last_followers, last_error, last_error_at, next_poll, failures, last_rounded, posts_at, posts_error, renew_at, permanent_id, replaced_at, moved_to, " +
	"EXISTS (SELECT 1 FROM competitors c WHERE c.site_id = accounts.site_id AND c.network = accounts.network AND c.handle = accounts.handle)"

func (s *Store) scanAccount(row scanner) (Account, error) {
	var a Account
	var sealed []byte
	var created, reading, errorAt, next, posts, renew, replaced int64
	var followers sql.NullInt64
	err := row.Scan(&a.ID, &a.Site, &a.Network, &a.Handle, &a.BaseURL, &sealed, &a.Enabled, &created, &reading, &followers, &a.LastError, &errorAt, &next, &a.Failures, &a.LastRounded, &posts, &a.PostsError, &renew, &a.PermanentID, &replaced, &a.MovedTo, &a.Competitor)
	if errors.Is(err, sql.ErrNoRows) {
		return a, ErrNotFound
	}
	if err != nil {
		return a, err
	}
	a.Created, a.LastReadingAt, a.LastErrorAt, a.NextPoll = fromMillis(created), fromMillis(reading), fromMillis(errorAt), fromMillis(next)
	a.PostsAt, a.RenewAt, a.ReplacedAt = fromMillis(posts), fromMillis(renew), fromMillis(replaced)
	if followers.Valid {
		n := uint64(followers.Int64)
		a.LastFollowers = &n
	}
	// A secret that doesn't open (the key file is gone) must not hide the
	// account: its poll fails and says so.
	if a.Secret, err = s.key.open(sealed, a.sealContext()); err != nil && a.LastError == "" {
		a.LastError = err.Error()
	}
	return a, nil
}

// AddAccount adds an account from Site, Network, Handle, BaseURL, Secret and
// Competitor, enabled and due at once.
func (s *Store) AddAccount(ctx context.Context, a Account) (Account, error) {
	if err := a.check(); err != nil {
		return Account{}, err
	}
	sealed, err := s.key.seal(a.Secret, a.sealContext())
	if err != nil {
		return Account{}, fmt.Errorf("add account: %w", err)
	}
	a.Enabled, a.AccountState = true, AccountState{}
	a.Created = s.now().UTC().Truncate(time.Millisecond)
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sites WHERE id = ?", a.Site).Scan(&n); err != nil {
			return err
		} else if n == 0 {
			return ErrNotFound
		}
		err := tx.QueryRowContext(ctx, `INSERT INTO accounts (site_id, network, handle, base_url, secret, enabled, created)
			VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING RETURNING id`,
			a.Site, a.Network, a.Handle, a.BaseURL, sealed, toMillis(a.Created)).Scan(&a.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return invalid("handle", ReasonTaken, "%s is there already", a.Handle)
		} else if err != nil {
			return err
		}
		return markCompetitor(ctx, tx, a, a.Competitor)
	})
	return a, wrapOurs("add account", err)
}

// Accounts are a site's accounts, by network and handle.
func (s *Store) Accounts(ctx context.Context, site uint32) ([]Account, error) {
	return s.accounts(ctx, "WHERE site_id = ?", site)
}

// AllAccounts are the accounts of all sites.
func (s *Store) AllAccounts(ctx context.Context) ([]Account, error) {
	return s.accounts(ctx, "")
}

func (s *Store) accounts(ctx context.Context, where string, args ...any) ([]Account, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+accountColumns+" FROM accounts "+where+" ORDER BY site_id, network, handle", args...)
	list, err := collect(rows, err, s.scanAccount)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return list, nil
}

// AccountByID finds an account.
func (s *Store) AccountByID(ctx context.Context, id int64) (Account, error) {
	return s.scanAccount(s.db.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = ?", id))
}

// SaveAccountState stores what the poller learned; what the owner set stays.
func (s *Store) SaveAccountState(ctx context.Context, id int64, st AccountState) error {
	var followers sql.NullInt64
	if st.LastFollowers != nil {
		followers = sql.NullInt64{Int64: int64(*st.LastFollowers), Valid: true}
	}
	return wrapOurs("save account state", one(s.db.ExecContext(ctx, `UPDATE accounts SET last_reading_at = ?, last_followers = ?,
		last_error = ?, last_error_at = ?, next_poll = ?, failures = ?, last_rounded = ?, posts_at = ?, posts_error = ?, renew_at = ?,
		permanent_id = ?, replaced_at = ?, moved_to = ? WHERE id = ?`,
		toMillis(st.LastReadingAt), followers, st.LastError, toMillis(st.LastErrorAt), toMillis(st.NextPoll), st.Failures, st.LastRounded,
		toMillis(st.PostsAt), st.PostsError, toMillis(st.RenewAt), st.PermanentID, toMillis(st.ReplacedAt), st.MovedTo, id)))
}

// ClaimPoll moves an account's next poll from due to until and reports whether
// it was still due then: only one of several pollers gets it.
func (s *Store) ClaimPoll(ctx context.Context, id int64, due, until time.Time) (bool, error) {
	res, err := s.db.ExecContext(ctx, "UPDATE accounts SET next_poll = ? WHERE id = ? AND next_poll = ? AND enabled = 1",
		toMillis(until), id, toMillis(due))
	if err != nil {
		return false, fmt.Errorf("claim a poll: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// SetAccountEnabled starts or stops an account's polls; started, it is due at once.
func (s *Store) SetAccountEnabled(ctx context.Context, site uint32, id int64, enabled bool) error {
	return wrapOurs("update account", one(s.db.ExecContext(ctx, `UPDATE accounts SET enabled = ?, next_poll = 0, failures = 0
		WHERE id = ? AND site_id = ?`, enabled, id, site)))
}

// KnowReplaced notes that the owner has been told that an account's handle now
// belongs to another account.
func (s *Store) KnowReplaced(ctx context.Context, site uint32, id int64) error {
	return wrapOurs("update account", one(s.db.ExecContext(ctx, "UPDATE accounts SET replaced_at = 0 WHERE id = ? AND site_id = ?", id, site)))
}

// SetAccountSecret puts a secret in the place of the old one; the account is
// due at once.
func (s *Store) SetAccountSecret(ctx context.Context, site uint32, id int64, secret Secret) error {
	a, err := s.AccountByID(ctx, id)
	if err != nil {
		return wrapOurs("update account", err)
	}
	if a.Site != site {
		return ErrNotFound
	}
	sealed, err := s.key.seal(secret, a.sealContext())
	if err != nil {
		return fmt.Errorf("update account: %w", err)
	}
	return wrapOurs("update account", one(s.db.ExecContext(ctx, `UPDATE accounts SET secret = ?, next_poll = 0, failures = 0
		WHERE id = ? AND site_id = ?`, sealed, id, site)))
}

// AccountName names an account as its readings do.
type AccountName struct{ Network, Handle string }

func scanAccountName(row scanner) (a AccountName, err error) {
	return a, row.Scan(&a.Network, &a.Handle)
}

// Competitors are the accounts of a site that are somebody else's, including
// those removed since, as their readings stay.
func (s *Store) Competitors(ctx context.Context, site uint32) ([]AccountName, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT network, handle FROM competitors WHERE site_id = ? ORDER BY network, handle", site)
	list, err := collect(rows, err, scanAccountName)
	return list, wrapOurs("list competitors", err)
}

// AccountNames are the accounts of a site by name alone: no secret is
// decrypted.
type AccountNames struct {
	Followed []AccountName // those whose followers are read
	Others   []AccountName // as Competitors has them
}

// AccountNames names a site's accounts.
func (s *Store) AccountNames(ctx context.Context, site uint32) (names AccountNames, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT network, handle FROM accounts WHERE site_id = ? ORDER BY network, handle", site)
	names.Followed, err = collect(rows, err, scanAccountName)
	if err != nil {
		return names, fmt.Errorf("name accounts: %w", err)
	}
	names.Others, err = s.Competitors(ctx, site)
	return names, err
}

// AccountsVersion is a number that changes whenever what AccountNames says of a
// site does, whichever process changed it.
func (s *Store) AccountsVersion(ctx context.Context, site uint32) (version int64, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT version FROM accounts_versions WHERE site_id = ?", site).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, wrapOurs("read the version of accounts", err)
}

// SetAccountCompetitor says whose an account is, from its first reading on.
func (s *Store) SetAccountCompetitor(ctx context.Context, site uint32, id int64, competitor bool) error {
	a, err := s.AccountByID(ctx, id)
	if err != nil {
		return wrapOurs("update account", err)
	}
	if a.Site != site {
		return ErrNotFound
	}
	return wrapOurs("update account", s.inTx(ctx, func(tx *sql.Tx) error { return markCompetitor(ctx, tx, a, competitor) }))
}

// MarkCompetitor says that readings of an account are somebody else's; the
// account itself need not be there.
func (s *Store) MarkCompetitor(ctx context.Context, site uint32, a AccountName) error {
	return wrapOurs("mark a competitor", s.inTx(ctx, func(tx *sql.Tx) error {
		return markCompetitor(ctx, tx, Account{Site: site, Network: a.Network, Handle: a.Handle}, true)
	}))
}

func markCompetitor(ctx context.Context, tx *sql.Tx, a Account, competitor bool) error {
	change := "DELETE FROM competitors WHERE site_id = ? AND network = ? AND handle = ?"
	if competitor {
		change = "INSERT INTO competitors (site_id, network, handle) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
	}
	_, err := tx.ExecContext(ctx, change, a.Site, a.Network, a.Handle)
	return err
}

// RemoveAccount removes an account of site; its readings stay, and so does
// what they are: one's own or a competitor's.
func (s *Store) RemoveAccount(ctx context.Context, site uint32, id int64) error {
	return wrapOurs("remove account", one(s.db.ExecContext(ctx, "DELETE FROM accounts WHERE id = ? AND site_id = ?", id, site)))
}

func (a *Account) sealContext() string {
	return fmt.Sprintf("account\x00%d\x00%s\x00%s", a.Site, a.Network, a.Handle)
}

// check normalises the account's fields in place. What a handle looks like is
// up to its network.
func (a *Account) check() error {
	if a.Network = strings.ToLower(strings.TrimSpace(a.Network)); a.Network == "" {
		return invalid("network", ReasonEmpty, "the network is empty")
	}
	if a.Handle = cleanText(a.Handle); a.Handle == "" {
		return invalid("handle", ReasonEmpty, "the handle is empty")
	}
	if len(a.Handle) > 500 {
		return invalid("handle", ReasonLong, "the handle is longer than 500 bytes")
	}
	if a.BaseURL = strings.TrimRight(strings.TrimSpace(a.BaseURL), "/"); a.BaseURL != "" {
		u, err := url.Parse(a.BaseURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return invalid("base_url", ReasonFormat, "%q is not an address such as https://example.social", a.BaseURL)
		}
	}
	return nil
}
