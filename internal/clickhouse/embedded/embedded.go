// Package embedded runs a real ClickHouse beside Earshot, so that one program
// and one data folder are all that there is to install.
//
// The engine lives in a child process of the same binary, because a crash
// inside it must not take the web server along. The child loads libchdb and
// serves ClickHouse's native protocol on a loopback port, behind a password
// made at each start. It ends when its parent ends, however that happens: it
// reads a pipe that nobody writes to, and leaves when the pipe closes.
//
// main and TestMain call [RunChildIfAsked] before anything else. cmd/earshot
// then makes an [Engine], calls Start, and keeps Run going until everything
// that writes has been drained. Nobody else imports this package but chtest.
package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// User is the one account that the engine lets in from the network.
	User = "earshot"
	// DefaultMemoryLimit is in bytes. Every query of Earshot passes within it
	// at 100 million events; the engine overshoots it by up to a half.
	DefaultMemoryLimit = 768 << 20

	queryPercent = 40 // of the memory, for one query

	startTimeout = 60 * time.Second // a recovery after a crash reads every part's metadata
	stopTimeout  = 1500 * time.Millisecond
)

// Options say where the engine lives and what it may use.
type Options struct {
	// DataDir is Earshot's data folder; the engine keeps to <DataDir>/engine
	// and may write backups to <DataDir>/backups.
	DataDir string
	// MemoryLimit is what the server may use, in bytes; 0 means
	// DefaultMemoryLimit. One query gets two fifths of it and spills to disk
	// from half of that on, a join from a quarter of that.
	MemoryLimit int64
	// Library is the path of libchdb.so. Empty means EARSHOT_LIBCHDB, or else
	// the usual places: see libraryCandidates.
	Library string
	// Log receives starts, restarts and fallbacks; nil means slog.Default.
	Log *slog.Logger
	// Progress, where set, is told what Start is doing, for people who wait.
	Progress func(stage string)
}

// Engine is one embedded ClickHouse. Its methods may be called from several
// goroutines, except Start, Run and Stop, which belong to the owner.
type Engine struct {
	opts Options
	dirs dirs
	log  *slog.Logger

	password string
	lock     *os.File
	runner   *runner // what worked at Start: the library or the binary

	mu   sync.Mutex
	addr string // host:port; survives restarts unless the port was taken meanwhile
	proc *process
}

// New makes an engine without touching disk or network.
func New(opts Options) *Engine {
	if opts.MemoryLimit <= 0 {
		opts.MemoryLimit = DefaultMemoryLimit
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Progress == nil {
		opts.Progress = func(string) {}
	}
	return &Engine{opts: opts, log: opts.Log, dirs: dirsOf(opts.DataDir)}
}

// dirs are the engine's folders, absolute.
type dirs struct{ data, engine, store, run, log, backups string }

func dirsOf(dataDir string) dirs {
	if abs, err := filepath.Abs(dataDir); err == nil {
		dataDir = abs
	}
	e := filepath.Join(dataDir, "engine")
	return dirs{
		data:    dataDir,
		engine:  e,
		store:   filepath.Join(e, "data"),
		run:     filepath.Join(e, "run"),
		log:     filepath.Join(e, "log"),
		backups: filepath.Join(dataDir, "backups"),
	}
}

// Start returns when the engine answers queries. It fails with a sentence for
// the person at the keyboard when another process holds the data folder
// ([LockedError]) or when there is no ClickHouse to run ([NoEngineError]).
func (e *Engine) Start(ctx context.Context) error {
	for _, d := range []string{e.dirs.store, e.dirs.run, e.dirs.log, e.dirs.backups} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("make engine folder: %w", err)
		}
	}
	e.opts.Progress("lock data folder")
	lock, err := takeLock(ctx, e.dirs)
	if err != nil {
		return err
	}
	e.lock = lock
	e.password = rand.Text()
	if err := e.startAny(ctx); err != nil {
		e.release()
		return err
	}
	return nil
}

// startAny tries each way of running ClickHouse and keeps the first that works.
func (e *Engine) startAny(ctx context.Context) error {
	var tried []error
	for _, r := range runners(e.opts.Library, e.dirs.data) {
		e.opts.Progress("start ClickHouse from " + r.path)
		err := e.launch(ctx, &r)
		if err == nil {
			e.runner = &r
			return nil
		}
		var unusable *unusableError
		if !errors.As(err, &unusable) {
			return fmt.Errorf("start ClickHouse from %s: %w", r.path, err)
		}
		e.log.Warn("ClickHouse cannot be run from here, trying the next place", "path", r.path, "reason", unusable.reason)
		tried = append(tried, err)
	}
	return &NoEngineError{Tried: tried}
}

// launch starts one child and waits until it answers. A port that somebody
// else took meanwhile is replaced.
func (e *Engine) launch(ctx context.Context, r *runner) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("no answer within %s", startTimeout))
	defer cancel()
	for try := 0; ; try++ {
		addr := e.Addr()
		if addr == "" || try > 0 || !portFree(addr) {
			var err error
			if addr, err = freeAddr(); err != nil {
				return err
			}
		}
		err := e.launchAt(ctx, r, addr)
		if err == nil {
			return nil
		}
		if errors.Is(err, errPortTaken) && try < 5 {
			continue
		}
		return err
	}
}

func (e *Engine) launchAt(ctx context.Context, r *runner, addr string) error {
	if err := writeConfig(e.dirs, r, addr, e.password, e.opts.MemoryLimit); err != nil {
		return err
	}
	started := time.Now()
	p, err := startProcess(r, e.dirs, e.lock)
	if err != nil {
		return err
	}
	if err := p.waitReady(ctx, addr, e.password); err != nil {
		p.kill()
		return err
	}
	if err := writeRunning(e.dirs, running{Addr: addr, Password: e.password, PID: os.Getpid()}); err != nil {
		p.kill()
		return err
	}
	e.mu.Lock()
	e.addr, e.proc = addr, p
	e.mu.Unlock()
	e.log.Info("ClickHouse answers", "addr", addr, "from", r.path, "pid", p.pid(), "took", time.Since(started).Round(time.Millisecond))
	return nil
}

// Addr is the host:port that the engine listens on, "" before Start.
func (e *Engine) Addr() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.addr
}

// PID is the child's process number, 0 when none runs.
func (e *Engine) PID() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.proc == nil {
		return 0
	}
	return e.proc.pid()
}

// DSN addresses the engine for clickhouse-go, without a database. It stays
// valid over restarts as long as the port does; a pool that uses [Engine.Dial]
// as well follows the engine to another port.
func (e *Engine) DSN() string { return dsn(e.Addr(), e.password) }

// Dial connects to where the engine listens now, whatever address it is asked
// for. It has the shape of clickhouse-go's DialContext.
func (e *Engine) Dial(ctx context.Context, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", e.Addr())
}

// Run starts the engine again whenever it dies, with pauses from 100 ms to
// 30 s, gives freed memory back to the system when idle, and stops the engine
// when ctx ends. It needs a successful Start, and returns nil after a stop.
func (e *Engine) Run(ctx context.Context) error {
	const minPause, maxPause = 100 * time.Millisecond, 30 * time.Second
	pause := minPause
	for {
		purgeCtx, stopPurge := context.WithCancel(ctx)
		purged := make(chan struct{})
		go func() { defer close(purged); e.purge(purgeCtx) }()

		up := time.Now()
		proc := e.current()
		select {
		case <-ctx.Done():
		case <-proc.exited:
		}
		stopPurge()
		<-purged
		if ctx.Err() != nil {
			e.Stop()
			return nil
		}
		e.log.Error("ClickHouse ended unasked, starting it again", "reason", proc.obituary(), "after", time.Since(up).Round(time.Second))
		if time.Since(up) > time.Minute {
			pause = minPause
		}
		for {
			select {
			case <-ctx.Done():
				e.Stop()
				return nil
			case <-time.After(pause):
			}
			pause = min(pause*2, maxPause)
			err := e.launch(ctx, e.runner)
			if err == nil {
				break
			}
			if ctx.Err() == nil {
				e.log.Error("ClickHouse did not start, trying again", "err", err, "pause", pause)
			}
		}
	}
}

func (e *Engine) current() *process {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.proc
}

// Stop ends the engine within two seconds and gives the data folder free.
// Close connection pools first: the engine waits a second for open ones, and
// is killed after that, which loses nothing that was acknowledged.
func (e *Engine) Stop() {
	e.mu.Lock()
	p := e.proc
	e.proc = nil
	e.mu.Unlock()
	if p != nil {
		p.stop(stopTimeout)
	}
	e.release()
}

func (e *Engine) release() {
	if e.lock == nil {
		return
	}
	removeRunning(e.dirs)
	e.lock.Close() // the lock goes with its last descriptor; the child is gone
	e.lock = nil
}
