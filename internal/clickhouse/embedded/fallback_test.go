package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script puts a shell script named clickhouse on the PATH and nothing else but
// the system's tools.
func script(t *testing.T, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "clickhouse")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return path
}

// foreign are files that are no library of ours.
func foreign(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	m := map[string]string{
		"missing":   filepath.Join(dir, "none.so"),
		"a folder":  dir,
		"empty":     write("empty.so", nil),
		"text":      write("text.so", []byte("version https://git-lfs.github.com/spec/v1\n")),
		"a program": "/bin/sh",
	}
	if libs, _ := filepath.Glob("/lib/x86_64-linux-gnu/libm.so.6"); len(libs) > 0 {
		m["another library"] = libs[0]
	}
	if path := library(t); path != "" { // a download that was cut off
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b := make([]byte, 1<<20)
		if _, err := f.Read(b); err != nil {
			t.Fatal(err)
		}
		m["cut off"] = write("cut.so", b)
	}
	return m
}

func TestNoEngineSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, path := range foreign(t) {
		t.Run(name, func(t *testing.T) {
			err := New(Options{DataDir: t.TempDir(), Library: path, Log: testLog(t)}).Start(t.Context())
			var none *NoEngineError
			if !errors.As(err, &none) {
				t.Fatalf("err = %v, want a NoEngineError", err)
			}
			for _, want := range []string{"npm install", "`clickhouse`", "EARSHOT_CLICKHOUSE_DSN"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not mention %s", err, want)
				}
			}
			t.Log(err)
		})
	}
}

func TestFallsBackToBinary(t *testing.T) {
	for name, path := range foreign(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			script(t, `echo "$@" > `+dir+`/argv; echo "watchdog=$CLICKHOUSE_WATCHDOG_ENABLE" >> `+dir+`/argv
cp "${2#--config-file=}" `+dir+`/config.xml; cp users.xml `+dir+`/users.xml
echo "cannot serve today" >&2; exit 7`)
			err := New(Options{DataDir: dir, Library: path, Log: testLog(t)}).Start(t.Context())
			if err == nil || !strings.Contains(err.Error(), "cannot serve today") {
				t.Errorf("err = %v, want what the binary said", err)
			}
			read := func(name string) string {
				b, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Error(err)
				}
				return string(b)
			}
			if got, want := read("argv"), "server --config-file="+filepath.Join(dir, "engine/run/config.xml")+"\nwatchdog=0\n"; got != want {
				t.Errorf("ran clickhouse %q, want %q", got, want)
			}
			if got := read("config.xml"); !strings.Contains(got, "<path>"+dir+"/engine/data/</path>") {
				t.Errorf("config lacks the data folder:\n%s", got)
			}
			if got := read("users.xml"); strings.Contains(got, "<default>\n      <password>") {
				t.Error("a server has a user without a password")
			}
		})
	}
}

// TestBinaryServes runs the whole life with a clickhouse binary that speaks the
// real protocol: this test binary playing server with the library.
func TestBinaryServes(t *testing.T) {
	lib := library(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// The library's session needs its own user and its own start of the port.
	script(t, `run=$(dirname "${2#--config-file=}")
sed -i 's#</users>#<default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota><grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants></default></users>#' "$run/users.xml"
export `+childEnv+`="{\"path\":\"`+lib+`\",\"config\":\"$run/config.xml\",\"boot\":\"$run/boot.sql\"}"
mkfifo "$run/pipe"
`+exe+` <> "$run/pipe" & child=$!
trap 'kill $child; wait $child; exit 0' TERM
wait $child`)
	e := startEngine(t, Options{DataDir: dir, Library: filepath.Join(dir, "none.so")})
	if !e.runner.server {
		t.Fatal("the library was used")
	}
	if got := mustQuery(t, openConn(t, e), "SELECT toUInt64(5)"); got != 5 {
		t.Errorf("answer %d", got)
	}
	pid := e.PID()
	e.Stop()
	if alive(pid) {
		t.Error("the child lives on")
	}
}
