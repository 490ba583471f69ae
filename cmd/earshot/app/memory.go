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
	// leastMemory is the lowest memory limit for the garbage collector. With the
	// 40 MiB of program and lists that are mapped from disk, the process stays
	// under 300 MiB while the live heap allows it.
	leastMemory   = 240 << 20
	lookAtMemory  = time.Second
	memoryForLive = 1.25 // times the live heap: with less, the collector would run all the time
)

// keepMemory sets Go's memory limit, so that the garbage collector runs more often
// rather than let the heap grow to twice the live heap under load. The limit
// follows the live heap, up to a quarter of the machine's (or container's) memory:
// the rest is for ClickHouse and the page cache. If GOMEMLIMIT is set, that
// limit holds.
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

// memoryLimit is the limit for a live heap of that many bytes.
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

// memTotal reads MemTotal, in bytes, from the text of /proc/meminfo.
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

// maxFiles is how many files the process may have open. Go raises the soft limit
// to the hard limit at the start.
func maxFiles() int {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return math.MaxInt32
	}
	return int(min(r.Cur, math.MaxInt32))
}
