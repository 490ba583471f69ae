package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// parts are what a server has started, each to be stopped after those that
// were started later: who writes stops before what is written to.
type parts struct {
	log   *slog.Logger
	fail  context.CancelCauseFunc // a part ended by itself
	stops []stop
}

type stop struct {
	name string
	f    func() error
}

// onStop adds something to do when its turn comes.
func (p *parts) onStop(name string, f func() error) {
	p.stops = append(p.stops, stop{name, f})
}

// run starts f, which is to block until its context ends and everything that
// it owns is drained. Ending before that is the end of the server.
func (p *parts) run(name string, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		err := f(ctx)
		if ctx.Err() == nil {
			if err == nil {
				err = errors.New("ended by itself")
			}
			p.fail(fmt.Errorf("%s: %w", name, err))
		}
		done <- err
	}()
	p.onStop(name, func() error {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
}

// stop stops all parts, last one first, and waits no longer than limit: what
// is then still at it is left to the end of the process, which loses nothing
// that was acknowledged.
func (p *parts) stop(limit time.Duration) error {
	done := make(chan error, 1)
	go func() {
		var errs []error
		for i := len(p.stops) - 1; i >= 0; i-- {
			start := time.Now()
			if err := p.stops[i].f(); err != nil {
				errs = append(errs, fmt.Errorf("stop %s: %w", p.stops[i].name, err))
			}
			p.log.Debug("stopped", "part", p.stops[i].name, "took", time.Since(start).Round(time.Millisecond))
		}
		done <- errors.Join(errs...)
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("stopping took longer than %s", limit)
	}
}
