package write

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/spool/slots"
)

// deaf is a database that loses every other answer.
type deaf struct {
	*clickhouse.DB
	n int
}

func (d *deaf) Insert(ctx context.Context, token string, facts event.Rows) error {
	err := d.DB.Insert(ctx, token, facts)
	if d.n++; d.n%2 == 1 && err == nil {
		return errAway
	}
	return err
}

// Two nodes, each with a spool and a writer of its own, write to one database,
// and restart now and then. A visitor always comes to the same node.
func TestTwoWritersOneDatabase(t *testing.T) {
	db := chtest.New(t)
	var all []event.Event
	done := make(chan bool)
	for node := range uint64(2) {
		events := randomStream(rand.New(rand.NewPCG(21, node)), 200)
		for i := range events {
			e := &events[i]
			e.Visitor += 100 * node
			if e.VisitorBefore > 0 {
				e.VisitorBefore += 100 * node
			}
		}
		all = append(all, events...)
		dir := t.TempDir()
		s := openSpool(t, dir)
		defer s.Close()
		defer running(t, s.Run)()
		go func() {
			defer func() { done <- true }()
			for part := range slices.Chunk(events, 50) {
				w := New(Options{Source: s, Sink: &deaf{DB: db}, History: db, Dir: dir, MaxWait: time.Millisecond, Room: 4096})
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan error, 1)
				go func() { ended <- w.Run(ctx) }()
				for i := range part {
					if err := s.Append(context.Background(), event.AppendEvent(nil, &part[i])); err != nil {
						t.Error(err)
					}
				}
				if !eventually.Is(drained(s)) {
					t.Error("never drained")
				}
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		}()
	}
	<-done
	<-done
	if diff := cmp.Diff(naive(all), databaseSums(t, db)); diff != "" {
		t.Error(diff)
	}
	var same uint64
	err := db.Select(t.Context(), `SELECT toUInt64((SELECT (sum(visits), sum(bounces), sum(gap_ms), sum(scroll), sum(read), sum(pageviews)) FROM totals_hourly) =
		(SELECT (sum(entry), sum(bounce), sum(gap_ms), sum(scroll), sum(read), countIf(name = 'pageview')) FROM events))`, nil,
		func(row *rows.Row) error { same = row.Cells()[0].(uint64); return nil })
	if err != nil || same != 1 {
		t.Errorf("totals by hour differ from events: %v", err)
	}
}

// crashed returns the folder of a writer that crashed after ClickHouse stored
// its batch and before it knew, with a second batch waiting behind.
func crashed(t *testing.T, sink *memory, events []event.Event) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := openSpool(t, dir)
	stopSpool := running(t, s.Run)
	sink.fail = func() (bool, bool) { return false, true } // stored, and the answer lost
	stop := running(t, New(Options{Source: s, Sink: sink, History: sink, Dir: dir, MaxWait: time.Millisecond, MaxRows: 20, Room: 4096}).Run)
	appendEvents(t, s, events...)
	eventually.True(t, "a batch has landed", func() bool { sink.mu.Lock(); defer sink.mu.Unlock(); return len(sink.rows) > 0 })
	var crash string // the folder as it is once both batches are in the outbox
	eventually.True(t, "a second batch waits", func() bool {
		crash = t.TempDir()
		if err := os.CopyFS(crash, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		outbox, err := slots.Open(filepath.Join(crash, "outbox"), 4096)
		if err != nil {
			t.Fatal(err)
		}
		defer outbox.Close()
		batches, err := outbox.Values()
		return err == nil && len(batches) == 2
	})
	// What the writer sends on its way out is not of that moment.
	sink.mu.Lock()
	rows, tokens := slices.Clone(sink.rows), maps.Clone(sink.tokens)
	sink.fail = nil
	sink.mu.Unlock()
	stop()
	stopSpool()
	s.Close()
	sink.rows, sink.tokens = rows, tokens
	return crash
}

// A batch that ClickHouse has stored is left in the outbox alone. If a bit of
// the outbox, or the end of the spool that the batch was made from, is damaged,
// nothing is stored twice, and nothing that the outbox still has is lost.
func TestDamageWhileABatchIsOnItsWay(t *testing.T) {
	events := slices.DeleteFunc(randomStream(rand.New(rand.NewPCG(4, 4)), 300), func(e event.Event) bool { return e.Name == event.Engagement })
	damage := map[string]func(t *testing.T, dir string){
		"none": func(*testing.T, string) {},
		"a block of each half of the outbox": func(t *testing.T, dir string) {
			for _, half := range []string{"outbox.0", "outbox.1"} {
				path := filepath.Join(dir, half)
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				clear(b[100:200])
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
		"the spool's end":                        cutSpool,
		"the spool, inside the batch on its way": func(t *testing.T, dir string) { cutSpoolAt(t, dir, 700) },
	}
	for name, do := range damage {
		t.Run(name, func(t *testing.T) {
			sink := &memory{}
			dir := crashed(t, sink, events)
			do(t, dir)
			tokens := len(sink.tokens)
			s := openSpool(t, dir)
			defer s.Close()
			defer running(t, s.Run)()
			later := by(500, 0, pv(3000, "/later"))
			appendEvents(t, s, later)
			defer running(t, New(Options{Source: s, Sink: sink, History: sink, Dir: dir, MaxWait: time.Millisecond, Room: 4096}).Run)()
			eventually.True(t, "the later event", func() bool {
				sink.mu.Lock()
				defer sink.mu.Unlock()
				return len(sink.rows) > 0 && sink.rows[len(sink.rows)-1].Path == "/later"
			})
			sink.mu.Lock()
			defer sink.mu.Unlock()
			type fact struct {
				name, path string
				visitor    uint64
				at         time.Time
				engaged    uint32
			}
			seen := map[fact]bool{}
			for _, r := range sink.rows {
				f := fact{r.Name, r.Path, r.Visitor, r.Time, r.EngagedMS}
				if seen[f] {
					t.Fatalf("twice: %+v", f)
				}
				seen[f] = true
			}
			h := s.Health()
			if missing := len(events) + 1 - len(sink.rows); missing != int(h.LostRecords) {
				t.Errorf("%d rows missing, the spool says %+v", missing, h)
			}
			if !strings.Contains(name, "spool") && h.LostRecords > 0 || tokens == 0 {
				t.Errorf("health %+v, %d tokens", h, tokens)
			}
		})
	}
}

func cutSpool(t *testing.T, dir string) { cutSpoolAt(t, dir, 1500) }

func cutSpoolAt(t *testing.T, dir string, size int64) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "spool/log/*.wal"))
	if err := os.Truncate(files[len(files)-1], size); err != nil {
		t.Fatal(err)
	}
}

// The end of the spool is lost, and before the batch on its way can be sent
// again, new events arrive and the writer crashes again. The new events get no
// index of that batch: its arrival would acknowledge them.
func TestEventsAfterDamageAreNotTakenForThoseOfABatch(t *testing.T) {
	events := slices.DeleteFunc(randomStream(rand.New(rand.NewPCG(4, 4)), 300), func(e event.Event) bool { return e.Name == event.Engagement })
	sink := &memory{}
	dir := crashed(t, sink, events)
	cutSpool(t, dir)
	s := openSpool(t, dir)
	stop := running(t, s.Run)
	const n = 100
	for i := range uint64(n) {
		appendEvents(t, s, by(500+i, 0, pv(3000, "/later")))
	}
	stop()
	s.Close()

	s = openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	defer running(t, New(Options{Source: s, Sink: sink, History: sink, Dir: dir, MaxWait: time.Millisecond, Room: 4096}).Run)()
	eventually.True(t, "drained", drained(s))
	sink.mu.Lock()
	defer sink.mu.Unlock()
	later := 0
	for _, r := range sink.rows {
		if r.Path == "/later" {
			later++
		}
	}
	if later != n {
		t.Errorf("%d of %d later events arrived", later, n)
	}
}
