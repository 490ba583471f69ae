package meta

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// saltDays are the days that a salt is kept: its own, in UTC, and the next.
const saltDays = 2

// Salts are the random 16 bytes of now's UTC day and of the day before; before
// is nil where the program didn't run that day. Every process gets the same.
// Older salts are deleted here, so none lives longer than 48 hours: after
// that nobody can tell whose visitor hash was whose.
func (s *Store) Salts(ctx context.Context, now time.Time) (today, before []byte, err error) {
	day := now.UTC().Unix() / 86400
	// Nearly every call finds its salts made and the old ones gone.
	if today, before, err = readSalts(ctx, s.db, day); err != nil || today != nil {
		return today, before, err
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		salt := make([]byte, 16)
		rand.Read(salt)
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO salts VALUES (?, ?)", day, salt); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM salts WHERE day <= ?", day-saltDays); err != nil {
			return err
		}
		today, before, err = readSalts(ctx, tx, day)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("make salt: %w", err)
	}
	// The page with the old salt is still in the database's write-ahead log. A
	// reader may keep the log busy; SQLite's own checkpoints come soon.
	_, _ = s.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return today, before, nil
}

func readSalts(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, day int64) (today, before []byte, err error) {
	err = db.QueryRowContext(ctx, "SELECT (SELECT salt FROM salts WHERE day = ?1), (SELECT salt FROM salts WHERE day = ?1 - 1)", day).Scan(&today, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, nil, fmt.Errorf("read salts: %w", err)
	}
	return today, before, nil
}
