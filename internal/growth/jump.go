package growth

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// A following that doubles overnight, because two accounts became one or its
// network counted anew, says nothing about how it grows. Such a jump stands
// out from the other changes: by six standard deviations, as their median tells
// them, by a fifth at least, and by more than a count of its size varies by
// chance.
const (
	sixMADs     = 6 * 1.4826 // times the median absolute deviation: six standard deviations
	leastJump   = 0.2        // of the log of the size
	chanceSigma = 3
)

// SinceJump is the part of the latest Window periods that follows the last
// jump; all of them where there is none. Sizes that aren't above zero are
// unknown.
func SinceJump(sizes []float64) (since []float64, jumped bool) {
	sizes = sizes[max(0, len(sizes)-Window-1):]
	var changes []float64
	for i := range len(sizes) - 1 {
		if c, ok := logChange(sizes[i], sizes[i+1]); ok {
			changes = append(changes, c)
		}
	}
	if len(changes) < MinRates {
		return sizes, false
	}
	usual := median(changes)
	var apart []float64
	for _, c := range changes {
		apart = append(apart, math.Abs(c-usual))
	}
	far := max(leastJump, sixMADs*median(apart))
	for i := len(sizes) - 2; i >= 0; i-- {
		a, b := sizes[i], sizes[i+1]
		if c, ok := logChange(a, b); ok && math.Abs(c-usual) > far && math.Abs(b-a*math.Exp(usual)) > chanceSigma*math.Sqrt(max(a, b)) {
			return sizes[i+1:], true
		}
	}
	return sizes, false
}

func logChange(a, b float64) (c float64, ok bool) {
	c = math.Log(b / a)
	return c, a > 0 && b > 0 && !math.IsInf(c, 0) && !math.IsNaN(c)
}

// median is the middle of values, which it leaves as they are.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// Trend is what changes of late say of a following.
type Trend string

// Trends.
const (
	Rising  Trend = "rising"  // it surely grows, or did in each of the last three periods
	Falling Trend = "falling" // the same of falling
	Neither Trend = "neither"
)

// TrendOf says whether a following grows or falls: where all changes together
// surely do (a one-sided t-test of their mean at 5 %), or each of the last
// three does, and those three together as well. rate is that of the last three,
// for a period; of fewer there is none.
func TrendOf(sizes []float64) (trend Trend, rate float64) {
	var changes []float64
	for i := range max(0, len(sizes)-1) {
		if c, ok := logChange(sizes[i], sizes[i+1]); ok {
			changes = append(changes, c)
		}
	}
	if len(changes) < MinRates {
		return Neither, 0
	}
	late, up, down := 0.0, 0, 0
	for _, c := range changes[len(changes)-3:] {
		late += c
		switch {
		case c > 0:
			up++
		case c < 0:
			down++
		}
	}
	rate = math.Expm1(late / 3)
	surely := sureMean(changes)
	switch {
	case late > 0 && (surely > 0 || up == 3):
		return Rising, rate
	case late < 0 && (surely < 0 || down == 3):
		return Falling, rate
	}
	return Neither, rate
}

// sureMean is the sign of the mean of values where it is sure, else 0.
func sureMean(values []float64) int {
	mean, deviation := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	switch {
	case mean == 0:
		return 0
	case deviation > 0:
		t := math.Abs(mean) / deviation * math.Sqrt(n)
		if (distuv.StudentsT{Sigma: 1, Nu: n - 1}).Survival(t) > sure {
			return 0
		}
	}
	return int(math.Copysign(1, mean))
}
