package main

import (
	"flag"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
)

func TestMain(m *testing.M) {
	runAsked()
	// A campaign mounts a small disk where it may.
	if done, err := ownMounts(); done {
		if exit, ok := err.(*exec.ExitError); ok {
			os.Exit(exit.ExitCode())
		}
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	os.Exit(m.Run())
}

var verbose = flag.Bool("faults.v", false, "say what is done when")

func runCampaign(t *testing.T, o options) *report {
	t.Helper()
	if testing.Short() {
		t.Skip("takes a while")
	}
	if embedded.LibraryAbove() == "" && os.Getenv("CI") == "" {
		t.Skip("no embedded ClickHouse here: run npm ci")
	}
	o.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	if *verbose {
		o.log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if o.rate == 0 {
		o.rate = 1000
	}
	t.Logf("seed %d", o.seed)
	r, err := campaign(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	return r
}

// Every fault of each store once, in the order that a seed gives: with a new
// one each time where the network is bad, so that new orders are tried too.
func TestNothingIsLostOrDoubled(t *testing.T) {
	for _, c := range []struct {
		name string
		o    options
	}{
		{"embedded", options{seed: 1}},
		{"server", options{seed: rand.Uint64N(1_000_000), server: true, only: []string{
			"kill", "kill ClickHouse", "unreachable ClickHouse", "stalled network", "reset connections", "lost answers", "kill with answers lost", "kill while ClickHouse stalls"}}},
		{"two nodes", options{seed: rand.Uint64N(1_000_000), server: true, nodes: 2, only: []string{
			"kill", "kill twice", "stop", "kill ClickHouse", "damage", "clock step", "kill with answers lost", "kill while ClickHouse is unreachable"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := runCampaign(t, c.o)
			if err := r.err(); err != nil {
				t.Error(err)
			}
			if r.acked < 1000 {
				t.Errorf("only %d events were acknowledged", r.acked)
			}
		})
	}
}

// With a safeguard switched off the same campaign must find what is wrong;
// a second and a third seed where the first one missed the moment.
func TestItCanFail(t *testing.T) {
	for _, c := range []struct {
		breakage string
		o        options
		found    func(*report) bool
	}{
		{breakTokens, options{server: true, only: []string{"lost answers"}}, func(r *report) bool { return len(r.doubled) > 0 && len(r.lost) == 0 }},
		{breakOutbox, options{server: true, only: []string{"kill with answers lost"}}, func(r *report) bool { return len(r.doubled) > 0 }},
		{breakFsync, options{only: []string{"kill"}}, func(r *report) bool { return len(r.lost) > 0 && len(r.doubled) == 0 }},
		{breakKeys, options{only: []string{"kill"}}, func(r *report) bool { return len(r.doubled) > 0 && len(r.lost) == 0 }},
	} {
		t.Run(c.breakage, func(t *testing.T) {
			c.o.breakage = c.breakage
			for c.o.seed = range uint64(3) {
				if r := runCampaign(t, c.o); c.found(r) && r.err() != nil {
					return
				}
			}
			t.Error("nothing found")
		})
	}
}
