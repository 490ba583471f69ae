package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The log is rebuilt, and one of its damaged groups is already in ClickHouse:
// nothing is lost, and nothing is reported.
func TestDamageToAcknowledgedGroupsIsNoLoss(t *testing.T) {
	dir := t.TempDir()
	s, stop := start(t, dir, small)
	for i := range 20 {
		add(t, s, fmt.Sprint("record ", i))
	}
	if err := s.Ack(15); err != nil {
		t.Fatal(err)
	}
	want := rest(t, s)
	stop()
	files, _ := segmentFiles(filepath.Join(dir, "log"))
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[strings.Index(string(b), "record 5")] ^= 1
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"segments.0", "segments.1"} { // without which the log doesn't open
		if err := os.Remove(filepath.Join(dir, "log", list)); err != nil {
			t.Fatal(err)
		}
	}
	s, _ = start(t, dir, small)
	if got := rest(t, s); strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("got %q, want %q", got, want)
	}
	if h := s.Health(); h.DamagedGroups > 0 || h.LostRecords > 0 || !h.Ready {
		t.Errorf("health %+v", h)
	}
}
