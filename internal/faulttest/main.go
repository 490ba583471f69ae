// Command faulttest proves that every event that was answered 202 is in
// ClickHouse exactly once, whatever happens meanwhile:
//
//	make faults
//	go run ./internal/faulttest -seed 7 -duration 10m
//	go run ./internal/faulttest -stores server -duration 0 -faults "kill while ClickHouse is unreachable" -outage 10m -rate 300
//
// It runs the program on a fresh folder, posts numbered events of many
// visitors, and at moments that a seed decides kills, stops, stalls, fills,
// slows, cuts and flips what the program stands on. At the end it reconciles
// every number: events, visits, bounces, durations, depths, totals by hour,
// shares, readings of accounts and posts, hits left out. Some events come in batches under
// an idempotency key, which are sent again until they are acknowledged, and
// after that.
//
// -break switches one of the program's safeguards off; the campaign must then
// find loss or doubles. It ends only what it started and talks to loopback
// alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
)

func main() {
	runAsked()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "faulttest:", err)
		os.Exit(1)
	}
}

// runAsked turns this process into the engine or into the program under test
// where a campaign started it as such.
func runAsked() {
	embedded.RunChildIfAsked()
	runProgramIfAsked()
}

func run() error {
	var o options
	seed := flag.Uint64("seed", rand.Uint64N(1_000_000), "decides what happens when")
	flag.DurationVar(&o.duration, "duration", 10*time.Minute, "time under load for each store; 0 is every fault once")
	stores := flag.String("stores", "embedded,server,nodes", "where the events go: the embedded ClickHouse, a server behind a bad network, the same from two nodes")
	flag.DurationVar(&o.outage, "outage", 0, "how long ClickHouse is unreachable when it is; 0 is a second or two")
	flag.IntVar(&o.rate, "rate", 1500, "events a second")
	only := flag.String("faults", "", "only these faults, separated by commas")
	breakage := flag.String("break", "", "switch a safeguard off: "+strings.Join(breakages, ", "))
	flag.BoolVar(&o.keep, "keep", false, "keep the folder")
	verbose := flag.Bool("v", false, "say what is done when")
	flag.Parse()
	if done, err := ownMounts(); done {
		return err
	}
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	o.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	o.seed, o.breakage = *seed, *breakage
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var errs []error
	for _, store := range strings.Split(*stores, ",") {
		o.server, o.nodes = store != "embedded", 1
		if store == "nodes" {
			o.nodes = 2
		}
		fmt.Printf("store %s, seed %d\n", store, o.seed)
		r, err := campaign(ctx, o)
		if err != nil {
			return err
		}
		fmt.Print(r)
		errs = append(errs, r.err())
	}
	return errors.Join(errs...)
}
