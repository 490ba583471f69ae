package growth

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Model is a law of growth that slows as the size nears a level K.
type Model string

// The two laws that the literature uses for audiences. Both are straight
// lines: of the growth rate on the size, and of the log growth on the log
// size. They are read off by least squares.
const (
	Logistic Model = "logistic" // (next − n) ÷ n = a + b·n, K = −a ÷ b (Verhulst 1838)
	Gompertz Model = "gompertz" // ln(next ÷ n) = a + b·ln n, K = exp(−a ÷ b) (Gompertz 1825)
)

// How many growth rates are needed: a line through two points fits always and
// tells nothing, and an interval needs some spread to be measured.
const (
	MinRates     = 3 // for a fit
	MinIntervals = 6 // for a fit with an interval, and so for a forecast
)

// Window is how many of the latest periods a fit rests on. What an account
// grew by in its first months says little about its present: on histories of
// four years, fits to all of them were off ten times as far (docs/growth.md).
const Window = 24

// ErrTooFew says that there are fewer than MinRates growth rates.
var ErrTooFew = errors.New("too few growth rates")

// Fit is a model fitted to sizes.
type Fit struct {
	Model Model
	// A and B are the line's: growth at no size (logistic) or at size 1
	// (Gompertz), and its change with the size. B < 0: growth slows down.
	A, B float64
	// Level is the size at which growth ends; +Inf where growth doesn't slow.
	Level float64
	// Doubt is the one-sided p-value of B < 0: the chance to see growth slow
	// as clearly as here where it does not.
	Doubt float64
	// Error is the root mean square of the one-period errors of ln(size).
	Error float64
	Rates int // that the fit rests on

	line line
	seen bounds
}

// bounds are what a forecast keeps within: what a history shows to happen.
type bounds struct {
	slowest, fastest float64 // growth in a period, as the model measures it
	least, most      float64 // sizes
}

// line is a least-squares line with what its uncertainty needs.
type line struct {
	a, b     float64
	mx, my   float64 // means
	sxx      float64 // sum of squares of x about its mean
	variance float64 // of the residuals
	free     float64 // degrees of freedom
}

// New fits a model to the latest Window periods. Sizes that aren't above zero
// are unknown.
func New(m Model, sizes []float64) (Fit, error) {
	sizes = sizes[max(0, len(sizes)-Window-1):]
	var x, y []float64
	var from, to []float64
	for i := 0; i+1 < len(sizes); i++ {
		a, b := sizes[i], sizes[i+1]
		if !(a > 0 && b > 0) || math.IsInf(a, 0) || math.IsInf(b, 0) {
			continue
		}
		from, to = append(from, a), append(to, b)
		x, y = append(x, m.x(a)), append(y, m.y(a, b))
	}
	if len(x) < MinRates {
		return Fit{}, fmt.Errorf("%w: %d of %d", ErrTooFew, len(x), MinRates)
	}
	l := fitLine(x, y)
	f := Fit{Model: m, A: l.a, B: l.b, Level: m.level(l.a, l.b), Doubt: l.doubt(), Rates: len(x), line: l}
	var sum float64
	// Growth may end, and chance may take it a little further than it did.
	margin := 2 * math.Sqrt(l.variance)
	f.seen = bounds{
		slowest: min(0, slices.Min(y)) - margin, fastest: max(0, slices.Max(y)) + margin,
		least: min(slices.Min(from), slices.Min(to)), most: max(slices.Max(from), slices.Max(to)),
	}
	for i := range from {
		e := math.Log(m.next(l.a, l.b, from[i]) / to[i])
		sum += e * e
	}
	f.Error = math.Sqrt(sum / float64(len(from)))
	return f, nil
}

// Best fits both models; the first is the one whose one-period errors are
// smaller.
func Best(sizes []float64) (best, other Fit, err error) {
	l, err := New(Logistic, sizes)
	if err != nil {
		return Fit{}, Fit{}, err
	}
	g, err := New(Gompertz, sizes)
	if err != nil {
		return Fit{}, Fit{}, err
	}
	if g.Error < l.Error {
		return g, l, nil
	}
	return l, g, nil
}

// Headroom is how far the level lies above a size, as a part of it: 0.143 =
// 14.3 % still to come, below 0 where the size has passed the level.
func (f Fit) Headroom(size float64) float64 { return f.Level/size - 1 }

// Slows says whether growth surely enough slows down: the doubt is 5 % at
// most and the level is a number.
func (f Fit) Slows() bool { return f.Doubt <= 0.05 && !math.IsInf(f.Level, 1) }

// Next is the size one period later.
func (f Fit) Next(size float64) float64 {
	return f.follow(f.line, 0, size)
}

// follow takes a size one period on by a line, with an error beside it. In no
// period does it grow faster, or lose more, than the history ever did.
func (f Fit) follow(l line, deviation, size float64) float64 {
	a, b := steady(l)
	g := a + deviation + b*f.Model.x(size)
	return f.Model.next(min(max(g, f.seen.slowest), f.seen.fastest), 0, size)
}

// steady is the line to go forward with: growth that rises with the size can't
// last, so such a line is taken as level.
func steady(l line) (a, b float64) {
	if l.b < 0 {
		return l.a, l.b
	}
	return l.my, 0
}

func (m Model) x(size float64) float64 {
	if m == Gompertz {
		return math.Log(size)
	}
	return size
}

func (m Model) y(from, to float64) float64 {
	if m == Gompertz {
		return math.Log(to / from)
	}
	return to/from - 1
}

// next never loses more than half in a period: beyond that the laws overshoot
// instead of telling anything.
func (m Model) next(a, b, size float64) float64 {
	g := a + b*m.x(size)
	if m == Gompertz {
		return size * math.Exp(min(max(g, -math.Ln2), 5))
	}
	return size * (1 + min(max(g, -0.5), 100))
}

func (m Model) level(a, b float64) float64 {
	if b >= 0 {
		return math.Inf(1)
	}
	k := -a / b
	if m == Gompertz {
		k = math.Exp(k)
	}
	return max(k, 0) // below zero: growth was never above zero
}

func fitLine(x, y []float64) line {
	l := line{mx: stat.Mean(x, nil), my: stat.Mean(y, nil), free: float64(len(x) - 2)}
	for _, v := range x {
		l.sxx += (v - l.mx) * (v - l.mx)
	}
	if l.sxx <= 1e-18*l.mx*l.mx {
		// All sizes are one: nothing tells how growth depends on it.
		l.sxx, l.a, l.b = 0, l.my, 0
	} else {
		l.a, l.b = stat.LinearRegression(x, y, nil, false)
	}
	for i := range x {
		r := y[i] - l.a - l.b*x[i]
		l.variance += r * r / l.free
	}
	return l
}

// doubt is the chance of a slope as far below zero where there is none.
func (l line) doubt() float64 {
	switch {
	case l.sxx == 0:
		return 1
	case l.variance == 0 && l.b < 0:
		return 0
	case l.variance == 0:
		return 1
	}
	return distuv.StudentsT{Sigma: 1, Nu: l.free}.CDF(l.b / math.Sqrt(l.variance/l.sxx))
}
