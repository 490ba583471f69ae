package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

var errPortTaken = errors.New("the port is taken")

// process is one life of the engine's child.
type process struct {
	runner  runner
	cmd     *exec.Cmd
	stdin   io.Closer // closing it is the request to end
	out     *tail
	logPath string
	logFrom int64 // where the log stood at the start

	exited chan struct{} // closed when the child is gone and reaped
	err    error         // cmd.Wait's, once exited is closed
}

// startProcess starts the child in a process group of its own, so that a
// ctrl-C in the terminal reaches Earshot alone and things end in order.
func startProcess(r *runner, d dirs, lock *os.File) (*process, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the own binary: %w", err)
	}
	j, err := json.Marshal(job{Server: r.server, Path: r.path, Config: configPath(d), Boot: bootPath(d)})
	if err != nil {
		return nil, fmt.Errorf("describe the engine's job: %w", err)
	}
	p := &process{runner: *r, out: &tail{}, logPath: filepath.Join(d.log, "engine.err.log"), exited: make(chan struct{})}
	if st, err := os.Stat(p.logPath); err == nil {
		p.logFrom = st.Size()
	}
	p.cmd = exec.Command(exe)
	p.cmd.Args = []string{"earshot-engine"}
	p.cmd.Dir = d.run
	// HOME keeps ClickHouse from reading the user's client settings; Go's
	// stacks say nothing about a crash in a library.
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(j), "HOME="+d.run, "TERM=dumb", "GOTRACEBACK=none")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.ExtraFiles = []*os.File{lock} // an orphan keeps the folder locked until it is gone
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = time.Second
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("make the engine's lifeline: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the engine's process: %w", err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// waitReady returns nil once a client with the password gets an answer.
func (p *process) waitReady(ctx context.Context, addr, password string) error {
	for {
		if err := ping(ctx, addr, password); err == nil {
			return nil
		}
		if said := p.out.String(); strings.Contains(said, "DB::Exception") {
			if strings.Contains(said, "Address already in use") {
				return errPortTaken
			}
			return errors.New(p.obituary())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for ClickHouse: %w%s", context.Cause(ctx), p.logged())
		case <-p.exited:
			if !strings.Contains(p.out.String(), loadedMark) {
				return &unusableError{path: p.runner.path, reason: p.obituary()}
			}
			if strings.Contains(p.obituary(), "Address already in use") {
				return errPortTaken
			}
			return errors.New(p.obituary())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// obituary is what is known about the child's end, in one line.
func (p *process) obituary() string {
	var b strings.Builder
	select {
	case <-p.exited:
		b.WriteString(p.cmd.ProcessState.String())
	default:
		b.WriteString("still running")
	}
	if said := oneLine(banner.ReplaceAllString(p.out.String(), "")); said != "" {
		b.WriteString(", said: ")
		b.WriteString(said)
	}
	b.WriteString(p.logged())
	return b.String()
}

// logged quotes the last error that ClickHouse logged in this life: a failed
// start says nothing anywhere else.
func (p *process) logged() string {
	f, err := os.Open(p.logPath)
	if err != nil {
		return ""
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || st.Size() < p.logFrom {
		p.logFrom = 0 // rotated
	}
	b, err := io.ReadAll(io.NewSectionReader(f, p.logFrom, 256<<10))
	if err != nil {
		return ""
	}
	var last string
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, "<Error>") || strings.Contains(line, "<Fatal>") {
			last = strings.TrimSpace(line)
		}
	}
	if last == "" {
		return ""
	}
	return ", logged: " + oneLine(last)
}

// stop asks the child to end, and kills it after the timeout.
func (p *process) stop(timeout time.Duration) {
	p.stdin.Close()
	select {
	case <-p.exited:
	case <-time.After(timeout):
		p.kill()
	}
}

// kill ends the child and what it started, at once, and waits for that.
func (p *process) kill() {
	syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.exited
	p.stdin.Close()
}

// ping makes one whole handshake with the engine's own account.
func ping(ctx context.Context, addr, password string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err // the usual case while starting, and a cheap one
	}
	c.Close()
	return withConn(addr, password, func(conn clickhouse.Conn) error { return conn.Ping(ctx) })
}

func withConn(addr, password string, do func(clickhouse.Conn) error) error {
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{addr},
		Auth: clickhouse.Auth{Username: User, Password: password},
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	return do(conn)
}

// tail keeps the end of what a process prints.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	const most = 8 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if extra := len(t.b) - most; extra > 0 {
		t.b = append(t.b[:0], t.b[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

var (
	terminalCodes = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`)
	// banner is what the child prints on every good start.
	banner = regexp.MustCompile(`(?m)` + loadedMark + `|^Logging (warning|errors) to .*$|^.*ClickHouse local version.*$`)
)

func oneLine(s string) string {
	s = strings.Join(strings.Fields(terminalCodes.ReplaceAllString(s, "")), " ")
	if r := []rune(s); len(r) > 600 {
		s = string(r[:600]) + "…"
	}
	return s
}
