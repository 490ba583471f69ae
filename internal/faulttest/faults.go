package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// fault is one thing that goes wrong, and comes right again before do returns.
type fault struct {
	name string
	fits func(*test) bool
	do   func(context.Context, *test) error
}

func anywhere(*test) bool      { return true }
func atServer(c *test) bool    { return c.o.server }
func onSmallDisk(c *test) bool { return c.p.small }

var allFaults = []fault{
	{"kill", anywhere, func(ctx context.Context, c *test) error {
		c.p.kill()
		return c.again(ctx)
	}},
	{"kill twice", anywhere, func(ctx context.Context, c *test) error { // the second at any moment of the start
		c.p.kill()
		if err := c.p.start(); err != nil {
			return err
		}
		c.pause(1, 600)
		c.p.kill()
		return c.again(ctx)
	}},
	{"stop", anywhere, func(ctx context.Context, c *test) error {
		if err := c.stop(); err != nil {
			return err
		}
		return c.again(ctx)
	}},
	{"kill ClickHouse", anywhere, func(ctx context.Context, c *test) error {
		pid := c.enginePID()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
		c.pause(100, 800)
		if err := waitFor(ctx, "ClickHouse is started again", func() bool { now := c.enginePID(); return now != pid && now != 0 }); err != nil {
			return err // the next fault would look for the one that is dead
		}
		return c.p.ready(ctx, patience)
	}},
	{"stall ClickHouse", anywhere, func(ctx context.Context, c *test) error {
		if err := c.stall(); err != nil {
			return err
		}
		c.pause(500, 1500)
		return syscall.Kill(c.enginePID(), syscall.SIGCONT)
	}},
	{"stop while ClickHouse stalls", anywhere, func(ctx context.Context, c *test) error {
		if err := c.stall(); err != nil {
			return err
		}
		defer c.wakeServer()
		c.pause(300, 900)
		if err := c.stop(); err != nil {
			return err
		}
		c.wakeServer()
		return c.again(ctx)
	}},
	{"kill while ClickHouse stalls", anywhere, func(ctx context.Context, c *test) error {
		if err := c.stall(); err != nil {
			return err
		}
		defer c.wakeServer()
		c.pause(500, 1500)
		c.p.kill()
		c.wakeServer()
		return c.again(ctx)
	}},
	{"damage", anywhere, damage},
	{fullDiskName, onSmallDisk, fullDisk},
	{"slow disk", anywhere, func(ctx context.Context, c *test) error {
		if err := c.p.control(func(ctl *control) { ctl.SyncMS = int64(20 + c.rng.IntN(300)) }); err != nil {
			return err
		}
		c.pause(500, 1500)
		if c.rng.IntN(2) == 0 {
			c.p.kill()
			if err := c.again(ctx); err != nil {
				return err
			}
		}
		return c.p.control(func(ctl *control) { ctl.SyncMS = 0 })
	}},
	{"failing disk", anywhere, func(ctx context.Context, c *test) error {
		before := c.p.to.refusals.Load()
		if err := c.p.control(func(ctl *control) { ctl.Broken = true }); err != nil {
			return err
		}
		c.pause(300, 1500)
		if waitFor(ctx, "refused", func() bool { return c.p.to.refusals.Load() > before }) != nil {
			c.r.wrong("a failing disk refused nobody")
		}
		if c.rng.IntN(2) == 0 {
			c.p.kill()
			if err := c.p.start(); err != nil {
				return err
			}
			c.pause(50, 500)
		}
		select {
		case <-c.p.exited: // it can't begin on such a disk: a supervisor starts it again
			if err := c.p.start(); err != nil {
				return err
			}
		default:
		}
		if err := c.p.control(func(ctl *control) { ctl.Broken = false }); err != nil {
			return err
		}
		select {
		case <-c.p.exited:
			return c.again(ctx)
		case <-time.After(100 * time.Millisecond):
			return c.p.ready(ctx, patience)
		}
	}},
	{"clock step", anywhere, func(ctx context.Context, c *test) error {
		hours := time.Duration(c.rng.IntN(10)-5) * time.Hour
		return c.setClock(hours + time.Duration(c.rng.IntN(3600))*time.Second)
	}},
	{"midnight", anywhere, func(ctx context.Context, c *test) error { // under load, and a crash soon after it
		const before = 1200 * time.Millisecond
		now := time.Now().UTC()
		if err := c.setClock(now.Truncate(24 * time.Hour).Add(24 * time.Hour).Add(-before).Sub(now)); err != nil {
			return err
		}
		time.Sleep(before)
		c.pause(50, 600)
		c.p.kill()
		if err := c.again(ctx); err != nil {
			return err
		}
		c.pause(500, 501)
		return nil
	}},
	{"unreachable ClickHouse", atServer, func(ctx context.Context, c *test) error {
		return c.outage(ctx, func() error { return nil })
	}},
	{"kill while ClickHouse is unreachable", atServer, func(ctx context.Context, c *test) error { // it begins, and takes events, without
		return c.outage(ctx, func() error {
			c.p.kill()
			return c.p.start()
		})
	}},
	{"stalled network", atServer, func(ctx context.Context, c *test) error {
		c.proxy.set(hold)
		c.pause(500, 1500)
		c.proxy.set(pass)
		return nil
	}},
	{"reset connections", atServer, func(ctx context.Context, c *test) error {
		for range 10 {
			c.proxy.reset()
			c.pause(20, 150)
		}
		return nil
	}},
	{"lost answers", atServer, func(ctx context.Context, c *test) error { // what is sent arrives, what comes back doesn't
		if err := c.swallow(ctx); err != nil {
			return err
		}
		c.proxy.reset()
		c.proxy.set(pass)
		return nil
	}},
	{"kill with answers lost", atServer, func(ctx context.Context, c *test) error { // a batch has landed, and nobody knows
		if err := c.swallow(ctx); err != nil {
			return err
		}
		c.p.kill()
		c.proxy.set(pass)
		c.proxy.reset()
		return c.again(ctx)
	}},
}

// outage has ClickHouse unreachable for as long as was asked for, with
// something done in the middle. Events are accepted all the while.
func (c *test) outage(ctx context.Context, middle func() error) error {
	c.proxy.set(refuse)
	defer c.proxy.set(pass)
	half := func() error {
		if c.o.outage == 0 {
			c.pause(400, 1250)
			return nil
		}
		for end := time.Now().Add(c.o.outage / 2); time.Now().Before(end); time.Sleep(time.Second) {
			if err := c.recovers(ctx); err != nil {
				return fmt.Errorf("while ClickHouse is unreachable: %w", err)
			}
		}
		return nil
	}
	if err := half(); err != nil {
		return err
	}
	if err := middle(); err != nil {
		return err
	}
	if err := errors.Join(c.recovers(ctx), half()); err != nil {
		return err
	}
	waited, err := c.p.metrics()
	if err != nil {
		return err
	}
	c.proxy.set(pass)
	back := time.Now()
	if err := c.p.ready(ctx, patience); err != nil || c.o.outage == 0 {
		return err
	}
	err = c.p.caughtUp(ctx, 5*time.Minute)
	c.r.outages = append(c.r.outages, fmt.Sprintf("%s without ClickHouse: %.0f records waited, and were there %s after it came back",
		c.o.outage, waited["earshot_spool_waiting_records"], time.Since(back).Round(100*time.Millisecond)))
	return err
}

// swallow loses answers until a batch has landed of which nobody knows.
func (c *test) swallow(ctx context.Context) error {
	c.proxy.set(swallow)
	err := waitFor(ctx, "an answer is lost", c.proxy.swallowed)
	c.pause(500, 1200) // an insert may answer in parts
	return err
}

// again starts the program and waits until it is ready.
func (c *test) again(ctx context.Context) error {
	if err := c.p.start(); err != nil {
		return err
	}
	return c.p.ready(ctx, patience)
}

// stop is a graceful stop under load, which has its limit.
func (c *test) stop() error {
	took, err := c.p.stop()
	c.r.slowestStop = max(c.r.slowestStop, took)
	if err != nil {
		c.r.wrong("%v", err)
	}
	return nil
}

func (c *test) enginePID() int {
	if c.engine != nil {
		return c.engine.PID()
	}
	return c.p.enginePID()
}

// stall stops ClickHouse as a swapping or frozen machine does.
func (c *test) stall() error {
	pid := c.enginePID()
	if pid == 0 {
		return errors.New("there is no ClickHouse to stall")
	}
	return syscall.Kill(pid, syscall.SIGSTOP)
}

// wakeServer ends the stall of a server, which doesn't end with the program.
func (c *test) wakeServer() {
	if c.engine != nil && c.engine.PID() > 0 {
		_ = syscall.Kill(c.engine.PID(), syscall.SIGCONT)
	}
}

// setClock moves the program's clock; visitors begin anew, since who comes
// back after hours makes a new visit.
func (c *test) setClock(ahead time.Duration) error {
	return c.quiet(func() error { return c.p.control(func(ctl *control) { ctl.ClockMS = ahead.Milliseconds() }) })
}

const fullDiskName = "full disk"

// fullDisk has somebody else take all room of the spool's disk.
func fullDisk(ctx context.Context, c *test) error {
	path := filepath.Join(c.p.spec.Data, "spool", "ballast")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	defer f.Close()
	block := make([]byte, 64<<10)
	fill := func() error {
		for err == nil {
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		err = nil
		return nil
	}
	before := c.p.to.refusals.Load()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if err := fill(); err != nil { // again, where the spool has forgotten a file
			return err
		}
		n := c.p.to.accepted.Load()
		time.Sleep(300 * time.Millisecond)
		if c.p.to.accepted.Load() == n {
			break
		}
		if time.Now().After(deadline) {
			c.r.wrong("events are accepted although the disk is full")
			break
		}
	}
	if c.p.to.refusals.Load() == before {
		c.r.wrong("a full disk refused nobody")
	}
	if c.rng.IntN(2) == 0 {
		c.p.kill()
		if err := c.p.start(); err != nil {
			return err
		}
		c.pause(300, 900)
	}
	if err := errors.Join(f.Close(), os.Remove(path)); err != nil {
		return err
	}
	// It may have ended at its start for want of room: a supervisor starts it
	// again.
	select {
	case <-c.p.exited:
		return c.again(ctx)
	case <-time.After(100 * time.Millisecond):
	}
	if err := c.p.ready(ctx, patience); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	return nil
}
