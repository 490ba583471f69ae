package growth

import (
	"math"
	"testing"
)

func near(t *testing.T, name string, got float64, ok bool, want float64) {
	t.Helper()
	if !ok || math.Abs(got-want) > 0.0005 {
		t.Errorf("%s: %v, %v; want %v", name, got, ok, want)
	}
}

// The golden numbers are published ones: FanpageKarma's examples, and
// eMarketer's rates for Facebook (2009–2011) and Twitter (2009, 2011).
func TestGoldenRates(t *testing.T) {
	r, ok := Rate(500, 2000)
	near(t, "500 to 2000", r, ok, 3)
	r, ok = Compound(500, 2000, 2)
	near(t, "500 to 2000 in two weeks", r, ok, 1)
	facebook := 1.903 * 1.386 * 1.134
	r, ok = Compound(1, facebook, 3)
	near(t, "Facebook's three years", r, ok, 0.441)
	r, ok = Compound(1, 3.931*1.263, 2)
	near(t, "Twitter's two years", r, ok, 1.228)
	r, ok = Rate(8000, 7600)
	near(t, "a loss", r, ok, -0.05)
}

func TestUnknownStaysUnknown(t *testing.T) {
	if _, ok := Rate(0, 10); ok {
		t.Error("growth from 0 has no rate")
	}
	if _, ok := Compound(10, 20, 0); ok {
		t.Error("no time, no rate")
	}
}
