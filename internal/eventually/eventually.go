// Package eventually lets a test wait for what comes by itself. No test says
// how long that may take: a machine may be ten times slower than the one where
// a bound was found long enough, and such a test fails for nothing. How fast
// the program is, `make bench` measures.
package eventually

import (
	"testing"
	"time"
)

// Patience ends a wait that is for ever. It is long since it costs only tests
// that fail; `go test` ends at its own -timeout in any case.
const Patience = 2 * time.Minute

// True waits until ok, and fails the test where that never comes.
func True(t testing.TB, what string, ok func() bool) {
	t.Helper()
	if !Is(ok) {
		t.Fatalf("not so after %v: %s", Patience, what)
	}
}

// Is waits until ok, and says whether that came.
func Is(ok func() bool) bool {
	for end := time.Now().Add(Patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
