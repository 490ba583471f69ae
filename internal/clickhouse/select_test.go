package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/turn"
)

func TestSelectValues(t *testing.T) {
	db := chtest.New(t)
	cases := []struct {
		sql  string
		want any
	}{
		{"toUInt8(255)", uint64(255)},
		{"toUInt64(18446744073709551615)", uint64(1<<64 - 1)},
		{"toInt8(-1)", int64(-1)},
		{"toInt64(-9)", int64(-9)},
		{"toFloat32(0.5)", 0.5},
		{"0.25", 0.25},
		{"0 / 0", nil},
		{"1 / 0", nil},
		{"NULL", nil},
		{"toNullable(toUInt32(3))", uint64(3)},
		{"CAST(NULL AS Nullable(String))", nil},
		{"toDecimal64('12.345', 3)", 12.345},
		{"true", true},
		{"'é'", "é"},
		{"toLowCardinality('x')", "x"},
		{"toFixedString('abc', 3)", "abc"},
		{"CAST('b' AS Enum8('a' = 1, 'b' = 2))", "b"},
		{"toDate('2026-11-23')", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)},
		{"toDateTime('2026-11-23 10:00:00', 'UTC')", time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)},
		{"['a', 'b']", []string{"a", "b"}},
		{"map('a', 'b')", map[string]string{"a": "b"}},
	}
	for _, c := range cases {
		got := all(t, db, "SELECT "+c.sql)
		if diff := cmp.Diff([][]any{{c.want}}, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.sql, diff)
		}
	}
	if got := all(t, db, "SELECT number FROM system.numbers LIMIT 200000"); len(got) != 200000 || got[199999][0] != uint64(199999) {
		t.Errorf("200,000 rows came as %d", len(got))
	}
}

// FuzzSelectString sends texts as parameters: they come back as they were, and
// never become part of the query.
func FuzzSelectString(f *testing.F) {
	for _, s := range []string{"", "a", "'", `\`, `\'`, "'; DROP TABLE events; --", "\t\n\r\x00\b", "{x:String}", "é\u2028😀", `\N`, "NULL", "@x $1 ?", "\xff\xfe", `['a']`} {
		f.Add(s)
	}
	db := chtest.New(f)
	f.Fuzz(func(t *testing.T, s string) {
		args := []rows.Arg{rows.Bind("s", s), rows.Bind("list", []string{s, "x", s + s})}
		got := all(t, db, "SELECT {s:String}, {list:Array(String)}", args...)
		if diff := cmp.Diff([][]any{{s, []string{s, "x", s + s}}}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestSelectArgs(t *testing.T) {
	db := chtest.New(t)
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.FixedZone("", 3600))
	got := all(t, db, "SELECT {n:UInt32}, {i:Int64}, {t:DateTime('UTC')}, {empty:Array(String)}, {ids:Array(UInt64)}",
		rows.Bind("n", uint32(7)), rows.Bind("i", int64(-8)), rows.Bind("t", at),
		rows.Bind("empty", []string{}), rows.Bind("ids", []uint64{1<<64 - 1}))
	if diff := cmp.Diff([][]any{{uint64(7), int64(-8), at.UTC(), []string{}, []uint64{1<<64 - 1}}}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// slow is a query of some ten minutes that can be found by its mark.
const slow = "SELECT count() FROM system.numbers WHERE sleepEachRow(0.02) = 0 AND 'slow mark' != '' LIMIT 30000 SETTINGS max_block_size = 5"

func wantNoSlowQuery(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	eventually.True(t, "the query has ended at the server", func() bool {
		got := all(t, db, "SELECT count() FROM system.processes WHERE query LIKE '%slow mark%' AND query NOT LIKE '%system.processes%'")
		return got[0][0] == uint64(0)
	})
}

func ignore(*rows.Row) error { return nil }

func TestSelectTimeout(t *testing.T) {
	db := chtest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := db.Select(ctx, slow, nil, ignore)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, clickhouse.ErrUnavailable) {
		t.Errorf("err = %v, want DeadlineExceeded", err)
	}
	wantNoSlowQuery(t, db)
}

func TestSelectServerTimeout(t *testing.T) {
	db := chtest.New(t)
	err := db.Select(t.Context(), "SELECT count() FROM system.numbers SETTINGS max_execution_time = 0.2", nil, ignore)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want DeadlineExceeded", err)
	}
}

func TestSelectServerMemory(t *testing.T) {
	db := chtest.New(t)
	err := db.Select(t.Context(), "SELECT length(groupArray(toString(number))) FROM numbers(10000000) SETTINGS max_memory_usage = 10000000", nil, ignore)
	if !errors.Is(err, rows.ErrMemory) {
		t.Errorf("err = %v, want ErrMemory", err)
	}
}

func TestSelectCancel(t *testing.T) {
	db := chtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := db.Select(ctx, slow, nil, ignore); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want Canceled", err)
	}
	wantNoSlowQuery(t, db)
}

func TestSelectStopsWithRowsError(t *testing.T) {
	db := chtest.New(t)
	enough := errors.New("enough")
	n := 0
	err := db.Select(t.Context(), "SELECT number FROM system.numbers", nil, func(*rows.Row) error {
		if n++; n == 10 {
			return enough
		}
		return nil
	})
	if err != enough || n != 10 {
		t.Errorf("err = %v after %d rows, want the callback's after 10", err, n)
	}
}

func TestSelectErrors(t *testing.T) {
	db := chtest.New(t)
	err := db.Select(t.Context(), "SELECT no_such_column FROM events", nil, ignore)
	if err == nil || errors.Is(err, clickhouse.ErrUnavailable) || !strings.Contains(err.Error(), "no_such_column") {
		t.Errorf("err = %v", err)
	}
	// An error after the first rows is an error too.
	err = db.Select(t.Context(), "SELECT throwIf(number = 100000) FROM system.numbers LIMIT 200000", nil, ignore)
	if err == nil {
		t.Error("a query that failed half-way passed")
	}
}

func TestSelectsAtOnceAreBounded(t *testing.T) {
	e := chtest.Engine(t)
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: e.DSN(), Database: "system", Turns: turn.New("queries", turn.Limits{
		turn.User:     {Places: 2, Queue: 10, Line: 10},
		turn.Stranger: {Places: 1, Queue: 1, Line: 1},
	}, nil)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := turn.With(t.Context(), turn.Asker{Class: turn.User, Key: "ada"})
	var running, most atomic.Int64
	var g errgroup.Group
	for range 6 {
		g.Go(func() error {
			return db.Select(ctx, "SELECT 1", nil, func(*rows.Row) error {
				now := running.Add(1)
				defer running.Add(-1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				time.Sleep(50 * time.Millisecond)
				return nil
			})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := most.Load(); got != 2 {
		t.Errorf("%d ran at once, want 2", got)
	}

	// A stranger's long question stops nobody, and a place comes back with the
	// end of its context.
	ctx, cancel := context.WithCancel(turn.With(t.Context(), turn.Asker{Class: turn.Stranger, Key: "a"}))
	began := make(chan struct{})
	g.Go(func() error {
		err := db.Select(ctx, "SELECT number FROM system.numbers", nil, func(*rows.Row) error {
			select {
			case <-began:
			default:
				close(began)
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("err = %w, want Canceled", err)
		}
		return nil
	})
	<-began
	user := turn.With(t.Context(), turn.Asker{Class: turn.User, Key: "ada"})
	if err := db.Select(user, "SELECT 1", nil, ignore); err != nil {
		t.Error(err)
	}
	waits, over := context.WithTimeout(turn.With(t.Context(), turn.Asker{Class: turn.Stranger, Key: "b"}), 20*time.Millisecond)
	defer over()
	var full *turn.FullError
	if err := db.Select(waits, "SELECT 1", nil, ignore); !errors.As(err, &full) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want a FullError and DeadlineExceeded", err)
	}
	cancel()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if err := db.Select(turn.With(t.Context(), turn.Asker{Class: turn.Stranger, Key: "b"}), "SELECT 1", nil, ignore); err != nil {
		t.Error(err)
	}
}

func BenchmarkSelect(b *testing.B) {
	db := chtest.New(b)
	for b.Loop() {
		n := 0
		err := db.Select(b.Context(), "SELECT toString(number) AS page, number AS visitors, toInt64(number) AS visits, number / 3 AS rate FROM numbers(100000)", nil, func(row *rows.Row) error {
			n += len(row.Text("page")) + int(row.Uint("visitors")) + int(row.Int("visits")) + int(row.Float("rate"))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
