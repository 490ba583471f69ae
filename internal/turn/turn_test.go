package turn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/earshot-analytics/earshot/internal/turn"
)

func as(t *testing.T, c turn.Class, key string) context.Context {
	return turn.With(t.Context(), turn.Asker{Class: c, Key: key})
}

func take(t *testing.T, turns *turn.Turns, ctx context.Context) func() {
	t.Helper()
	done, err := turns.Take(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// What strangers hold, users, tokens and the program don't wait for.
func TestClassesDontWaitForEachOther(t *testing.T) {
	one := turn.Limit{Places: 1, Queue: 5, Line: 5}
	turns := turn.New("things", turn.Limits{turn.Program: one, turn.User: one, turn.Token: one, turn.Stranger: one}, nil)
	take(t, turns, as(t, turn.Stranger, "a"))
	take(t, turns, as(t, turn.Token, "a"))
	take(t, turns, as(t, turn.User, "a"))
	take(t, turns, t.Context()) // the program's
}

// An asker who wants everything leaves a place, and in the queue the others
// come between.
func TestPlacesGoRoundAmongAskers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := turn.New("things", turn.Limits{turn.User: {Places: 3, Each: 2, Queue: 50, Line: 20}}, nil)
		var order []string
		var mu sync.Mutex
		ask := func(key string) {
			go func() {
				done := take(t, turns, as(t, turn.User, key))
				mu.Lock()
				order = append(order, key)
				mu.Unlock()
				time.Sleep(time.Second)
				done()
			}()
			synctest.Wait() // the next comes later
		}
		for range 6 {
			ask("greedy")
		}
		ask("a") // gets the third place at once
		ask("b")
		ask("b")
		ask("c")
		time.Sleep(time.Minute)
		synctest.Wait()
		// Three places come free at one instant: in which order those who get them
		// go on is chance.
		if got, want := strings.Join(order, " "), "greedy greedy a "; !strings.HasPrefix(got, want) || !slices.Contains(order[3:6], "b") {
			t.Errorf("order %v", order)
		}
		if last := slices.Index(order, "c"); last > 6 {
			t.Errorf("c, who asked once, came as number %d: %v", last, order)
		}
		if len(order) != 10 {
			t.Errorf("%d of 10 had their turn", len(order))
		}
	})
}

func TestQueuesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		turns := turn.New("things", turn.Limits{turn.Stranger: {Places: 1, Queue: 3, Line: 2}}, reg)
		take(t, turns, as(t, turn.Stranger, "a"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		wait := func(key string) (err error) {
			go func() { _, err = turns.Take(turn.With(ctx, turn.Asker{Class: turn.Stranger, Key: key})) }()
			synctest.Wait()
			return err // nil while it waits
		}
		var full *turn.FullError
		if err := errors.Join(wait("a"), wait("a")); err != nil {
			t.Fatal(err)
		}
		if err := wait("a"); !errors.As(err, &full) || !full.Own {
			t.Errorf("the third of one asker: %v", err)
		}
		if err := wait("b"); err != nil {
			t.Error(err)
		}
		if err := wait("c"); !errors.As(err, &full) || full.Own {
			t.Errorf("the fourth of all: %v", err)
		}
		const want = `
# HELP earshot_turns_refused_total Askings that found too many waiting before them.
# TYPE earshot_turns_refused_total counter
earshot_turns_refused_total{class="stranger",of="things"} 2
# HELP earshot_turns_waiting Askings that wait for a place.
# TYPE earshot_turns_waiting gauge
earshot_turns_waiting{class="program",of="things"} 0
earshot_turns_waiting{class="stranger",of="things"} 3
earshot_turns_waiting{class="token",of="things"} 0
earshot_turns_waiting{class="user",of="things"} 0
`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "earshot_turns_refused_total", "earshot_turns_waiting"); err != nil {
			t.Error(err)
		}
	})
}

// Who goes away while waiting takes no place along, and who had one gives it
// back.
func TestGoingAwayFreesThePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := turn.New("things", turn.Limits{turn.User: {Places: 1, Queue: 9, Line: 9}}, nil)
		done := take(t, turns, as(t, turn.User, "a"))
		for i := range 5 {
			ctx, cancel := context.WithTimeout(as(t, turn.User, fmt.Sprint(i)), time.Second)
			_, err := turns.Take(ctx)
			cancel()
			var full *turn.FullError
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &full) {
				t.Fatalf("waited out: %v", err)
			}
		}
		done()
		done() // once more is nothing
		take(t, turns, as(t, turn.User, "b"))()
		gone, cancel := context.WithCancel(as(t, turn.User, "c"))
		cancel()
		if _, err := turns.Take(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("gone before: %v", err)
		}
		take(t, turns, as(t, turn.User, "d"))
	})
}

// Whatever askers do, no more places are taken than there are, and in the end
// none is.
func TestPlacesAreNeverMoreThanThereAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := turn.New("things", turn.Limits{turn.User: {Places: 3, Each: 2, Queue: 1000, Line: 1000}}, nil)
		var mu sync.Mutex
		now := map[string]int{}
		var wg sync.WaitGroup
		for i := range 400 {
			key := fmt.Sprint(i % 4)
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(as(t, turn.User, key), time.Duration(i%97)*time.Millisecond)
				defer cancel()
				done, err := turns.Take(ctx)
				if err != nil {
					return
				}
				mu.Lock()
				now[key]++
				sum := now["0"] + now["1"] + now["2"] + now["3"]
				if sum > 3 || now[key] > 2 {
					t.Errorf("taken: %v", now)
				}
				mu.Unlock()
				time.Sleep(time.Duration(i%7) * time.Millisecond)
				mu.Lock()
				now[key]--
				mu.Unlock()
				done()
			})
		}
		wg.Wait()
		for _, key := range []string{"x", "y", "z"} {
			take(t, turns, as(t, turn.User, key))
		}
	})
}
