package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// parts are the parts that a server has started. They stop in reverse order: a
// writer before what it writes to.
type parts struct {
	log   *slog.Logger
	fail  context.CancelCauseFunc // a part ended by itself
	stops []stop
}

type stop struct {
	name string
	f    func() error
}

// onStop adds a function to call when stopping.
func (p *parts) onStop(name string, f func() error) {
	p.stops = append(p.stops, stop{name, f})
}

// run starts f, which must block until its context ends and everything that it
// owns is drained. If f returns earlier, the server stops.
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

// stop stops all parts, the last one first, and waits limit at most. Parts that
// still run then are ended with the process, which loses no acknowledged event.
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
