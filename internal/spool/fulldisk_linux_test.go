package spool

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// TestFullDisk fills a small file system of its own, which takes a mount
// namespace and so a child process.
func TestFullDisk(t *testing.T) {
	if os.Getenv("EARSHOT_TEST_FULL_DISK") != "" {
		fullDisk(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), "EARSHOT_TEST_FULL_DISK=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(out), "--- SKIP") {
		t.Skipf("no small file system to fill on this machine: %v\n%s", err, out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func fullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mount: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	// Somebody else's file takes what is left, in the end.
	s, stop := start(t, filepath.Join(dir, "spool"), small)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 600<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	rec := make([]byte, 4000)
	n := 0
	var err error
	for ; n < 1000; n++ {
		if err = s.Append(context.Background(), rec); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("after %d records: %v", n, err)
	}
	if h := s.Health(); h.Ready || h.WaitingRecords < uint64(n) {
		t.Errorf("health %+v", h)
	}
	// What was taken can be read on the full disk.
	if got := rest(t, s); len(got) < n {
		t.Errorf("%d of %d records to read", len(got), n)
	}
	// Acknowledging makes room without any to begin with, and it goes on.
	_, upto, _ := s.Read(1, 1<<30)
	if err := s.Ack(upto); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "well again", func() bool { return s.Health().Ready })
	if err := s.Append(context.Background(), rec); err != nil {
		t.Fatal(err)
	}
	for n = 1; n < 1000; n++ {
		if err = s.Append(context.Background(), rec); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) || n < 10 {
		t.Errorf("full again after %d: %v", n, err)
	}
	// Room from elsewhere helps as well, and nothing was lost or doubled.
	os.Remove(ballast)
	eventually.True(t, "well again", func() bool { return s.Health().Ready })
	add(t, s, "last")
	if got := rest(t, s); len(got) < n+1 || len(got) > n+2 || got[len(got)-1] != "last" {
		t.Errorf("%d records, wanted %d", len(got), n+1)
	}
	stop()
}
