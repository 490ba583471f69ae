package pulse

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

const window = 5 * time.Minute

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func row(site uint32, visitor uint64, name string, at time.Time) event.Row {
	return event.Row{Event: event.Event{Site: site, Visitor: visitor, Name: name, Time: at}}
}

// What it says is what a look at all rows would find, to the millisecond,
// whatever order they come in and whether or not somebody asks meanwhile.
func TestCountsWhatALookAtAllRowsFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	now := noon
	b := New(window, true, func() time.Time { return now })
	b.Recalled()
	var all []event.Row
	for step := range 3000 {
		now = now.Add(time.Duration(r.IntN(2000)) * time.Millisecond)
		if step%1000 == 500 {
			now = now.Add(time.Duration(step) * time.Second)
		}
		batch := make([]event.Row, r.IntN(4))
		for i := range batch {
			at := now
			if r.IntN(4) == 0 { // came late
				at = at.Add(-time.Duration(r.IntN(400_000)) * time.Millisecond)
			}
			name := event.Pageview
			if r.IntN(3) == 0 {
				name = event.Engagement
			}
			batch[i] = row(uint32(1+r.IntN(3)), r.Uint64N(60), name, at)
		}
		b.Stored(batch)
		all = append(all, batch...)
		if r.IntN(2) == 0 {
			continue
		}
		for site := uint32(1); site <= 4; site++ {
			here, events := map[uint64]bool{}, noon.UnixMilli()
			for _, row := range all {
				if row.Site != site {
					continue
				}
				if !row.Time.Before(now.Add(-window)) {
					here[row.Visitor] = true
				}
				if row.Name != event.Engagement {
					events++
				}
			}
			visitors, n, complete := b.Now(site)
			if visitors != int64(len(here)) || n != events || !complete {
				t.Fatalf("step %d, site %d: %d visitors, %d events, complete %v; there are %d and %d", step, site, visitors, n, complete, len(here), events)
			}
		}
	}
}

// Nobody stays for ever, and nobody takes room for it.
func TestForgetsWhoHasGone(t *testing.T) {
	now := noon
	b := New(window, true, func() time.Time { return now })
	for i := range uint64(1000) {
		b.Stored([]event.Row{row(1, i, event.Pageview, now)})
	}
	now = now.Add(24 * time.Hour)
	if n, _, complete := b.Now(1); n != 0 || !complete {
		t.Errorf("a day later: %d visitors, complete %v", n, complete)
	}
	room := len(b.last)
	for _, s := range b.due {
		room += cap(s)
	}
	if room > 0 {
		t.Errorf("room for %d", room)
	}
}

// It says when it doesn't know all visitors.
func TestSaysWhatItDoesNotKnow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		alone bool
		do    func(b *Book, now *time.Time)
		want  bool
	}{
		{"it began a moment ago", true, func(*Book, *time.Time) {}, false},
		{"it began long ago", true, func(_ *Book, now *time.Time) { *now = now.Add(window) }, true},
		{"it was told", true, func(b *Book, _ *time.Time) { b.Recalled() }, true},
		{"others write too", false, func(b *Book, now *time.Time) { b.Recalled(); *now = now.Add(window) }, false},
		{"the clock was set back", true, func(b *Book, now *time.Time) { b.Recalled(); *now = now.Add(-time.Hour) }, false},
		{"told, but the clock was set back", true, func(b *Book, now *time.Time) {
			*now = now.Add(-time.Hour)
			b.Now(1)
			b.Recalled()
		}, false},
		{"long after the clock was set back", true, func(b *Book, now *time.Time) {
			*now = now.Add(-time.Hour)
			b.Now(1)
			*now = now.Add(window)
		}, true},
		{"more visitors than it may know", true, func(b *Book, _ *time.Time) {
			b.Recalled()
			b.most = 2
			b.Stored([]event.Row{row(1, 1, "x", noon), row(1, 2, "x", noon), row(1, 3, "x", noon)})
		}, false},
		{"the crowd has gone", true, func(b *Book, now *time.Time) {
			b.most = 1
			b.Stored([]event.Row{row(1, 1, "x", noon), row(1, 2, "x", noon)})
			*now = now.Add(window)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := noon
			b := New(window, tt.alone, func() time.Time { return now })
			tt.do(b, &now)
			if _, _, complete := b.Now(1); complete != tt.want {
				t.Errorf("complete: %v", complete)
			}
		})
	}
}

// Who was heard of in a run before is here, and who is heard of by both ways is
// one.
func TestHeard(t *testing.T) {
	now := noon
	b := New(window, true, func() time.Time { return now })
	b.Heard(1, 7, noon.Add(-4*time.Minute))
	b.Heard(1, 8, noon.Add(-6*time.Minute))
	b.Heard(2, 7, noon)
	b.Heard(1, 9, noon.Add(time.Hour)) // the clock was set back before the start
	b.Stored([]event.Row{row(1, 7, event.Engagement, noon.Add(-3*time.Minute))})
	for site, want := range map[uint32]int64{1: 1, 2: 1, 3: 0} {
		if n, _, _ := b.Now(site); n != want {
			t.Errorf("site %d: %d visitors, want %d", site, n, want)
		}
	}
	now = noon.Add(90 * time.Second)
	if n, _, _ := b.Now(1); n != 1 {
		t.Errorf("%d visitors: what came last doesn't count", n)
	}
}

// Whoever waits hears of what happens at the site, and of nothing else.
func TestChanged(t *testing.T) {
	now := noon
	b := New(window, true, func() time.Time { return now })
	b.Stored([]event.Row{row(1, 7, event.Pageview, now)})
	for _, tt := range []struct {
		name string
		do   func()
		want bool
	}{
		{"another site's event", func() { b.Stored([]event.Row{row(2, 7, event.Pageview, now)}) }, false},
		{"reading on", func() { b.Stored([]event.Row{row(1, 7, event.Engagement, now)}) }, false},
		{"an event", func() { b.Stored([]event.Row{row(1, 7, event.Pageview, now)}) }, true},
		{"another reader", func() { b.Stored([]event.Row{row(1, 8, event.Engagement, now)}) }, true},
		{"asking", func() { b.Now(1) }, false},
		{"readers who have gone", func() { now = now.Add(window + time.Second); b.Now(2) }, true},
	} {
		changed := b.Changed(1)
		tt.do()
		select {
		case <-changed:
			if !tt.want {
				t.Errorf("%s is told", tt.name)
			}
		default:
			if tt.want {
				t.Errorf("%s is not told", tt.name)
			}
		}
	}
}

// What the writer takes longer for, for each batch of 1,000 rows.
func BenchmarkStored(b *testing.B) {
	now := noon
	book := New(window, true, func() time.Time { return now })
	batch := make([]event.Row, 1000)
	n := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(20 * time.Millisecond)
		for i := range batch {
			n++
			batch[i] = row(uint32(n%10), n/4, event.Pageview, now)
		}
		book.Stored(batch)
	}
}
