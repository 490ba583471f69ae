package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/earshot-analytics/earshot/internal/query"
)

const gap = -1 // a month without a reading

// monthly is the answer of one account's months; the last is not over.
func monthly(sizes ...int64) *query.Result {
	a := [2]string{"x", "a"}
	res := answer(map[[2]string][]int64{a: sizes}, a)
	for i, n := range sizes {
		if n >= 0 {
			res.Rows[i][3] = n
		} else {
			res.Rows[i][3] = nil
		}
	}
	return res
}

func months(n int, size int64) []int64 { return slices.Repeat([]int64{size}, n) }

func then(list []int64, more ...int64) []int64 { return append(slices.Clone(list), more...) }

func TestStates(t *testing.T) {
	for _, c := range []struct {
		name    string
		sizes   []int64
		state   State
		missing int
	}{
		{"twelve of 200", months(13, 200), Still, 0},
		{"one more at the end", then(months(11, 200), 201, 201), Still, 0},
		{"one less at the beginning", then([]int64{199}, months(12, 200)...), Still, 0},
		{"up and down by one", []int64{200, 201, 200, 201, 200, 201, 200, 201, 200, 201, 200, 201, 200}, Still, 0},
		{"three followers, then four", then(months(11, 3), 4, 4), Still, 0},
		{"no followers", months(13, 0), None, 0},
		{"no followers yet, three readings", months(3, 0), None, 0},
		{"all gone", then(months(11, 200), 0, 0), None, 0},
		{"nobody for long, then one", then(months(12, 0), 1), Short, 6},
		{"the last reading five times as high", then(months(11, 200), 1000, 1000), Astray, 6},
		{"twice as high, two months ago", then(months(10, 200), 400, 401, 402), Astray, 5},
		{"a jump long ago", then(months(6, 200), 4000, 4040, 4080, 4120, 4160, 4200, 4240, 4280, 4320), Far, 0},
		{"begun anew", []int64{1000, 1050, 1100, 1150, 1200, 1250, 5, 10, 15, 20, 25, 30, 35}, Astray, 1},
		{"to and fro", []int64{200, 4000, 200, 4000, 200, 4000, 200, 4000, 200, 4000, 200, 4000, 200}, Astray, 5},
		{"a loss of a twentieth", []int64{1000, 950, 900, 860, 820, 780, 740, 700, 670, 640, 600, 570, 550}, Falls, 0},
		{"a loss after growth", []int64{1000, 1100, 1210, 1330, 1460, 1610, 1770, 1740, 1700, 1670, 1640}, Falls, 0},
		{"a steady gain", []int64{1000, 1041, 1079, 1125, 1170, 1214, 1266, 1316, 1368, 1422, 1480}, Open, 0},
		{"a billion that grows", []int64{1e9, 1.01e9, 1.021e9, 1.03e9, 1.041e9, 1.05e9, 1.061e9, 1.071e9, 1.083e9}, Open, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Of(monthly(c.sizes...), false)
			if l := o.Lines[0]; l.State != c.state || l.Missing != c.missing {
				t.Fatalf("%s, %d missing; want %s, %d", l.State, l.Missing, c.state, c.missing)
			}
			within(t, c.sizes, o)
		})
	}
}

// within checks that a forecast stays inside what its history can say.
func within(t *testing.T, sizes []int64, o *Outlook) {
	t.Helper()
	least, most, fastest, past := math.Inf(1), 0.0, 1.0, 0
	for i, n := range sizes[:len(sizes)-1] {
		if n < 0 {
			continue
		}
		if past == 0 {
			past = len(sizes) - 2 - i // from its end to that of the last
		}
		least, most = min(least, float64(n)), max(most, float64(n))
		if i > 0 && sizes[i-1] > 0 {
			fastest = max(fastest, float64(n)/float64(sizes[i-1]))
		}
	}
	l, ahead := o.Lines[0], 0
	for i, row := range o.Result.Rows {
		is, ok := row[2].(int64)
		if !ok {
			continue
		}
		ahead++
		low, high := row[3].(int64), row[4].(int64)
		if low > is || is > high || low < 0 {
			t.Fatalf("%v: row %d, outside its band: %v", sizes, i, row)
		}
		// No faster than the fastest month, chance included.
		if limit := most * math.Pow(fastest*1.5, float64(ahead)); float64(high) > limit+1 {
			t.Fatalf("%v: row %d comes to %d, more than %g", sizes, i, high, limit)
		}
		if l.Best.Slows() && !math.IsInf(l.Between.High, 1) && float64(high) > max(most, l.Between.High)+1 {
			t.Fatalf("%v: row %d comes to %d, beyond the level's interval %v", sizes, i, high, l.Between)
		}
		if flat := most <= least*1.02; flat && (float64(high) > 1.5*most || float64(low) < least/1.5) {
			t.Fatalf("%v: from what stands still to %v", sizes, row)
		}
	}
	if ahead > past {
		t.Fatalf("%v: %d months ahead, after %d", sizes, ahead, past)
	}
	if l.State == Ends && l.End.After(o.Result.Buckets[len(sizes)-1].Start.AddDate(0, 2*past, 0)) {
		t.Fatalf("%v: ends %s, after %d months", sizes, l.End, past)
	}
}

// Of whatever a history is like, a forecast stays inside what it can say, and
// what it says in words is so.
func TestOddHistories(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 3))
	for _, kind := range []struct {
		name string
		next func(i int, size float64) float64
	}{
		{"constant", func(_ int, n float64) float64 { return n }},
		{"falling", func(_ int, n float64) float64 { return n * (0.9 + 0.08*rnd.Float64()) }},
		{"noisy", func(_ int, n float64) float64 { return n * math.Exp(0.5*rnd.NormFloat64()) }},
		{"noise about a level", func(int, float64) float64 { return 1000 * math.Exp(0.2*rnd.NormFloat64()) }},
		{"one jump", func(_ int, n float64) float64 {
			if rnd.IntN(12) == 0 {
				return n * 20
			}
			return n * (1 + 0.03*rnd.Float64())
		}},
		{"resets", func(_ int, n float64) float64 {
			if rnd.IntN(8) == 0 {
				return 5
			}
			return n * 1.1
		}},
		{"growing", func(_ int, n float64) float64 { return n * (1 + 0.2*rnd.Float64()) }},
		{"slowing", func(_ int, n float64) float64 { return n * (1 + 0.3*(1-n/50_000) + 0.01*rnd.NormFloat64()) }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			for range 15 {
				size := math.Exp(16 * rnd.Float64())
				var sizes []int64
				for i := range 3 + rnd.IntN(28) {
					n := int64(min(max(math.Round(size), 0), 1e14))
					if rnd.IntN(15) == 0 {
						n = gap
					}
					sizes = append(sizes, n)
					size = min(kind.next(i, size), 1e14)
				}
				o := Of(monthly(sizes...), false)
				if len(o.Lines) == 0 {
					continue // gaps alone
				}
				within(t, sizes, o)
				l := o.Lines[0]
				if fault := untrue(l, sizes); fault != "" {
					t.Fatalf("%v: %s, %s", sizes, l.State, fault)
				}
			}
		})
	}
}

// untrue says what is false about a line's state.
func untrue(l Line, sizes []int64) string {
	last := int64(gap)
	for _, n := range sizes {
		if n != gap {
			last = n
		}
	}
	switch {
	case (l.State == None) != (last == 0):
		return fmt.Sprintf("the last reading is %d", last)
	case l.State == Open && l.Rate <= 0, l.State == Falls && l.Rate >= 0:
		return fmt.Sprintf("at a rate of %g", l.Rate)
	case (l.State == Short || l.State == Astray) != (l.Missing > 0):
		return fmt.Sprintf("%d missing", l.Missing)
	case l.Levels() && (math.IsInf(l.Best.Level, 1) || !(l.Best.Level > 0)):
		return fmt.Sprintf("the level is %g", l.Best.Level)
	case l.State == Ended && l.Size < l.Best.Level*(1-0.021):
		return fmt.Sprintf("%g is below the level %g", l.Size, l.Best.Level)
	}
	return ""
}
