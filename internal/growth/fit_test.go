package growth

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// facebook is eMarketer's growth of Facebook's users, 2009 to 2011.
var facebook = []float64{0.903, 0.386, 0.134}

func TestGoldenIndex(t *testing.T) {
	for i, want := range []float64{1, 1.903, 2.638, 2.991} {
		near(t, "index", Index(facebook)[i], true, want)
	}
}

// Facebook's index has passed the logistic level and has 14.3 % to go to
// Gompertz's.
func TestGoldenLevels(t *testing.T) {
	sizes := Index(facebook)
	l, err := New(Logistic, sizes)
	if err != nil || math.Abs(l.Level-2.85) > 0.005 || l.Headroom(sizes[3]) > 0 {
		t.Errorf("logistic: %+v, %v; want a level of 2.85, already passed", l, err)
	}
	g, err := New(Gompertz, sizes)
	if err != nil || math.Abs(g.Level-3.42) > 0.005 || math.Abs(g.Headroom(sizes[3])-0.143) > 0.0005 {
		t.Errorf("gompertz: %+v, headroom %v, %v; want 3.42 and 14.3 %%", g, g.Headroom(sizes[3]), err)
	}
	if n, ok := l.Ends(sizes[3], 10); !ok || n != 0 {
		t.Errorf("passed already, yet ends in %d, %v", n, ok)
	}
	if l.LevelInterval().Known() || l.Forecast(1, 1)[0].Known() {
		t.Error("three rates give no interval")
	}
}

func TestTooFew(t *testing.T) {
	nan := math.NaN()
	for name, sizes := range map[string][]float64{
		"none": nil, "three sizes": {1, 2, 3}, "a gap takes two rates": {1, 2, nan, 3, 4}, "zeros": {0, 0, 0, 0, 0, 0},
	} {
		if _, _, err := Best(sizes); !errors.Is(err, ErrTooFew) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err := New(Gompertz, []float64{10, 20, 30, nan, 35, 37, 38}); err != nil || f.Rates != 4 {
		t.Errorf("with a gap: %+v, %v", f, err)
	}
}

func TestAcceleration(t *testing.T) {
	_, change, ok := PaceOf(facebook)
	near(t, "Facebook slows down", change, ok, -0.3845)
	if _, _, ok := PaceOf([]float64{1, math.NaN(), 2}); ok {
		t.Error("two rates have no acceleration")
	}
}

// curve follows a law without noise.
func curve(m Model, a, b, size float64, n int) []float64 {
	out := []float64{size}
	for len(out) < n {
		out = append(out, m.next(a, b, out[len(out)-1]))
	}
	return out
}

// A law without noise is found again, whatever the scale of its sizes.
func TestLawIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		model       Model
		a, b, start float64
		level       float64
	}{
		"logistic to 8,000": {Logistic, 0.2, -0.2 / 8000, 200, 8000},
		"gompertz to 8,000": {Gompertz, 0.1 * math.Log(8000), -0.1, 200, 8000},
		"gompertz to 5e6":   {Gompertz, 0.05 * math.Log(5e6), -0.05, 1e5, 5e6},
		"falling to 1,000":  {Gompertz, 0.1 * math.Log(1000), -0.1, 4000, 1000},
	} {
		sizes := curve(c.model, c.a, c.b, c.start, 15)
		best, _, err := Best(sizes)
		if err != nil || best.Model != c.model || math.Abs(best.Level/c.level-1) > 1e-6 || !best.Slows() {
			t.Errorf("%s: %+v, %v", name, best, err)
		}
		steps := best.Forecast(sizes[14], 200)
		if got := steps[199].Size; math.Abs(got/c.level-1) > Near {
			t.Errorf("%s: leads to %v", name, got)
		}
	}
	grows := curve(Logistic, 0.05, 0, 100, 15)
	if best, _, err := Best(grows); err != nil || best.Slows() {
		t.Errorf("steady growth seems to slow: %+v, %v", best, err)
	}
	flat := []float64{50, 50, 50, 50, 50, 50, 50, 50}
	best, _, err := Best(flat)
	if err != nil || best.Slows() || best.Forecast(50, 3)[2].Size != 50 {
		t.Errorf("no growth at all: %+v, %v", best, err)
	}
}

// Properties of any history: intervals hold the curve, sizes stay above zero
// and finite, the same question has the same answer.
func FuzzForecast(f *testing.F) {
	f.Add(uint64(1), 12, 0.1, 0.02)
	f.Add(uint64(7), 60, -0.3, 0.4)
	f.Add(uint64(9), 5, 0.9, 0.0)
	f.Fuzz(func(t *testing.T, seed uint64, n int, rate, noise float64) {
		if n < 0 || n > 200 || !(math.Abs(rate) < 2) || !(math.Abs(noise) < 2) {
			t.Skip()
		}
		rnd := rand.New(rand.NewPCG(seed, 1))
		sizes := make([]float64, n)
		size := 1000.0
		for i := range sizes {
			sizes[i] = math.Round(size)
			size = min(max(0, size*(1+rate/float64(i+1)+noise*rnd.NormFloat64())), 1e12)
		}
		best, other, err := Best(sizes)
		if err != nil {
			return
		}
		for _, fit := range []Fit{best, other} {
			if math.IsNaN(fit.Level) || !(fit.Doubt >= 0 && fit.Doubt <= 1) {
				t.Fatalf("%+v", fit)
			}
			if in := fit.LevelInterval(); in.Known() && !(in.Low <= fit.Level && fit.Level <= in.High) {
				t.Fatalf("level %v outside %v", fit.Level, in)
			}
			a, b := fit.Forecast(1000, 5), fit.Forecast(1000, 5)
			for i, s := range a {
				if !(s.Size >= 0) || math.IsInf(s.Size, 0) || s.Known() && !(s.Low <= s.Size && s.Size <= s.High) {
					t.Fatalf("step %d of %+v: %+v", i, fit, s)
				}
				if s.Known() && s != b[i] {
					t.Fatalf("asked again: %v, %v", s, b[i])
				}
			}
		}
	})
}
