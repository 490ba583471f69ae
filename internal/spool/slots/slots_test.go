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
		if err := f.PutParts([]byte("value "), fmt.Append(nil, i)); err != nil {
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
		flipped := bytes.Clone(whole)
		flipped[n] ^= 4
		os.WriteFile(path+".0", flipped, 0o600)
		if got := latest(t, open(t, path)); got != "old" {
			t.Errorf("flipped at %d: got %q", n, got)
		}
	}
}
