package clickhouse

import (
	"context"
	"io/fs"
)

// MigrateFrom is Migrate with other files than the program's.
func (db *DB) MigrateFrom(ctx context.Context, files fs.FS) error {
	ms, err := migrations(files, ".")
	if err != nil {
		return err
	}
	return db.migrate(ctx, ms)
}

// MigrationFiles are the program's own.
func MigrationFiles() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err)
	}
	return sub
}
