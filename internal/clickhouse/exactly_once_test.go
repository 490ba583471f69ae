package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
)

// TestExactlyOnceOverKills sends batches, kills the engine in the middle of
// inserts, and sends each batch again under its token until it is
// acknowledged. Table and views have everything once.
func TestExactlyOnceOverKills(t *testing.T) {
	const kills, size = 4, 2000
	e, db := mortal(t)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		random := rand.New(rand.NewPCG(1, 2))
		for range kills {
			time.Sleep(time.Duration(50+random.IntN(150)) * time.Millisecond)
			for e.PID() == 0 || db.Ping(t.Context()) != nil {
				time.Sleep(5 * time.Millisecond)
			}
			syscall.Kill(e.PID(), syscall.SIGKILL)
		}
	}()

	batches, retries := 0, 0
	for last := false; !last; batches++ {
		select {
		case <-killed:
			last = true
		default:
		}
		rows := pageviews(1, size)
		for i := range rows {
			rows[i].Visitor = uint64(batches*size + i)
		}
		eventually.True(t, "the batch is taken", func() bool {
			err := db.Insert(t.Context(), fmt.Sprintf("batch-%d", batches), event.Events.Of(rows))
			if err != nil {
				retries++
			}
			if err != nil && !errors.Is(err, clickhouse.ErrUnavailable) {
				t.Logf("batch %d: %v", batches, err)
			}
			return err == nil
		})
	}
	n := uint64(batches * size)
	t.Logf("%d batches, %d retries", batches, retries)
	if retries == 0 {
		t.Error("no kill met an insert: the test proves nothing")
	}
	wantRows(t, db, "SELECT count(), uniqExact(visitor), sum(entry) FROM events", [][]any{{n, n, n}})
	wantRows(t, db, "SELECT sum(pageviews), sum(visits), sum(bounces) FROM totals_hourly", [][]any{{n, n, int64(n)}})
}

// mortal is an engine to kill, which starts again, and a new database in it.
func mortal(t *testing.T) (*embedded.Engine, *clickhouse.DB) {
	t.Helper()
	e := embedded.New(embedded.Options{DataDir: t.TempDir(), Library: embedded.LibraryAbove(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	chtest.Engine(t) // skips where there is no library
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })

	db, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: e.DSN(), Dial: e.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e, db
}

// A batch that had landed whole when the server died, before it could say so,
// is sent again to the server that comes up: no table takes it twice, those
// behind views neither, also where the views were altered before.
func TestABatchCountsOnceOverARestart(t *testing.T) {
	e, db := mortal(t)
	rows := pageviews(1, 100)
	for i := range rows {
		rows[i].Visitor = uint64(i)
		if i%5 == 0 {
			rows[i].Name, rows[i].ShareID = event.Share, fmt.Sprintf("1%09d", i)
		}
	}
	const counts = "SELECT (SELECT count() FROM events), (SELECT sum(events) FROM totals_hourly), (SELECT count() FROM shares), (SELECT count() FROM sharing)"
	want := [][]any{{uint64(100), uint64(100), uint64(20), uint64(20)}}
	for start := range 3 {
		eventually.True(t, "the batch is taken", func() bool { return db.Insert(t.Context(), "1", event.Events.Of(rows)) == nil })
		t.Log("start", start)
		wantRows(t, db, counts, want)
		syscall.Kill(e.PID(), syscall.SIGKILL)
	}
}

func TestUnavailable(t *testing.T) {
	chtest.Engine(t)
	e := embedded.New(embedded.Options{DataDir: t.TempDir(), Library: embedded.LibraryAbove(), Log: slog.New(slog.DiscardHandler)})
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: e.DSN(), Dial: e.Dial})
	if err != nil {
		e.Stop()
		t.Fatal(err)
	}
	defer db.Close()
	dsn := e.DSN()
	e.Stop()

	_, openErr := clickhouse.Open(t.Context(), clickhouse.Options{DSN: dsn})
	for name, err := range map[string]error{
		"Open":        openErr,
		"Ping":        db.Ping(t.Context()),
		"Select":      db.Select(t.Context(), "SELECT 1", nil, ignore),
		"Insert":      db.Insert(t.Context(), "t", event.Events.Of(pageviews(1, 1))),
		"Migrate":     db.Migrate(t.Context()),
		"CheckSchema": db.CheckSchema(t.Context()),
	} {
		if !errors.Is(err, clickhouse.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
}
