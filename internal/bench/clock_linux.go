package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorOf is the processor time that a process has used, all its threads
// together and to the nanosecond, which /proc gives in hundredths of a second.
func processorOf(pid int) time.Duration {
	const whole = 2 // CPUCLOCK_SCHED of the kernel: user and system as the scheduler counts them
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|whole), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
