package growth

import "math"

// Pace says whether growth speeds up or slows down.
type Pace string

// Paces.
const (
	Faster Pace = "faster"
	Slower Pace = "slower"
	Steady Pace = "steady" // or too irregular to tell
)

// sure is the chance at which a slope is still taken for one of chance.
const sure = 0.05

// PaceOf says how growth rates change: by how much from one period to the
// next (Acceleration), and in a word. It is Faster or Slower where a one-sided
// t-test of the slope at 5 % says so: the same that decides whether growth
// ends. ok is false with fewer than MinRates rates.
func PaceOf(rates []float64) (pace Pace, change float64, ok bool) {
	var x, y []float64
	for i, r := range rates {
		if !math.IsNaN(r) {
			x, y = append(x, float64(i)), append(y, r)
		}
	}
	if len(x) < MinRates {
		return "", 0, false
	}
	l := fitLine(x, y)
	falls := l.doubt()
	l.b = -l.b
	switch rises := l.doubt(); {
	case falls <= sure:
		return Slower, -l.b, true
	case rises <= sure:
		return Faster, -l.b, true
	}
	return Steady, -l.b, true
}

// Chain sets the sizes of several accounts in one line that begins at 1: from
// each period to the next that is known, it grows as the accounts grow that
// are known in both. An account that joins late, or that is not read for a
// while, moves it by its growth alone. It is NaN before the first period that
// is known, and where none of the accounts that carry it on is.
func Chain(accounts [][]float64) []float64 {
	n := 0
	for _, a := range accounts {
		n = max(n, len(a))
	}
	out := make([]float64, n)
	last := -1
	for i := range out {
		out[i] = math.NaN()
		if last < 0 {
			if sum, _ := together(accounts, i, i); sum > 0 {
				out[i], last = 1, i
			}
			continue
		}
		if was, is := together(accounts, last, i); was > 0 {
			out[i], last = out[last]*is/was, i
		}
	}
	return out
}

// together sums the accounts that are known in both periods.
func together(accounts [][]float64, a, b int) (was, is float64) {
	for _, list := range accounts {
		if b < len(list) && !math.IsNaN(list[a]) && !math.IsNaN(list[b]) {
			was, is = was+list[a], is+list[b]
		}
	}
	return was, is
}
