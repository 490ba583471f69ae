package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// helperEnv turns this test binary into an Earshot that runs an engine on the
// named folder until it is killed.
const helperEnv = "EARSHOT_EMBEDDED_TEST_DIR"

func TestMain(m *testing.M) {
	RunChildIfAsked()
	if dir := os.Getenv(helperEnv); dir != "" {
		e := New(Options{DataDir: dir})
		if err := e.Start(context.Background()); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println("ready", e.PID())
		select {}
	}
	os.Exit(m.Run())
}

// library finds the engine for the tests, or skips them; a build machine has
// to have it.
func library(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("EARSHOT_LIBCHDB"); path != "" {
		return path
	}
	path := LibraryAbove()
	if path == "" && os.Getenv("CI") != "" {
		t.Fatal("no libchdb")
	}
	if path == "" {
		t.Skip("no libchdb: run npm install")
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
	ctx, cancel := context.WithTimeout(t.Context(), eventually.Patience)
	defer cancel()
	var n uint64
	if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestStartAndStop(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder & <more>")
	e := startEngine(t, Options{DataDir: dir})
	conn := openConn(t, e)
	if got := mustQuery(t, conn, "SELECT toUInt64(41 + 1)"); got != 42 {
		t.Errorf("41+1 = %d", got)
	}
	for _, sql := range []string{"CREATE DATABASE earshot", "CREATE TABLE earshot.t (n UInt64) ENGINE = MergeTree ORDER BY n", "INSERT INTO earshot.t VALUES (7)"} {
		if err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}

	if got, ok := Running(dir); !ok || got != e.DSN() {
		t.Errorf("Running = %q, %t, want the engine's DSN", got, ok)
	}
	for _, name := range []string{"engine.json", "config.xml", "users.xml"} {
		st, err := os.Stat(filepath.Join(dir, "engine/run", name))
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", name, st.Mode(), err)
		}
	}

	e.Stop() // with a connection open
	if _, ok := Running(dir); ok {
		t.Error("Running after Stop")
	}

	e = startEngine(t, Options{DataDir: dir})
	if got := mustQuery(t, openConn(t, e), "SELECT n FROM earshot.t"); got != 7 {
		t.Errorf("after a restart the table has %d", got)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	e := startEngine(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- e.Run(ctx) }()
	pid := e.PID()
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(eventually.Patience):
		t.Fatal("Run goes on")
	}
	if alive(pid) {
		t.Error("the child lives on")
	}
}

func TestRestartsAfterKill(t *testing.T) {
	e := startEngine(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- e.Run(ctx) }()
	defer func() { cancel(); <-done }()

	conn := openConn(t, e)
	mustQuery(t, conn, "SELECT toUInt64(1)")
	dsn, pid := e.DSN(), e.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the same pool answers again", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return conn.Ping(ctx) == nil && e.PID() != pid
	})
	if e.DSN() != dsn {
		t.Errorf("DSN changed from %s to %s", dsn, e.DSN())
	}

	// Somebody takes the port while the engine is down.
	addr := e.Addr()
	pid = e.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var squatter net.Listener
	eventually.True(t, "the port is free", func() bool {
		var err error
		squatter, err = net.Listen("tcp", addr)
		return err == nil || e.PID() != pid
	})
	if squatter == nil {
		t.Skip("the engine was back before the port could be taken")
	}
	defer squatter.Close()
	eventually.True(t, "the same pool answers from another port", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return e.Addr() != addr && conn.Ping(ctx) == nil
	})
}

// startHelper runs this test binary as an Earshot of its own on dir.
func startHelper(t *testing.T, dir string) (cmd *exec.Cmd, enginePID int) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+dir, "EARSHOT_LIBCHDB="+library(t))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := fmt.Fscanf(out, "ready %d\n", &enginePID); err != nil {
		t.Fatalf("the other Earshot did not start: %v", err)
	}
	return cmd, enginePID
}

func TestKilledParentTakesEngineAlong(t *testing.T) {
	dir := t.TempDir()
	cmd, pid := startHelper(t, dir)
	if _, ok := Running(dir); !ok {
		t.Error("Running does not see the other process")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// The next start waits for the orphan, should it need a moment.
	e := startEngine(t, Options{DataDir: dir})
	mustQuery(t, openConn(t, e), "SELECT toUInt64(1)")
	eventually.True(t, "the orphan is gone", func() bool { return !alive(pid) })
}

func TestSecondEarshotIsRefused(t *testing.T) {
	dir := t.TempDir()
	cmd, _ := startHelper(t, dir)
	err := New(Options{DataDir: dir, Library: library(t), Log: testLog(t)}).Start(t.Context())
	var locked *LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("err = %v, want a LockedError", err)
	}
	for _, want := range []string{dir, strconv.Itoa(cmd.Process.Pid), "--data"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

func TestGrants(t *testing.T) {
	e := startEngine(t, Options{})
	conn := openConn(t, e)
	if err := conn.Exec(t.Context(), "CREATE DATABASE earshot_grants"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT * FROM file('/etc/passwd', 'LineAsString')",
		"SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
		"CREATE TABLE earshot_grants.f (line String) ENGINE = File(LineAsString, '/etc/passwd')",
		"CREATE DATABASE other",
		"SYSTEM STOP LISTEN TCP",
		"CREATE USER eve",
	} {
		if err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		} else if !strings.Contains(err.Error(), "Not enough privileges") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if err := e.purgeIfIdle(t.Context()); err != nil {
		t.Errorf("purge: %v", err)
	}
}
