package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/meta"
)

type options struct {
	seed     uint64
	duration time.Duration // 0: every fault once
	server   bool          // ClickHouse is a server, reached through a proxy of ours
	rate     int           // events a second
	only     []string      // faults; empty is all
	breakage string
	keep     bool
	log      *slog.Logger
}

// test is a campaign under way.
type test struct {
	o      options
	rng    *rand.Rand
	dir    string
	p      *program
	l      *load
	engine *embedded.Engine // of a server
	proxy  *proxy
	ctl    control
	small  bool // the spool has a small disk of its own
	r      *report
}

// campaign runs one and gives what came out; the error is of the campaign
// itself.
func campaign(ctx context.Context, o options) (r *report, err error) {
	begun := time.Now()
	dir, err := os.MkdirTemp("", "earshot-faults-")
	if err != nil {
		return nil, err
	}
	c := &test{o: o, dir: dir, rng: rand.New(rand.NewPCG(o.seed, 1)), r: &report{faults: map[string]int{}}}
	defer func() {
		err = errors.Join(err, c.close(err != nil || r.err() != nil && o.breakage == ""))
	}()
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	loadCtx, stopLoad := context.WithCancel(ctx)
	defer stopLoad()
	c.l.start(loadCtx)
	err = c.faults(ctx)
	stopLoad()
	c.l.wg.Wait()
	if err == nil {
		c.o.log.Debug("drain and reconcile")
		err = c.p.drained(ctx, time.Minute)
	}
	if err == nil {
		err = c.reconcile(ctx)
	}
	c.r.took = time.Since(begun)
	return c.r, err
}

func (c *test) open(ctx context.Context) error {
	data := filepath.Join(c.dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "spool"), 0o700); err != nil {
		return err
	}
	if err := smallDisk(filepath.Join(data, "spool")); err == nil {
		c.small = true
	} else {
		c.r.skipped = append(c.r.skipped, fmt.Sprintf("full disk: no small one can be mounted here: %v", err))
	}
	store, err := meta.Open(filepath.Join(data, meta.FileName))
	if err != nil {
		return err
	}
	_, err = store.AddSite(ctx, meta.NewSite(site))
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	spec := programSpec{Data: data, Library: library(), Control: filepath.Join(c.dir, "control.json"), Break: c.o.breakage}
	if c.o.server {
		if spec.DSN, err = c.openServer(ctx); err != nil {
			return err
		}
	}
	log, err := os.Create(filepath.Join(c.dir, "program.log"))
	if err != nil {
		return err
	}
	if c.p, err = newProgram(spec, log); err != nil {
		return err
	}
	if err := c.p.start(); err != nil {
		return err
	}
	c.l = &load{address: c.p.spec.Listen, seed: c.o.seed, pause: time.Duration(senders) * time.Second / time.Duration(c.o.rate)}
	return c.p.ready(ctx, time.Minute)
}

// openServer starts a ClickHouse of the campaign's own and gives the address
// of the proxy before it.
func (c *test) openServer(ctx context.Context) (string, error) {
	c.engine = embedded.New(embedded.Options{DataDir: filepath.Join(c.dir, "server"), Library: library(), Log: slog.New(slog.DiscardHandler)})
	if err := c.engine.Start(ctx); err != nil {
		c.engine = nil
		return "", err
	}
	engineCtx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.engine.Run(engineCtx) }()
	var err error
	if c.proxy, err = newProxy(c.engine.Addr); err != nil {
		stop()
		return "", err
	}
	c.proxy.onClose = func() { stop(); <-ended }
	u, err := url.Parse(c.engine.DSN())
	if err != nil {
		return "", err
	}
	u.Host = c.proxy.addr()
	return u.String(), nil
}

func (c *test) close(keep bool) error {
	if c.p != nil && c.p.exited != nil {
		if _, err := c.p.stop(); err != nil {
			c.p.kill()
		}
	}
	if c.proxy != nil {
		c.proxy.close()
	}
	if keep || c.o.keep {
		if c.small { // what is mounted ends with this process
			_ = os.CopyFS(filepath.Join(c.dir, "spool"), os.DirFS(filepath.Join(c.dir, "data", "spool")))
		}
		c.o.log.Info("the folder is kept", "dir", c.dir)
		return nil
	}
	if c.small {
		_ = unmount(filepath.Join(c.dir, "data", "spool"))
	}
	return os.RemoveAll(c.dir)
}

// faults brings about one after the other, every one at least once where
// there is no duration.
func (c *test) faults(ctx context.Context) error {
	var all []fault
	for _, f := range allFaults {
		if f.fits(c) && (len(c.o.only) == 0 || slices.Contains(c.o.only, f.name)) {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return errors.New("no such fault")
	}
	begun := time.Now()
	for round := 0; ; round++ {
		c.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, f := range all {
			c.pause(300, 800)
			if err := ctx.Err(); err != nil {
				return err
			}
			if c.o.duration > 0 && time.Since(begun) >= c.o.duration {
				return nil
			}
			c.o.log.Debug("fault", "name", f.name, "at", time.Since(begun).Round(time.Millisecond))
			c.r.faults[f.name]++
			if err := f.do(ctx, c); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			if err := c.recovers(ctx); err != nil {
				return fmt.Errorf("after %s: %w", f.name, err)
			}
		}
		if c.o.duration == 0 {
			c.pause(300, 800)
			return nil
		}
	}
}

// recovers waits until events are accepted again.
func (c *test) recovers(ctx context.Context) error {
	before := c.l.accepted.Load()
	for deadline := time.Now().Add(15 * time.Second); c.l.accepted.Load() < before+10; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return errors.New("no event is accepted within 15 s")
		}
	}
	return nil
}

// pause lets some time of between from and to ms pass.
func (c *test) pause(from, to int) {
	time.Sleep(time.Duration(from+c.rng.IntN(to-from)) * time.Millisecond)
}

// control tells the program under test what its clock and its disk are.
func (c *test) control(change func(*control)) error {
	change(&c.ctl)
	b, err := json.Marshal(c.ctl)
	if err != nil {
		return err
	}
	tmp := c.p.spec.Control + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	if err := os.Rename(tmp, c.p.spec.Control); err != nil {
		return err
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(controlEvery) {
		if seen, err := os.ReadFile(c.p.spec.Control + seenSuffix); err == nil && bytes.Equal(seen, b) {
			return nil
		}
	}
	return errors.New("the program doesn't look at its control file")
}

// library is libchdb's place above the working folder.
func library() string {
	dir, err := os.Getwd()
	for err == nil {
		path := filepath.Join(dir, embedded.LibraryPath)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
