package growth

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is the part of futures that an interval should hold.
const Confidence = 0.8

// Near is how near to the level growth counts as ended: the laws come ever
// nearer and never arrive.
const Near = 0.02

// draws is how many futures are tried; their tenths are steady to a percent.
const draws = 2000

// Interval holds the true value with the chance of Confidence; NaN where
// there are too few rates to say, +Inf where the upper end is open.
type Interval struct{ Low, High float64 }

// Known says whether there is an interval.
func (i Interval) Known() bool { return !math.IsNaN(i.Low) && !math.IsNaN(i.High) }

func unknown() Interval { return Interval{math.NaN(), math.NaN()} }

// Step is a period that lies ahead.
type Step struct {
	Size float64 // where the fitted law leads
	Interval
}

// Forecast follows the fitted law from a size through periods. The intervals
// come of futures drawn at random (from a fixed seed: the same fit gives the
// same answer): coefficients from their joint distribution (normal, given a
// variance from its scaled inverse chi-squared one) and an error for every
// period. They are the usual prediction intervals of a regression, carried
// through the steps.
//
// Nothing leaves what the data can say: each step keeps to the growth that the
// history has seen, and where growth surely slows, sizes to what lies between
// the least and the most of the history and of the level's interval.
func (f Fit) Forecast(from float64, periods int) []Step {
	out := make([]Step, max(0, periods))
	least, most := f.reach(from)
	size := from
	for i := range out {
		size = min(max(f.Next(size), least), most)
		out[i] = Step{size, unknown()}
	}
	if f.Rates < MinIntervals {
		return out
	}
	paths := make([][]float64, len(out))
	rnd := rand.New(rand.NewPCG(1, 2))
	for range draws {
		l, deviation := f.line.draw(rnd)
		size := from
		for i := range paths {
			size = min(max(f.follow(l, deviation*rnd.NormFloat64(), size), least), most)
			paths[i] = append(paths[i], size)
		}
	}
	for i, sizes := range paths {
		in := middle(sizes)
		out[i].Interval = Interval{min(in.Low, out[i].Size), max(in.High, out[i].Size)}
	}
	return out
}

// reach are the sizes that a forecast from one may come to.
func (f Fit) reach(from float64) (least, most float64) {
	least, most = 0, math.Inf(1)
	if !f.Slows() {
		return least, most
	}
	if level := f.LevelInterval(); level.Known() {
		least = min(from, f.seen.least, level.Low)
		most = max(from, f.seen.most, level.High)
	}
	return least, most
}

// LevelInterval is where the level lies. Its upper end is +Inf where a tenth
// of the futures have no end of growth.
func (f Fit) LevelInterval() Interval {
	if f.Rates < MinIntervals {
		return unknown()
	}
	var levels []float64
	rnd := rand.New(rand.NewPCG(1, 2))
	for range draws {
		l, _ := f.line.draw(rnd)
		levels = append(levels, f.Model.level(l.a, l.b))
	}
	in := middle(levels)
	return Interval{min(in.Low, f.Level), max(in.High, f.Level)}
}

// Ends is the number of periods until a size is Near the level; ok is false
// where there is no level or it lies further than most periods away. It is 0
// where the size is there or above.
func (f Fit) Ends(from float64, most int) (periods int, ok bool) {
	if math.IsInf(f.Level, 1) {
		return 0, false
	}
	for size := from; periods <= most; periods++ {
		if size >= f.Level*(1-Near) {
			return periods, true
		}
		size = f.Next(size)
	}
	return 0, false
}

// draw is a line as likely as the data leave it, and the deviation of a
// period's error around it.
func (l line) draw(rnd *rand.Rand) (drawn line, deviation float64) {
	chi := distuv.ChiSquared{K: l.free, Src: rnd}.Rand()
	deviation = math.Sqrt(l.variance * l.free / max(chi, 1e-9))
	drawn = l
	if l.sxx > 0 {
		drawn.b += deviation / math.Sqrt(l.sxx) * rnd.NormFloat64()
	}
	// The line's height at the mean of x is independent of its slope.
	drawn.my += deviation / math.Sqrt(l.free+2) * rnd.NormFloat64()
	drawn.a = drawn.my - drawn.b*l.mx
	return drawn, deviation
}

// middle is the interval that leaves as many values below as above.
func middle(values []float64) Interval {
	slices.Sort(values)
	tail := (1 - Confidence) / 2
	at := func(p float64) float64 { return values[int(p*float64(len(values)-1)+0.5)] }
	return Interval{at(tail), at(1 - tail)}
}
