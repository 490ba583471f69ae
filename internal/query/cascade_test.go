package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// forest inserts shares told as "id parent root generation path minute visits".
func forest(t testing.TB, db *clickhouse.DB, site uint32, lines ...string) {
	t.Helper()
	var rows []event.Row
	for i, line := range lines {
		var id, parent, root, path string
		var generation uint8
		var minute, visits int
		if _, err := fmt.Sscan(line, &id, &parent, &root, &generation, &path, &minute, &visits); err != nil {
			t.Fatal(err)
		}
		made := event.Event{Site: site, Time: day.Add(time.Duration(minute) * time.Minute), Name: event.Share, Visitor: uint64(i + 1), Path: path,
			ShareID: id, ShareParent: strings.Trim(parent, "-"), ShareNetwork: "mastodon", ShareKind: "link"}
		rows = append(rows, event.Row{Event: made, Visit: uint64(i + 1), Sharing: event.Sharing{ShareRoot: root, ShareGeneration: generation}})
		for n := range visits {
			rows = append(rows, event.Row{Event: event.Event{Site: site, Time: made.Time.Add(time.Duration(n) * time.Second), Name: event.Pageview,
				Visitor: uint64(1000*(i+1) + n), Path: path, ViaShare: id}, Visit: uint64(1000*(i+1) + n), EntryPath: path, Entry: 1, Bounce: 1})
		}
	}
	if err := db.Insert(t.Context(), fmt.Sprintf("%s-%d-%s", t.Name(), site, lines[0]), event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
}

func nodes(c *query.Cascade) []string {
	var list []string
	for _, n := range c.Nodes {
		list = append(list, fmt.Sprintf("%s<%s g%d %s %s: %d visits, %d reshares, spread %d", n.ID, n.Parent, n.Generation, n.Path, n.Time.Format("15:04"), n.Visits, n.Reshares, n.Spread))
	}
	return list
}

func TestCascade(t *testing.T) {
	db := chtest.New(t)
	forest(t, db, 1,
		"1a - 1a 1 /a 0 5",
		"2b 1a 1a 2 /a 10 3",
		"3c 2b 1a 3 /b 20 2", // read on, and shared another page
		"4d 3c 1a 4 /a 30 1",
		"2e 1a 1a 2 /b 40 0",
		"1f - 1f 1 /b 50 9",
		"2g 1f 1f 2 /a 60 4", // came by /b, shared /a
		"2h 9z 9z 2 /a 70 0", // after one that was never heard of
		"1i - 1i 1 /a 1500 7",
		"5x 5y 5y 5 /c 1 1", // each says that it followed from the other
		"5y 5x 5y 5 /c 2 1",
	)
	forest(t, db, 2, "1a - 1a 1 /a 0 1")
	for _, c := range []struct {
		name, path     string
		days           int
		shares, visits int64
		want           []string
	}{
		{"a page, and what followed from it elsewhere", "/a", 1, 7, 15, []string{
			"1a< g1 /a 00:00: 5 visits, 2 reshares, spread 11",
			"2b<1a g2 /a 00:10: 3 visits, 1 reshares, spread 6",
			"3c<2b g3 /b 00:20: 2 visits, 1 reshares, spread 3",
			"4d<3c g4 /a 00:30: 1 visits, 0 reshares, spread 1",
			"2e<1a g2 /b 00:40: 0 visits, 0 reshares, spread 0",
			"2g< g2 /a 01:00: 4 visits, 0 reshares, spread 4",
			"2h< g2 /a 01:10: 0 visits, 0 reshares, spread 0",
		}},
		{"the other page", "/b", 1, 5, 16, []string{
			"3c< g3 /b 00:20: 2 visits, 1 reshares, spread 3",
			"4d<3c g4 /a 00:30: 1 visits, 0 reshares, spread 1",
			"2e< g2 /b 00:40: 0 visits, 0 reshares, spread 0",
			"1f< g1 /b 00:50: 9 visits, 1 reshares, spread 13",
			"2g<1f g2 /a 01:00: 4 visits, 0 reshares, spread 4",
		}},
		{"a circle is none", "/c", 2, 2, 2, []string{
			"5x< g5 /c 00:01: 1 visits, 1 reshares, spread 2",
			"5y<5x g5 /c 00:02: 1 visits, 0 reshares, spread 1",
		}},
		{"nothing", "/nowhere", 2, 0, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := query.AskCascade(t.Context(), db, query.Site{ID: 1}, c.path, query.Range{From: day, To: day.AddDate(0, 0, c.days)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, nodes(got)); diff != "" {
				t.Error(diff)
			}
			if got.Shares != c.shares || got.Visits != c.visits {
				t.Errorf("%d shares, %d visits; want %d, %d", got.Shares, got.Visits, c.shares, c.visits)
			}
			if shares, visits := leftOutOf(got); shares != 0 || visits != 0 {
				t.Errorf("left out: %d shares, %d visits", shares, visits)
			}
		})
	}
	t.Run("all pages", func(t *testing.T) {
		got, err := query.AskCascade(t.Context(), db, query.Site{ID: 1}, "", query.Range{From: day, To: day.AddDate(0, 0, 2)})
		if err != nil {
			t.Fatal(err)
		}
		if got.Shares != 11 || got.Visits != 33 || len(got.Nodes) != 11 {
			t.Errorf("%d shares, %d visits, %d nodes", got.Shares, got.Visits, len(got.Nodes))
		}
	})
	t.Run("as CSV", func(t *testing.T) {
		got, err := query.AskCascade(t.Context(), db, query.Site{ID: 1}, "/a", query.Range{From: day.AddDate(0, 0, 1), To: day.AddDate(0, 0, 2)})
		if err != nil {
			t.Fatal(err)
		}
		var file strings.Builder
		if err := got.Result().WriteCSV(&file, query.CSVOptions{Lang: "fr"}); err != nil {
			t.Fatal(err)
		}
		want := "share,parent,time,event:page,share:network,share:kind,generation,share_visits,reshares,spread\r\n1i,(premier),2026-03-11 01:00:00,/a,mastodon,link,1,7,0,7\r\n"
		if file.String() != want {
			t.Errorf("got  %q\nwant %q", file.String(), want)
		}
	})
}

// Of more shares than can be drawn, the biggest are, with their parents, and
// the rest is counted.
func TestCascadeIsBounded(t *testing.T) {
	db := chtest.New(t)
	lines := []string{"1root - 1root 1 /a 0 0"}
	for i := range query.MaxCascade + 500 {
		lines = append(lines, fmt.Sprintf("2n%d 1root 1root 2 /a %d %d", i, 1+i%1000, map[bool]int{true: 1}[i%4 == 0]))
	}
	forest(t, db, 1, lines...)
	c, err := query.AskCascade(t.Context(), db, query.Site{ID: 1}, "/a", query.Range{From: day, To: day.AddDate(0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	shares, visits := leftOutOf(c)
	if len(c.Nodes) != query.MaxCascade || shares != 501 || visits != 0 {
		t.Errorf("%d nodes, %d shares and %d visits left out", len(c.Nodes), shares, visits)
	}
	root := c.Nodes[0]
	if root.ID != "1root" || root.Spread != 625 || root.Reshares != int64(query.MaxCascade+500) {
		t.Errorf("%+v", root)
	}
	for _, n := range c.Nodes[1:] {
		if n.Parent != "1root" {
			t.Fatalf("%+v has no parent", n)
		}
	}
}

// leftOutOf is what a cascade's nodes leave out of its sums.
func leftOutOf(c *query.Cascade) (shares, visits int64) {
	shares, visits = c.Shares-int64(len(c.Nodes)), c.Visits
	for _, n := range c.Nodes {
		visits -= n.Visits
	}
	return shares, visits
}
