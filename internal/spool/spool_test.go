package spool

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

var small = Options{Segment: 64 << 10, MinFree: -1}

// start opens and runs a spool; stop ends it as a process does that is asked to.
func start(t testing.TB, dir string, o Options) (s *Spool, stop func()) {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return s, stop
}

func add(t testing.TB, s *Spool, recs ...string) {
	t.Helper()
	bs := make([][]byte, len(recs))
	for i, r := range recs {
		bs[i] = []byte(r)
	}
	if err := s.Append(context.Background(), bs...); err != nil {
		t.Fatal(err)
	}
}

// rest reads all records after what is acknowledged.
func rest(t testing.TB, s *Spool) []string {
	t.Helper()
	groups, _, err := s.Read(s.Acked()+1, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	var recs []string
	for _, g := range groups {
		recs = append(recs, g.Records...)
	}
	return recs
}

func TestWhatIsAppendedComesOutInOrder(t *testing.T) {
	dir := t.TempDir()
	s, stop := start(t, dir, small)
	add(t, s, "a", "", "c")
	add(t, s, strings.Repeat("long", 50_000))
	add(t, s, "z")
	want := []string{"a", "", "c", strings.Repeat("long", 50_000), "z"}
	check := func(s *Spool) {
		t.Helper()
		if got := rest(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got %d records %.60q", len(got), got)
		}
		if h := s.Health(); !h.Ready || h.WaitingRecords != 5 {
			t.Fatalf("health %+v", h)
		}
	}
	check(s)
	id := s.ID()
	stop()
	s, _ = start(t, dir, small)
	check(s)
	if s.ID() != id || len(id) != 16 {
		t.Errorf("ID %q became %q", id, s.ID())
	}
}

func TestAppendAfterTheEnd(t *testing.T) {
	s, stop := start(t, t.TempDir(), small)
	stop()
	if err := s.Append(context.Background(), []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestOneProcessPerFolder(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, small)
	if _, err := Open(dir, small); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v", err)
	}
}

func TestRequestsShareCommits(t *testing.T) {
	reg := prometheus.NewRegistry()
	o := small
	o.Registerer = reg
	s, _ := start(t, t.TempDir(), o)
	var wg sync.WaitGroup
	const clients, each = 50, 40
	for c := range clients {
		wg.Go(func() {
			for i := range each {
				add(t, s, fmt.Sprintf("%d-%d", c, i))
			}
		})
	}
	wg.Wait()
	next := map[string]int{}
	for _, r := range rest(t, s) {
		c, i, _ := strings.Cut(r, "-")
		if fmt.Sprint(next[c]) != i {
			t.Fatalf("client %s: %s came where %d was due", c, i, next[c])
		}
		next[c]++
	}
	if len(next) != clients {
		t.Errorf("%d clients", len(next))
	}
	if n := testutil.ToFloat64(s.m.groups); n >= clients*each/2 {
		t.Errorf("%v commits for %d requests", n, clients*each)
	}
	if n, err := testutil.GatherAndCount(reg); err != nil || n != 9 {
		t.Errorf("%d metrics, %v", n, err)
	}
}

func TestAcknowledgedIsGoneForEver(t *testing.T) {
	dir := t.TempDir()
	s, stop := start(t, dir, small)
	payload := strings.Repeat("x", 1000)
	for i := range 300 {
		add(t, s, fmt.Sprint(i, payload))
	}
	before, _ := segmentFiles(s.path("log"))
	_, upto, _ := s.Read(1, 1<<30)
	if err := s.Ack(upto - 10); err != nil {
		t.Fatal(err)
	}
	after, _ := segmentFiles(s.path("log"))
	if len(before) < 4 || len(after) >= len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
	if h := s.Health(); h.WaitingRecords != 10 {
		t.Errorf("health %+v", h)
	}
	stop()
	s, stop = start(t, dir, small)
	if got := rest(t, s); len(got) != 10 || !strings.HasPrefix(got[0], "290") {
		t.Errorf("%d records left", len(got))
	}
	// All acknowledged: indexes go on all the same.
	_, upto, _ = s.Read(1, 1<<30)
	s.Ack(upto)
	stop()
	s, _ = start(t, dir, small)
	add(t, s, "new")
	groups, last, _ := s.Read(s.Acked()+1, 1<<30)
	if last <= upto || len(groups) == 0 || rest(t, s)[0] != "new" {
		t.Errorf("after %d came %d: %v", upto, last, groups)
	}
}

func TestWait(t *testing.T) {
	s, _ := start(t, t.TempDir(), small)
	_, upto, _ := s.Read(1, 1<<20)
	go func() {
		time.Sleep(20 * time.Millisecond)
		add(t, s, "x")
	}()
	if err := s.Wait(context.Background(), upto); err != nil || len(rest(t, s)) != 1 {
		t.Errorf("woke for nothing: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := s.Wait(ctx, 1000); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestFullByItsBound(t *testing.T) {
	o := small
	o.MaxBytes = 100 << 10
	s, _ := start(t, t.TempDir(), o)
	rec := make([]byte, 10<<10)
	n := 0
	for ; n < 100; n++ {
		if err := s.Append(context.Background(), rec); err != nil {
			if !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			break
		}
	}
	if n < 8 || n > 10 {
		t.Errorf("took %d records", n)
	}
	if h := s.Health(); h.WaitingRecords != uint64(n) {
		t.Errorf("health %+v", h)
	}
	_, upto, _ := s.Read(1, 1<<30)
	if err := s.Ack(upto); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(context.Background(), rec); err != nil {
		t.Errorf("room again, yet %v", err)
	}
}

func TestLowDiskIsFull(t *testing.T) {
	o := small
	o.MinFree = 1 << 62
	s, _ := start(t, t.TempDir(), o)
	eventually.True(t, "it has looked at the disk", func() bool { return !s.Health().Ready })
	if err := s.Append(context.Background(), []byte("x")); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "MB left") {
		t.Errorf("got %v", err)
	}
}

func copyDir(t testing.TB, from string) string {
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A child process writes and says what was acknowledged; it is killed, the
// folder is taken over by another child, and so on.
func TestKilledAtAnyMoment(t *testing.T) {
	const env = "EARSHOT_TEST_SPOOL"
	if dir := os.Getenv(env); dir != "" {
		s, _ := start(t, dir, small)
		fmt.Println("\nstart", len(rest(t, s)))
		for i := len(rest(t, s)); ; i++ {
			add(t, s, fmt.Sprint(i, strings.Repeat("y", rand.IntN(2000))))
			fmt.Println("\nacked", i)
		}
	}
	dir := t.TempDir()
	last := -1
	// A slow disk gets less far until a process is killed.
	for kills := 0; kills < 12 || last < 100 && kills < 120; kills++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledAtAnyMoment$")
		cmd.Env = append(os.Environ(), env+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var n int
			if _, err := fmt.Sscanf(lines.Text(), "start %d", &n); err == nil {
				if n < last+1 {
					t.Fatalf("%d records came back of %d acknowledged", n, last+1)
				}
				// From its start on, however long a busy machine takes to it.
				time.AfterFunc(time.Duration(50+rand.IntN(150))*time.Millisecond, func() { cmd.Process.Kill() })
			}
			if _, err := fmt.Sscanf(lines.Text(), "acked %d", &n); err == nil {
				last = n
			}
		}
		cmd.Wait()
	}
	s, _ := start(t, dir, small)
	got := rest(t, s)
	if len(got) <= last || last < 100 {
		t.Fatalf("%d of %d acknowledged records left", len(got), last+1)
	}
	for i, r := range got {
		if strings.TrimRight(r, "y") != fmt.Sprint(i) {
			t.Fatalf("record %d is %.9q", i, r)
		}
	}
	if h := s.Health(); h.DamagedGroups != 0 || !h.Ready {
		t.Errorf("health %+v", h)
	}
}

// A process may end between the last append to a file and the note that the
// file is full: the log alone would then refuse every append.
func TestEndedBeforeAFullFileWasNoted(t *testing.T) {
	dir := t.TempDir()
	s, stop := start(t, dir, small)
	files := func() int { f, _ := segmentFiles(s.path("log")); return len(f) }
	var meta [2][]byte
	n := 0
	for ; files() == 1; n++ { // remember the list of segments as it was before the second file
		for i := range meta {
			meta[i], _ = os.ReadFile(s.path("log", fmt.Sprintf("segments.%d", i)))
		}
		add(t, s, fmt.Sprint(n, strings.Repeat("z", 900)))
		time.Sleep(2 * time.Millisecond)
	}
	stop()
	for i := range meta {
		if err := os.WriteFile(filepath.Join(dir, "log", fmt.Sprintf("segments.%d", i)), meta[i], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if f, _ := segmentFiles(filepath.Join(dir, "log")); len(f) == 2 {
		// On a busy machine the second file may have come late, and have the
		// last record: it goes with the file, which at that end wasn't there.
		if b, err := os.ReadFile(f[1]); err == nil && strings.Contains(string(b), fmt.Sprint(n-1, "zzz")) {
			n--
		}
		os.Remove(f[1])
	}
	s, _ = start(t, dir, small)
	if got := rest(t, s); len(got) != n {
		t.Errorf("%d of %d records", len(got), n)
	}
	add(t, s, "more")
	if h := s.Health(); !h.Ready || h.DamagedGroups != 0 {
		t.Errorf("health %+v", h)
	}
}

// A flipped bit costs at most the group that it is in; the loss is counted, and
// no index is given twice.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	s, stop := start(t, dir, small)
	const groups = 200 // three files
	for i := range groups {
		add(t, s, fmt.Sprintf("%03d %s", i, strings.Repeat("b", 700)))
	}
	_, end, _ := s.Read(1, 1<<30)
	id := s.ID()
	const done = 20
	for _, upto := range []uint64{10, done + 1} { // the first group is the mark of opening
		if err := s.Ack(upto); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	var all []string
	for _, pattern := range []string{"log/*.wal", "log/segments.*", "log/acked.*"} {
		f, _ := filepath.Glob(filepath.Join(dir, pattern))
		all = append(all, f...)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		broken := copyDir(t, dir)
		name := filepath.Join(broken, strings.TrimPrefix(all[round%len(all)], dir))
		b, _ := os.ReadFile(name)
		at := rng.IntN(len(b))
		switch round % 7 {
		case 0:
			at = rng.IntN(40) // heads of files and slots
		case 1: // the head of a frame
			if i := strings.Index(string(b[at:]), magic); i >= 0 {
				at += i - rng.IntN(8) - 1
			}
		}
		b[at] ^= 1 << rng.IntN(8)
		os.WriteFile(name, b, 0o600)

		where := fmt.Sprintf("round %d: %s at %d", round, filepath.Base(name), at)
		s, err := Open(broken, small)
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		got := rest(t, s)
		if s.ID() != id {
			t.Fatalf("%s: another ID", where)
		}
		if len(got) < groups-done-1 {
			t.Fatalf("%s: %d of %d records left", where, len(got), groups-done)
		}
		seen := map[string]bool{}
		for _, r := range got {
			if len(r) != 704 || seen[r] {
				t.Fatalf("%s: a wrong record %.9q", where, r)
			}
			seen[r] = true
		}
		if h := s.Health(); h.LostRecords != uint64(groups-done-len(got)) || h.LostRecords > h.DamagedGroups {
			t.Errorf("%s: %d records left, health %+v", where, len(got), h)
		}
		if s.last.Load().index <= end {
			t.Errorf("%s: index %d is given again", where, end)
		}
		s.Close()
	}
}

func TestTornEnd(t *testing.T) {
	dir := t.TempDir()
	s, stop := start(t, dir, small)
	for i := range 10 {
		add(t, s, fmt.Sprint(i, strings.Repeat("b", 700)))
	}
	stop()
	files, _ := segmentFiles(filepath.Join(dir, "log"))
	for cut := range 12 {
		broken := copyDir(t, dir)
		if err := os.Truncate(filepath.Join(broken, "log", filepath.Base(files[0])), int64(7800-cut*97)); err != nil {
			t.Fatal(err)
		}
		s, stop := start(t, broken, small)
		got := rest(t, s)
		if len(got) < 7 {
			t.Errorf("cut %d: %d records left", cut, len(got))
		}
		if h := s.Health(); h.LostRecords != uint64(10-len(got)) || !h.Ready {
			t.Errorf("cut %d: %d records left, health %+v", cut, len(got), h)
		}
		add(t, s, "on")
		if got := rest(t, s); got[len(got)-1] != "on" {
			t.Errorf("cut %d: can't go on", cut)
		}
		stop()
	}
}

func FuzzParse(f *testing.F) {
	g := append(make([]byte, headerLen), 1, 'x', 0)
	seal(g, totals{4, 7, 100}, 2)
	f.Add(g)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, _, n, err := parse(b)
		if err != nil {
			return
		}
		if recs, err := records(g, n); err == nil && len(recs) != n {
			t.Errorf("%d records, said %d", len(recs), n)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, clients := range []int{1, 64, 512} {
		b.Run(fmt.Sprint(clients, "-clients"), func(b *testing.B) {
			s, _ := start(b, b.TempDir(), Options{MinFree: -1, MaxBytes: 64 << 30})
			rec := make([]byte, 300)
			b.SetParallelism(max(clients/2, 1))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := s.Append(context.Background(), rec); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(testutil.ToFloat64(s.m.records)/max(1, testutil.ToFloat64(s.m.groups)), "records/commit")
		})
	}
}
