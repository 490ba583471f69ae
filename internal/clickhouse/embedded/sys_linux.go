package embedded

import (
	"syscall"
	"unsafe"
)

func dup2(from, to int) error { return syscall.Dup3(from, to, 0) }

func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// saveSignalHandlers remembers every signal's action and returns what puts
// them back. The kernel's struct is opaque here: it goes back as it came.
func saveSignalHandlers() (restore func()) {
	const signals, setBytes = 64, 8
	type action [8]uint64 // the kernel's has four words at most
	var saved [signals + 1]action
	var known [signals + 1]bool
	for s := 1; s <= signals; s++ {
		_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION,
			uintptr(s), 0, uintptr(unsafe.Pointer(&saved[s])), setBytes, 0, 0)
		known[s] = errno == 0
	}
	return func() {
		for s := 1; s <= signals; s++ {
			if known[s] && syscall.Signal(s) != syscall.SIGKILL && syscall.Signal(s) != syscall.SIGSTOP {
				syscall.RawSyscall6(syscall.SYS_RT_SIGACTION,
					uintptr(s), uintptr(unsafe.Pointer(&saved[s])), 0, setBytes, 0, 0)
			}
		}
	}
}
