package app

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// leastMemory is what the collector of garbage keeps the program to while
	// what lives allows it: under 300 MiB, with the 40 of program and lists
	// that are mapped from disk.
	leastMemory   = 240 << 20
	lookAtMemory  = time.Second
	memoryForLive = 1.25 // times what lives: less would be collecting all the time
)

// keepMemory has the garbage collector work harder rather than take memory
// that it could do without: under load the heap would grow to twice what
// lives. The limit follows what lives, up to a quarter of the machine's (or
// container's) memory: the rest is for ClickHouse and the disk's cache.
// GOMEMLIMIT has the last word.
func keepMemory(ctx context.Context) error {
	if os.Getenv("GOMEMLIMIT") != "" || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		<-ctx.Done() // nothing to do
		return nil
	}
	most := max(machineMemory()/4, leastMemory)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(lookAtMemory)
	defer tick.Stop()
	for {
		metrics.Read(live)
		debug.SetMemoryLimit(memoryLimit(live[0].Value.Uint64(), most))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// memoryLimit is what the program may have when so much of its heap lives.
func memoryLimit(live uint64, most int64) int64 {
	return min(max(int64(memoryForLive*float64(live)), leastMemory), most)
}

// machineMemory is the bytes that the machine or the container has.
func machineMemory() int64 {
	total := int64(math.MaxInt64)
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil {
			total = n
		}
	}
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		total = min(total, memTotal(string(b)))
	}
	return total
}

// memTotal is the bytes that /proc/meminfo begins with.
func memTotal(meminfo string) int64 {
	line, _, _ := strings.Cut(meminfo, "\n")
	f := strings.Fields(line)
	if len(f) == 3 && f[0] == "MemTotal:" && f[2] == "kB" {
		if n, err := strconv.ParseInt(f[1], 10, 64); err == nil {
			return n << 10
		}
	}
	return math.MaxInt64
}

// maxFiles is how many files the process may have open. Go raises that to what
// the system allows.
func maxFiles() int {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return math.MaxInt32
	}
	return int(min(r.Cur, math.MaxInt32))
}
