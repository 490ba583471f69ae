package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// damage kills the program while events wait in its spool, flips a bit in one
// of its files or cuts one short, and starts it again. What was lost must be
// among what waited there, and no more than the program says.
func damage(ctx context.Context, c *test) error {
	if err := c.quiet(func() error { return c.p.drained(ctx, 30*time.Second) }); err != nil {
		return err
	}
	epoch := c.l.epoch.Load()
	if err := c.stall(); err != nil {
		return err
	}
	defer c.wakeServer()
	c.pause(600, 1500)
	c.p.kill()
	c.wakeServer()
	what, err := c.harm()
	if err != nil {
		return err
	}
	err = c.quiet(func() error { return c.again(ctx) }) // whose page view is lost comes back as somebody else
	if err == nil {
		err = c.recovers(ctx)
	}
	if err == nil { // what was damaged has been gone through when newer events have arrived
		err = c.quiet(func() error { return c.p.drained(ctx, 30*time.Second) })
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	m, err := c.p.metrics()
	if err != nil {
		return err
	}
	c.o.log.Debug("damage", "what", what, "groups", m["earshot_spool_damaged_groups"], "records", m["earshot_spool_lost_records"])
	c.r.damage = append(c.r.damage, harm{what, c.p.to.node, epoch, int(m["earshot_spool_damaged_groups"]), int(m["earshot_spool_lost_records"])})
	return nil
}

// quiet does something while no event is under way; visitors begin anew.
func (c *test) quiet(do func() error) (err error) {
	c.l.newEpoch(func() { err = do() })
	return err
}

// harm is what was done to a file, and what the program said of it.
type harm struct {
	what            string
	node            int
	epoch           int64 // what was acknowledged in it may be missing
	groups, records int
}

func (c *test) harm() (what string, err error) {
	var files []string
	for _, pattern := range []string{"spool/log/*.wal", "spool/log/*.wal", "spool/log/*.wal", "spool/log/segments.*", "spool/log/acked.*", "outbox/outbox.*", "outbox/outbox.*"} {
		found, _ := filepath.Glob(filepath.Join(c.p.spec.Data, pattern))
		files = append(files, found...)
	}
	name := files[c.rng.IntN(len(files))]
	b, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	used := max(len(bytes.TrimRight(b, "\x00")), 1)
	at := c.rng.IntN(used)
	short, _ := filepath.Rel(c.p.spec.Data, name)
	if filepath.Ext(name) == ".wal" && c.rng.IntN(3) == 0 {
		return fmt.Sprintf("%s cut at %d of %d", short, at, used), os.Truncate(name, int64(at))
	}
	b[at] ^= 1 << c.rng.IntN(8)
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.WriteAt(b[at:at+1], int64(at))
	return fmt.Sprintf("a bit of %s flipped at %d of %d", short, at, used), err
}
