package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// program is a running earshot with a data folder of its own.
type program struct {
	binary, data, base string
	metrics            string
	cmd                *exec.Cmd
	ready              time.Duration // from exec to the first healthy answer
	log                bytes.Buffer
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// start runs the program on the data folder until it is ready.
func (b *bench) start(data string, flags ...string) (*program, error) {
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	metrics, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &program{binary: b.binary, data: data, base: "http://" + listen, metrics: "http://" + metrics}
	p.cmd = exec.Command(b.binary, append([]string{"serve", "--data", data, "--listen", listen, "--metrics-listen", metrics, "--log-level", "warn"}, flags...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(begun) < time.Minute {
		if resp, err := http.Get(p.base + "/healthz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				p.ready = time.Since(begun)
				return p, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.stop()
	return nil, fmt.Errorf("not ready after a minute: %s", p.log.String())
}

func (p *program) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// do runs one of the program's commands beside it.
func (p *program) do(args ...string) (string, error) { return command(p.binary, p.data, "", args...) }

func command(binary, data, input string, args ...string) (string, error) {
	cmd := exec.Command(binary, append(args, "--data", data)...)
	cmd.Stdin = strings.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("earshot %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// login gives a client with a user's session.
func (p *program) login() (*http.Client, error) {
	const password = "a long password of the bench"
	email := fmt.Sprintf("bench-%d@example.com", time.Now().UnixNano()) // the folder may be of a run before
	if _, err := command(p.binary, p.data, password+"\n", "user", "add", email, "--password-file", "-"); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.base+"/login",
		strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || strings.Contains(resp.Request.URL.Path, "login") {
		return nil, fmt.Errorf("log in: status %d at %s", resp.StatusCode, resp.Request.URL.Path)
	}
	return client, nil
}

// memory is the resident size in MiB of the program itself and of the engine
// that it runs.
func (p *program) memory() (own, engine float64) {
	for _, pid := range p.children() {
		engine += memoryOf(pid, "VmRSS:")
	}
	return memoryOf(p.cmd.Process.Pid, "VmRSS:"), engine
}

// peak is the most memory in MiB that the program itself has had.
func (p *program) peak() float64 { return memoryOf(p.cmd.Process.Pid, "VmHWM:") }

// processor is the processor time that the program itself has used, and that
// of its engine.
func (p *program) processor() (own, engine time.Duration) {
	for _, pid := range p.children() {
		engine += processorOf(pid)
	}
	return processorOf(p.cmd.Process.Pid), engine
}

func (p *program) children() (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid))
	for _, t := range tasks {
		b, _ := os.ReadFile(t)
		for _, f := range strings.Fields(string(b)) {
			if pid, err := strconv.Atoi(f); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func memoryOf(pid int, line string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for _, l := range strings.Split(string(b), "\n") {
		if rest, ok := strings.CutPrefix(l, line); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}
