package embedded

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestMain(m *testing.M) {
	RunChildIfAsked()
	os.Exit(m.Run())
}

// library finds the engine for the tests, or skips them; a build machine has
// to have it.
func library(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("EARSHOT_LIBCHDB"); path != "" {
		return path
	}
	path, err := filepath.Abs(filepath.Join("../../..", LibraryPath))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("no libchdb: run npm install: %v", err)
	}
	return path
}

// testLog sends the engine's log to the test's.
func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

// startEngine gives an engine that is stopped with the test.
func startEngine(t testing.TB, opts Options) *Engine {
	t.Helper()
	if opts.Library == "" {
		opts.Library = library(t)
	}
	if opts.DataDir == "" {
		opts.DataDir = t.TempDir()
	}
	opts.Log = testLog(t)
	e := New(opts)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

func openConn(t testing.TB, e *Engine) clickhouse.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(e.DSN())
	if err != nil {
		t.Fatal(err)
	}
	opts.DialContext = e.Dial
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func mustQuery(t testing.TB, conn clickhouse.Conn, sql string) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var n uint64
	if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestStartQueryStop(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder & <more>")
	e := startEngine(t, Options{DataDir: dir})
	conn := openConn(t, e)
	if got := mustQuery(t, conn, "SELECT toUInt64(41 + 1)"); got != 42 {
		t.Errorf("41+1 = %d", got)
	}
	if err := conn.Exec(t.Context(), "CREATE DATABASE earshot_x"); err != nil {
		t.Error(err)
	}
	t0 := time.Now()
	e.Stop()
	t.Log("stop took", time.Since(t0))
}
