// Package demo makes what a newcomer looks at before there are readers of
// their own: thirteen months of a small blog's history, and, at any size, data
// to see how Earshot behaves. Rows are made inside ClickHouse; the same seed,
// day and size give the same rows, and making them again adds nothing.
package demo

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

//go:embed history.sql
var historySQL string

// Store takes what is made.
type Store interface {
	// Exec runs one statement of the program's own.
	Exec(ctx context.Context, sql string, args ...rows.Arg) error
	Insert(ctx context.Context, token string, facts event.Rows) error
}

// EventsPerVisit is how many events a generated visit has on average.
const EventsPerVisit = 3.6

const (
	pageSlots    = 128
	countrySlots = 200
	visitsAStep  = 30_000 // visits of one INSERT; two run at once, in the memory that the embedded ClickHouse has
)

// sharing is how much is shared.
type sharing struct {
	block int // of so many visits, one shares
	via   int // percent of the visits that a share brings
}

var usualSharing = sharing{block: 37, via: 11}

// page is one page of a generated site.
type page struct {
	path, lang string
	published  int     // day number; visits before it don't see the page
	pull       float64 // relative popularity
	dwell      float64 // 1 = a mean engaged time of about 38 s
	index      bool    // a list of pages, which nobody shares; comes first
}

// site is what is generated for one site.
type site struct {
	id       uint32
	hostname string
	loc      *time.Location
	pages    []page
	sharing  sharing
	visits   func(day int, date time.Time) int
}

// day numbers count from the first day made, which is 1.
type daySlot struct {
	number  int
	start   time.Time
	visits  int
	weekend int
	lag     int // blocks of visits that a share needs to bring anybody
	pages   []int
}

// fill writes the events of a site for the days before and up to now.
// progress is told the share that is done, 0 to 1.
func fill(ctx context.Context, store Store, s site, days int, seed uint64, now time.Time, progress func(float64)) error {
	today := startOfDay(now.In(s.loc))
	var plan []daySlot
	var total int
	for n := 1; n <= days; n++ {
		date := today.AddDate(0, 0, n-days)
		d := daySlot{number: n, start: date, visits: s.visits(n, date), weekend: weekend(date)}
		if most := s.sharing.block * 1_000_000; d.visits > most {
			return fmt.Errorf("%d visits on a day: at most %d can be made", d.visits, most)
		}
		d.lag = d.visits / s.sharing.block / 40 // about the busiest twenty minutes
		d.pages = pageSlotsOn(s.pages, n)
		plan = append(plan, d)
		total += d.visits
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(2)
	var done int
	finished := make(chan int)
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		for n := range finished {
			done += n
			progress(float64(done) / float64(max(total, 1)))
		}
	}()
	for len(plan) > 0 {
		take, visits := 0, 0
		for take < len(plan) && plan[take].start.Month() == plan[0].start.Month() && (take == 0 || visits+plan[take].visits <= visitsAStep) {
			visits += plan[take].visits
			take++
		}
		step := plan[:take]
		plan = plan[take:]
		widest := 0
		for _, d := range step {
			widest = max(widest, d.visits)
		}
		for from := 0; from < widest; from += visitsAStep {
			to := min(from+visitsAStep, widest)
			work.Go(func() error {
				if err := store.Exec(ctx, historyStatement(s, step, from, to, seed, now)); err != nil {
					return fmt.Errorf("make the history of %s: %w", s.hostname, err)
				}
				n := 0
				for _, d := range step {
					n += max(0, min(to, d.visits)-from)
				}
				finished <- n
				return nil
			})
		}
	}
	err := work.Wait()
	close(finished)
	<-counted
	return err
}

// historyStatement fills history.sql in for the visits from ≤ i < to of each day.
func historyStatement(s site, step []daySlot, from, to int, seed uint64, now time.Time) string {
	days := make([]string, len(step))
	var pages []int
	for i, d := range step {
		unshared := 0
		for unshared < pageSlots-1 && s.pages[d.pages[unshared]-1].index {
			unshared++
		}
		days[i] = fmt.Sprintf("(%d,%d,%d,%d,%d,%d,%d)", d.number, d.start.UnixMilli(), d.visits, d.weekend, d.lag, len(pages)+1, unshared)
		pages = append(pages, d.pages...)
	}
	languages := []string{"fr", "en"}
	var byLanguage []string
	for _, l := range languages {
		byLanguage = append(byLanguage, spread(countries[l], countrySlots)...)
	}
	var paths, langs, dwell []string
	for _, p := range s.pages {
		paths = append(paths, quote(p.path))
		langs = append(langs, fmt.Sprint(1+countrySlots*slices.Index(languages, p.lang)))
		dwell = append(dwell, fmt.Sprintf("%.2f", p.dwell))
	}
	var srcs, nets, ags []string
	var srcWeights, netWeights, agWeights []int
	for _, x := range sources {
		srcs = append(srcs, "("+strings.Join([]string{quote(x.name), quote(x.medium), quote(x.channel), quote(x.referrer), quote(x.utmSource), quote(x.utmMedium), quote(x.utmCampaign)}, ",")+")")
		srcWeights = append(srcWeights, x.weight)
	}
	for _, x := range networks {
		nets = append(nets, fmt.Sprintf("(%s,%s,%d)", quote(x.key), quote(x.kind), x.source+1))
		netWeights = append(netWeights, x.weight)
	}
	for _, x := range agents {
		ags = append(ags, "("+strings.Join([]string{quote(x.device), quote(x.browser), quote(x.version), quote(x.os), quote(x.osVersion)}, ",")+")")
		agWeights = append(agWeights, x.weight)
	}
	token := fmt.Sprintf("demo-%d-%d-%s-%d-%d-%d", seed, s.id, step[0].start.Format("20060102"), len(step), from, to)
	sql := strings.NewReplacer(
		"{seed}", fmt.Sprint(seed), "{site}", fmt.Sprint(s.id), "{hostname}", s.hostname,
		"{days}", list(days),
		"{page_slots}", ints(pages),
		"{minutes}", ints(append(minuteQuantiles(0, 512), minuteQuantiles(1, 512)...)),
		"{paths}", list(paths), "{lang}", list(langs), "{pull}", list(dwell),
		"{countries}", texts(byLanguage),
		"{sources}", list(srcs), "{source_slots}", ints(slots(srcWeights, 200)),
		"{networks}", list(nets), "{network_slots}", ints(slots(netWeights, 100)),
		"{agents}", list(ags), "{agent_slots}", ints(slots(agWeights, 100)),
		"{via_channel}", enrich.ChannelShares, "{via_percent}", fmt.Sprint(s.sharing.via), "{block}", fmt.Sprint(s.sharing.block), "{from}", fmt.Sprint(from), "{to}", fmt.Sprint(to),
		"{read_ms}", fmt.Sprint(event.ReadEngaged.Milliseconds()), "{read_scroll}", fmt.Sprint(event.ReadScroll),
		"{until}", fmt.Sprint(now.UnixMilli()), "{token}", token,
	).Replace(historySQL)
	return sql
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

func weekend(t time.Time) int {
	if wd := t.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return 1
	}
	return 0
}

// pageSlotsOn weighs the pages that exist on a day: new ones are read most.
func pageSlotsOn(pages []page, day int) []int {
	weights := make([]int, len(pages))
	for i, p := range pages {
		if age := day - p.published; age >= 0 {
			weights[i] = int(100 * p.pull * (0.25 + 2.2*math.Exp(-float64(age)/6)))
		}
	}
	return slots(weights, pageSlots)
}

// slots spreads n places over weights by largest remainder; it gives 1-based
// indexes, as ClickHouse counts.
func slots(weights []int, n int) []int {
	total := 0
	for _, w := range weights {
		total += w
	}
	out := make([]int, 0, n)
	if total == 0 {
		for range n {
			out = append(out, 1)
		}
		return out
	}
	cum := 0
	for i, w := range weights {
		cum += w
		for len(out) < int(math.Round(float64(cum)*float64(n)/float64(total))) {
			out = append(out, i+1)
		}
	}
	return out
}

func spread(list []weighted, n int) []string {
	weights := make([]int, len(list))
	for i, w := range list {
		weights[i] = w.weight
	}
	out := make([]string, 0, n)
	for _, i := range slots(weights, n) {
		out = append(out, list[i-1].value)
	}
	return out
}

// minuteQuantiles is the inverse of the day's distribution: the minute by
// which i ÷ n of the visits have begun.
func minuteQuantiles(weekend, n int) []int {
	var total float64
	for _, w := range hourWeights[weekend] {
		total += w
	}
	out := make([]int, n)
	hour, before := 0, 0.0
	for i := range out {
		want := total * float64(i) / float64(n)
		for want >= before+hourWeights[weekend][hour] {
			before += hourWeights[weekend][hour]
			hour++
		}
		out[i] = hour*60 + int(60*(want-before)/hourWeights[weekend][hour])
	}
	return out
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func list(items []string) string { return "[" + strings.Join(items, ",") + "]" }

func ints(v []int) string { return strings.ReplaceAll(fmt.Sprint(v), " ", ",") }

func texts(v []string) string {
	q := make([]string, len(v))
	for i, s := range v {
		q[i] = quote(s)
	}
	return list(q)
}

// chance is a source of numbers that depends on the seed and on nothing else.
func chance(seed uint64, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
