package slots

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func latest(t *testing.T, f *File) string {
	t.Helper()
	v, ok, err := f.Latest()
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return "none"
	}
	return string(v.Data)
}

func TestLatestSurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v")
	f := open(t, path)
	if got := latest(t, f); got != "none" {
		t.Errorf("a new file has %q", got)
	}
	for i := range 5 {
		want := fmt.Sprint("value ", i)
		if err := f.Put([]byte(want)); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if f = open(t, path); latest(t, f) != want {
			t.Errorf("got %q, want %q", latest(t, f), want)
		}
	}
	long := bytes.Repeat([]byte("x"), 10_000)
	if err := f.Put(long); err != nil || latest(t, f) != string(long) {
		t.Errorf("longer than its room: %v", err)
	}
	if err := f.Put(nil); err != nil || latest(t, f) != "" {
		t.Errorf("empty: %q %v", latest(t, f), err)
	}
}

// Any bit, and any block of a long value, can be damaged: the value is mended.
func TestDamageIsMended(t *testing.T) {
	long := make([]byte, 5*block+77)
	for i := range long {
		long[i] = byte(i * i >> 3)
	}
	for _, value := range [][]byte{[]byte("new value"), long[:block], long} {
		dir := t.TempDir()
		path := filepath.Join(dir, "v")
		f := open(t, path)
		f.Put(bytes.Repeat([]byte("older and longer"), 3000)) // leaves its tail behind
		f.Put([]byte("old"))
		f.Put([]byte("old"))
		f.Put(value)
		f.Close()
		whole, err := os.ReadFile(path + ".0")
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, damaged []byte) {
			t.Helper()
			os.WriteFile(path+".0", damaged, 0o600)
			f, err := Open(path, 100)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got := latest(t, f); got != string(value) {
				t.Fatalf("%d bytes, %s: got %.20q", len(value), what, got)
			}
		}
		step := max(1, len(value)/200)
		for n := 0; n < headerLen+len(value)+headerLen; n += step {
			b := bytes.Clone(whole)
			b[n] ^= 4
			check(fmt.Sprint("flipped at ", n), b)
		}
		for at := headerLen; at < headerLen+len(value); at += block {
			b := bytes.Clone(whole)
			clear(b[at:min(at+block, headerLen+len(value))])
			check(fmt.Sprint("no block at ", at), b)
		}
	}
}

func FuzzMend(f *testing.F) {
	f.Add([]byte(tailMagic + "12345678" + "\x01\x00\x00\x00" + "1234"))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, ok := mend(b); ok && len(v.Data) > len(b) {
			t.Errorf("%d bytes from %d", len(v.Data), len(b))
		}
	})
}

// A process that ends in the middle of Put leaves any part of the new value.
func TestTornPutKeepsTheValueBefore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v")
	f := open(t, path)
	f.Put([]byte("old"))
	f.Put([]byte("new value"))
	f.Close()
	whole, err := os.ReadFile(path + ".0")
	if err != nil {
		t.Fatal(err)
	}
	for n := range headerLen + len("new value") {
		torn := bytes.Clone(whole)
		clear(torn[n:])
		os.WriteFile(path+".0", torn, 0o600)
		if got := latest(t, open(t, path)); got != "old" {
			t.Errorf("cut at %d: got %q", n, got)
		}
	}
}
