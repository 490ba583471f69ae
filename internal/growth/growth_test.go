package growth

import (
	"math"
	"testing"
	"time"
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
	v := func(f float64) *float64 { return &f }
	got := Rates([]*float64{v(100), v(150), nil, v(300), v(330)})
	if len(got) != 4 || got[0] == nil || *got[0] != 0.5 || got[1] != nil || got[2] != nil || got[3] == nil || math.Abs(*got[3]-0.1) > 1e-9 {
		t.Errorf("rates with a gap: %v", got)
	}
	if Rates([]*float64{v(1)}) != nil {
		t.Error("one level has no rate")
	}
}

func TestYears(t *testing.T) {
	a := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if y := Years(a, a.AddDate(4, 0, 0)); math.Abs(y-4) > 0.003 {
		t.Errorf("four years are %v", y)
	}
}
