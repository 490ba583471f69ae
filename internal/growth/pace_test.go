package growth

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestPace(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		rates  []float64
		pace   Pace
		change float64
		ok     bool
	}{
		"Facebook 2009 to 2011":   {[]float64{90.3, 38.6, 13.4}, Steady, -38.45, true}, // three rates are not sure enough
		"slowing":                 {[]float64{5, 4.1, 3, 2.1, 1}, Slower, -1, true},
		"speeding up":             {[]float64{1, 2.1, 3, 4.1, 5}, Faster, 1, true},
		"the same":                {[]float64{2, 2, 2, 2}, Steady, 0, true},
		"up and down":             {[]float64{2, 5, 1, 4, 2.2, 4.1}, Steady, 0, true},
		"a gap":                   {[]float64{5, nan, 3, 2, 1}, Slower, -1, true},
		"two rates say nothing":   {[]float64{5, nan, 1}, "", 0, false},
		"a loss that grows worse": {[]float64{-1, -2, -3, -4.1}, Slower, -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			pace, change, ok := PaceOf(c.rates)
			if pace != c.pace || ok != c.ok || math.Abs(change-c.change) > 0.2 {
				t.Errorf("got %s, %.2f, %v", pace, change, ok)
			}
		})
	}
}

// Of random rates, turned round in time or in sign, the pace turns too.
func TestPaceTurns(t *testing.T) {
	turned := map[Pace]Pace{Faster: Slower, Slower: Faster, Steady: Steady}
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		rates := make([]float64, 3+r.IntN(20))
		back, down := make([]float64, len(rates)), make([]float64, len(rates))
		slope := 3 * (r.Float64() - 0.5)
		for i := range rates {
			rates[i] = slope*float64(i) + r.NormFloat64()
			back[len(rates)-1-i], down[i] = rates[i], -rates[i]
		}
		pace, change, _ := PaceOf(rates)
		if p, c, _ := PaceOf(back); p != turned[pace] || math.Abs(c+change) > 1e-9 {
			t.Fatalf("%v is %s by %g, backwards %s by %g", rates, pace, change, p, c)
		}
		if p, _, _ := PaceOf(down); p != turned[pace] {
			t.Fatalf("%v is %s, its negative %s", rates, pace, p)
		}
	}
}

func TestChain(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		accounts [][]float64
		want     []float64
	}{
		"one account":              {[][]float64{{50, 100, 75}}, []float64{1, 2, 1.5}},
		"it begins later":          {[][]float64{{nan, 50, 100}}, []float64{nan, 1, 2}},
		"a gap is a gap":           {[][]float64{{50, nan, 100}}, []float64{1, nan, 2}},
		"weighed by size":          {[][]float64{{90, 99}, {10, 21}}, []float64{1, 1.2}},
		"joining adds no growth":   {[][]float64{{100, 110, 121}, {nan, 5000, 5000}}, []float64{1, 1.1, 1.1 * 5121 / 5110}},
		"leaving takes none":       {[][]float64{{100, 110, 121}, {5000, 5000, nan}}, []float64{1, 5110.0 / 5100, 5110.0 / 5100 * 1.1}},
		"none carries on":          {[][]float64{{100, nan, nan}, {nan, 5, 6}}, []float64{1, nan, nan}},
		"nothing to begin with":    {[][]float64{{0, 5}, {nan, nan}}, []float64{nan, 1}},
		"no accounts, no periods":  {nil, []float64{}},
		"shorter than the longest": {[][]float64{{100, 110, 121}, {100}}, []float64{1, 1.1, 1.21}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Chain(c.accounts)
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i, v := range got {
				if math.IsNaN(v) != math.IsNaN(c.want[i]) || math.Abs(v-c.want[i]) > 1e-9 {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

// Accounts that are always read make the line of their sum, and the scale of
// all of them doesn't matter.
func TestChainOfWholeHistories(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		accounts := make([][]float64, 1+r.IntN(5))
		sum := make([]float64, 2+r.IntN(30))
		for k := range accounts {
			accounts[k] = make([]float64, len(sum))
			size := 1 + 1000*r.Float64()
			for i := range sum {
				size *= 0.8 + 0.5*r.Float64()
				accounts[k][i] = size
				sum[i] += size
			}
		}
		for i, v := range Chain(accounts) {
			if want := sum[i] / sum[0]; math.Abs(v/want-1) > 1e-9 {
				t.Fatalf("period %d: %g, want %g", i, v, want)
			}
		}
	}
}
