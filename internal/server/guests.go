package server

import (
	"context"
	"time"
)

// guests lets strangers' passwords be checked one at a time, with a few
// waiting: a check costs time and memory on purpose, and a flood of them must
// leave room for browsers that signed in before, and for everything else.
type guests struct {
	waiting chan struct{}
	turn    chan struct{}
}

const (
	maxGuests = 16
	guestWait = 5 * time.Second
)

func newGuests() guests {
	return guests{make(chan struct{}, maxGuests), make(chan struct{}, 1)}
}

// enter waits for a turn; call leave at its end. It is false when too many
// wait already, or after guestWait.
func (g guests) enter(ctx context.Context) (leave func(), ok bool) {
	select {
	case g.waiting <- struct{}{}:
	default:
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, guestWait)
	defer cancel()
	select {
	case g.turn <- struct{}{}:
		return func() { <-g.turn; <-g.waiting }, true
	case <-ctx.Done():
		<-g.waiting
		return nil, false
	}
}
