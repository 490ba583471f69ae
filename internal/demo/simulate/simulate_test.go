package simulate_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo/simulate"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/write"
)

func TestMain(m *testing.M) { chtest.Main(m) }

var start = time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)

func graph() simulate.Graph {
	return simulate.Graph{
		Site: 1, Seed: 7, Start: start, Span: 5 * 24 * time.Hour, Readers: 1500,
		Sharing: 0.3, Again: 0.25, Brings: 1.5, HalfLife: 5 * time.Hour,
		Forgets: 0.3, Returns: 0.2, Copies: 0.05, Lingers: 0.1, Networks: []string{"mastodon", "bluesky", "copy", "whatsapp"},
	}
}

// through brings a play to ClickHouse as events of readers come there: by the
// spool and the writer, the events in order, with a writer that starts anew
// in between.
func through(t *testing.T, p *simulate.Play) *clickhouse.DB {
	t.Helper()
	db := chtest.New(t)
	dir := t.TempDir()
	s, err := spool.Open(filepath.Join(dir, "spool"), spool.Options{MinFree: -1, Segment: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	spooling := running(t, s.Run)
	defer spooling()
	half := len(p.Events) / 2
	for _, events := range [][]event.Event{p.Events[:half], p.Events[half:]} {
		w := write.New(write.Options{Source: s, Sink: db, History: db, Dir: dir, MaxWait: 20 * time.Millisecond, MaxRows: 700})
		stop := running(t, w.Run)
		for len(events) > 0 {
			n := min(len(events), 200)
			var records [][]byte
			for i := range events[:n] {
				records = append(records, event.AppendEvent(nil, &events[i]))
			}
			if err := s.Append(t.Context(), records...); err != nil {
				t.Fatal(err)
			}
			events = events[n:]
		}
		eventually.True(t, "all is written", func() bool { return s.Health().WaitingRecords == 0 })
		stop()
	}
	if err := db.Insert(t.Context(), "previews", event.LeftOuts.Of(p.Previews)); err != nil {
		t.Fatal(err)
	}
	return db
}

func running(t *testing.T, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// ask gives a query's rows as "dimension: metric metric".
func ask(t *testing.T, db *clickhouse.DB, p *simulate.Play, metrics, by string, filter ...query.Filter) map[string]string {
	t.Helper()
	res, err := query.Run(t.Context(), db, query.Query{
		Site: query.Site{ID: 1}, Metrics: strings.Fields(metrics), Dimensions: strings.Fields(by), Filter: filter, Range: query.Range{From: start, To: p.Until},
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range res.Rows {
		dims := len(strings.Fields(by))
		key := strings.Trim(fmt.Sprint(row[:dims]), "[]")
		rows[key] = strings.Trim(fmt.Sprint(row[dims:]), "[]")
	}
	return rows
}

func round(x float64, places int) float64 {
	p := math.Pow(10, float64(places))
	return math.Round(x*p) / p
}

// What was played comes back exactly, wherever nothing is estimated.
func TestFiguresComeBackToTheTruth(t *testing.T) {
	p := graph().Play()
	db := through(t, p)
	ratio := func(a, b int) float64 { return float64(a) / float64(b) }
	sharers, again, many := 0, 0, 0
	for n, people := range p.Often {
		sharers += people
		if n >= 2 {
			again += people
		}
		if n >= 6 {
			many += people
		}
	}
	few := p.Often[3] + p.Often[4] + p.Often[5]
	dark := p.ByNetwork["copy"] + p.ByNetwork["whatsapp"]
	brought := p.ShareVisits
	for metrics, want := range map[string]any{
		"visitors":            p.Visitors,
		"visits":              p.Visits,
		"shares":              p.Shares,
		"sharers":             sharers,
		"share_visits":        brought,
		"reshares":            p.Reshares,
		"generations":         p.Deepest,
		"left_out":            len(p.Previews),
		"sharers_once":        p.Often[1],
		"sharers_twice":       p.Often[2],
		"sharers_3_to_5":      few,
		"sharers_6_or_more":   many,
		"share_half_life":     p.Ages[len(p.Ages)/2],
		"time_to_first_visit": p.FirstVisits[len(p.FirstVisits)/2],
		"visits_per_share":    round(ratio(brought, p.Shares), 2),
		"share_rate":          round(100*ratio(sharers, p.Visitors), 2),
		"repeat_sharers":      round(100*ratio(again, sharers), 1),
		"dark_share":          round(100*ratio(dark, p.Shares), 1),
		"mean_generation":     round(ratio(p.Generations, p.Shares), 2),
		"k_factor":            round(ratio(p.ShareVisitors, p.Visitors), 3),
		"amplification":       round(ratio(p.Visitors, p.Visitors-p.ShareVisitors), 2),
		"social_lift":         round(1+ratio(brought, p.Visits-brought), 2),
	} {
		if got := ask(t, db, p, metrics, "")[""]; got != fmt.Sprint(want) {
			t.Errorf("%s: %s, played %v", metrics, got, want)
		}
	}
	networks := map[string]string{}
	for n, shares := range p.ByNetwork {
		networks[n] = fmt.Sprint(shares, " ", p.VisitsByNetwork[n])
	}
	if diff := cmp.Diff(networks, ask(t, db, p, "shares share_visits", "share:network")); diff != "" {
		t.Errorf("networks (-played +told)\n%s", diff)
	}
	generations := map[string]string{}
	for g, shares := range p.ByGeneration {
		generations[fmt.Sprint(g)] = fmt.Sprint(shares)
	}
	if diff := cmp.Diff(generations, ask(t, db, p, "shares", "share:generation")); diff != "" {
		t.Errorf("generations (-played +told)\n%s", diff)
	}
	hours := map[string]string{}
	for hour, told := range ask(t, db, p, "visits", "time:hour") {
		if told != "0" {
			hours[strings.ReplaceAll(hour[:13], " ", "T")] = told
		}
	}
	began := map[string]string{}
	for hour, visits := range p.VisitsByHour {
		began[hour] = fmt.Sprint(visits)
	}
	if diff := cmp.Diff(began, hours); diff != "" {
		t.Errorf("visits by the hour in which they began (-played +told)\n%s", diff)
	}
	if got := ask(t, db, p, "visits", "visit:channel")["Shares"]; got != fmt.Sprint(brought) {
		t.Errorf("visits of the channel Shares: %s, played %d", got, brought)
	}

	c, err := query.AskCascade(t.Context(), db, query.Site{ID: 1}, "/post", query.Range{From: start, To: p.Until})
	if err != nil {
		t.Fatal(err)
	}
	if c.Shares != int64(p.Shares) || c.Visits != int64(brought) {
		t.Errorf("the cascade has %d shares and %d visits, played %d and %d", c.Shares, c.Visits, p.Shares, brought)
	}
	for _, n := range c.Nodes {
		if n.Parent != p.Parents[n.ID] || n.Spread != int64(p.Spread[n.ID]) {
			t.Errorf("share %s: parent %q, spread %d; played %q, %d", n.ID, n.Parent, n.Spread, p.Parents[n.ID], p.Spread[n.ID])
		}
	}
	t.Logf("%d events, %d shares, %d generations, cascade of %d nodes", len(p.Events), p.Shares, p.Deepest, len(c.Nodes))
}

// What the graph's law says comes back within sampling error.
func TestFiguresComeBackToTheLaw(t *testing.T) {
	g := graph()
	g.Readers, g.Returns, g.Copies = 3000, 0, 0
	near := func(what string, got, want, off float64) {
		t.Helper()
		if math.Abs(got-want) > off {
			t.Errorf("%s: %.3f, the law says %.3f ± %.3f", what, got, want, off)
		}
	}
	p := g.Play()
	part := func(p *simulate.Play) float64 { return float64(p.ShareVisitors) / float64(p.Visitors) }
	n := float64(p.Visitors)
	near("K", part(p), g.K(), 0.05)
	near("half-life", float64(p.Ages[len(p.Ages)/2]), g.HalfLife.Seconds(), 4*g.HalfLife.Seconds()/math.Ln2*math.Sqrt(1/(4*float64(len(p.Ages))))*2)
	sharers := 0
	for _, people := range p.Often {
		sharers += people
	}
	near("share rate", float64(sharers)/n, g.Sharing, 4*math.Sqrt(g.Sharing*(1-g.Sharing)/n))
	near("who share again", 1-float64(p.Often[1])/float64(sharers), g.Again, 4*math.Sqrt(g.Again*(1-g.Again)/float64(sharers)))

	g.Depth = 2
	p = g.Play()
	if p.Deepest != 2 {
		t.Errorf("deepest %d, the law says 2", p.Deepest)
	}
	near("carried to a depth of 2", part(p), g.Carried(), 0.05)
}

func TestTheSameGraphPlaysTheSame(t *testing.T) {
	a, b := graph().Play(), graph().Play()
	if diff := cmp.Diff(a.Events, b.Events); diff != "" {
		t.Error(diff)
	}
}
