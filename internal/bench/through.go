package main

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// throughFigures posts single events for a while and watches them arrive in
// ClickHouse.
func throughFigures(b *bench, r *report) error {
	const conns = 64
	a, err := b.watch(r, "through", []string{"--trusted-proxies", "127.0.0.1/32"}, func(p *program) (poster, error) {
		own := strings.TrimPrefix(p.base, "http://")
		return func(long time.Duration) (result, error) { return load(own, site, conns, long) }, nil
	})
	if err != nil {
		return err
	}
	r.add("end to end", fmt.Sprintf("single-event requests a second, accepted and queryable, %d connections for %v", conns, b.long),
		"%.0f; p50 %.1f ms, p99 %.1f ms; other answers than 202: %v", a.perSec, ms(a.p50), ms(a.p99), a.other)
	return nil
}

// batchFigures does the same with batches.
func batchFigures(b *bench, r *report) error {
	const conns = 2
	a, err := b.watch(r, "batches", nil, func(p *program) (poster, error) {
		token, err := p.do("token", "add", "--kind", "ingest", "--site", site)
		if err != nil {
			return nil, err
		}
		token = token[strings.LastIndexByte(token, '\n')+1:]
		bodies := batchBodies(conns * 4)
		return func(long time.Duration) (result, error) { return loadBatches(p.base, token, bodies, conns, long) }, nil
	})
	if err != nil {
		return err
	}
	r.add("end to end by batches", fmt.Sprintf("events a second, accepted and queryable, batches of %d JSON lines over %d connections for %v", batchSize, conns, b.long),
		"%s; p50 of a batch %.0f ms, p99 %.0f ms; other answers than 202: %v", thousands(int(a.perSec)), ms(a.p50), ms(a.p99), a.other)
	return nil
}

// poster puts load on the program for that long.
type poster func(long time.Duration) (result, error)

// watch runs the program under load and follows the way from acceptance to
// where a query sees the events, all of it at once on this machine, the load
// generator too.
func (b *bench) watch(r *report, name string, flags []string, prepare func(p *program) (poster, error)) (result, error) {
	if b.profile != "" {
		flags = append(flags, "--profile")
	}
	p, err := b.start(filepath.Join(b.work, name), flags...)
	if err != nil {
		return result{}, err
	}
	defer p.stop()
	if _, err := p.do("site", "add", site); err != nil {
		return result{}, err
	}
	post, err := prepare(p)
	if err != nil {
		return result{}, err
	}
	if _, err := post(time.Second); err != nil { // warm up
		return result{}, err
	}
	before, err := settle(p)
	if err != nil {
		return result{}, err
	}
	profiled := make(chan error, 1)
	if b.profile != "" {
		go func() { profiled <- p.saveProfile(b.profile, b.long) }()
	} else {
		profiled <- nil
	}
	ownBefore, engineBefore := p.processor()
	selfBefore := ownProcessor()
	a, err := post(b.long)
	if err != nil {
		return a, err
	}
	self := ownProcessor() - selfBefore
	ended := time.Now()
	arrived, err := engineNumber(p.data, countSQL)
	if err != nil {
		return a, err
	}
	behind := before + int64(a.accepted) - arrived
	for arrived < before+int64(a.accepted) && time.Since(ended) < time.Minute {
		time.Sleep(20 * time.Millisecond)
		if arrived, err = engineNumber(p.data, countSQL); err != nil {
			return a, err
		}
	}
	drained := time.Since(ended)
	ownAfter, engineAfter := p.processor()
	if err := <-profiled; err != nil {
		return a, fmt.Errorf("profile: %w", err)
	}
	stored, err := settle(p)
	if err != nil {
		return a, err
	}
	r.add(name+": lag of the writer", "events accepted and not in ClickHouse when the load ends, and until there are none", "%d; %.1f s", behind, drained.Seconds())
	r.add(name+": lost or doubled", "events in ClickHouse less those accepted", "%d of %d", int(math.Abs(float64(stored-before-int64(a.accepted)))), a.accepted)
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(max(a.accepted, 1)) }
	r.add(name+": processor time an event", "of all processors, until the last event is queryable", "Earshot %.1f µs, its ClickHouse %.1f µs, load generator %.1f µs",
		each(ownAfter-ownBefore), each(engineAfter-engineBefore), each(self))
	m, err := p.meter()
	if err != nil {
		return a, err
	}
	defer m.close()
	if err := m.quiet(); err != nil {
		return a, err
	}
	tables, bytes, err := m.disk("earshot", int(stored))
	if err != nil {
		return a, err
	}
	r.add(name+": bytes per event", "active parts of all tables, after merges", "%.1f: %s", bytes, strings.Join(tables, ", "))
	r.add(name+": memory", "the most that Earshot itself had resident (VmHWM)", "%.0f MiB", p.peak())
	return a, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// ownProcessor is the processor time that this process has used.
func ownProcessor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// saveProfile writes down where the program's processor time goes.
func (p *program) saveProfile(name string, long time.Duration) error {
	resp, err := http.Get(fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", p.metrics, max(int(long.Seconds()), 1)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, resp.Body); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
