// Package growth computes how a following grows, and where its growth ends.
// internal/panel calls it. Pure functions: no clock, no I/O. A count that is
// not known makes a rate that is not known (ok = false, or NaN in a list),
// never 0.
//
// Sizes are the counts at the ends of periods of one length (weeks, months,
// years), in order; NaN where there is no reading. Rates are parts, not
// percent: 0.5 = 50 % a period.
package growth

import (
	"math"
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
