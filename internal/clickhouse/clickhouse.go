// Package clickhouse stores the facts in ClickHouse and answers queries on
// them: over the engine that internal/clickhouse/embedded runs, or over a
// server of the user's. cmd/earshot imports it, beside tests and the programs
// that measure and break things; everybody else declares the few methods that
// they need.
//
// It must never put a value into SQL text (values are bound), and never report
// an insert as done that ClickHouse has not acknowledged.
package clickhouse

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"regexp"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/turn"
)

const (
	// DefaultDatabase is used where neither the options nor the DSN name one.
	DefaultDatabase = "earshot"

	defaultMaxConns = 20 // the questions of DefaultTurns, the writer's inserts, and some air
	dialTimeout     = 5 * time.Second
)

// DefaultTurns bound the questions that run at once and that wait. A page of a
// dashboard asks some fifteen.
func DefaultTurns() turn.Limits {
	return turn.Limits{
		turn.Program:  {Places: 4, Queue: 100, Line: 100},
		turn.User:     {Places: 5, Each: 4, Queue: 500, Line: 100},
		turn.Token:    {Places: 3, Each: 2, Queue: 100, Line: 20},
		turn.Stranger: {Places: 3, Each: 2, Queue: 500, Line: 100},
	}
}

// Options say which database to use.
type Options struct {
	// DSN is clickhouse://user:password@host:port/database?…, as in
	// clickhouse-go.
	DSN string
	// Dial, where set, makes the connections instead of the DSN's address:
	// embedded.Engine.Dial follows the engine when it moves.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
	// Database overrides the DSN's.
	Database string
	// MaxConns bounds the connections; 0 means 20.
	MaxConns int
	// Turns are those of Selects; nil means DefaultTurns.
	Turns *turn.Turns
}

// DB is one database on one server. Its methods may be called from several
// goroutines.
type DB struct {
	conn     driver.Conn
	opts     *driver.Options
	database string
	turns    *turn.Turns // of Selects
}

// An identifier of this form needs no quoting anywhere.
var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

// Open connects to the server. The database needn't exist yet: Migrate makes
// it. The error is ErrUnavailable when nobody answers.
func Open(ctx context.Context, o Options) (*DB, error) {
	opts, err := driver.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("read the ClickHouse DSN: %w", err)
	}
	if o.Database != "" {
		opts.Auth.Database = o.Database
	}
	if opts.Auth.Database == "" {
		opts.Auth.Database = DefaultDatabase
	}
	if !databaseName.MatchString(opts.Auth.Database) {
		return nil, fmt.Errorf("database name %q: letters, digits and underscores only", opts.Auth.Database)
	}
	opts.MaxOpenConns = cmp.Or(o.MaxConns, defaultMaxConns)
	opts.MaxIdleConns = opts.MaxOpenConns
	opts.ConnMaxLifetime = 10 * time.Minute
	opts.DialTimeout = dialTimeout
	if o.Dial != nil {
		opts.DialContext = o.Dial
	}
	db := &DB{
		opts:     opts,
		database: opts.Auth.Database,
		turns:    o.Turns,
	}
	if db.turns == nil {
		db.turns = turn.New("queries", DefaultTurns(), nil)
	}
	if err := db.server(ctx, func(c driver.Conn) error { return c.Ping(ctx) }); err != nil {
		return nil, wrap(ctx, "connect to ClickHouse", err)
	}
	if db.conn, err = driver.Open(opts); err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return db, nil
}

// server runs do on a connection that is not in the database, which may not
// exist yet, or not any more.
func (db *DB) server(ctx context.Context, do func(driver.Conn) error) error {
	opts := *db.opts
	opts.Auth.Database = ""
	opts.MaxOpenConns, opts.MaxIdleConns = 1, 1
	c, err := driver.Open(&opts)
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}

// Database is the database's name.
func (db *DB) Database() string { return db.database }

// Close ends the connections. Do it before the embedded engine is stopped.
func (db *DB) Close() error {
	if err := db.conn.Close(); err != nil {
		return fmt.Errorf("close ClickHouse: %w", err)
	}
	return nil
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return wrap(ctx, "ping ClickHouse", db.conn.Ping(ctx))
}

// ServerVersion is ClickHouse's, as in "26.7.2.1".
func (db *DB) ServerVersion(ctx context.Context) (string, error) {
	var v string
	err := db.server(ctx, func(c driver.Conn) error { return c.QueryRow(ctx, "SELECT version()").Scan(&v) })
	return v, wrap(ctx, "ask for ClickHouse's version", err)
}

// Exec runs one statement of the program's own that has no rows to give.
func (db *DB) Exec(ctx context.Context, sql string, args ...rows.Arg) error {
	return wrap(ctx, "run a statement", db.conn.Exec(ctx, sql, bound(args)...))
}

// DropDatabase removes the database and everything in it.
func (db *DB) DropDatabase(ctx context.Context) error {
	return wrap(ctx, "drop the database", db.server(ctx, func(c driver.Conn) error {
		return c.Exec(ctx, "DROP DATABASE IF EXISTS "+db.database+" SYNC")
	}))
}
