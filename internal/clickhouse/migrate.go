package clickhouse

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// A schema is made by the files migrations/NNNN_name.sql, in order, one
// statement a file, numbered from 1 up; a number may be left out. A file that
// was released is never changed, none is put before it, and there is no way
// back.
//
// ClickHouse has no transactions and no locks. So each statement is written
// such that running it again changes nothing (IF NOT EXISTS and the like),
// which makes a crash between a statement and its record harmless, and two
// processes that start at once as well.

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationsTable records what ran; a version that two processes recorded at
// once merges into one row.
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

// ErrSchema says that the database's schema is not the one that this program
// needs; the text around it says what to do.
var ErrSchema = errors.New("the database's schema does not fit this program")

type migration struct {
	version  uint32
	name     string
	sql      string
	checksum string // of the statement without comments and spacing
}

var (
	migrationName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)
	sqlComment    = regexp.MustCompile(`(?m)^\s*--.*$`)
)

// migrations reads the numbered files of one folder.
func migrations(files fs.FS, dir string) ([]migration, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var ms []migration
	for _, e := range entries {
		parts := migrationName.FindStringSubmatch(e.Name())
		if parts == nil {
			return nil, fmt.Errorf("migration %s: the name is not NNNN_name.sql", e.Name())
		}
		b, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		n, err := strconv.ParseUint(parts[1], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", e.Name(), err)
		}
		statement := strings.Join(strings.Fields(sqlComment.ReplaceAllString(string(b), "")), " ")
		sum := sha256.Sum256([]byte(statement))
		ms = append(ms, migration{version: uint32(n), name: parts[2], sql: string(b), checksum: hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(ms, func(a, b migration) int { return int(a.version) - int(b.version) })
	before := uint32(0)
	for _, m := range ms {
		if m.version <= before {
			return nil, fmt.Errorf("migration %04d_%s: its number is 0000 or there twice", m.version, m.name)
		}
		before = m.version
	}
	return ms, nil
}

// NewestSchema is the version of the schema that this program needs.
func NewestSchema() uint32 {
	ms, err := migrations(migrationFiles, "migrations")
	if err != nil {
		return 0 // a test reads the embedded files
	}
	return newest(ms)
}

// Migrate makes the database where there is none and brings its schema up to
// this program's. It refuses, with ErrSchema, a database that a newer program
// made, and one whose past is not this program's.
func (db *DB) Migrate(ctx context.Context) error {
	ms, err := migrations(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	return db.migrate(ctx, ms)
}

func (db *DB) migrate(ctx context.Context, ms []migration) error {
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
	if err := db.conn.Exec(ctx, migrationsTable); err != nil {
		return wrap(ctx, "create the table of migrations", err)
	}
	done, err := db.applied(ctx)
	if err != nil {
		return err
	}
	if err := db.checkPast(ms, done); err != nil {
		return err
	}
	for _, m := range ms[len(done):] {
		if err := db.conn.Exec(ctx, m.sql); err != nil {
			return wrap(ctx, fmt.Sprintf("apply migration %04d_%s", m.version, m.name), err)
		}
		err := db.conn.Exec(ctx, "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", m.version, m.name, m.checksum)
		if err != nil {
			return wrap(ctx, fmt.Sprintf("record migration %04d_%s", m.version, m.name), err)
		}
	}
	return nil
}

// checkPast compares what ran on the database with what this program has.
func (db *DB) checkPast(ms, done []migration) error {
	for i, d := range done {
		if i >= len(ms) {
			return fmt.Errorf("%w: database %s has schema %d and this Earshot knows %d: use the newer Earshot that made it",
				ErrSchema, db.database, newest(done), newest(ms))
		}
		if m := ms[i]; d.version != m.version || d.checksum != m.checksum {
			return fmt.Errorf("%w: database %s was made by another migration %04d (%s) than this Earshot's (%s): restore a backup, or use another database",
				ErrSchema, db.database, m.version, d.name, m.name)
		}
	}
	return nil
}

// applied lists what ran on the database, oldest first; nothing where there is
// no database or no table yet.
func (db *DB) applied(ctx context.Context) ([]migration, error) {
	rows, err := db.conn.Query(ctx, "SELECT version, any(name), max(checksum) FROM schema_migrations GROUP BY version ORDER BY version")
	var exc *driver.Exception
	if errors.As(err, &exc) && (exc.Code == codeUnknownTable || exc.Code == codeUnknownDatabase) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(ctx, "read the schema's version", err)
	}
	defer rows.Close()
	var done []migration
	for rows.Next() {
		var m migration
		if err := rows.Scan(&m.version, &m.name, &m.checksum); err != nil {
			return nil, wrap(ctx, "read the schema's version", err)
		}
		done = append(done, m)
	}
	return done, wrap(ctx, "read the schema's version", rows.Err())
}

// SchemaVersion is the version of the database's schema, 0 where it has none.
func (db *DB) SchemaVersion(ctx context.Context) (uint32, error) {
	done, err := db.applied(ctx)
	if err != nil {
		return 0, err
	}
	return newest(done), nil
}

func newest(ms []migration) uint32 {
	if len(ms) == 0 {
		return 0
	}
	return ms[len(ms)-1].version
}

// CheckSchema is for roles that use the schema without owning it: it returns
// ErrSchema, with what to do, unless the database fits this program.
func (db *DB) CheckSchema(ctx context.Context) error {
	ms, err := migrations(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	done, err := db.applied(ctx)
	if err != nil {
		return err
	}
	if err := db.checkPast(ms, done); err != nil {
		return err
	}
	if len(done) < len(ms) {
		return fmt.Errorf("%w: database %s has schema %d and this Earshot needs %d: start one `earshot serve` with the role write first, it brings the database up to date",
			ErrSchema, db.database, newest(done), newest(ms))
	}
	return nil
}
