// Package growth computes how a following grows, and where its growth ends.
// internal/panel calls it. Pure functions: no
// clock, no I/O. A count that is not known makes a rate that is not known
// (ok = false, or NaN in a list), never 0.
//
// Sizes are the counts at the ends of periods of one length (weeks, months,
// years), in order; NaN where there is no reading. Rates are parts, not
// percent: 0.5 = 50 % a period.
package growth

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Rate is (last − first) ÷ first, 1 = 100 %: the follower growth rate that
// the field uses. It is unknown where first is 0.
func Rate(first, last float64) (rate float64, ok bool) {
	if first <= 0 {
		return 0, false
	}
	return (last - first) / first, true
}

// Compound is (last ÷ first)^(1 ÷ periods) − 1: the same growth in every
// period. With weeks it is FanpageKarma's compound weekly growth, with years
// the CAGR. It is unknown where first is 0 or no time has passed.
func Compound(first, last, periods float64) (rate float64, ok bool) {
	if first <= 0 || last < 0 || periods <= 0 {
		return 0, false
	}
	return math.Pow(last/first, 1/periods) - 1, true
}

// Convert gives a rate for another length of time: 1 % a week over 52 weeks
// is 67.8 %. periods is how many of the rate's own periods the other has.
func Convert(rate, periods float64) (converted float64, ok bool) {
	if rate < -1 || periods <= 0 {
		return 0, false
	}
	return math.Pow(1+rate, periods) - 1, true
}

// Net are the followers won less those lost in each period: one value fewer
// than sizes.
func Net(sizes []float64) []float64 {
	return pairs(sizes, func(a, b float64) float64 { return b - a })
}

// Rates are the growth rates of each period: one value fewer than sizes.
func Rates(sizes []float64) []float64 {
	return pairs(sizes, func(a, b float64) float64 {
		if r, ok := Rate(a, b); ok {
			return r
		}
		return math.NaN()
	})
}

func pairs(sizes []float64, of func(a, b float64) float64) []float64 {
	out := make([]float64, max(0, len(sizes)-1))
	for i := range out {
		out[i] = of(sizes[i], sizes[i+1])
	}
	return out
}

// Index are the sizes that rates lead to from 1: 90.3 %, 38.6 % and 13.4 %
// are 1, 1.903, 2.638, 2.991. What follows a rate that isn't known isn't
// known.
func Index(rates []float64) []float64 {
	out := []float64{1}
	for _, r := range rates {
		out = append(out, out[len(out)-1]*(1+r))
	}
	return out
}

// LeastPart is how much of a period must have passed for a projection to its
// end: of less, a chance day would be multiplied.
const LeastPart = 0.2

// Project is the size at the end of a period of which only a part, between 0
// and 1, has passed: growth goes on at the pace so far.
func Project(first, soFar, part float64) (end float64, ok bool) {
	if first <= 0 || soFar < 0 || part <= 0 || part > 1 {
		return 0, false
	}
	return first * math.Pow(soFar/first, 1/part), true
}

// Acceleration is by how much the growth rate changes from one period to the
// next: the slope of a straight line through the rates that are known. Below
// zero, growth slows down. It needs three rates.
func Acceleration(rates []float64) (change float64, ok bool) {
	var x, y []float64
	for i, r := range rates {
		if !math.IsNaN(r) {
			x, y = append(x, float64(i)), append(y, r)
		}
	}
	if len(x) < 3 {
		return 0, false
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	return slope, true
}
