package write

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/spool"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
	}
	chtest.Main(m)
}

// memory is a sink that drops tokens it has had, as ClickHouse does, and
// fails when told to: before it has stored anything, or after.
type memory struct {
	mu        sync.Mutex
	tokens    map[string]bool
	rows      []event.Row
	leftOut   []event.LeftOut
	followers []event.FollowerCount
	posts     []event.PostFigures
	fail      func() (before, after bool)
}

var errAway = errors.New("away")

func store[T any](m *memory, token string, to *[]T, rows []T) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var before, after bool
	if m.fail != nil {
		before, after = m.fail()
	}
	if before {
		return errAway
	}
	if !m.tokens[token] {
		if m.tokens == nil {
			m.tokens = map[string]bool{}
		}
		m.tokens[token] = true
		*to = append(*to, rows...)
	}
	if after {
		return errAway
	}
	return nil
}

func (m *memory) Insert(_ context.Context, token string, facts event.Rows) error {
	switch f := facts.(type) {
	case *event.List[event.Row]:
		return store(m, token, &m.rows, f.Rows)
	case *event.List[event.LeftOut]:
		return store(m, token, &m.leftOut, f.Rows)
	case *event.List[event.FollowerCount]:
		return store(m, token, &m.followers, f.Rows)
	case *event.List[event.PostFigures]:
		return store(m, token, &m.posts, f.Rows)
	}
	return fmt.Errorf("no room for %T", facts)
}

// Select is of a store that has no visits.
func (m *memory) Select(context.Context, string, []rows.Arg, func(*rows.Row) error) error { return nil }

func openSpool(t testing.TB, dir string) *spool.Spool {
	t.Helper()
	s, err := spool.Open(filepath.Join(dir, "spool"), spool.Options{MinFree: -1, Segment: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// running runs something until the returned function is called.
func running(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func appendEvents(t testing.TB, s *spool.Spool, events ...event.Event) {
	t.Helper()
	for i := range events {
		if err := s.Append(context.Background(), event.AppendEvent(nil, &events[i])); err != nil {
			t.Fatal(err)
		}
	}
}

func drained(s *spool.Spool) func() bool {
	return func() bool { return s.Health().WaitingRecords == 0 }
}

func TestEverythingSpooledArrives(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	sink := &memory{}
	reg := prometheus.NewRegistry()
	w := New(Options{Source: s, Sink: sink, History: sink, Dir: dir, MaxWait: 10 * time.Millisecond, Room: 4096, Registerer: reg})
	defer running(t, w.Run)()

	l := event.LeftOut{Site: 1, Time: noon, Reason: event.LeftBot, Agent: "Googlebot", Count: 3}
	f := event.FollowerCount{Site: 1, Time: noon, Network: "mastodon", Account: "@a@b", Followers: 7, Origin: event.OriginPoll}
	p := event.PostFigures{Site: 1, Time: noon, Network: "mastodon", Account: "@a@b", Post: "1", Published: noon}
	e := pv(0, "/")
	if err := s.Append(t.Context(), event.LeftOuts.Append(nil, &l), []byte("rubbish"), event.Followers.Append(nil, &f), event.Posts.Append(nil, &p), event.AppendEvent(nil, &e)); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "drained", drained(s))
	if len(sink.rows) != 1 || sink.rows[0].Entry != 1 || len(sink.leftOut) != 1 || sink.leftOut[0] != l || len(sink.followers) != 1 || sink.followers[0] != f || len(sink.posts) != 1 || sink.posts[0] != p {
		t.Errorf("got %+v", sink)
	}
	for token := range sink.tokens {
		if !strings.HasPrefix(token, s.ID()+"-") {
			t.Errorf("token %q", token)
		}
	}
	if h := w.Health(); !h.Ready || !h.LastEvent.Equal(noon) || h.Lag != 0 {
		t.Errorf("health %+v", h)
	}
	if n := testutil.ToFloat64(w.m.unreadable); n != 1 {
		t.Errorf("%v unreadable records", n)
	}
	if n, err := testutil.GatherAndCount(reg); err != nil || n != 14 {
		t.Errorf("%d series, %v", n, err)
	}
}

func TestAnAnswerThatIsLostDoublesNothing(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	n := 0
	sink := &memory{fail: func() (bool, bool) { n++; return n%4 == 1, n%4 == 3 }}
	w := New(Options{Source: s, Sink: sink, History: sink, Dir: dir, MaxWait: time.Millisecond, MaxRows: 50, Room: 4096})
	defer running(t, w.Run)()
	events := randomStream(rand.New(rand.NewPCG(3, 3)), 400)
	appendEvents(t, s, events...)
	eventually.True(t, "drained", drained(s))
	want := naive(events)
	got := sumOf(sink.rows)
	got.Visitors = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestClickHouseAway(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	var away atomic.Bool
	away.Store(true)
	sink := &memory{fail: func() (bool, bool) { return away.Load(), false }}
	w := New(Options{Source: s, Sink: sink, History: sink, Dir: dir, MaxWait: time.Millisecond, Room: 4096})
	stop := running(t, w.Run)
	e := pv(0, "/")
	e.Time = time.Now().Add(-time.Minute)
	appendEvents(t, s, e, e, e)
	eventually.True(t, "in trouble", func() bool { return !w.Health().Ready })
	if h := w.Health(); !strings.Contains(h.Reason, "insert into events: away") || h.Lag < time.Minute || h.Lag > 2*time.Minute {
		t.Errorf("health %+v", h)
	}
	if h := s.Health(); h.WaitingRecords != 3 {
		t.Errorf("spool %+v", h)
	}
	away.Store(false)
	eventually.True(t, "drained", drained(s))
	if h := w.Health(); !h.Ready || h.Lag != 0 || len(sink.rows) != 3 {
		t.Errorf("health %+v, %d rows", h, len(sink.rows))
	}
	stop()
}

// records are those of facts, by their tables.
func records(facts []event.Rows) map[string][]string {
	all := map[string][]string{}
	for _, f := range facts {
		for i := range f.Len() {
			all[f.Entry().Table] = append(all[f.Entry().Table], string(f.AppendRecord(nil, i)))
		}
	}
	return all
}

func TestOutboxKeepsABatchAsItIs(t *testing.T) {
	b := &batch{origin: "0123456789abcdef-1", from: 3, to: 9}
	for _, e := range event.Entries()[1:] {
		facts := e.List()
		facts.Example(1)
		facts.Example(2)
		b.facts = append(b.facts, facts)
	}
	b.rows = placeAll(newVisits(10, visitsRoom), []event.Event{pv(0, "/a"), engaged(1, "/a", 20, 100), pv(2, "/b")})
	got, err := decodeBatch(b.encode())
	if err != nil || got.origin != b.origin || got.records() != b.records() {
		t.Fatalf("%+v %v", got, err)
	}
	if diff := cmp.Diff(b.rows, got.rows); diff != "" || got.from != 3 || got.to != 9 {
		t.Errorf("%d-%d %s", got.from, got.to, diff)
	}
	if diff := cmp.Diff(records(b.facts), records(got.facts)); diff != "" {
		t.Error(diff)
	}
}

func FuzzDecodeBatch(f *testing.F) {
	b := &batch{origin: "0123456789abcdef-1", from: 3, to: 9, rows: placeAll(newVisits(10, visitsRoom), []event.Event{pv(0, "/a"), pv(2, "/b")})}
	f.Add(b.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) { _, _ = decodeBatch(data) })
}

// databaseSums are a site's figures as dashboards compute them.
func databaseSums(t testing.TB, db rows.Runner) sums {
	t.Helper()
	var s sums
	err := db.Select(context.Background(), `SELECT toInt64(count()), toInt64(sum(entry)), toInt64(sum(bounce)), toInt64(sum(gap_ms)), toInt64(sum(scroll)),
		toInt64(sum(scrolled)), toInt64(sum(read)), toInt64(sum(engaged_ms)), toInt64(uniqExact(visit)) FROM events`, nil, func(row *rows.Row) error {
		v := row.Cells()
		n := func(i int) int64 { return v[i].(int64) }
		s = sums{n(0), n(1), n(2), n(3), n(4), n(5), n(6), n(7), int(n(8)), 0}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A writer that begins anew goes on with the visits as they were.
func TestVisitsGoOnAfterARestart(t *testing.T) {
	db := chtest.New(t)
	events := randomStream(rand.New(rand.NewPCG(8, 1)), 300)
	dir := t.TempDir()
	s := openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	for i := 0; i < len(events); i += 50 {
		stop := running(t, New(Options{Source: s, Sink: db, History: db, Dir: dir, MaxWait: time.Millisecond, Room: 4096}).Run)
		appendEvents(t, s, events[i:i+50]...)
		eventually.True(t, "drained", drained(s))
		stop()
	}
	want, got := naive(events), databaseSums(t, db)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The clock was set back just before a crash: the waiting events are of both
// times, and continue the visits of both.
func TestVisitsGoOnWhenTheClockWasSetBack(t *testing.T) {
	db := chtest.New(t)
	dir := t.TempDir()
	s := openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	for _, events := range [][]event.Event{
		{pv(0, "/"), by(11, 0, pv(1, "/"))},
		{pv(2, "/b"), by(11, 0, engaged(3, "/", 5, 50)), by(11, 0, pv(4, "/b")), by(12, 0, pv(-240, "/"))}, // in one commit, and so in one batch
		{by(12, 0, pv(-239, "/b"))},
	} {
		var recs [][]byte
		for i := range events {
			recs = append(recs, event.AppendEvent(nil, &events[i]))
		}
		if err := s.Append(t.Context(), recs...); err != nil {
			t.Fatal(err)
		}
		stop := running(t, New(Options{Source: s, Sink: db, History: db, Dir: dir, MaxWait: time.Millisecond, Room: 4096}).Run)
		eventually.True(t, "drained", drained(s))
		stop()
	}
	if got := databaseSums(t, db); got.Rows != 7 || got.VisitIDs != 3 || got.Visits != 3 || got.Bounces != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestAttributesSurviveARestart(t *testing.T) {
	db := chtest.New(t)
	dir := t.TempDir()
	s := openSpool(t, dir)
	defer s.Close()
	defer running(t, s.Run)()
	entry := pv(0, "/entry")
	entry.Source, entry.Medium, entry.Channel, entry.Referrer = "Mastodon", "social", "Organic Social", "mastodon.social/@a"
	entry.UTMSource, entry.UTMMedium, entry.UTMCampaign, entry.UTMContent, entry.UTMTerm = "a", "b", "c", "d", "e"
	entry.Country, entry.Device, entry.Browser, entry.BrowserVersion, entry.OS, entry.OSVersion = "FR", "Mobile", "Firefox", "141", "Android", "16"
	entry.ViaShare = "1abcdefghi"
	// The second comes under the next day's hash.
	for _, e := range []event.Event{entry, by(77, 10, pv(3, "/second"))} {
		stop := running(t, New(Options{Source: s, Sink: db, History: db, Dir: dir, MaxWait: time.Millisecond, Room: 4096}).Run)
		appendEvents(t, s, e)
		eventually.True(t, "drained", drained(s))
		stop()
	}
	var n uint64
	err := db.Select(t.Context(), `SELECT count() FROM events WHERE entry_path = '/entry' AND visitor = 10 AND (referrer, source, medium, channel,
		utm_source, utm_medium, utm_campaign, utm_content, utm_term, country, device, browser, browser_version, os, os_version, via_share) =
		('mastodon.social/@a', 'Mastodon', 'social', 'Organic Social', 'a', 'b', 'c', 'd', 'e', 'FR', 'Mobile', 'Firefox', '141', 'Android', '16', '1abcdefghi')`,
		nil, func(row *rows.Row) error { n = row.Cells()[0].(uint64); return nil })
	if err != nil || n != 2 {
		t.Errorf("%d rows with the entry's attributes, %v", n, err)
	}
	if got := databaseSums(t, db); got.Visits != 1 || got.Bounces != 0 || got.VisitIDs != 1 {
		t.Errorf("got %+v", got)
	}
}

const childEnv = "EARSHOT_TEST_WRITER"

// child is a process that spools events and writes them until it is killed.
// Visitors are numbered, and each has a page view and two engagement reports:
// the last number tells what was acknowledged.
func child() {
	var dir, dsn, name string
	var first int
	if _, err := fmt.Sscan(os.Getenv(childEnv), &dir, &dsn, &name, &first); err != nil {
		panic(err)
	}
	ctx := context.Background()
	db, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn, Database: name})
	if err != nil {
		panic(err)
	}
	s, err := spool.Open(filepath.Join(dir, "spool"), spool.Options{MinFree: -1, Segment: 1 << 20})
	if err != nil {
		panic(err)
	}
	go s.Run(ctx)
	w := New(Options{Source: s, Sink: db, History: db, Dir: dir, MaxWait: 5 * time.Millisecond, MaxRows: 500, Room: 4096})
	go func() { panic(w.Run(ctx)) }()
	if first < 0 { // drain and end
		if !eventually.Is(drained(s)) {
			panic(fmt.Sprintf("spool %+v, writer %+v", s.Health(), w.Health()))
		}
		fmt.Println("drained")
		os.Exit(0)
	}
	for n := first; ; n++ {
		for _, rec := range childEvents(n) {
			if err := s.Append(ctx, event.AppendEvent(nil, &rec)); err != nil {
				panic(err)
			}
		}
		fmt.Println("acked", n)
	}
}

// childEvents are what visitor n+1 does; the reports come a while after the
// page view, with other visitors in between.
func childEvents(n int) []event.Event {
	t := noon.Add(time.Duration(n) * 20 * time.Millisecond)
	e := event.Event{Site: 1, Visitor: uint64(n + 1), Time: t, Name: event.Pageview, Hostname: "e.com", Path: "/"}
	events := []event.Event{e}
	if back := n - 200; back >= 0 {
		r := event.Event{Site: 1, Visitor: uint64(back + 1), Time: t, Name: event.Engagement, Hostname: "e.com", Path: "/", EngagedMS: 16_000, HasScroll: true, ScrollDepth: 80}
		events = append(events, r)
	}
	return events
}

// TestKilledAtAnyMoment kills a process that spools and writes, again and
// again. What was acknowledged is in ClickHouse once, visits unbroken.
func TestKilledAtAnyMoment(t *testing.T) {
	db := chtest.New(t)
	dir := t.TempDir()
	first := 0
	// Killed that long after its start, or after the first event that it took:
	// a busy machine may take longer to get there.
	run := func(first int, kill time.Duration, atStart bool) (last int) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+fmt.Sprint(dir, " ", chtest.Engine(t).DSN(), " ", db.Database(), " ", first))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killLater := func() { time.AfterFunc(kill, func() { cmd.Process.Kill() }) }
		if kill > 0 && atStart {
			killLater()
		}
		last = first - 1
		for lines := bufio.NewScanner(io.Reader(out)); lines.Scan(); {
			fmt.Sscanf(lines.Text(), "acked %d", &last)
			if kill > 0 && !atStart && last == first {
				killLater()
			}
		}
		if err := cmd.Wait(); kill == 0 && err != nil {
			t.Fatal(err)
		}
		return last
	}
	unsure := 0 // visitors that were being spooled at a kill
	// On a busy machine a run gets less far before it is killed.
	for kills := 0; kills < 8 || first < 400+2*unsure && kills < 40; kills++ {
		last := run(first, time.Duration(150+rand.IntN(300))*time.Millisecond, kills%4 == 0)
		first = last + 2 // the one after the last may be there in part
		unsure++
	}
	run(-1, 0, false)
	var stored, visitors, visits, bounces, read, views uint64
	err := db.Select(t.Context(), `SELECT count(), uniqExact(visitor), sum(entry), toUInt64(sum(bounce)), sum(read), countIf(name = 'pageview') FROM events`, nil,
		func(row *rows.Row) error {
			v := row.Cells()
			stored, visitors, visits, bounces, read, views = v[0].(uint64), v[1].(uint64), v[2].(uint64), v[3].(uint64), v[4].(uint64), v[5].(uint64)
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	sure := uint64(first - unsure)
	t.Logf("%d visitors acknowledged, %d rows, %d read", sure, stored, read)
	if sure < 400 { // a busy machine
		t.Errorf("only %d visitors in all", sure)
	}
	if visitors < sure || visitors > sure+uint64(unsure) || views != visitors || visits != visitors || bounces != visitors {
		t.Errorf("%d visitors acknowledged: %d came, %d views, %d visits, %d bounces", sure, visitors, views, visits, bounces)
	}
	reports := stored - views
	if read != reports || reports+200+uint64(2*unsure) < sure || reports > visitors {
		t.Errorf("%d reports, %d read", reports, read)
	}
}

func BenchmarkWriter(b *testing.B) {
	db := chtest.New(b)
	dir := b.TempDir()
	s := openSpool(b, dir)
	defer s.Close()
	defer running(b, s.Run)()
	recs := make([][]byte, 1000)
	for i := range recs {
		e := by(uint64(i%400+1), 0, pv(0, fmt.Sprint("/article/", i%50)))
		e.Source, e.Channel, e.Country, e.Browser, e.OS, e.Device = "Google", "Organic Search", "FR", "Firefox", "Linux", "Desktop"
		recs[i] = event.AppendEvent(nil, &e)
	}
	w := New(Options{Source: s, Sink: db, History: db, Dir: dir})
	for b.Loop() {
		for range 100 {
			if err := s.Append(context.Background(), recs...); err != nil {
				b.Fatal(err)
			}
		}
		stop := running(b, w.Run)
		for !drained(s)() {
			time.Sleep(time.Millisecond)
		}
		stop()
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
