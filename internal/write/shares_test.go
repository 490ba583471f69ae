package write

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

const (
	shareA = "1aaaaaaaaa" // by reader 10
	shareB = "2bbbbbbbbb" // by reader 11, who came through A
	lost   = "3zzzzzzzzz" // of which nothing was ever heard
	bar    = "1_ccccccc1" // from an address bar
	barOfA = "2_ccccccc2" // from the address bar of one who came through A
)

func landing(visitor uint64, minutes float64, via string) event.Event {
	e := by(visitor, 0, pv(minutes, "/"))
	e.ViaShare, e.Medium, e.Channel = via, "share", enrich.ChannelShares
	return e
}

func shared(visitor uint64, minutes float64, id, parent string) event.Event {
	e := by(visitor, 0, pv(minutes, "/"))
	e.Name, e.ShareID, e.ShareParent, e.ShareNetwork, e.ShareKind = event.Share, id, parent, "mastodon", "link"
	return e
}

// nextDay makes e an event of a visitor who had another hash on the UTC day
// before.
func nextDay(e event.Event, today uint64) event.Event {
	e.Visitor, e.VisitorBefore = today, e.Visitor
	e.Time = e.Time.AddDate(0, 0, 1)
	return e
}

// copied is a landing on an address that was copied from an address bar.
func copied(visitor uint64, minutes float64, via, parent string) event.Event {
	e := landing(visitor, minutes, via)
	e.ViaParent = parent
	return e
}

// told says what the last row says of shares.
func told(r event.Row) string {
	if r.Name == event.Share {
		return fmt.Sprintf("parent %q root %q generation %d", r.ShareParent, r.ShareRoot, r.ShareGeneration)
	}
	return fmt.Sprintf("via %q %s %s generation %d after %d s, %s %q", r.ViaShare, r.ViaNetwork, r.ViaKind, r.ViaGeneration, r.ViaAge, r.Channel, r.Medium)
}

// placeBatches places one batch after the other, as the writer does.
func placeBatches(t testing.TB, s *shares, db rows.Runner, v *visits, batches ...[]event.Event) []event.Row {
	t.Helper()
	var rows []event.Row
	for _, events := range batches {
		b := &batch{events: len(events)}
		for i, e := range events {
			b.rows = append(b.rows, event.Row{Event: e})
			b.origins = append(b.origins, uint64(len(rows)+i))
		}
		if err := s.before(context.Background(), db, b); err != nil {
			t.Fatal(err)
		}
		b.place(v)
		if err := s.after(context.Background(), db, b); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, b.rows...)
	}
	return rows
}

func TestShares(t *testing.T) {
	a := []event.Event{pv(0, "/"), shared(10, 1, shareA, "")}
	b := []event.Event{landing(11, 2, shareA), shared(11, 3, shareB, shareA)}
	for _, c := range []struct {
		name   string
		events []event.Event // after a and b
		want   string        // of the last row
	}{
		{"a first share", []event.Event{pv(5, "/"), shared(10, 6, "1ccccccccc", "")}, `parent "" root "1ccccccccc" generation 1`},
		{"a visit that a share brought", []event.Event{landing(12, 11, shareA)}, `via "1aaaaaaaaa" mastodon link generation 1 after 600 s, Shares "share"`},
		{"one that a share's share brought", []event.Event{landing(12, 63, shareB)}, `via "2bbbbbbbbb" mastodon link generation 2 after 3600 s, Shares "share"`},
		{"only the entry has the time since", []event.Event{landing(12, 5, shareA), by(12, 0, pv(6, "/b"))}, `via "1aaaaaaaaa" mastodon link generation 1 after 0 s, Shares "share"`},
		{"a share's share", []event.Event{landing(12, 5, shareB), shared(12, 6, "3ccccccccc", shareB)}, `parent "2bbbbbbbbb" root "1aaaaaaaaa" generation 3`},
		{"after a full page load the snippet knows no parent", []event.Event{landing(12, 5, shareB), by(12, 0, pv(6, "/b")), shared(12, 7, "1ccccccccc", "")},
			`parent "2bbbbbbbbb" root "1aaaaaaaaa" generation 3`},
		{"the sharer's own return was not brought", []event.Event{landing(10, 60, shareA)}, `via ""   generation 0 after 0 s, Direct ""`},
		{"nor with a referrer", []event.Event{func() event.Event { e := landing(10, 60, shareA); e.Source = "Mastodon"; return e }()},
			`via ""   generation 0 after 0 s, Referral "referral"`},
		{"another reader's return was", []event.Event{landing(11, 62, shareA)}, `via "1aaaaaaaaa" mastodon link generation 1 after 3660 s, Shares "share"`},
		{"what a sharer shares on an own return is no reshare", []event.Event{landing(10, 60, shareA), shared(10, 61, "2ccccccccc", shareA)},
			`parent "" root "2ccccccccc" generation 1`},
		{"and stands beside a share's share", []event.Event{landing(11, 60, shareB), shared(11, 61, "3ccccccccc", shareB)},
			`parent "1aaaaaaaaa" root "1aaaaaaaaa" generation 2`},
		{"the sharer's return on the next day was not brought", []event.Event{nextDay(landing(10, 5, shareA), 20)}, `via ""   generation 0 after 0 s, Direct ""`},
		{"and what is shared then is no reshare", []event.Event{nextDay(landing(10, 5, shareA), 20), nextDay(shared(10, 6, "2ccccccccc", shareA), 20)},
			`parent "" root "2ccccccccc" generation 1`},
		{"another reader's return on the next day was", []event.Event{nextDay(landing(11, 2, shareA), 21)},
			`via "1aaaaaaaaa" mastodon link generation 1 after 86460 s, Shares "share"`},
		{"two days later nobody knows the sharer", []event.Event{nextDay(nextDay(landing(10, 1, shareA), 20), 30)},
			`via "1aaaaaaaaa" mastodon link generation 1 after 172800 s, Shares "share"`},
		{"an address from an address bar", []event.Event{copied(12, 5, bar, "")}, `via "1_ccccccc1" copy address generation 1 after 0 s, Shares "share"`},
		{"by which a second reader comes: the time since is not known", []event.Event{copied(12, 5, bar, ""), copied(13, 15, bar, "")},
			`via "1_ccccccc1" copy address generation 1 after 0 s, Shares "share"`},
		{"one that its reader shares on", []event.Event{copied(12, 5, barOfA, shareA), shared(12, 6, "3ccccccccc", barOfA)},
			`parent "2_ccccccc2" root "1aaaaaaaaa" generation 3`},
		{"one that leads back to its parent's sharer", []event.Event{copied(10, 60, barOfA, shareA), shared(10, 61, "3ccccccccc", barOfA)},
			`parent "2_ccccccc2" root "1aaaaaaaaa" generation 3`},
		{"a share that was never heard of", []event.Event{landing(12, 5, lost)}, `via "3zzzzzzzzz"   generation 0 after 0 s, Shares "share"`},
		{"is the root of what follows", []event.Event{landing(12, 5, lost), shared(12, 6, "4ccccccccc", lost)}, `parent "3zzzzzzzzz" root "3zzzzzzzzz" generation 4`},
		{"another site knows nothing of it", []event.Event{func() event.Event { e := landing(12, 5, shareA); e.Site = 2; return e }()},
			`via "1aaaaaaaaa"   generation 0 after 0 s, Shares "share"`},
		{"a clock that goes back", []event.Event{landing(12, 0.5, shareA)}, `via "1aaaaaaaaa" mastodon link generation 1 after 0 s, Shares "share"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := append(append(append([]event.Event{}, a...), b...), c.events...)
			rows := placeBatches(t, newShares(100), &memory{}, newVisits(100, visitsRoom), events)
			if got := told(rows[len(rows)-1]); got != c.want {
				t.Errorf("in one batch:\n got %s\nwant %s", got, c.want)
			}
			var single [][]event.Event
			for _, e := range append(append(append([]event.Event{}, a...), b...), c.events...) {
				single = append(single, []event.Event{e})
			}
			rows = placeBatches(t, newShares(100), &memory{}, newVisits(100, visitsRoom), single...)
			if got := told(rows[len(rows)-1]); got != c.want {
				t.Errorf("in a batch each:\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// An address copied from an address bar is one share, in its place in the tree,
// however many readers come through it and whenever.
func TestAddressBarIsOneShare(t *testing.T) {
	db := chtest.New(t)
	first := [][]event.Event{
		{pv(0, "/"), shared(10, 1, shareA, "")},
		{copied(12, 5, barOfA, shareA), copied(13, 6, barOfA, shareA), by(12, 0, pv(7, "/b"))},
		{copied(14, 8, barOfA, shareA)},
	}
	rows := placeBatches(t, newShares(100), db, newVisits(100, visitsRoom), first...)
	if err := db.Insert(t.Context(), "first", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	again := placeBatches(t, newShares(100), db, newVisits(100, visitsRoom), []event.Event{copied(15, 60, barOfA, shareA), copied(12, 61, barOfA, shareA)})
	var made []event.Row
	for _, r := range append(rows, again...) {
		if r.ShareKind == event.ShareAddress {
			made = append(made, r)
		}
		if r.ViaShare == barOfA && (r.ViaNetwork != "copy" || r.ViaKind != event.ShareAddress || r.ViaGeneration != 2) {
			t.Errorf("%s of reader %d: %s", r.Name, r.Visitor, told(r))
		}
	}
	if len(made) != 1 {
		t.Fatalf("%d shares from the address bar, want one", len(made))
	}
	r := made[0]
	if got, want := told(r), `parent "1aaaaaaaaa" root "1aaaaaaaaa" generation 2`; got != want {
		t.Errorf("the share: %s, want %s", got, want)
	}
	if r.ShareID != barOfA || r.ShareNetwork != "copy" || r.Visitor != 12 || r.Path != "/" || r.Entry+r.Read+r.Scrolled != 0 || r.Bounce != 0 || r.GapMS != 0 {
		t.Errorf("the share's row %+v", r)
	}
}

// A writer that restarts, or has forgotten a share, asks ClickHouse and comes
// to the same result.
func TestSharesAreReadBack(t *testing.T) {
	db := chtest.New(t)
	first := []event.Event{pv(0, "/"), shared(10, 1, shareA, ""), landing(11, 2, shareA), shared(11, 3, shareB, shareA)}
	second := []event.Event{landing(12, 5, shareB), shared(12, 6, "3ccccccccc", ""), landing(10, 60, shareA), landing(13, 70, lost)}
	clone := func(list []event.Event) []event.Event { return append([]event.Event{}, list...) }

	v := newVisits(100, visitsRoom)
	s := newShares(100)
	rows := placeBatches(t, s, db, v, clone(first))
	if err := db.Insert(t.Context(), "first", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	want := placeBatches(t, s, db, newVisits(100, visitsRoom), clone(second))
	for name, again := range map[string]*shares{"started anew": newShares(100), "with room for one": newShares(1)} {
		got := placeBatches(t, again, db, newVisits(100, visitsRoom), clone(second))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-knew +read back)\n%s", name, diff)
		}
	}
	if told(want[1]) != `parent "2bbbbbbbbb" root "1aaaaaaaaa" generation 3` {
		t.Error(told(want[1]))
	}
}

// What is known of shares survives the outbox.
func TestSharesInTheOutbox(t *testing.T) {
	b := &batch{origin: "id-1", from: 3, to: 4, rows: []event.Row{{Event: shared(10, 1, shareB, shareA), Visit: 7, EntryPath: "/in", Sharing: event.Sharing{
		ShareRoot: shareA, ShareGeneration: 200, ViaNetwork: "email", ViaKind: "link", ViaGeneration: 199, ViaAge: 1<<32 - 1,
	}}}}
	got, err := decodeBatch(b.encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.rows, got.rows); diff != "" {
		t.Error(diff)
	}
}
