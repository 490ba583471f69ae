// Package chtest gives tests a real ClickHouse: one engine a test process,
// started by the first test that wants it, and one fresh database a test with
// Earshot's schema in it. Only tests import it.
//
//	func TestMain(m *testing.M) { chtest.Main(m) }
//
//	func TestVisits(t *testing.T) {
//		db := chtest.New(t)
//		err := db.Insert(t.Context(), "token", event.Events.Of(rows))
//		…
//	}
//
// TestMain is needed because the engine runs in a child process of the test
// binary. The engine is libchdb, which npm install brings; without it tests
// are skipped, or fail where the environment variable CI is set.
package chtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
)

// shared is the test process's engine. It is the one thing that tests of a
// process share, so it has to live in the package.
var shared struct {
	ready  bool // Main was called
	start  sync.Once
	engine *embedded.Engine
	dir    string
	err    error
	number atomic.Int64
}

// Main runs a package's tests and ends the process. It belongs into TestMain.
func Main(m *testing.M) {
	embedded.RunChildIfAsked()
	shared.ready = true
	code := m.Run()
	if shared.engine != nil {
		shared.engine.Stop()
	}
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// New gives a fresh, migrated database that goes away with the test.
func New(t testing.TB) *clickhouse.DB {
	t.Helper()
	db := Empty(t)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// Empty is New without the schema: the database does not exist yet.
func Empty(t testing.TB) *clickhouse.DB {
	t.Helper()
	return Open(t, fmt.Sprintf("earshot_test_%d", shared.number.Add(1)))
}

// Open connects to a database of a given name on the shared engine, and drops
// it with the test.
func Open(t testing.TB, name string) *clickhouse.DB {
	t.Helper()
	e := Engine(t)
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: e.DSN(), Dial: e.Dial, Database: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := db.DropDatabase(ctx); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return db
}

// Engine is the shared engine, started if need be. Nobody supervises it: a
// test that kills it takes one of its own.
func Engine(t testing.TB) *embedded.Engine {
	t.Helper()
	if !shared.ready {
		t.Fatal("chtest: TestMain does not call chtest.Main")
	}
	shared.start.Do(start)
	var none *embedded.NoEngineError
	switch {
	case shared.err == nil:
	case errors.As(shared.err, &none) && os.Getenv("CI") == "":
		t.Skip(shared.err)
	default:
		t.Fatal(shared.err)
	}
	return shared.engine
}

func start() {
	shared.dir, shared.err = os.MkdirTemp("", "earshot-chtest-")
	if shared.err != nil {
		return
	}
	engine := embedded.New(embedded.Options{
		DataDir: shared.dir,
		Library: embedded.LibraryAbove(),
		Log:     slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if shared.err = engine.Start(ctx); shared.err == nil {
		shared.engine = engine
	}
}
