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
// ClickHouse: the way from acceptance to where a query sees them, all of it
// at once on this machine, the load generator too.
func throughFigures(b *bench, r *report) error {
	flags := []string{"--trusted-proxies", "127.0.0.1/32"}
	if b.profile != "" {
		flags = append(flags, "--profile")
	}
	p, err := b.start(filepath.Join(b.work, "through"), flags...)
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := p.do("site", "add", site); err != nil {
		return err
	}
	const conns = 64
	own := strings.TrimPrefix(p.base, "http://")
	if _, err := load(own, site, conns, time.Second); err != nil { // warm up
		return err
	}
	before, err := settle(p)
	if err != nil {
		return err
	}
	profiled := make(chan error, 1)
	if b.profile != "" {
		go func() { profiled <- p.saveProfile(b.profile, b.long) }()
	} else {
		profiled <- nil
	}
	ownBefore, engineBefore := p.processor()
	selfBefore := ownProcessor()
	a, err := load(own, site, conns, b.long)
	if err != nil {
		return err
	}
	self := ownProcessor() - selfBefore
	ended := time.Now()
	arrived, err := engineNumber(p.data, countSQL)
	if err != nil {
		return err
	}
	behind := before + int64(a.accepted) - arrived
	for arrived < before+int64(a.accepted) && time.Since(ended) < time.Minute {
		time.Sleep(20 * time.Millisecond)
		if arrived, err = engineNumber(p.data, countSQL); err != nil {
			return err
		}
	}
	drained := time.Since(ended)
	ownAfter, engineAfter := p.processor()
	if err := <-profiled; err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	stored, err := settle(p)
	if err != nil {
		return err
	}
	r.add("end to end", fmt.Sprintf("single-event requests a second, accepted and queryable, %d connections for %v", conns, b.long),
		"%.0f; p50 %.1f ms, p99 %.1f ms; other answers than 202: %v", a.perSec, ms(a.p50), ms(a.p99), a.other)
	r.add("lag of the writer", "events accepted and not in ClickHouse when the load ends, and until there are none", "%d; %.1f s", behind, drained.Seconds())
	r.add("lost or doubled", "events in ClickHouse less those accepted", "%d of %d", int(math.Abs(float64(stored-before-int64(a.accepted)))), a.accepted)
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(max(a.accepted, 1)) }
	r.add("processor time an event", "of all processors, until the last event is queryable", "Earshot %.1f µs, its ClickHouse %.1f µs, load generator %.1f µs",
		each(ownAfter-ownBefore), each(engineAfter-engineBefore), each(self))
	r.add("memory at load", "the most that Earshot itself had resident (VmHWM)", "%.0f MiB", p.peak())
	return nil
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
