package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How long Start waits for the lock. A child whose parent was killed needs some
// milliseconds to notice and to close its files; a parent that was killed just
// now may still look alive.
const (
	orphanPatience = 10 * time.Second
	livePatience   = 300 * time.Millisecond
)

// LockedError says that another process uses the data folder.
type LockedError struct {
	Dir string // the data folder
	PID int    // who holds it; 0 where that is not known
}

func (e *LockedError) Error() string {
	who := "another Earshot"
	if e.PID > 0 {
		who = fmt.Sprintf("another Earshot (process %d)", e.PID)
	}
	return fmt.Sprintf("%s is running on the data folder %s: stop it first, or give this one a folder of its own with --data", who, e.Dir)
}

// takeLock holds <engine>/lock for as long as the returned file, or a copy of
// it in the child, is open. The file's text is the holder's process number.
func takeLock(ctx context.Context, d dirs) (*os.File, error) {
	f, err := os.OpenFile(lockPath(d), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of the data folder: %w", err)
	}
	began := time.Now()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		holder := readPID(f)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("lock the data folder %s: %w", d.data, err)
		}
		if waited := time.Since(began); waited > orphanPatience || waited > livePatience && alive(holder) {
			f.Close()
			return nil, &LockedError{Dir: d.data, PID: holder}
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	removeRunning(d)
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("write lock of the data folder: %w", err)
	}
	return f, nil
}

func lockPath(d dirs) string { return filepath.Join(d.engine, "lock") }

func readPID(f *os.File) int {
	b, _ := io.ReadAll(io.NewSectionReader(f, 0, 32))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

// alive says whether a process can still be holding the lock on purpose.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil {
		return errors.Is(err, syscall.EPERM)
	}
	// A zombie has closed its files; some containers never reap theirs.
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}

// running is what a command beside the server needs to reach its engine.
type running struct {
	Addr     string `json:"addr"`
	Password string `json:"password"`
	PID      int    `json:"pid"` // Earshot's, not the engine's
}

func runningPath(d dirs) string { return filepath.Join(d.run, "engine.json") }

func writeRunning(d dirs, r running) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("describe the running engine: %w", err)
	}
	return writeFile(runningPath(d), b)
}

func removeRunning(d dirs) { os.Remove(runningPath(d)) }

// Running gives the DSN of the engine that another process runs on dataDir.
// It is false when no live process holds the folder.
func Running(dataDir string) (string, bool) {
	d := dirsOf(dataDir)
	f, err := os.Open(lockPath(d))
	if err != nil {
		return "", false
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return "", false // nobody holds it; closing gives it back
	}
	var r running
	b, err := os.ReadFile(runningPath(d))
	if err != nil || json.Unmarshal(b, &r) != nil {
		return "", false
	}
	if r.PID != readPID(f) || !alive(r.PID) {
		return "", false
	}
	return dsn(r.Addr, r.Password), true
}

func dsn(addr, password string) string {
	u := url.URL{Scheme: "clickhouse", User: url.UserPassword(User, password), Host: addr}
	return u.String()
}

// writeFile replaces path as a whole, readable by its owner alone.
func writeFile(path string, b []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
