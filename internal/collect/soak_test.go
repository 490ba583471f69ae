package collect

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/spool"
)

var soak = flag.Duration("soak", 3*time.Second, "how long TestSoak overloads the collector")

// drain reads a spool at so many records a second, as a writer does whose
// ClickHouse takes no more, and counts what comes.
func drain(ctx context.Context, s *spool.Spool, perSecond *atomic.Int64) (events int) {
	for upto := uint64(0); s.Wait(ctx, upto) == nil; {
		groups, to, err := s.Read(upto+1, 256<<10)
		if err != nil {
			return events
		}
		n := 0
		for _, g := range groups {
			for _, rec := range g.Records {
				if event.RecordKind(rec) == event.KindEvent {
					n++
				}
			}
		}
		for left := int64(n); left > 0; left -= 1 + perSecond.Load()/100 {
			time.Sleep(min(10*time.Millisecond, time.Duration(left)*time.Second/time.Duration(perSecond.Load())))
		}
		if s.Ack(to) != nil {
			return events
		}
		upto, events = to, events+n
	}
	return events
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// Ten times and more of what can be taken on comes in: single events, batches
// and bodies that are too large, from many addresses. What can't be taken is
// refused; memory stays where it was; nothing acknowledged is missing; and
// afterwards it is as fast as before.
func TestSoak(t *testing.T) {
	s, err := spool.Open(filepath.Join(t.TempDir(), "spool"), spool.Options{MinFree: -1, MaxBytes: 512 << 10, Segment: 128 << 10})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	var speed atomic.Int64
	speed.Store(1 << 30)
	read := make(chan int, 1)
	go func() { read <- drain(ctx, s, &speed) }()

	_, o := newBatchTest(s)
	o.Now = time.Now
	o.Limits = Limits{Address: 100, Visitor: 20, Site: 50_000}
	col := New(o)
	srv := httptest.NewServer(col.Handler())
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: eventually.Patience}
	defer client.CloseIdleConnections()
	var accepted, refused atomic.Int64 // events
	post := func(path, body string) int {
		events := int64(1 + strings.Count(body, "\n"))
		req, _ := http.NewRequest("POST", srv.URL+path, strings.NewReader(body))
		req.Header.Set("User-Agent", firefox)
		req.Header.Set("Authorization", "Bearer all")
		resp, err := client.Do(req)
		if err != nil {
			return 0
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		switch {
		case resp.StatusCode != http.StatusAccepted:
			refused.Add(events)
		case path == PathEvents:
			if want := fmt.Sprintf(`{"accepted":%d,`, events-1); !strings.HasPrefix(string(answer), want) {
				t.Errorf("answered %s", answer)
			}
			accepted.Add(events - 1)
		default:
			accepted.Add(1)
		}
		return resp.StatusCode
	}
	view := `{"n":"pageview","u":"https://example.com/a","d":"example.com"}`
	calm := func() time.Duration {
		var took []time.Duration
		for range 300 {
			start := time.Now()
			if code := post(PathEvent, view); code != http.StatusAccepted {
				t.Fatalf("in peace: %d", code)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	calm() // the lists are read
	before, memory := calm(), heap()

	// So slow a reader that a tenth of what comes is too much for it.
	const slow = 50
	speed.Store(slow)
	many := strings.Repeat(line("/b")+"\n", 200)
	large := strings.Repeat(" ", 600<<10) + view
	end := time.Now().Add(*soak)
	var load sync.WaitGroup
	peak := int64(0)
	for i := range 24 {
		load.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				switch (i + n) % 12 {
				case 0:
					post(PathEvents, many)
				case 1:
					post(PathEvent, large)
				default:
					post(PathEvent, view)
				}
			}
		})
	}
	for time.Now().Before(end) {
		time.Sleep(*soak / 6)
		peak = max(peak, heap())
	}
	load.Wait()
	t.Logf("%d events taken, %d refused; memory %d MB before, at most %d MB", accepted.Load(), refused.Load(), memory>>20, peak>>20)
	if can := slow * int64(soak.Seconds()+1); refused.Load() < 9*can {
		t.Errorf("that was no overload: %d events refused, where %d could be taken on", refused.Load(), can)
	}
	if peak-memory > 64<<20 {
		t.Errorf("memory grew from %d to %d MB", memory>>20, peak>>20)
	}

	speed.Store(1 << 30)
	eventually.True(t, "events are taken again", func() bool { return post(PathEvent, view) == http.StatusAccepted })
	// Others on the machine may make it slow for a while, the load that is
	// over must not.
	var after time.Duration
	if !eventually.Is(func() bool { after = calm(); return after <= 3*before+5*time.Millisecond }) {
		t.Errorf("an event took %s before and takes %s after", before, after)
	}
	t.Logf("an event took %s before and takes %s after", before, after)
	if now := heap(); now-memory > 32<<20 {
		t.Errorf("%d MB are not given back", (now-memory)>>20)
	}
	eventually.True(t, "all is read", func() bool { return s.Health().WaitingRecords == 0 })
	cancel()
	running.Wait()
	if got := <-read; int64(got) != accepted.Load() {
		t.Errorf("%d acknowledged, %d came out", accepted.Load(), got)
	}
	s.Close()
}
