package app

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

const minMemoryLimit = 256 << 20

// setMemoryLimit tells the garbage collector to work harder rather than take
// more than a quarter of the machine's (or container's) memory: the rest is
// for ClickHouse and the disk's cache. GOMEMLIMIT has the last word.
func setMemoryLimit() {
	if os.Getenv("GOMEMLIMIT") != "" || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return
	}
	total := int64(math.MaxInt64)
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil {
			total = n
		}
	}
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		total = min(total, memTotal(string(b)))
	}
	if total != math.MaxInt64 {
		debug.SetMemoryLimit(max(total/4, minMemoryLimit))
	}
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
