package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Sessions is the store of web sessions in the form that scs asks for
// (scs.CtxStore). Session tokens are stored as hashes: a copy of the file
// signs nobody in.
type Sessions struct{ s *Store }

// Sessions gives the store of web sessions.
func (s *Store) Sessions() Sessions { return Sessions{s} }

// FindCtx gives a session's data while it lasts.
func (v Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := v.s.db.QueryRowContext(ctx, "SELECT data FROM sessions WHERE hash = ? AND expires > ?", hashOf(token), v.s.now().UnixMilli()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx stores a session's data until expiry, and clears ended sessions.
func (v Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return v.s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE expires <= ?", v.s.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", hashOf(token), data, expiry.UnixMilli())
		return err
	})
}

// DeleteCtx ends a session.
func (v Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := v.s.db.ExecContext(ctx, "DELETE FROM sessions WHERE hash = ?", hashOf(token))
	return err
}

// Find is FindCtx, for scs.Store.
func (v Sessions) Find(token string) ([]byte, bool, error) {
	return v.FindCtx(context.Background(), token)
}

// Commit is CommitCtx, for scs.Store.
func (v Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return v.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx, for scs.Store.
func (v Sessions) Delete(token string) error { return v.DeleteCtx(context.Background(), token) }
