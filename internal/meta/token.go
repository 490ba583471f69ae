package meta

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Kinds of Token.
const (
	TokenStats  = "stats"  // reads statistics
	TokenIngest = "ingest" // sends events on behalf of others
)

// Token is a program's key. The text itself is shown once, by AddToken.
type Token struct {
	ID       int64
	SiteID   uint32 // 0 = all sites
	Kind     string // TokenStats or TokenIngest
	Name     string // what it is for, as its owner says
	Prefix   string // its first characters, to tell it from others
	Created  time.Time
	LastUsed time.Time // to the minute
	Expires  time.Time // from when on it opens nothing; zero = never
}

const (
	tokenStart  = "earshot_"
	tokenLetter = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

const tokenColumns = "id, coalesce(site_id, 0), kind, name, prefix, created, last_used, expires"

func scanToken(row scanner) (Token, error) {
	var t Token
	var created, used, expires int64
	err := row.Scan(&t.ID, &t.SiteID, &t.Kind, &t.Name, &t.Prefix, &created, &used, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	t.Created, t.LastUsed, t.Expires = fromMillis(created), fromMillis(used), fromMillis(expires)
	return t, err
}

// AddToken makes a token from SiteID, Kind, Name and Expires and gives its
// text, which can't be had again.
func (s *Store) AddToken(ctx context.Context, t Token) (Token, string, error) {
	if t.Kind == "" {
		t.Kind = TokenStats
	}
	if t.Kind != TokenStats && t.Kind != TokenIngest {
		return Token{}, "", invalid("kind", ReasonUnknown, "the kind %q is not there: stats and ingest are", t.Kind)
	}
	if t.Name = cleanText(t.Name); utf8.RuneCountInString(t.Name) > 100 {
		return Token{}, "", invalid("name", ReasonLong, "the name is longer than 100 characters")
	}
	if !t.Expires.IsZero() && !t.Expires.After(s.now()) {
		return Token{}, "", invalid("expires", ReasonPast, "the token would have expired already: give a day to come")
	}
	plain := tokenStart + randomText(40)
	t.Prefix = plain[:len(tokenStart)+4]
	t.Created, t.LastUsed = s.now().UTC().Truncate(time.Millisecond), time.Time{}
	site := sql.NullInt64{Int64: int64(t.SiteID), Valid: t.SiteID != 0}
	err := s.db.QueryRowContext(ctx, `INSERT INTO tokens (site_id, kind, name, prefix, hash, created, expires)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM sites WHERE id = ?1) RETURNING id`,
		site, t.Kind, t.Name, t.Prefix, hashOf(plain), toMillis(t.Created), toMillis(t.Expires)).Scan(&t.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, "", ErrNotFound
	}
	if err != nil {
		return Token{}, "", fmt.Errorf("add token: %w", err)
	}
	return t, plain, nil
}

// TokenEnd is when a token expires whose last day is given: 2027-01-31.
func TokenEnd(lastDay string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, lastDay, zone)
	if err != nil {
		return time.Time{}, invalid("expires", ReasonFormat, "%q is not a day such as 2027-01-31", lastDay)
	}
	return day.AddDate(0, 0, 1), nil
}

// Tokens are a site's own tokens and those for all sites, oldest first;
// site 0 lists every token.
func (s *Store) Tokens(ctx context.Context, site uint32) ([]Token, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+tokenColumns+" FROM tokens WHERE ?1 = 0 OR site_id = ?1 OR site_id IS NULL ORDER BY id", site)
	tokens, err := collect(rows, err, scanToken)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return tokens, nil
}

// TokenByPlain finds a token by its text and notes that it was used. Of one
// that is over it gives ErrExpired beside the token.
func (s *Store) TokenByPlain(ctx context.Context, plain string) (Token, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, "SELECT "+tokenColumns+" FROM tokens WHERE hash = ?", hashOf(plain)))
	if err != nil {
		return Token{}, err
	}
	now := s.now().UTC()
	if !t.Expires.IsZero() && !now.Before(t.Expires) {
		return t, ErrExpired
	}
	if now.Sub(t.LastUsed) >= time.Minute { // one write a minute, however busy
		t.LastUsed = now.Truncate(time.Minute)
		if _, err := s.db.ExecContext(ctx, "UPDATE tokens SET last_used = ? WHERE id = ?", toMillis(t.LastUsed), t.ID); err != nil {
			return Token{}, fmt.Errorf("note use of token: %w", err)
		}
	}
	return t, nil
}

// RemoveToken ends a token. A site other than 0 keeps a page of that site
// from ending another's.
func (s *Store) RemoveToken(ctx context.Context, site uint32, id int64) error {
	return one(s.db.ExecContext(ctx, "DELETE FROM tokens WHERE id = ?1 AND (?2 = 0 OR site_id = ?2 OR site_id IS NULL)", id, site))
}

// setupLife is how long a set-up link holds.
const setupLife = 24 * time.Hour

// SetupToken makes a one-time token for the set-up page, good for a day, as
// long as there is no user; then it is ErrHasOwner. It ends those made before:
// of several starts, the last one's link holds.
func (s *Store) SetupToken(ctx context.Context) (string, error) {
	if n, err := s.CountUsers(ctx); err != nil {
		return "", err
	} else if n > 0 {
		return "", ErrHasOwner
	}
	plain := randomText(32)
	now := s.now()
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM setup_tokens"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO setup_tokens VALUES (?, ?)", hashOf(plain), now.Add(setupLife).UnixMilli())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make set-up link: %w", err)
	}
	return plain, nil
}

// SetupTokenValid says whether a set-up link still holds, without using it:
// for showing the form. AddOwner ends it.
func (s *Store) SetupTokenValid(ctx context.Context, plain string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM setup_tokens WHERE hash = ? AND expires > ?
		AND NOT EXISTS (SELECT 1 FROM users)`, hashOf(plain), s.now().UnixMilli()).Scan(&n)
	return n > 0, err
}

// hashOf is enough for random texts of 190 bits: nobody guesses them.
func hashOf(plain string) []byte {
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// randomText is n letters and digits, each with log2(62) bits.
func randomText(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, n)
	for len(out) < n {
		rand.Read(buf)
		for _, b := range buf {
			if b < 4*62 && len(out) < n { // above, the first letters would be likelier
				out = append(out, tokenLetter[b%62])
			}
		}
	}
	return string(out)
}
