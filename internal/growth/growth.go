// Package growth computes how a following grows. Pure functions: a count that
// is not known makes a rate that is not known (ok = false), never 0.
package growth

import "math"

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
