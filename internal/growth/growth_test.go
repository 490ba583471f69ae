package growth

import (
	"math"
	"math/rand/v2"
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

// Of any history: the mean rate leads from its first size to its last, over one
// period it is the rate itself, and rates lead back to the sizes.
func TestRatesOfAnyHistory(t *testing.T) {
	same := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }
	r := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		sizes := make([]float64, 2+r.IntN(30))
		for i := range sizes {
			sizes[i] = math.Exp(15 * r.Float64())
		}
		first, last, periods := sizes[0], sizes[len(sizes)-1], float64(len(sizes)-1)
		mean, ok := Compound(first, last, periods)
		if !ok || !same(first*math.Pow(1+mean, periods), last) {
			t.Fatalf("%g to %g in %g: %g, %v", first, last, periods, mean, ok)
		}
		rate, _ := Rate(first, last)
		if once, _ := Compound(first, last, 1); !same(once, rate) {
			t.Fatalf("%g to %g in one period: %g and %g", first, last, once, rate)
		}
		var rates []float64
		for i := range len(sizes) - 1 {
			r, _ := Rate(sizes[i], sizes[i+1])
			rates = append(rates, r)
		}
		for i, v := range Index(rates) {
			if !same(v*first, sizes[i]) {
				t.Fatalf("period %d: %g, want %g", i, v*first, sizes[i])
			}
		}
	}
}
