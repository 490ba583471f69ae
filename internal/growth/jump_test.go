package growth

import (
	"math"
	"testing"
)

func TestSinceJump(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		sizes []float64
		kept  int
		jump  bool
	}{
		"constant":                {[]float64{200, 200, 200, 200, 200}, 5, false},
		"steady":                  {[]float64{100, 200, 400, 800, 1600}, 5, false},
		"slowing":                 {[]float64{100, 200, 300, 380, 430, 460, 480, 490}, 8, false},
		"the last five times":     {[]float64{200, 200, 200, 200, 200, 1000}, 1, true},
		"long ago":                {[]float64{200, 200, 1000, 1010, 1020, 1030, 1040}, 5, true},
		"twice":                   {[]float64{200, 200, 1000, 1010, 1020, 5000, 5050, 5100}, 3, true},
		"down":                    {[]float64{1000, 1010, 1020, 1030, 5, 6, 7}, 3, true},
		"few followers":           {[]float64{3, 3, 3, 3, 3, 5}, 6, false},
		"less than a fifth":       {[]float64{1000, 1000, 1000, 1000, 1200}, 5, false},
		"over a gap":              {[]float64{200, 200, 200, 200, nan, 1000, 1000}, 7, false}, // no change is known
		"before what is fitted":   {append([]float64{5, 900}, make([]float64, Window)...), Window + 1, false},
		"too few changes to tell": {[]float64{200, 200, 1000}, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			since, jumped := SinceJump(c.sizes)
			if len(since) != c.kept || jumped != c.jump {
				t.Errorf("%v, %v", since, jumped)
			}
		})
	}
}

func TestTrendOf(t *testing.T) {
	for name, c := range map[string]struct {
		sizes []float64
		trend Trend
		rate  float64
	}{
		"constant":              {[]float64{200, 200, 200, 200}, Neither, 0},
		"steady":                {[]float64{100, 110, 121, 133.1}, Rising, 0.1},
		"falling":               {[]float64{1000, 900, 810, 729}, Falling, -0.1},
		"up and down":           {[]float64{200, 201, 200, 201, 200}, Neither, math.Cbrt(200.0/201) - 1},
		"growth that turned":    {[]float64{100, 150, 200, 250, 240, 230, 220}, Falling, math.Cbrt(220.0/250) - 1},
		"one of many":           {[]float64{200, 200, 200, 200, 200, 201}, Neither, math.Cbrt(201.0/200) - 1},
		"zero and unknown":      {[]float64{0, 0, math.NaN(), 5}, Neither, 0},
		"all sure, late none":   {[]float64{100, 110, 121, 133, 133, 133, 133}, Neither, 0},
		"too few changes to be": {[]float64{100, 110}, Neither, 0},
	} {
		t.Run(name, func(t *testing.T) {
			trend, rate := TrendOf(c.sizes)
			if trend != c.trend || math.Abs(rate-c.rate) > 1e-6 {
				t.Errorf("%s at %g", trend, rate)
			}
		})
	}
}
