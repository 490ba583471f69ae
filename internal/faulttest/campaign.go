package main

import (
	"context"
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
	nodes    int           // programs that write to it; 0 is one
	rate     int           // events a second
	outage   time.Duration // of ClickHouse unreachable; 0 is a second or two
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
	nodes  []*program
	p      *program // whom the fault meets
	l      *load
	engine *embedded.Engine // of a server
	proxy  *proxy
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
	c.o.log.Debug("drain and reconcile")
	for _, p := range c.nodes {
		if err == nil {
			err = p.drained(ctx, patience)
		}
	}
	if err == nil {
		err = c.reconcile(ctx)
	}
	c.r.took = time.Since(begun)
	return c.r, err
}

func (c *test) open(ctx context.Context) error {
	var dsn string
	var err error
	if c.o.server {
		if dsn, err = c.openServer(ctx); err != nil {
			return err
		}
	}
	c.l = &load{seed: c.o.seed, rate: c.o.rate}
	for n := range max(c.o.nodes, 1) {
		if c.p, err = c.openNode(ctx, n, dsn); err != nil {
			return err
		}
		c.p.to.node = n
		c.l.to = append(c.l.to, c.p.to)
		c.nodes = append(c.nodes, c.p)
		if err := c.p.start(); err != nil {
			return err
		}
		if err := c.p.ready(ctx, patience); err != nil {
			return err
		}
	}
	return nil
}

// openNode makes a program's folder, with a site and a token in it.
func (c *test) openNode(ctx context.Context, n int, dsn string) (*program, error) {
	data := filepath.Join(c.dir, fmt.Sprint("data", n))
	if err := os.MkdirAll(filepath.Join(data, "spool"), 0o700); err != nil {
		return nil, err
	}
	small := c.wants(fullDiskName)
	if small {
		if err := smallDisk(filepath.Join(data, "spool")); err != nil {
			small = false
			c.r.skipped = append(c.r.skipped, fmt.Sprintf("full disk: no small one can be mounted here: %v", err))
		}
	}
	store, err := meta.Open(filepath.Join(data, meta.FileName))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if _, err = store.AddSite(ctx, meta.NewSite(site)); err != nil {
		return nil, err
	}
	_, token, err := store.AddToken(ctx, meta.Token{Kind: meta.TokenIngest})
	if err != nil {
		return nil, err
	}
	spec := programSpec{Data: data, Library: embedded.LibraryAbove(), DSN: dsn, Control: filepath.Join(c.dir, fmt.Sprintf("control%d.json", n)), Break: c.o.breakage}
	if c.o.nodes > 1 {
		spec.Roles = []string{"collect", "write"}
	}
	log, err := os.Create(filepath.Join(c.dir, fmt.Sprintf("program%d.log", n)))
	if err != nil {
		return nil, err
	}
	p, err := newProgram(spec, log)
	if err == nil {
		p.small, p.to.token = small, token
	}
	return p, err
}

// wants says whether a fault is among those asked for.
func (c *test) wants(name string) bool { return len(c.o.only) == 0 || slices.Contains(c.o.only, name) }

// openServer starts a ClickHouse of the campaign's own and gives the address
// of the proxy before it.
func (c *test) openServer(ctx context.Context) (string, error) {
	c.engine = embedded.New(embedded.Options{DataDir: filepath.Join(c.dir, "server"), Library: embedded.LibraryAbove(), Log: slog.New(slog.DiscardHandler)})
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
	for _, p := range c.nodes {
		if p.exited == nil {
			continue
		}
		if _, err := p.stop(); err != nil {
			p.kill()
		}
	}
	if c.proxy != nil {
		c.proxy.close()
	}
	keep = keep || c.o.keep
	for _, p := range c.nodes {
		spool := filepath.Join(p.spec.Data, "spool")
		if p.small && keep { // what is mounted ends with this process
			_ = os.CopyFS(filepath.Join(p.spec.Data, "spool-kept"), os.DirFS(spool))
		} else if p.small {
			_ = unmount(spool)
		}
	}
	if keep {
		c.o.log.Info("the folder is kept", "dir", c.dir)
		return nil
	}
	return os.RemoveAll(c.dir)
}

// faults brings about one after the other, every one at least once where
// there is no duration.
func (c *test) faults(ctx context.Context) error {
	var all []fault
	for _, f := range allFaults {
		if f.fits(c) && c.wants(f.name) {
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
			c.p = c.nodes[c.rng.IntN(len(c.nodes))]
			if err := c.underLoad(ctx); err != nil {
				return fmt.Errorf("before %s: %w", f.name, err)
			}
			c.o.log.Debug("fault", "name", f.name, "node", c.p.to.node, "at", time.Since(begun).Round(time.Millisecond))
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

// patience bounds each wait for something that has to come, on however busy a
// machine.
const patience = 2 * time.Minute

func waitFor(ctx context.Context, what string, ok func() bool) error {
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("not within %s: %s", patience, what)
		}
	}
	return nil
}

// recovers waits until events are accepted again.
func (c *test) recovers(ctx context.Context) error {
	before := c.p.to.accepted.Load()
	return waitFor(ctx, "events are accepted", func() bool { return c.p.to.accepted.Load() >= before+10 })
}

// underLoad waits until events and a batch were taken since the fault before,
// so that the next one meets some.
func (c *test) underLoad(ctx context.Context) error {
	batches := c.l.batches.acked.Load()
	return errors.Join(c.recovers(ctx), waitFor(ctx, "a batch is accepted", func() bool { return c.l.batches.acked.Load() > batches }))
}

// pause lets some time of between from and to ms pass.
func (c *test) pause(from, to int) {
	time.Sleep(time.Duration(from+c.rng.IntN(to-from)) * time.Millisecond)
}
