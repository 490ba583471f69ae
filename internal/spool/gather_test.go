package spool

import (
	"testing"
	"testing/synctest"
	"time"
)

// How long a commit waits for others to share it.
func TestGather(t *testing.T) {
	for _, tt := range []struct {
		name          string
		last, pending int // records in the commit before, and come since
		want          time.Duration
	}{
		{"few come", crowd - 1, 0, 0},
		{"many come", crowd, 0, gatherFor},
		{"some have come", crowd, enough - 1, gatherFor},
		{"enough have come", crowd, enough, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Spool{o: Options{MaxBytes: 1 << 20}, many: make(chan struct{}, 1), lastBegan: time.Now(), lastCount: tt.last}
				s.last.Store(&totals{})
				s.acked.Store(&totals{})
				for range tt.pending {
					if _, err := s.join(1, [][]byte{{'x'}}); err != nil {
						t.Fatal(err)
					}
				}
				s.gather()
				if got := time.Since(s.lastBegan); got != tt.want {
					t.Errorf("waited %v", got)
				}
			})
		})
	}
}
