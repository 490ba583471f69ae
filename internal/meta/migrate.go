package meta

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SchemaVersion is the schema that this program writes: the number of its
// last migration.
func SchemaVersion() int {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0
	}
	v, _, _ := parseName(names[len(names)-1])
	return v
}

// SchemaVersion is the schema that the file has.
func (s *Store) SchemaVersion(ctx context.Context) (int, error) {
	var v int
	err := s.db.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM schema_migrations").Scan(&v)
	return v, err
}

// migrate applies what is missing, in one transaction each, which also keeps
// two processes that start together from doing it twice.
func (s *Store) migrate(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
		version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied INTEGER NOT NULL) STRICT`)
	if err != nil {
		return fmt.Errorf("create schema_migrations: %w", err)
	}
	if have, err := s.SchemaVersion(ctx); err != nil {
		return err
	} else if have > SchemaVersion() {
		return fmt.Errorf("its schema is version %d, this program knows %d: use the newer program", have, SchemaVersion())
	}
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted, and numbers have four digits
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.inTx(ctx, func(tx *sql.Tx) error { return s.apply(ctx, tx, name) }); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

func (s *Store) apply(ctx context.Context, tx *sql.Tx, file string) error {
	version, name, err := parseName(file)
	if err != nil {
		return err
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(text)
	sum := hex.EncodeToString(digest[:])
	var old string
	switch err := tx.QueryRowContext(ctx, "SELECT checksum FROM schema_migrations WHERE version = ?", version).Scan(&old); {
	case err == nil && old == sum:
		return nil
	case err == nil:
		return fmt.Errorf("was applied with another text")
	case err != sql.ErrNoRows:
		return err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO schema_migrations VALUES (?, ?, ?, ?)", version, name, sum, s.now().UnixMilli())
	return err
}

// parseName takes "migrations/0001_start.sql" apart.
func parseName(file string) (version int, name string, err error) {
	name = strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".sql")
	digits, _, _ := strings.Cut(name, "_")
	version, err = strconv.Atoi(digits)
	return version, name, err
}
