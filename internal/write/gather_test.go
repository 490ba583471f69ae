package write

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/spool"
)

// waiting is a spool that has one group, and gets no other.
type waiting struct{ records []string }

func (waiting) ID() string       { return "id" }
func (waiting) Acked() uint64    { return 0 }
func (waiting) Ack(uint64) error { return nil }

func (waiting) Resent(uint64, uint64) error { return nil }

func (s waiting) Read(from uint64, _ int) ([]spool.Group, uint64, error) {
	if from > 1 {
		return nil, from - 1, nil
	}
	return []spool.Group{{Index: 1, Records: s.records}}, 1, nil
}

func (s waiting) Wait(ctx context.Context, after uint64) error {
	if after == 0 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// How long an event waits for others: longer where many come, and no longer
// once the batch is full or the writer ends.
func TestHowLongABatchGathers(t *testing.T) {
	for _, tt := range []struct {
		name      string
		records   int
		endsAfter time.Duration // 0 for never
		want      time.Duration
	}{
		{name: "one", records: 1, want: time.Second},
		{name: "nearly a crowd", records: crowd - 1, want: time.Second},
		{name: "a crowd", records: crowd, want: 2 * time.Second},
		{name: "full", records: 5000},
		{name: "a crowd at the end", records: crowd, endsAfter: 1500 * time.Millisecond, want: 1500 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := string(event.AppendEvent(nil, &event.Event{Site: 1, Time: time.Now(), Visitor: 1, Name: event.Pageview}))
				s := waiting{}
				for range tt.records {
					s.records = append(s.records, rec)
				}
				w := New(Options{Source: s, MaxWait: time.Second, MaxRows: 5000})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.endsAfter > 0 {
					time.AfterFunc(tt.endsAfter, cancel)
				}
				var b batch
				b.reset(1, "id-1")
				begun := time.Now()
				if err := w.gather(ctx, &b); err != nil && tt.endsAfter == 0 {
					t.Fatal(err)
				}
				if got := time.Since(begun); got != tt.want || b.records() != tt.records {
					t.Errorf("%d records after %v", b.records(), got)
				}
			})
		})
	}
}
