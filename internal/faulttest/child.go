package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/raft-wal/fs"

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/write"
)

// The program under test is this binary again: the whole of cmd/earshot/app,
// with a clock and a disk that the campaign governs. What it is told stands
// in an environment variable, what may change while it runs in a file.
const programEnv = "EARSHOT_FAULTTEST_PROGRAM"

type programSpec struct {
	Data, Library, DSN, Listen, Metrics string
	Roles                               []string // empty = all
	Control                             string   // path of the control file
	Break                               string
}

// control is what the campaign changes while the program runs.
type control struct {
	ClockMS int64 // the clock is so much ahead
	SyncMS  int64 // each write to the spool's disk takes so much longer
	Broken  bool  // and fails
}

// What can be broken on purpose.
const (
	breakTokens = "tokens" // every try of a batch has another deduplication token
	breakOutbox = "outbox" // a batch that may have landed is forgotten over a restart
	breakFsync  = "fsync"  // what is synced is in memory for a while longer
	breakKeys   = "keys"   // batches are spooled without their idempotency keys
)

var breakages = []string{breakTokens, breakOutbox, breakFsync, breakKeys}

func runProgramIfAsked() {
	text, asked := os.LookupEnv(programEnv)
	if !asked {
		return
	}
	os.Unsetenv(programEnv)
	var spec programSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := runProgram(ctx, spec); err != nil {
		fmt.Fprintln(os.Stderr, "earshot:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runProgram(ctx context.Context, spec programSpec) error {
	var ctl atomic.Pointer[control]
	ctl.Store(&control{})
	var seen []byte
	read := func() {
		var c control
		b, err := os.ReadFile(spec.Control)
		if err != nil || bytes.Equal(b, seen) || json.Unmarshal(b, &c) != nil {
			return
		}
		ctl.Store(&c)
		seen = b
		_ = os.WriteFile(spec.Control+seenSuffix, b, 0o600)
	}
	read()
	go func() {
		for range time.Tick(controlEvery) {
			read()
		}
	}()
	faults := app.Faults{
		Files: disk{fs.New(), &ctl, spec.Break == breakFsync},
		Spool: func(s collect.Spool) collect.Spool { return readings{s, spec.Break == breakKeys} },
	}
	if spec.Break == breakTokens {
		faults.Sink = func(s write.Sink) write.Sink { return randomTokens{s} }
	}
	return app.NewServer(app.Config{
		Settings: app.Settings{Data: spec.Data, LibCHDB: spec.Library, ClickHouseDSN: spec.DSN},
		Roles:    spec.Roles,
		Listen:   spec.Listen, MetricsListen: spec.Metrics,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Log:            slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Now:            func() time.Time { return time.Now().Add(time.Duration(ctl.Load().ClockMS) * time.Millisecond) },
		Faults:         faults,
	}).Run(ctx)
}

const (
	controlEvery = 10 * time.Millisecond
	seenSuffix   = ".seen" // of the file that repeats what the program goes by
)

// readings spools a fact of every kind that files have (readings of accounts, of
// posts, …), as entries make them up, beside every
// twentieth single event, in the same group: who acknowledged the one has
// acknowledged the others.
type readings struct {
	collect.Spool
	noKeys bool // breakKeys
}

const readingEvery = 20

func (s readings) Append(ctx context.Context, records ...[]byte) error {
	if s.noKeys {
		records = slices.DeleteFunc(records, func(rec []byte) bool { return event.RecordKind(string(rec)) == event.KindReceipt })
	}
	var e event.Event
	if len(records) == 1 && event.RecordKind(string(records[0])) == event.KindEvent && event.DecodeEvent(string(records[0]), &e) == nil {
		if n := number(e.Props); n > 0 && n%readingEvery == 0 {
			for _, e := range readingKinds() {
				records = append(records, readingOf(e, n))
			}
		}
	}
	return s.Spool.Append(ctx, records...)
}

func readingKinds() []*event.Entry {
	return slices.DeleteFunc(event.Entries(), func(e *event.Entry) bool { return !e.Imported() })
}

// readingOf is the record of the fact beside the event of a number.
func readingOf(e *event.Entry, n int) []byte {
	facts := e.List()
	facts.Example(n)
	return facts.AppendRecord(nil, 0)
}

// number is the one that an event was given.
func number(props []event.Prop) (n int) {
	for _, p := range props {
		if p.Key == "n" {
			fmt.Sscan(p.Value, &n)
		}
	}
	return n
}

// randomTokens is breakTokens.
type randomTokens struct{ write.Sink }

func (s randomTokens) Insert(ctx context.Context, _ string, facts event.Rows) error {
	return s.Sink.Insert(ctx, fmt.Sprint(rand.Uint64()), facts)
}
