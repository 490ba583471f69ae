package clickhouse_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/export"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/write"
)

// noRivals says that all accounts are the site's own.
type noRivals struct{}

func (noRivals) Competitors(context.Context, uint32) ([]meta.AccountName, error) { return nil, nil }

// spooled brings records to ClickHouse as the program does.
func spooled(t *testing.T, db *clickhouse.DB, records ...[]byte) {
	t.Helper()
	dir := t.TempDir()
	s, err := spool.Open(filepath.Join(dir, "spool"), spool.Options{MinFree: -1, Segment: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	w := write.New(write.Options{Source: s, Sink: db, History: db, Dir: dir, MaxWait: time.Millisecond, Room: 4096})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- s.Run(ctx) }()
	go func() { done <- w.Run(ctx) }()
	if err := s.Append(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the spool is drained", func() bool { return s.Health().WaitingRecords == 0 })
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// examples are three rows of a kind, of a site, and the records that they are
// spooled as.
func examples(e *event.Entry, site uint32) (facts event.Rows, records [][]byte) {
	facts = e.List()
	for i := range 3 {
		facts.Example(i + 1)
		*facts.Field(i, e.Place(event.Site)).(*uint32) = site
		record := facts.AppendRecord(nil, i)
		if events, ok := facts.(*event.List[event.Row]); ok {
			record = event.AppendEvent(nil, &events.Rows[i].Event)
		}
		records = append(records, record)
	}
	return facts, records
}

// Every kind of fact goes all the way: from the spool by the writer into its
// table, into a file, from the file into another site, and back out; with its
// site it is gone. A kind that is new needs no test of its own for that.
func TestEveryKindGoesAllTheWay(t *testing.T) {
	for _, e := range event.Entries() {
		t.Run(e.Name, func(t *testing.T) {
			imp, db, site := newImporter(t)
			imp.Network = func(name string) (string, bool) { return name, true }
			other, err := imp.Book.(*meta.Store).AddSite(t.Context(), meta.Site{Domain: "other.example", Timezone: "UTC"})
			if err != nil {
				t.Fatal(err)
			}
			facts, records := examples(e, site.ID)
			spooled(t, db, records...)
			count := func(site uint32) (n uint64) {
				return all(t, db, fmt.Sprintf("SELECT count() FROM %s WHERE site_id = %d", e.From(), site))[0][0].(uint64)
			}
			if count(site.ID) != 3 {
				t.Fatalf("%d of 3 rows came", count(site.ID))
			}

			exporter := export.Exporter{Rows: db, Accounts: noRivals{}}
			file := func(site meta.Site) string {
				var out strings.Builder
				if n, err := exporter.Write(t.Context(), e, site, export.Options{}, &out); err != nil || uint64(n) != count(site.ID) {
					t.Fatalf("%d rows exported, %v", n, err)
				}
				return out.String()
			}
			exported := file(site)
			if e.Imported() {
				importedAndBack(t, imp, e, site, other, exported, func() string { return file(other) })
			}

			if e.First != "" {
				first, err := query.AskSince(t.Context(), db, query.Site{ID: site.ID})
				if err != nil || first.IsZero() {
					t.Errorf("the site's first day: %v, %v", first, err)
				}
			}
			recorded, err := query.AskRecorded(t.Context(), db, site.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range metric.CountedFacts() {
				if at := recorded.Facts[f.Name]; f.Entry == e && !at.Equal(*facts.Field(0, e.Place(event.When)).(*time.Time)) {
					t.Errorf("nothing is 0 since %v", at)
				}
			}

			if err := db.RemoveSite(t.Context(), site.ID); err != nil || count(site.ID) != 0 {
				t.Errorf("%d rows outlive their site, %v", count(site.ID), err)
			}
		})
	}
}

// importedAndBack takes a file of a site in again, where it changes nothing, and
// into a site that has nothing, from where it is taken back.
func importedAndBack(t *testing.T, imp *imports.Importer, e *event.Entry, site, other meta.Site, file string, now func() string) {
	t.Helper()
	for _, kind := range []string{e.Name, ""} {
		p, err := imp.Preview(t.Context(), site, imports.File{Name: "f.csv", Kind: kind, Content: strings.NewReader(file)})
		if err != nil || len(p.Errors) > 0 || p.Kind != e.Name || p.Same != 3 || p.New+p.Changed != 0 {
			t.Fatalf("its own file again: %+v, %v\n%s", p, err, file)
		}
	}
	elsewhere := strings.ReplaceAll(file, site.Domain, other.Domain)
	p, err := imp.Preview(t.Context(), other, imports.File{Name: "f.csv", Kind: e.Name, Content: strings.NewReader(elsewhere)})
	if err != nil || len(p.Errors) > 0 || p.New != 3 {
		t.Fatalf("into another site: %+v, %v", p, err)
	}
	for range 2 { // the second time as after a crash
		if n, err := imp.Apply(t.Context(), other, p.ID); err != nil && n != 0 {
			t.Fatal(n, err)
		}
	}
	if got, want := withoutOrigin(now()), withoutOrigin(elsewhere); got != want {
		t.Errorf("what went in comes out as\n%s\nnot\n%s", got, want)
	}
	if err := imp.Undo(t.Context(), other, p.ID); err != nil || strings.Count(now(), "\n") != 1 {
		t.Errorf("after taking it back: %v\n%s", err, now())
	}
}

// withoutOrigin makes all origins one.
func withoutOrigin(file string) string {
	for _, origin := range []string{"origin_1", "origin_2", "origin_3", "import:1", "import:2"} {
		file = strings.ReplaceAll(file, origin, "-")
	}
	return file
}
