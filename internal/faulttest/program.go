package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// program is the program under test, started again and again on one folder
// and one port.
type program struct {
	spec   programSpec
	log    *os.File
	cmd    *exec.Cmd
	exited chan struct{}
	killed bool
	client http.Client

	ctl   control
	to    *target // where the load posts to it
	small bool    // the spool has a small disk of its own
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func newProgram(spec programSpec, log *os.File) (*program, error) {
	var err error
	if spec.Listen, err = freePort(); err != nil {
		return nil, err
	}
	if spec.Metrics, err = freePort(); err != nil {
		return nil, err
	}
	return &program{spec: spec, log: log, client: http.Client{Timeout: 30 * time.Second}, to: &target{address: spec.Listen}}, nil
}

// start returns when the program runs; ready, when it says so.
func (p *program) start() error {
	if p.spec.Break == breakOutbox {
		for _, half := range []string{"outbox.0", "outbox.1"} {
			_ = os.Remove(filepath.Join(p.spec.Data, "outbox", half))
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	spec, err := json.Marshal(p.spec)
	if err != nil {
		return err
	}
	p.cmd = exec.Command(self)
	p.cmd.Env = append(os.Environ(), programEnv+"="+string(spec))
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.exited, p.killed = make(chan struct{}), false
	go func(cmd *exec.Cmd, exited chan struct{}) { _ = cmd.Wait(); close(exited) }(p.cmd, p.exited)
	return nil
}

func (p *program) ready(ctx context.Context, limit time.Duration) error {
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		if resp, err := p.client.Get("http://" + p.spec.Listen + "/healthz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.exited:
			return fmt.Errorf("the program ended by itself: %v", p.cmd.ProcessState)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the program is not ready after %s", limit)
		}
	}
}

// kill is kill -9. The engine, where it is the program's, ends with it; one
// that was stopped has to be ended as well.
func (p *program) kill() {
	engine := p.enginePID()
	p.killed = true
	_ = p.cmd.Process.Kill()
	<-p.exited
	if engine > 0 && isStopped(engine) {
		_ = syscall.Kill(engine, syscall.SIGKILL)
	}
}

// stopPromise is what docs/operations.md says of a stop under load.
const stopPromise = 10 * time.Second

var errSlowStop = fmt.Errorf("a graceful stop took longer than %s", stopPromise)

// stop asks the program to end and says how long that took.
func (p *program) stop() (time.Duration, error) {
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	select {
	case <-p.exited:
	case <-time.After(stopPromise):
		p.kill()
		return time.Since(begun), errSlowStop
	}
	if s := p.cmd.ProcessState; !s.Success() {
		return time.Since(begun), fmt.Errorf("a graceful stop ended with %v", s)
	}
	return time.Since(begun), nil
}

// enginePID is the embedded ClickHouse's process, 0 where none runs.
func (p *program) enginePID() int {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid))
	for _, t := range tasks {
		b, _ := os.ReadFile(t)
		for _, f := range strings.Fields(string(b)) {
			if pid, err := strconv.Atoi(f); err == nil {
				return pid
			}
		}
	}
	return 0
}

func isStopped(pid int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return strings.Contains(string(b), ") T ")
}

// metrics are the program's own figures, by name; those with labels are added up.
func (p *program) metrics() (map[string]float64, error) {
	resp, err := p.client.Get("http://" + p.spec.Metrics + "/metrics")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	all := map[string]float64{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		name, _, _ = strings.Cut(name, "{")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			all[name] += v
		}
	}
	return all, lines.Err()
}

// control tells the program what its clock and its disk are.
func (p *program) control(change func(*control)) error {
	change(&p.ctl)
	b, err := json.Marshal(p.ctl)
	if err != nil {
		return err
	}
	tmp := p.spec.Control + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	if err := os.Rename(tmp, p.spec.Control); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(controlEvery) {
		if seen, err := os.ReadFile(p.spec.Control + seenSuffix); err == nil && bytes.Equal(seen, b) {
			return nil
		}
		select {
		case <-p.exited: // for want of a disk that works; the next start reads it
			return nil
		default:
		}
	}
	return errors.New("the program doesn't look at its control file")
}

// drained waits until nothing is left in the spool.
func (p *program) drained(ctx context.Context, limit time.Duration) error {
	var waiting float64
	for deadline := time.Now().Add(limit); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		m, err := p.metrics()
		if err != nil {
			continue
		}
		if waiting = m["earshot_spool_waiting_records"]; waiting == 0 {
			return nil
		}
	}
	return fmt.Errorf("%.0f records still wait in the spool after %s", waiting, limit)
}

// caughtUp waits until the writer is behind by no more than it always is.
func (p *program) caughtUp(ctx context.Context, limit time.Duration) error {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if m, err := p.metrics(); err == nil && m["earshot_write_lag_seconds"] < 5 {
			return nil
		}
	}
	return fmt.Errorf("the writer is behind %s after ClickHouse came back", limit)
}
