package receipts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/spool"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fakeLog is a spool in memory.
type fakeLog struct {
	mu     sync.Mutex
	groups []spool.Group
	acked  uint64
}

func (f *fakeLog) add(recs ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.groups = append(f.groups, spool.Group{Index: uint64(len(f.groups) + 1), Records: recs})
}

func (f *fakeLog) ID() string                         { return "0123456789abcdef" }
func (f *fakeLog) Wait(context.Context, uint64) error { return nil }

func (f *fakeLog) Acked() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.acked
}

func (f *fakeLog) Last() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return uint64(len(f.groups))
}

func (f *fakeLog) Ack(upto uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acked = upto
	return nil
}

func (f *fakeLog) Resent(upto, _ uint64) error { return f.Ack(upto) }

func (f *fakeLog) Each(from uint64, each func(spool.Group)) error {
	groups, _, _ := f.Read(from, 0)
	for _, g := range groups {
		each(g)
	}
	return nil
}

func (f *fakeLog) Read(from uint64, _ int) ([]spool.Group, uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]spool.Group(nil), f.groups[from-1:]...), uint64(len(f.groups)), nil
}

// start is a process's life with the book: stop ends it.
func start(t *testing.T, dir string, log Log, now *time.Time) (b *Book, stop func()) {
	t.Helper()
	b = New(Options{Log: log, Dir: dir, Now: func() time.Time { return *now }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	<-b.ready
	return b, sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func key(s string) (k [16]byte) { copy(k[:], s); return k }

func receipt(k string, nonce uint64, at time.Time, records int) *event.Receipt {
	return &event.Receipt{Key: key(k), Nonce: nonce, Time: at, Records: uint32(records), Accepted: uint32(records), Errors: "e" + k}
}

func record(r *event.Receipt) string { return string(event.AppendReceipt(nil, r)) }

// read gives the records that count, receipts by their keys.
func read(t *testing.T, b *Book) string {
	t.Helper()
	groups, _, err := b.Source().Read(b.o.Log.Acked()+1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, g := range groups {
		for _, rec := range g.Records {
			if r, err := event.DecodeReceipt(rec); err == nil {
				rec = strings.ToUpper(strings.TrimRight(string(r.Key[:]), "\x00")) + fmt.Sprint(r.Nonce)
			}
			all = append(all, rec)
		}
	}
	return strings.Join(all, " ")
}

func ask(t *testing.T, b *Book, k string) (*event.Receipt, func(*event.Receipt)) {
	t.Helper()
	old, done, err := b.Begin(t.Context(), key(k))
	if err != nil {
		t.Fatal(err)
	}
	return old, done
}

// A batch and its answer, over all that can happen between two attempts.
func TestSameAnswerAgain(t *testing.T) {
	for name, between := range map[string]struct {
		read, ack, restart bool
	}{
		"at once":                      {},
		"once it is read":              {read: true},
		"once it is acknowledged":      {read: true, ack: true},
		"after a restart":              {restart: true},
		"after a restart, it was read": {read: true, restart: true},
		"after a restart, it is so":    {read: true, ack: true, restart: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, log, now := t.TempDir(), &fakeLog{}, noon
			b, stop := start(t, dir, log, &now)
			old, done := ask(t, b, "k")
			if old != nil {
				t.Fatal("known before it was taken")
			}
			r := receipt("k", 7, now, 2)
			log.add("x", record(r), "a", "b", "y")
			done(r)
			if between.read {
				if got := read(t, b); got != "x K7 a b y" {
					t.Errorf("read %q", got)
				}
			}
			if between.ack {
				if err := b.Source().Ack(1); err != nil {
					t.Fatal(err)
				}
				if log.acked != 1 {
					t.Error("the spool wasn't told")
				}
				log.groups[0].Records = nil // forgotten
			}
			if between.restart {
				stop()
				b, stop = start(t, dir, log, &now)
			}
			defer stop()
			now = now.Add(Life - time.Second)
			old, _ = ask(t, b, "k")
			want := *r
			want.Records = 0 // is the spool's
			if diff := cmp.Diff(&want, old); diff != "" {
				t.Error(diff)
			}
			now = now.Add(2 * time.Second)
			if old, done = ask(t, b, "k"); old != nil {
				t.Error("still known after a day")
			} else {
				done(nil)
			}
		})
	}
}

func TestTwoAtOnce(t *testing.T) {
	now := noon
	b, stop := start(t, t.TempDir(), &fakeLog{}, &now)
	defer stop()
	_, first := ask(t, b, "k")
	second := make(chan *event.Receipt)
	go func() {
		old, _, _ := b.Begin(context.Background(), key("k"))
		second <- old
	}()
	if _, done := ask(t, b, "other"); done == nil {
		t.Error("another key waits as well")
	}
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := b.Begin(impatient, key("k")); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	first(receipt("k", 1, now, 3))
	if old := <-second; old == nil || old.Accepted != 3 {
		t.Errorf("the second got %+v", old)
	}

	_, first = ask(t, b, "failed")
	go func() {
		_, done, _ := b.Begin(context.Background(), key("failed"))
		done(receipt("failed", 2, now, 1))
		close(second)
	}()
	first(nil)
	<-second
	if old, _ := ask(t, b, "failed"); old == nil || old.Nonce != 2 {
		t.Errorf("after a failure the next one takes it: %+v", old)
	}
}

// A commit failed, its sender was sent away and came again; then the disk
// turns out to have the first attempt all the same. Whatever happens, and in
// whatever state the program is killed, one of the two counts.
func TestFailedCommitComesBack(t *testing.T) {
	for _, ackFirst := range []bool{false, true} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("ack %t restart %t", ackFirst, restart), func(t *testing.T) {
				dir, log, now := t.TempDir(), &fakeLog{}, noon
				b, stop := start(t, dir, log, &now)
				first := receipt("k", 1, now, 2)
				_, done := ask(t, b, "k")
				log.add(record(first), "a", "b")
				done(nil) // answered 503
				_, done = ask(t, b, "k")
				now = now.Add(time.Minute)
				again := receipt("k", 2, now, 2)
				log.add("x", record(again), "a", "b", "y")
				done(again)
				if got := read(t, b); got != "K1 a b x y" {
					t.Errorf("read %q", got)
				}
				if ackFirst {
					if err := b.Source().Ack(1); err != nil {
						t.Fatal(err)
					}
				}
				if restart {
					stop()
					b, stop = start(t, dir, log, &now)
				}
				defer stop()
				want := "K1 a b x y"
				if ackFirst {
					want = "x y"
				}
				if got := read(t, b); got != want {
					t.Errorf("later read %q", got)
				}
				if old, _ := ask(t, b, "k"); old == nil || old.Accepted != 2 {
					t.Errorf("%+v", old)
				}
			})
		}
	}
}

func TestKeysAreBounded(t *testing.T) {
	now := noon
	log := &fakeLog{}
	dir := t.TempDir()
	b, stop := start(t, dir, log, &now)
	defer stop()
	b.o.MaxKeys = 100
	for i := range 100 {
		r := receipt(fmt.Sprint("k", i), uint64(i), now, 0)
		_, done := ask(t, b, fmt.Sprint("k", i))
		log.add(record(r))
		done(r)
	}
	read(t, b)
	if _, _, err := b.Begin(t.Context(), key("more")); !errors.Is(err, ErrFull) {
		t.Errorf("one more key: %v", err)
	}
	if old, _ := ask(t, b, "k5"); old == nil {
		t.Error("a key that is there isn't known any more")
	}
	if err := b.Source().Ack(log.Last()); err != nil {
		t.Fatal(err)
	}
	b.sweep()
	now = now.Add(Life + 2*time.Hour)
	b.sweep()
	now = now.Add(Life + 2*time.Hour)
	b.sweep()
	if _, done, err := b.Begin(t.Context(), key("more")); err != nil {
		t.Errorf("a day later: %v", err)
	} else {
		done(nil)
	}
	if n := b.size(); n != 0 || b.errs != 0 {
		t.Errorf("%d keys and %d bytes are still there", n, b.errs)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
		t.Errorf("files are still there: %v", files)
	}
}

// What waits in the spool for days is decided by the times of the batches.
func TestBacklogOfDays(t *testing.T) {
	log, now := &fakeLog{}, noon
	log.add(record(receipt("k", 1, now, 1)), "a")
	log.add(record(receipt("k", 2, now.Add(23*time.Hour), 1)), "a")
	log.add(record(receipt("k", 3, now.Add(25*time.Hour), 1)), "a")
	now = now.Add(100 * time.Hour)
	b, stop := start(t, t.TempDir(), log, &now)
	defer stop()
	b.sweep()
	b.sweep()
	if got := read(t, b); got != "K1 a K3 a" {
		t.Errorf("read %q", got)
	}
}

// Damage costs the receipts that it hit, no others.
func TestDamagedFile(t *testing.T) {
	dir, log, now := t.TempDir(), &fakeLog{}, noon
	b, stop := start(t, dir, log, &now)
	for i := range 5 {
		log.add(record(receipt(fmt.Sprint("k", i), 1, now, 0)))
		read(t, b)
		if err := b.Source().Ack(log.Last()); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	name := filepath.Join(dir, fmt.Sprintf("%08d%s", hourOf(now), suffix))
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 4
	if err := os.WriteFile(name, content[:len(content)-3], 0o600); err != nil {
		t.Fatal(err)
	}
	b, stop = start(t, dir, log, &now)
	defer stop()
	known := ""
	for i := range 5 {
		if old, _ := ask(t, b, fmt.Sprint("k", i)); old != nil {
			known += fmt.Sprint(i)
		}
	}
	if known != "013" {
		t.Errorf("known: %s", known)
	}
	// Behind the cut it goes on.
	log.add(record(receipt("new", 1, now, 0)))
	read(t, b)
	if err := b.Source().Ack(log.Last()); err != nil {
		t.Fatal(err)
	}
	stop()
	b, stopLast := start(t, dir, log, &now)
	defer stopLast()
	if old, _ := ask(t, b, "new"); old == nil {
		t.Error("what was written after the damage is lost")
	}
}

// Where its file can't be written, a receipt stays in the spool.
func TestNotKeptNotAcknowledged(t *testing.T) {
	dir, log, now := filepath.Join(t.TempDir(), "file"), &fakeLog{}, noon
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b := New(Options{Log: log, Dir: dir, Now: func() time.Time { return now }})
	close(b.ready)
	log.add(record(receipt("k", 1, now, 0)))
	read(t, b)
	if err := b.Source().Ack(1); err == nil || log.acked != 0 {
		t.Fatalf("acknowledged to %d: %v", log.acked, err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.Source().Ack(1); err != nil || log.acked != 1 {
		t.Errorf("acknowledged to %d: %v", log.acked, err)
	}
}
