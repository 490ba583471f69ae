package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// A full disk is a small file system, which takes a mount namespace of our
// own: this process runs itself once more inside one.
const mountsEnv = "EARSHOT_FAULTTEST_MOUNTS"

const smallDiskSize = "size=80m"

var errNoMounts = errors.New("mounting is not allowed")

// ownMounts runs this command line again in a mount namespace where that is
// allowed; done says that it did, and err how it ended.
func ownMounts() (done bool, err error) {
	if os.Getenv(mountsEnv) != "" {
		return false, nil
	}
	self, err := os.Executable()
	if err != nil {
		return false, nil
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), mountsEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig:   syscall.SIGTERM,
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if err := cmd.Start(); err != nil {
		return false, nil
	}
	return true, cmd.Wait()
}

// smallDisk mounts one on a folder.
func smallDisk(dir string) error {
	if os.Getenv(mountsEnv) == "" {
		return errNoMounts
	}
	return syscall.Mount("none", dir, "tmpfs", 0, smallDiskSize)
}

func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }
