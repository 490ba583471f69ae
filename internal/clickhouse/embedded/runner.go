package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// libraryPath is libchdb inside the folder where npm install ran.
const libraryPath = "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"

// LibraryAbove is libchdb's path in the working folder or the nearest one above
// it, as tests and tools of this repository have it; "" where there is none.
func LibraryAbove() string {
	dir, err := os.Getwd()
	for err == nil {
		path := filepath.Join(dir, libraryPath)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// runner is one way to run ClickHouse on this machine.
type runner struct {
	path   string
	server bool // a clickhouse binary rather than libchdb
}

// NoEngineError says that there is no ClickHouse to run, and what to do.
type NoEngineError struct {
	Tried []error // why each place that had something did not serve
}

func (e *NoEngineError) Error() string {
	const advice = "no ClickHouse to run: either run `npm install` in Earshot's folder, which brings libchdb (or name its file in EARSHOT_LIBCHDB), " +
		"or install ClickHouse so that `clickhouse` is on the PATH, " +
		"or set EARSHOT_CLICKHOUSE_DSN to a server, as in clickhouse://user:password@host:9000/earshot"
	if len(e.Tried) == 0 {
		return advice
	}
	reasons := make([]string, len(e.Tried))
	for i, err := range e.Tried {
		reasons[i] = err.Error()
	}
	return advice + " (tried " + strings.Join(reasons, "; ") + ")"
}

// unusableError says that a runner cannot work on this machine at all, so that
// the next one deserves a try.
type unusableError struct{ path, reason string }

func (e *unusableError) Error() string { return fmt.Sprintf("%s: %s", e.path, e.reason) }

// runners lists what may run, best first: the library, then the binary.
func runners(library, dataDir string) []runner {
	var rs []runner
	seen := map[string]bool{}
	for _, path := range libraryCandidates(library, dataDir) {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() || seen[path] {
			continue
		}
		seen[path] = true
		rs = append(rs, runner{path: path})
	}
	if path, err := exec.LookPath("clickhouse"); err == nil {
		rs = append(rs, runner{path: path, server: true})
	}
	return rs
}

// libraryCandidates are the places for libchdb.so: the one asked for and
// nothing else, or node_modules beside the working directory, beside the
// program and beside the program's bin folder, then the data folder.
func libraryCandidates(library, dataDir string) []string {
	if library == "" {
		library = os.Getenv("EARSHOT_LIBCHDB")
	}
	if library != "" {
		return []string{library}
	}
	paths := []string{libraryPath}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		paths = append(paths, filepath.Join(dir, libraryPath), filepath.Join(filepath.Dir(dir), libraryPath))
	}
	return append(paths, filepath.Join(dataDir, "lib", "libchdb.so"))
}
