package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// User signs in. Every user is an owner: sees and changes everything.
type User struct {
	ID        int64
	Email     string // lower case
	Name      string
	Locale    string // "en", "fr", or "" = as the browser asks
	Theme     string // "light", "dark", or "" = as the system asks
	Epoch     int64  // grows with each new password and with EndSessions: a session that remembers a smaller one is over
	Created   time.Time
	LastLogin time.Time
}

// MaxEmail is how long an e-mail address may be, in bytes (RFC 5321).
const MaxEmail = 254

// ErrCredentials says that e-mail and password don't belong together; it
// doesn't say which is wrong.
var ErrCredentials = errors.New("wrong e-mail or password")

// ErrHasOwner says that set-up is over: there is a user.
var ErrHasOwner = errors.New("there is an owner already")

const userColumns = "id, email, name, locale, theme, epoch, created, last_login"

func scanUser(row scanner) (User, error) {
	var u User
	var created, login int64
	err := row.Scan(&u.ID, &u.Email, &u.Name, &u.Locale, &u.Theme, &u.Epoch, &created, &login)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	u.Created, u.LastLogin = fromMillis(created), fromMillis(login)
	return u, err
}

// CountUsers is the number of users; 0 means that set-up is still to do.
func (s *Store) CountUsers(ctx context.Context) (int, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// Users are all users, by e-mail.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+userColumns+" FROM users ORDER BY email")
	users, err := collect(rows, err, scanUser)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return users, nil
}

// UserByID finds a user.
func (s *Store) UserByID(ctx context.Context, id int64) (User, error) {
	return scanUser(s.db.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE id = ?", id))
}

// UserByEmail finds a user by any spelling of the address.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	return scanUser(s.db.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE email = ?", foldEmail(email)))
}

// AddUser adds a user of that password; ID, Epoch and times are set here. It
// is for whoever has the data folder, and ends every set-up link.
func (s *Store) AddUser(ctx context.Context, u User, password string) (User, error) {
	return s.addUser(ctx, u, password, nil)
}

// AddFirst is AddUser for the very first user: ErrHasOwner when there is one.
func (s *Store) AddFirst(ctx context.Context, u User, password string) (User, error) {
	return s.addUser(ctx, u, password, func(tx *sql.Tx) error { return noUser(ctx, tx) })
}

// AddOwner is AddFirst for somebody who comes with a set-up token, which it
// uses up: ErrNotFound when the token doesn't hold.
func (s *Store) AddOwner(ctx context.Context, token string, u User, password string) (User, error) {
	return s.addUser(ctx, u, password, func(tx *sql.Tx) error {
		if err := noUser(ctx, tx); err != nil {
			return err
		}
		return one(tx.ExecContext(ctx, "DELETE FROM setup_tokens WHERE hash = ? AND expires > ?", hashOf(token), s.now().UnixMilli()))
	})
}

func noUser(ctx context.Context, tx *sql.Tx) error {
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return ErrHasOwner
	}
	return nil
}

// addUser adds a user unless may, called in the same transaction, objects.
func (s *Store) addUser(ctx context.Context, u User, password string, may func(*sql.Tx) error) (User, error) {
	if err := u.check(); err != nil {
		return User{}, err
	}
	if err := checkPassword(password, u); err != nil {
		return User{}, err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return User{}, fmt.Errorf("add user: %w", err)
	}
	u.Epoch, u.LastLogin = 0, time.Time{}
	u.Created = s.now().UTC().Truncate(time.Millisecond)
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if may != nil {
			if err := may(tx); err != nil {
				return err
			}
		}
		err := tx.QueryRowContext(ctx, `INSERT INTO users (email, name, locale, theme, password, created) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, u.Email, u.Name, u.Locale, u.Theme, hash, toMillis(u.Created)).Scan(&u.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return emailTaken(u.Email)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM setup_tokens")
		return err
	})
	return u, wrapOurs("add user", err)
}

// UpdateUser stores Email, Name, Locale and Theme by ID.
func (s *Store) UpdateUser(ctx context.Context, u User) error {
	if err := u.check(); err != nil {
		return err
	}
	return wrapOurs("update user", s.inTx(ctx, func(tx *sql.Tx) error {
		var other int64
		err := tx.QueryRowContext(ctx, "SELECT id FROM users WHERE email = ? AND id != ?", u.Email, u.ID).Scan(&other)
		if err == nil {
			return emailTaken(u.Email)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return one(tx.ExecContext(ctx, "UPDATE users SET email = ?, name = ?, locale = ?, theme = ? WHERE id = ?", u.Email, u.Name, u.Locale, u.Theme, u.ID))
	}))
}

// SetPassword gives a user a new password and ends the sessions made under
// the old one, by Epoch.
func (s *Store) SetPassword(ctx context.Context, id int64, password string) error {
	u, err := s.UserByID(ctx, id)
	if err != nil {
		return err
	}
	if err := checkPassword(password, u); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return wrapOurs("set password", one(s.db.ExecContext(ctx, "UPDATE users SET password = ?, epoch = epoch + 1 WHERE id = ?", hash, id)))
}

// EndSessions ends a user's sessions, by Epoch.
func (s *Store) EndSessions(ctx context.Context, id int64) error {
	return wrapOurs("end sessions", one(s.db.ExecContext(ctx, "UPDATE users SET epoch = epoch + 1 WHERE id = ?", id)))
}

// RemoveUser removes a user, but never the last one: ErrHasOwner's opposite
// would open set-up to the next visitor.
func (s *Store) RemoveUser(ctx context.Context, id int64) error {
	return wrapOurs("remove user", s.inTx(ctx, func(tx *sql.Tx) error {
		var others int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM users WHERE id != ?", id).Scan(&others); err != nil {
			return err
		}
		if others == 0 {
			return invalid("email", ReasonFormat, "the last user can't be removed: add another first")
		}
		return one(tx.ExecContext(ctx, "DELETE FROM users WHERE id = ?", id))
	}))
}

// Authenticate finds the user of that e-mail and password, or ErrCredentials.
// An unknown address takes as long as a wrong password.
func (s *Store) Authenticate(ctx context.Context, email, password string) (User, error) {
	var hash string
	var id int64
	err := s.db.QueryRowContext(ctx, "SELECT id, password FROM users WHERE email = ?", foldEmail(email)).Scan(&id, &hash)
	known := err == nil
	if errors.Is(err, sql.ErrNoRows) {
		hash = dummyHash
	} else if err != nil {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	if len(password) > MaxPassword {
		password = "" // costs the same, matches nothing
	}
	match, old, err := s.matchPassword(ctx, password, hash)
	if err != nil {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	if !match || !known {
		return User{}, ErrCredentials
	}
	if old {
		if hash, err = s.hashPassword(ctx, password); err != nil {
			return User{}, fmt.Errorf("authenticate: %w", err)
		}
	}
	if _, err := s.db.ExecContext(ctx, "UPDATE users SET last_login = ?, password = ? WHERE id = ?", s.now().UnixMilli(), hash, id); err != nil {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	return s.UserByID(ctx, id)
}

// VerifyPassword says whether password is the user's, for changes that ask
// for it again.
func (s *Store) VerifyPassword(ctx context.Context, id int64, password string) (bool, error) {
	var hash string
	err := s.db.QueryRowContext(ctx, "SELECT password FROM users WHERE id = ?", id).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, ErrNotFound
	}
	if err != nil || len(password) > MaxPassword {
		return false, err
	}
	match, _, err := s.matchPassword(ctx, password, hash)
	return match, err
}

// check normalises the user's fields in place.
func (u *User) check() error {
	a, err := mail.ParseAddress(foldEmail(u.Email))
	if err != nil || a.Name != "" || a.Address != foldEmail(u.Email) || len(a.Address) > MaxEmail {
		return invalid("email", ReasonFormat, "%q is not an e-mail address", u.Email)
	}
	u.Email = a.Address
	if u.Name = cleanText(u.Name); utf8.RuneCountInString(u.Name) > 100 {
		return invalid("name", ReasonLong, "the name is longer than 100 characters")
	}
	switch u.Locale {
	case "", "en", "fr":
	default:
		return invalid("locale", ReasonUnknown, "the language %q is not there: en and fr are", u.Locale)
	}
	switch u.Theme {
	case "", "light", "dark":
	default:
		return invalid("theme", ReasonUnknown, "the theme %q is not there: light and dark are", u.Theme)
	}
	return nil
}

func foldEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func emailTaken(email string) error {
	return invalid("email", ReasonTaken, "%s is there already", email)
}

// wrapOurs says what was being done, but leaves errors that speak for
// themselves as they are.
func wrapOurs(doing string, err error) error {
	var inv *InvalidError
	if err == nil || errors.As(err, &inv) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrHasOwner) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
