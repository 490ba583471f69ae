package clickhouse

import (
	"context"
	"embed"
	"errors"
	"fmt"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/migration"
)

// The files of the schema have a table each, with the view that fills it; see
// engine.go for what they say of it.
//
// ClickHouse has no transactions and no locks. So each statement is written
// such that running it again changes nothing (IF NOT EXISTS and the like),
// which makes a crash before the record of what ran harmless, and two processes
// that start at once as well.

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationsTable records what ran on this server; a version that two
// processes recorded at once merges into one row.
const migrationsTable = `CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32,
    name String,
    checksum String,
    applied DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY version`

const codeUnknownTable, codeUnknownDatabase = 60, 81

// NewestSchema is the version of the schema that this program needs.
func NewestSchema() int {
	ms, err := migration.Read(migrationFiles, "migrations")
	if err != nil {
		return 0 // a test reads the embedded files
	}
	return migration.Newest(ms)
}

// Migrate makes the database where there is none and brings its schema up to
// this program's. It refuses, with migration.ErrSchema, a database that a newer
// program made, and one whose past is not this program's.
func (db *DB) Migrate(ctx context.Context) error {
	ms, err := migration.Read(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	return db.migrate(ctx, ms)
}

func (db *DB) migrate(ctx context.Context, ms []migration.Migration) error {
	err := db.server(ctx, func(c driver.Conn) error {
		// A user may be allowed to use a database that an administrator made,
		// and not to make one.
		var there bool
		err := c.QueryRow(ctx, "SELECT count() > 0 FROM system.databases WHERE name = $1", db.database).Scan(&there)
		if err == nil && there {
			return nil
		}
		return c.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+db.database)
	})
	if err != nil {
		return wrap(ctx, "create database "+db.database, err)
	}
	missing, err := db.missing(ctx, ms)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := db.conn.Exec(ctx, migrationsTable); err != nil {
		return wrap(ctx, "create the table of migrations", err)
	}
	ran, err := db.apply(ctx, missing)
	if recorded := db.record(ctx, ran); err == nil {
		err = recorded
	}
	return err
}

// apply runs ms, one after the other, and returns those that are there now.
func (db *DB) apply(ctx context.Context, ms []migration.Migration) ([]migration.Migration, error) {
	for i, m := range ms {
		rendered, err := statements(m.Text, nil)
		if err != nil {
			return ms[:i], fmt.Errorf("render migration %s: %w", m, err)
		}
		for _, s := range rendered {
			if err := db.conn.Exec(ctx, s); err != nil {
				return ms[:i], wrap(ctx, fmt.Sprintf("apply migration %s", m), err)
			}
		}
	}
	return ms, nil
}

// record notes that ms ran, in one insert: each would cost as much as a table.
func (db *DB) record(ctx context.Context, ms []migration.Migration) error {
	if len(ms) == 0 {
		return nil
	}
	const doing = "record migrations"
	batch, err := db.conn.PrepareBatch(ctx, "INSERT INTO schema_migrations (version, name, checksum)")
	if err != nil {
		return wrap(ctx, doing, err)
	}
	defer batch.Close()
	for _, m := range ms {
		if err := batch.Append(uint32(m.Version), m.Name, m.Checksum); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return wrap(ctx, doing, batch.Send())
}

// missing are those of ms that the database needs.
func (db *DB) missing(ctx context.Context, ms []migration.Migration) ([]migration.Migration, error) {
	done, err := db.applied(ctx)
	if err != nil {
		return nil, err
	}
	missing, err := migration.Missing(ms, done)
	if err != nil {
		return nil, fmt.Errorf("check ClickHouse's database %s: %w", db.database, err)
	}
	return missing, nil
}

// applied lists what ran on the database, oldest first; nothing where there is
// no database or no table yet.
func (db *DB) applied(ctx context.Context) ([]migration.Migration, error) {
	rows, err := db.conn.Query(ctx, "SELECT version, any(name), max(checksum) FROM schema_migrations GROUP BY version ORDER BY version")
	var exc *driver.Exception
	if errors.As(err, &exc) && (exc.Code == codeUnknownTable || exc.Code == codeUnknownDatabase) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(ctx, "read the schema's version", err)
	}
	defer rows.Close()
	var done []migration.Migration
	for rows.Next() {
		var version uint32
		var m migration.Migration
		if err := rows.Scan(&version, &m.Name, &m.Checksum); err != nil {
			return nil, wrap(ctx, "read the schema's version", err)
		}
		m.Version = int(version)
		done = append(done, m)
	}
	return done, wrap(ctx, "read the schema's version", rows.Err())
}

// SchemaVersion is the version of the database's schema, 0 where it has none.
func (db *DB) SchemaVersion(ctx context.Context) (int, error) {
	done, err := db.applied(ctx)
	if err != nil {
		return 0, err
	}
	return migration.Newest(done), nil
}

// CheckSchema is for roles that use the schema without owning it: it returns
// migration.ErrSchema, with what to do, unless the database fits this program.
func (db *DB) CheckSchema(ctx context.Context) error {
	ms, err := migration.Read(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	missing, err := db.missing(ctx, ms)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: database %s does not have its migration %s: start one `earshot serve` with the role write first, it brings the database up to date",
			migration.ErrSchema, db.database, missing[0])
	}
	return nil
}
