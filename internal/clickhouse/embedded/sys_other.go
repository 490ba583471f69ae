//go:build !linux

package embedded

import "syscall"

func dup2(from, to int) error { return syscall.Dup2(from, to) }

// dieWithParent has nothing to offer here: the pipe on stdin has to do.
func dieWithParent() *syscall.SysProcAttr { return nil }

func saveSignalHandlers() (restore func()) { return func() {} }
