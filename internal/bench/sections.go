package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/rows"
)

const (
	site     = "bench.example"
	countSQL = "SELECT toInt64(count()) FROM events"
)

func snippetFigures(_ *bench, r *report) error {
	js, err := os.ReadFile("web/dist/js/earshot.js")
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	w := brotli.NewWriterLevel(&packed, brotli.BestCompression)
	if _, err := w.Write(js); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	r.add("snippet", "brotli, level 11, of web/dist/js/earshot.js", "%d bytes (%d raw)", packed.Len(), len(js))
	return nil
}

// startFigures times the way from exec to a healthy answer on a new folder
// and on one with data, and looks at the memory after ten quiet seconds.
func startFigures(b *bench, r *report) error {
	data := filepath.Join(b.work, "start")
	var cold, warm []float64
	for i := range 3 {
		p, err := b.start(fmt.Sprintf("%s-%d", data, i))
		if err != nil {
			return err
		}
		cold = append(cold, p.ready.Seconds())
		p.stop()
	}
	for range 3 {
		p, err := b.start(data + "-0")
		if err != nil {
			return err
		}
		warm = append(warm, p.ready.Seconds())
		p.stop()
	}
	r.add("start to ready, new folder", "exec to a 200 of /healthz, median of 3", "%.2f s", median(cold))
	r.add("start to ready, folder in use", "the same, median of 3", "%.2f s", median(warm))

	p, err := b.start(data+"-0", "--demo")
	if err != nil {
		return err
	}
	defer p.stop()
	time.Sleep(10 * time.Second)
	own, engine := p.memory()
	r.add("memory idle", "resident, with the demo's history, after 10 quiet seconds", "%.0f MiB, and %.0f MiB of its ClickHouse", own, engine)
	return nil
}

// arrivalFigures times the way from an event's acceptance to the answer that
// has it. A page that is watched asks every 0.7 s, which comes on top.
func arrivalFigures(b *bench, r *report) error {
	p, err := b.start(filepath.Join(b.work, "arrival"), "--demo")
	if err != nil {
		return err
	}
	defer p.stop()
	var times []float64
	for i := range 9 {
		before, err := seen(p.base)
		if err != nil {
			return err
		}
		req, err := http.NewRequest(http.MethodPost, p.base+"/api/event", strings.NewReader(fmt.Sprintf(`{"n":"pageview","u":"https://demo.example/%d","d":"demo.example"}`, i)))
		if err != nil {
			return err
		}
		req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			return fmt.Errorf("the event was answered with %d", resp.StatusCode)
		}
		begun := time.Now()
		for now := before; now == before && time.Since(begun) < time.Minute; time.Sleep(10 * time.Millisecond) {
			if now, err = seen(p.base); err != nil {
				return err
			}
		}
		times = append(times, time.Since(begun).Seconds())
	}
	r.add("accepted to shown", "a page view, until the dashboard's live answer has it; median of 9 (max); an open page is answered at once then", "%.2f s (%.2f s)", median(times), slices.Max(times))
	return nil
}

// seen is how many events of today the demo's dashboard knows.
func seen(base string) (int64, error) {
	resp, err := http.Get(base + "/demo.example/overview/live.json")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var v struct{ Seen int64 }
	err = json.NewDecoder(resp.Body).Decode(&v)
	return v.Seen, err
}

// ingestFigures posts the same events to Earshot and to a bare gin handler in
// turn, then looks whether every event that was accepted is in ClickHouse.
func ingestFigures(b *bench, r *report) error {
	const rounds, conns, long = 5, 64, 4 * time.Second
	data := filepath.Join(b.work, "ingest")
	p, err := b.start(data, "--trusted-proxies", "127.0.0.1/32")
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := p.do("site", "add", site); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bare := exec.Command(self, "bare")
	out, err := bare.StdoutPipe()
	if err != nil {
		return err
	}
	if err := bare.Start(); err != nil {
		return err
	}
	defer func() { _ = bare.Process.Kill(); _ = bare.Wait() }()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	address = strings.TrimSpace(address)
	own := strings.TrimPrefix(p.base, "http://")
	if _, err := load(own, site, conns, time.Second); err != nil { // warm up
		return err
	}
	warm, err := settle(p)
	if err != nil {
		return err
	}
	var ratios, ours, theirs, p99 []float64
	accepted := 0
	for range rounds {
		a, err := load(own, site, conns, long)
		if err != nil {
			return err
		}
		if len(a.other) > 0 {
			return fmt.Errorf("answers other than 202: %v", a.other)
		}
		z, err := load(address, site, conns, long)
		if err != nil {
			return err
		}
		accepted += a.accepted
		ours, theirs, ratios = append(ours, a.perSec), append(theirs, z.perSec), append(ratios, a.perSec/z.perSec)
		p99 = append(p99, float64(a.p99.Microseconds())/1000)
	}
	r.add("durable acceptance ÷ bare gin", fmt.Sprintf("single events, %d connections, %d rounds of %v in turn, writer running; median (min–max)", conns, rounds, long),
		"%.0f %% (%.0f–%.0f %%)", 100*median(ratios), 100*slices.Min(ratios), 100*slices.Max(ratios))
	r.add("events accepted a second", "the same rounds, median", "%.0f, bare gin %.0f; p99 %.1f ms", median(ours), median(theirs), median(p99))
	begun := time.Now()
	stored, err := settle(p)
	if err != nil {
		return err
	}
	r.add("accepted and stored", "events in ClickHouse less those accepted, after the load", "%d of %d missing or doubled; lag back to zero after %.1f s",
		int(math.Abs(float64(stored-warm-int64(accepted)))), accepted, time.Since(begun).Seconds())
	mem, _ := p.memory()
	r.add("memory after load", "resident, Earshot itself", "%.0f MiB", mem)
	return nil
}

// settle waits until the number of stored events stands still and gives it.
func settle(p *program) (int64, error) {
	var last int64 = -1
	for range 120 {
		n, err := engineNumber(p.data, countSQL)
		if err != nil {
			return 0, err
		}
		if n == last {
			return n, nil
		}
		last = n
		time.Sleep(time.Second)
	}
	return 0, fmt.Errorf("the writer is still behind after two minutes")
}

func engineNumber(data, sql string) (int64, error) {
	dsn, ok := embedded.Running(data)
	if !ok {
		return 0, fmt.Errorf("no engine runs on %s", data)
	}
	ctx := context.Background()
	db, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var n int64
	err = db.Select(ctx, sql, nil, func(row *rows.Row) error { n, _ = rows.Int(row.Cells()[0]); return nil })
	return n, err
}

// overviewFigures times what a browser asks for when it opens the overview.
func overviewFigures(b *bench, r *report) error {
	for _, events := range b.events {
		data := filepath.Join(b.work, fmt.Sprintf("overview-%d", events))
		p, err := b.start(data)
		if err != nil {
			return err
		}
		err = func() error {
			defer p.stop()
			begun := time.Now()
			if _, err := p.do("demo", "--events", fmt.Sprint(events), "--sites", "1", "--days", "90"); err != nil {
				return err
			}
			made := time.Since(begun)
			client, err := p.login()
			if err != nil {
				return err
			}
			for _, period := range []string{"28d", "91d"} {
				var times []float64
				for i := range 6 {
					took, err := open(client, p.base+"/demo-001.example", "overview", period)
					if err != nil {
						return err
					}
					if i > 0 {
						times = append(times, float64(took.Microseconds())/1000)
					}
				}
				r.add(fmt.Sprintf("overview, %s events, %s", thousands(events), period), "page and its panels, at most 6 at once as a browser asks, warm; median of 5", "%.0f ms", median(times))
			}
			size, err := engineNumber(data, "SELECT toInt64(sum(bytes_on_disk)) FROM system.parts WHERE active AND database = 'earshot'")
			if err != nil {
				return err
			}
			n, err := engineNumber(data, countSQL)
			if err != nil {
				return err
			}
			r.add(fmt.Sprintf("made, %s events", thousands(events)), "earshot demo, one site, 90 days", "%s a second", thousands(int(float64(n)/made.Seconds())))
			r.add(fmt.Sprintf("bytes an event, %s events", thousands(events)), "all active parts, rollups included, by the number of events", "%.1f", float64(size)/float64(n))
			return nil
		}()
		if err != nil {
			return err
		}
	}
	return nil
}

// open asks for a site's dashboard, finds its panels' addresses in it and asks
// for each.
func open(client *http.Client, site, dashboard, period string) (time.Duration, error) {
	begun := time.Now()
	page := site + "/" + dashboard
	panels, err := panelsOf(client, page+"?period="+period)
	if err != nil {
		return 0, err
	}
	if len(panels) < 5 {
		return 0, fmt.Errorf("%d panels on %s", len(panels), page)
	}
	places := make(chan struct{}, 6)
	errs := make([]error, len(panels))
	var all sync.WaitGroup
	for i, panel := range panels {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			errs[i] = get(client, page+"/"+panel+".json?period="+period)
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return time.Since(begun), nil
}

func panelsOf(client *http.Client, page string) ([]string, error) {
	resp, err := client.Get(page)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var panels []string
	for _, piece := range strings.Split(string(text), `data-panel="`)[1:] {
		name, rest, _ := strings.Cut(piece, `"`)
		tag, _, _ := strings.Cut(rest, ">")
		if !strings.HasSuffix(tag, " hidden") { // tabs load when they are opened
			panels = append(panels, name)
		}
	}
	return panels, nil
}

func get(client *http.Client, address string) error {
	resp, err := client.Get(address)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var v any
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d, %v", address, resp.StatusCode, err)
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
