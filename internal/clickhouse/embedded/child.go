package embedded

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/ebitengine/purego"
)

// The contract between parent and child: the child's job stands in an
// environment variable, its stdin is a pipe that stays open for as long as the
// parent wants it, its fd 3 is the lock of the data folder, and it prints
// loadedMark once nothing but the engine itself can go wrong any more.
const (
	childEnv   = "EARSHOT_ENGINE_CHILD"
	loadedMark = "earshot-engine: loaded"
	lockFD     = 3

	// leaveTimeout bounds a clean end; inserts are on disk by then anyway.
	leaveTimeout = 5 * time.Second
)

// job is what a child is asked to run.
type job struct {
	Server bool   `json:"server"` // a clickhouse binary rather than the library
	Path   string `json:"path"`
	Config string `json:"config"`
	Boot   string `json:"boot"`
}

// RunChildIfAsked turns this process into the engine, and never returns, if
// its parent asked for that. Otherwise it does nothing. It has to be the first
// statement of main and of TestMain: what runs before it runs in the child too.
func RunChildIfAsked() {
	text, asked := os.LookupEnv(childEnv)
	if !asked {
		return
	}
	os.Unsetenv(childEnv)
	var j job
	err := json.Unmarshal([]byte(text), &j)
	if err == nil {
		syscall.CloseOnExec(lockFD)
		if j.Server {
			err = runServer(j)
		} else {
			err = runLibrary(j)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "earshot-engine:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// endOfParent is closed when the parent is gone or wants the engine to stop.
func endOfParent(stdin *os.File) <-chan struct{} {
	end := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	eof := make(chan struct{})
	go func() { io.Copy(io.Discard, stdin); close(eof) }()
	go func() {
		select {
		case <-signals:
		case <-eof:
		}
		close(end)
	}()
	return end
}

// runLibrary loads libchdb and lives in its interactive session until the
// parent ends.
//
// The session gets a pseudo-terminal as fd 0: without one ClickHouse takes any
// exception in a client's handshake for the end of its batch, and the whole
// engine aborts on a wrong password. Its end is the word "exit" typed into the
// terminal; closing the terminal instead would hang.
func runLibrary(j job) error {
	runtime.LockOSThread()
	stdin, err := syscall.Dup(0)
	if err != nil {
		return fmt.Errorf("keep stdin: %w", err)
	}
	syscall.CloseOnExec(stdin)
	end := endOfParent(os.NewFile(uintptr(stdin), "stdin"))

	master, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	if err := dup2(int(slave.Fd()), 0); err != nil {
		return fmt.Errorf("put the terminal on stdin: %w", err)
	}
	go io.Copy(io.Discard, master) // an undrained terminal blocks its writer

	cmdline, err := loadLibrary(j.Path)
	if err != nil {
		return err
	}
	select {
	case <-end:
		return nil
	default:
	}
	fmt.Println(loadedMark)
	go func() {
		<-end
		go func() { time.Sleep(leaveTimeout); os.Exit(1) }()
		for { // typed again in case the session was not reading yet
			master.Write([]byte("exit\n"))
			hangUp()
			time.Sleep(100 * time.Millisecond)
		}
	}()
	cmdline("clickhouse-local", "--config-file", j.Config, "--interactive",
		"--disable_suggestion", "--history_file", "/dev/null", "--queries-file", j.Boot)
	select {
	case <-end:
		return nil
	default:
		return fmt.Errorf("the session ended unasked")
	}
}

// hangUp ends every client's connection: left open, they hold the engine's end
// up by seconds. All of this process's internet sockets are the engine's.
func hangUp() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if peer, err := syscall.Getpeername(fd); err == nil {
			if _, inet := peer.(*syscall.SockaddrInet4); inet {
				syscall.Shutdown(fd, syscall.SHUT_RDWR)
			}
		}
	}
}

// loadLibrary gives the library's command line entry. The library must not
// handle signals: Go's own handlers are put back once it is loaded.
func loadLibrary(path string) (func(args ...string), error) {
	restore := saveSignalHandlers()
	lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	restore()
	if err != nil {
		return nil, fmt.Errorf("load library: %w", err)
	}
	setHandlers, err := purego.Dlsym(lib, "chdb_set_signal_handlers_enabled")
	if err != nil {
		return nil, fmt.Errorf("not a libchdb that is new enough: %w", err)
	}
	entry, err := purego.Dlsym(lib, "chdb_query_cmdline")
	if err != nil {
		return nil, fmt.Errorf("not a libchdb: %w", err)
	}
	var setSignalHandlers func(enabled int32)
	var cmdline func(argc int32, argv **byte) uintptr
	purego.RegisterFunc(&setSignalHandlers, setHandlers)
	purego.RegisterFunc(&cmdline, entry)
	setSignalHandlers(0)
	return func(args ...string) {
		argv := make([]*byte, 0, len(args)+1)
		for _, a := range args {
			argv = append(argv, &append([]byte(a), 0)[0])
		}
		argv = append(argv, nil)
		var pin runtime.Pinner
		defer pin.Unpin()
		for _, p := range argv[:len(args)] {
			pin.Pin(p)
		}
		pin.Pin(&argv[0])
		cmdline(int32(len(args)), &argv[0])
	}, nil
}

// runServer runs a clickhouse binary as this process's child, because a server
// on its own would survive a killed Earshot.
func runServer(j job) error {
	runtime.LockOSThread() // the kernel ties the death signal to this thread
	end := endOfParent(os.Stdin)
	cmd := exec.Command(j.Path, "server", "--config-file="+j.Config)
	cmd.Dir = filepath.Dir(j.Config)
	cmd.Env = append(os.Environ(), "CLICKHOUSE_WATCHDOG_ENABLE=0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{os.NewFile(lockFD, "lock")}
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run clickhouse: %w", err)
	}
	fmt.Println(loadedMark)
	go func() {
		<-end
		cmd.Process.Signal(syscall.SIGTERM)
		time.Sleep(leaveTimeout)
		cmd.Process.Kill()
	}()
	err := cmd.Wait()
	select {
	case <-end:
		return nil
	default:
		return fmt.Errorf("the server ended unasked: %v", err)
	}
}
