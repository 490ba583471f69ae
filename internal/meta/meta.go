// Package meta keeps what an owner sets up: sites, users, tokens, accounts
// to poll, and the small secrets behind them (salts, sessions). It is one
// SQLite file in the data folder, open in several processes at once: a
// running server and the commands beside it.
//
// Rules for every method: it is safe for concurrent use, a missing row is
// ErrNotFound, input that the owner can mend is an *InvalidError, and a
// secret (password, token, session) is stored as a hash or encrypted.
package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // driver "sqlite"
)

// FileName is the store's file in a data folder.
const FileName = "earshot.db"

// ErrNotFound says that there is no such site, user, token or account.
var ErrNotFound = errors.New("not found")

// ErrExpired says that a token was good once.
var ErrExpired = errors.New("the token has expired")

// InvalidError is input that its author can mend. Field and Reason are stable
// keys that a page may translate; Error is an English sentence.
type InvalidError struct {
	Field   string // "domain", "email", "password", "timezone", …
	Reason  string // one of the Reason constants
	Message string
}

// Reasons of an InvalidError.
const (
	ReasonEmpty   = "empty"
	ReasonFormat  = "format"
	ReasonShort   = "short"
	ReasonLong    = "long"
	ReasonTaken   = "taken"
	ReasonUnknown = "unknown"
	ReasonCommon  = "common"
	ReasonPast    = "past"
)

func (e *InvalidError) Error() string { return e.Message }

func invalid(field, reason, format string, args ...any) error {
	return &InvalidError{Field: field, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Store is the open file.
type Store struct {
	db     *sql.DB
	path   string
	now    func() time.Time
	key    keyFile
	hashes chan struct{} // a place for each password hash under way
}

// Open opens the store at path, creates it where there is none (the folder
// too, both readable by their owner only) and migrates it. It refuses, with
// migration.ErrSchema, a file that a newer program has written, and one of
// before the first release.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create data folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite would make it world-readable
	if err != nil {
		return nil, fmt.Errorf("open meta store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open meta store: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open meta store: %w", err)
	}
	db.SetMaxOpenConns(4)
	s := &Store{
		db:     db,
		path:   path,
		now:    time.Now,
		key:    keyFile{path: filepath.Join(filepath.Dir(path), KeyFileName)},
		hashes: make(chan struct{}, maxHashes),
	}
	if err := s.migrate(context.Background(), migrationFiles); err != nil {
		db.Close()
		return nil, fmt.Errorf("open meta store %s: %w", path, err)
	}
	return s, nil
}

// dsn has a deleted row overwritten (old salts must be gone), every commit on
// disk, and every transaction take its write lock first, so that none fails
// half-way because another process writes.
func dsn(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.db.Close() }

// Ping says whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// Backup writes a copy of the store to path, which must not exist. The copy
// leaves out what must not outlive its time: salts, sessions and set-up links.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("copy meta store: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("copy meta store: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=journal_mode(DELETE)&_pragma=secure_delete(1)")
	if err != nil {
		return fmt.Errorf("clean copy of meta store: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "DELETE FROM salts; DELETE FROM sessions; DELETE FROM setup_tokens; VACUUM"); err != nil {
		return fmt.Errorf("clean copy of meta store: %w", err)
	}
	return nil
}

// inTx runs f in a write transaction, committed when f returns nil.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// one turns "no row" and "no row changed" into ErrNotFound.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrNotFound
}

// collect reads all rows by scan.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

type scanner interface{ Scan(dest ...any) error }

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
