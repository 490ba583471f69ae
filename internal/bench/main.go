// Command bench prints every figure that Earshot claims, each with the way it
// was measured, from one run on this machine:
//
//	make bench
//	go run ./internal/bench -only ingest,overview -events 1000000
//
// Speeds are ratios measured side by side where there is something to compare
// with; absolute times depend on the machine. It talks to loopback alone and
// ends only what it started.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one line of the report.
type figure struct{ name, value, how string }

type report struct{ figures []figure }

func (r *report) add(name, how, format string, args ...any) {
	f := figure{name, fmt.Sprintf(format, args...), how}
	r.figures = append(r.figures, f)
	fmt.Fprintf(os.Stderr, "%s: %s\n", f.name, f.value)
}

// section is a group of figures that are measured together.
type section struct {
	name string
	run  func(b *bench, r *report) error
}

var sections = []section{
	{"snippet", snippetFigures},
	{"start", startFigures},
	{"arrival", arrivalFigures},
	{"ingest", ingestFigures},
	{"through", throughFigures},
	{"batches", batchFigures},
	{"writer", writerFigures},
	{"overview", overviewFigures},
	{"sharing", sharingFigures},
	{"pages", pageFigures},
	{"moving", movingFigures},
	{"live", liveFigures},
	{"disk", diskFigures},
	{"peers", peerFigures},
}

type bench struct {
	binary  string
	events  []int
	long    time.Duration
	profile string
	data    string
	work    string // a folder of its own, removed at the end

	pageEvents []int
	folders    []string // made, see bench.made
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "bare" {
		bareServer()
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	only := flag.String("only", strings.Join(names, ","), "sections to run")
	binary := flag.String("binary", "bin/earshot", "the program, as make build leaves it")
	events := flag.String("events", "1000000,10000000", "sizes of the site that overview and sharing look at")
	long := flag.Duration("long", 10*time.Second, "how long through and batches post events; the figures claimed are for 60s")
	profile := flag.String("profile", "", "file for a CPU profile of Earshot in through or batches, for go tool pprof")
	pageEvents := flag.String("page-events", "300000,2000000", "sizes of the site that pages, moving, live, disk and peers look at")
	data := flag.String("data", "", "a folder that sharing, pages and those after it look at as it is, with a site demo-001.example; without it, one is made for each size")
	flag.Parse()

	work, err := os.MkdirTemp("", "earshot-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	b := &bench{binary: *binary, long: *long, profile: *profile, data: *data, work: work}
	if b.events, err = sizes(*events); err != nil {
		return fmt.Errorf("read -events: %w", err)
	}
	if b.pageEvents, err = sizes(*pageEvents); err != nil {
		return fmt.Errorf("read -page-events: %w", err)
	}
	wanted := strings.Split(*only, ",")
	var r report
	for _, s := range sections {
		if !slices.Contains(wanted, s.name) {
			continue
		}
		if err := s.run(b, &r); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tvalue\thow")
	for _, f := range r.figures {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.name, f.value, f.how)
	}
	return w.Flush()
}

func sizes(list string) (all []int, err error) {
	for n := range strings.SplitSeq(list, ",") {
		size, err := strconv.Atoi(n)
		if err != nil {
			return nil, err
		}
		all = append(all, size)
	}
	return all, nil
}
