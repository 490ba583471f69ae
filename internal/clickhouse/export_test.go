package clickhouse

import (
	"context"
	"io/fs"

	"github.com/earshot-analytics/earshot/internal/migration"
)

// MigrateFrom is Migrate with other files than the program's.
func (db *DB) MigrateFrom(ctx context.Context, files fs.FS) error {
	ms, err := migration.Read(files, ".")
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

// Statements are those of a file for one server.
func Statements(text string) ([]string, error) { return statements(text, nil) }

// ClusterStatements are those of a file for each host of a cluster.
func ClusterStatements(text, name, database, questions string) ([]string, error) {
	return statements(text, &cluster{name: name, database: database, questions: questions})
}
