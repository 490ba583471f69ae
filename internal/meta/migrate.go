package meta

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/earshot-analytics/earshot/internal/migration"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// SchemaVersion is the schema that this program writes: the number of its
// last migration.
func SchemaVersion() int {
	ms, err := migration.Read(migrationFiles, "migrations")
	if err != nil {
		return 0 // tests read the embedded files
	}
	return migration.Newest(ms)
}

// SchemaVersion is the schema that the file has.
func (s *Store) SchemaVersion(ctx context.Context) (int, error) {
	done, err := applied(ctx, s.db)
	return migration.Newest(done), err
}

// migrate applies what is missing in one transaction, which also keeps two
// processes that start together from doing it twice.
func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	ms, err := migration.Read(files, "migrations")
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
			version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied INTEGER NOT NULL) STRICT`)
		if err != nil {
			return fmt.Errorf("create schema_migrations: %w", err)
		}
		done, err := applied(ctx, tx)
		if err != nil {
			return err
		}
		missing, err := migration.Missing(ms, done)
		if err != nil {
			return err
		}
		for _, m := range missing {
			if _, err := tx.ExecContext(ctx, m.Text); err != nil {
				return fmt.Errorf("apply migration %s: %w", m, err)
			}
			_, err = tx.ExecContext(ctx, "INSERT INTO schema_migrations VALUES (?, ?, ?, ?)", m.Version, m.Name, m.Checksum, s.now().UnixMilli())
			if err != nil {
				return fmt.Errorf("record migration %s: %w", m, err)
			}
		}
		return nil
	})
}

// Fits says with migration.ErrSchema that Open would refuse the store at path,
// which stays as it is.
func Fits(ctx context.Context, path string) error {
	ms, err := migration.Read(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("read meta store: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		return fmt.Errorf("read meta store: %w", err)
	}
	defer db.Close()
	done, err := applied(ctx, db)
	if err == nil {
		_, err = migration.Missing(ms, done)
	}
	if err != nil {
		return fmt.Errorf("read meta store %s: %w", path, err)
	}
	return nil
}

// applied lists what ran on the file, oldest first.
func applied(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) ([]migration.Migration, error) {
	rows, err := db.QueryContext(ctx, "SELECT version, name, checksum FROM schema_migrations ORDER BY version")
	done, err := collect(rows, err, func(row scanner) (m migration.Migration, err error) {
		err = row.Scan(&m.Version, &m.Name, &m.Checksum)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	return done, nil
}
