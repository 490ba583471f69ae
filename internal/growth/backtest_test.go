package growth_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/demo"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/rows"
)

var update = flag.Bool("update", false, "write the measured errors into docs/growth.md")

const (
	doc        = "../../docs/growth.md"
	begin, end = "<!-- backtest -->\n", "<!-- /backtest -->"
)

// held is a history whose last periods are held back from the fit.
type held struct {
	sizes []float64
	tail  int
}

// score sums up how far forecasts were off.
type score struct {
	off, still, pace []float64 // absolute errors, as parts: ours, "as now", "at the present pace"
	inside           int
}

func (s *score) add(t *testing.T, h held) {
	t.Helper()
	known, future := h.sizes[:len(h.sizes)-h.tail], h.sizes[len(h.sizes)-h.tail:]
	since, _ := growth.SinceJump(known) // as forecasts do
	fit, _, err := growth.Best(since)
	if err != nil {
		t.Fatal(err)
	}
	last := known[len(known)-1]
	pace, ok := growth.Compound(known[len(known)-4], last, 3)
	if !ok {
		t.Fatal("no pace")
	}
	steps := fit.Forecast(last, h.tail)
	for i, is := range future {
		s.off = append(s.off, math.Abs(steps[i].Size/is-1))
		s.still = append(s.still, math.Abs(last/is-1))
		s.pace = append(s.pace, math.Abs(last*math.Pow(1+pace, float64(i+1))/is-1))
		if steps[i].Low <= is && is <= steps[i].High {
			s.inside++
		}
	}
}

func (s score) row(name string, histories int) string {
	percent := func(list []float64) string {
		var sum float64
		for _, v := range list {
			sum += v
		}
		return fmt.Sprintf("%.1f %%", 100*sum/float64(len(list)))
	}
	return fmt.Sprintf("| %s | %d | %s | %s | %s | %.0f %% |\n", name, histories, percent(s.off), percent(s.pace), percent(s.still), 100*float64(s.inside)/float64(len(s.off)))
}

// TestBacktest fits all but the last six periods of histories and compares
// the forecast with what came. Its table stands in docs/growth.md; a change
// of the fits that changes the errors must change the doc.
func TestBacktest(t *testing.T) {
	var table strings.Builder
	table.WriteString("| histories | number | error of the forecast | error of “at the pace of the last three periods” | error of “as it is now” | held by the 80 % interval |\n|---|---|---|---|---|---|\n")
	var s score
	list := demoMonths(t)
	const ends = 6 // of each history, three months apart
	for _, h := range list {
		for i := range ends {
			s.add(t, held{h.sizes[:len(h.sizes)-3*i], h.tail})
		}
	}
	table.WriteString(s.row("the demo's four networks, months", ends*len(list)))
	for _, kind := range synthetic() {
		var s score
		for seed := range uint64(200) {
			rnd := rand.New(rand.NewPCG(seed, 11))
			h := held{tail: 6}
			size := 300.0
			for i := range 30 {
				h.sizes = append(h.sizes, math.Round(size))
				size *= 1 + kind.rate(i, size) + kind.noise*rnd.NormFloat64()
			}
			s.add(t, h)
		}
		table.WriteString(s.row(kind.name, 200))
		if held := float64(s.inside) / float64(len(s.off)); kind.lawful && (held < 0.7 || held > 0.9) {
			t.Errorf("%s: the interval holds %.0f %%, not about 80 %%", kind.name, 100*held)
		}
	}
	src, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(src), begin)
	old, foot, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %q … %q", doc, begin, end)
	}
	if old == table.String() {
		return
	}
	if !*update {
		t.Fatalf("%s says\n%s\nmeasured is\n%s\nrun this test with -update", doc, old, table.String())
	}
	if err := os.WriteFile(doc, []byte(head+begin+table.String()+end+foot), 0o644); err != nil {
		t.Fatal(err)
	}
}

type kind struct {
	name   string
	rate   func(i int, size float64) float64
	noise  float64
	lawful bool // follows one of the laws
}

func synthetic() []kind {
	logistic := func(_ int, n float64) float64 { return 0.25 * (1 - n/8000) }
	gompertz := func(_ int, n float64) float64 { return math.Exp(0.15*math.Log(8000/n)) - 1 }
	return []kind{
		{"logistic, noise of 1 % a period", logistic, 0.01, true},
		{"logistic, noise of 3 % a period", logistic, 0.03, true},
		{"Gompertz, noise of 1 % a period", gompertz, 0.01, true},
		{"Gompertz, noise of 3 % a period", gompertz, 0.03, true},
		{"steady growth of 4 %, noise of 1 %", func(int, float64) float64 { return 0.04 }, 0.01, false},
		{"logistic, then a loss of 2 % a period from the fit's end on", func(i int, n float64) float64 {
			if i >= 23 {
				return -0.02
			}
			return logistic(i, n)
		}, 0.01, false},
	}
}

// catcher keeps the demo's readings and lets the rest go.
type catcher struct{ counts []event.FollowerCount }

func (*catcher) Exec(context.Context, string, ...rows.Arg) error { return nil }

func (c *catcher) Insert(_ context.Context, _ string, facts event.Rows) error {
	if readings, ok := facts.(*event.List[event.FollowerCount]); ok {
		c.counts = append(c.counts, readings.Rows...)
	}
	return nil
}

// demoMonths are the demo's followings at the ends of months.
func demoMonths(t *testing.T) []held {
	t.Helper()
	var c catcher
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	if err := demo.History(t.Context(), &c, 1, 1, now, nil); err != nil {
		t.Fatal(err)
	}
	type month struct {
		network string
		index   int
	}
	var order []string
	last := map[month]event.FollowerCount{}
	for _, r := range c.counts {
		if r.Account == demo.RivalAccount {
			continue
		}
		if !slices.Contains(order, r.Network) {
			order = append(order, r.Network)
		}
		m := month{r.Network, r.Time.Year()*12 + int(r.Time.Month())}
		if r.Time.After(last[m].Time) {
			last[m] = r
		}
	}
	var list []held
	for _, network := range order {
		h := held{tail: 6}
		for i := 2000 * 12; i <= 2026*12+10; i++ { // October 2026 is over
			if r, ok := last[month{network, i}]; ok {
				h.sizes = append(h.sizes, float64(r.Followers))
			} else if len(h.sizes) > 0 {
				h.sizes = append(h.sizes, math.NaN())
			}
		}
		list = append(list, h)
	}
	return list
}
