package imports

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// shelf keeps readings as ClickHouse's table does: the same account and time
// replaces, the same token again changes nothing.
type shelf struct {
	Readings
	rows   map[readingKey]event.FollowerCount
	tokens map[string]bool
	fail   bool
	// failAfter is the inserts that still go through; 0 = all do.
	failAfter int
}

func (s *shelf) Select(_ context.Context, _ string, args []rows.Arg, each func(*rows.Row) error) error {
	row := rows.New([]string{"site_id", "ts", "network", "account", "followers", "following", "posts", "origin", "rounded", "ended"})
	from, to := args[1].Value.(uint32), args[2].Value.(uint32)
	optional := func(n *uint64) any {
		if n == nil {
			return nil
		}
		return *n
	}
	for k, c := range s.rows {
		if k.second < int64(from) || k.second > int64(to) {
			continue
		}
		if err := row.Give([]any{uint64(c.Site), c.Time, c.Network, c.Account, c.Followers, optional(c.Following), optional(c.Posts), c.Origin, c.Rounded, c.Ended}, each); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Insert(_ context.Context, token string, facts event.Rows) error {
	if s.fail {
		return errors.New("away")
	}
	if s.tokens[token] {
		return nil
	}
	s.tokens[token] = true
	if s.failAfter > 0 {
		s.failAfter--
		s.fail = s.failAfter == 0
	}
	for _, c := range facts.(*event.List[event.FollowerCount]).Rows {
		s.rows[followerReadings.key(c)] = c
	}
	return nil
}

func (s *shelf) RemoveImported(_ context.Context, _ *event.Entry, _ uint32, origin string) error {
	for k, c := range s.rows {
		if c.Origin == origin {
			delete(s.rows, k)
		}
	}
	return nil
}

func (s *shelf) followers() string {
	var out []string
	for day := 1; day <= 9; day++ {
		k := readingKey{"x", "a", "", time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC).Unix()}
		if c, ok := s.rows[k]; ok {
			out = append(out, fmt.Sprintf("%d:%d", day, c.Followers))
		}
	}
	return strings.Join(out, " ")
}

func newImporter(t *testing.T) (*Importer, *shelf, meta.Site) {
	store, err := meta.Open(filepath.Join(t.TempDir(), "earshot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	site, err := store.AddSite(t.Context(), meta.Site{Domain: "example.com", Timezone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{rows: map[readingKey]event.FollowerCount{}, tokens: map[string]bool{}}
	return &Importer{Readings: s, Book: store, Network: func(n string) (string, bool) { return n, n == "x" },
		Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }}, s, site
}

func TestImportUndo(t *testing.T) {
	i, s, site := newImporter(t)
	file := func(lines ...string) string {
		out := "date,network,account,followers\n"
		for _, l := range lines {
			day, n, _ := strings.Cut(l, ":")
			out += "2026-01-0" + day + ",x,a," + n + "\n"
		}
		return out
	}
	look := func(text string) *Preview {
		t.Helper()
		p, err := i.Preview(t.Context(), site, File{Name: "f.csv", Kind: event.Followers.Name, Content: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	apply := func(p *Preview) {
		t.Helper()
		if _, err := i.Apply(t.Context(), site, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	undo := func(p *Preview) {
		t.Helper()
		if err := i.Undo(t.Context(), site, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what, rows string) {
		t.Helper()
		if got := s.followers(); got != rows {
			t.Errorf("%s: %q, want %q", what, got, rows)
		}
	}
	polled := event.FollowerCount{Site: site.ID, Network: "x", Account: "a", Time: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), Followers: 1, Origin: event.OriginPoll}
	s.rows[followerReadings.key(polled)] = polled

	a := look(file("1:10", "2:20", "3:31", "3:31"))
	if a.New != 2 || a.Changed != 1 || a.Same != 0 || len(a.Accounts) != 1 || a.Accounts[0].First != 10 || a.Accounts[0].Last != 31 {
		t.Errorf("preview: %+v", a)
	}
	want("a preview stores nothing", "1:1")
	apply(a)
	want("stored", "1:10 2:20 3:31")
	if _, err := i.Apply(t.Context(), site, a.ID); !errors.Is(err, ErrGone) {
		t.Errorf("storing twice: %v", err)
	}
	if p := look(file("1:10", "2:20", "3:31")); p.ID != 0 || p.Same != 3 {
		t.Errorf("the same again: %+v", p)
	}

	b := look(file("2:22", "4:40"))
	apply(b)
	want("a second file", "1:10 2:22 3:31 4:40")
	undo(b)
	want("the second taken back", "1:10 2:20 3:31")
	undo(a)
	want("the first taken back: what was polled is there again", "1:1")
	if err := i.Undo(t.Context(), site, a.ID); !errors.Is(err, ErrGone) {
		t.Errorf("undoing twice: %v", err)
	}

	c := look(file("1:10", "2:20"))
	apply(c)
	d := look(file("2:25"))
	apply(d)
	undo(c)
	want("an older file taken back under a newer one", "1:1 2:25")
	undo(d)
	want("and the newer one: the older's counts don't come back", "1:1")
	e := look(file("1:10"))
	apply(e)
	want("the same file after its undo", "1:10")

	f := look(file("5:50"))
	s.fail = true
	if _, err := i.Apply(t.Context(), site, f.ID); err == nil {
		t.Error("stored while the store is away")
	}
	s.fail = false
	apply(f)
	want("tried again", "1:10 5:50")
	if p := look("date,network,account,followers\nbad,x,a,1\n2026-01-06,x,a,6\n"); len(p.Errors) != 1 || p.New != 1 || p.ID == 0 {
		t.Errorf("a bad line: %+v", p)
	}
	list, err := i.Book.Imports(t.Context(), site.ID)
	if err != nil || len(list) != 6 || list[0].ID != f.ID || list[0].Readings != 1 || list[0].Done.IsZero() {
		t.Errorf("the book: %+v, %v", list, err)
	}
	if err := i.Undo(t.Context(), meta.Site{ID: site.ID + 1}, f.ID); !errors.Is(err, meta.ErrNotFound) {
		t.Errorf("another site's import: %v", err)
	}
}

// A day that three files have: taken back from the middle, it is what the first
// has, and taken back from there what was polled.
func TestUndoGoesBackThroughWhatWasUndone(t *testing.T) {
	i, s, site := newImporter(t)
	polled := event.FollowerCount{Site: site.ID, Network: "x", Account: "a", Time: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), Followers: 1, Origin: event.OriginPoll}
	s.rows[followerReadings.key(polled)] = polled
	var ids []int64
	for _, n := range []string{"10", "20", "30", "40"} {
		p, err := i.Preview(t.Context(), site, File{Name: n, Content: strings.NewReader("date,network,account,followers\n2026-01-01,x,a," + n + "\n")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Apply(t.Context(), site, p.ID); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.ID)
	}
	for _, step := range []struct {
		undo int
		want string
	}{{1, "1:40"}, {2, "1:40"}, {3, "1:10"}, {0, "1:1"}} {
		if err := i.Undo(t.Context(), site, ids[step.undo]); err != nil {
			t.Fatal(err)
		}
		if got := s.followers(); got != step.want {
			t.Errorf("file %d taken back: %q, want %q", step.undo+1, got, step.want)
		}
	}
}

// An undo that ends half-way is gone on with, whatever it had put back.
func TestUndoGoesOnAfterItsEnd(t *testing.T) {
	i, s, site := newImporter(t)
	var file strings.Builder
	file.WriteString("date,network,account,followers\n")
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range importBatch + 10 {
		c := event.FollowerCount{Site: site.ID, Network: "x", Account: "a", Time: start.Add(time.Duration(n) * time.Minute), Followers: 1, Origin: event.OriginPoll}
		s.rows[followerReadings.key(c)] = c
		fmt.Fprintf(&file, "%s,x,a,2\n", c.Time.Format(time.RFC3339))
	}
	p, err := i.Preview(t.Context(), site, File{Name: "f", Content: strings.NewReader(file.String())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Apply(t.Context(), site, p.ID); err != nil {
		t.Fatal(err)
	}
	s.failAfter = 1
	if err := i.Undo(t.Context(), site, p.ID); err == nil {
		t.Fatal("taken back while the store is away")
	}
	s.fail, s.failAfter = false, 0
	if err := i.Undo(t.Context(), site, p.ID); err != nil {
		t.Fatal(err)
	}
	if len(s.rows) != importBatch+10 {
		t.Errorf("%d of %d readings are there again", len(s.rows), importBatch+10)
	}
}

func TestPackUnpack(t *testing.T) {
	n := uint64(3)
	in := []event.FollowerCount{
		{Site: 1, Time: time.Unix(1700000000, 0).UTC(), Network: "x", Account: "é", Followers: 1 << 62, Following: &n, Rounded: true, Origin: "import:1"},
		{Site: 1, Time: time.Unix(1700000001, 0).UTC(), Network: "x", Account: "b"},
	}
	data, err := followerReadings.pack(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := followerReadings.unpack(data)
	if err != nil || len(out) != 2 || out[0].Account != "é" || *out[0].Following != 3 || !event.Followers.Same(&in[0], &out[0]) || out[1].Followers != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := followerReadings.unpack(data[:len(data)-9]); err == nil {
		t.Error("half of it unpacks")
	}
}

// A file that leaves something open is kept, and read again with the answers as
// if it had come a second time.
func TestAFileIsKeptForItsAnswers(t *testing.T) {
	i, s, site := newImporter(t)
	f := File{Name: "f.csv", Keep: true, Content: strings.NewReader("date,network,account,followers\n02/01/2026,x,a,5\n03/01/2026,x,a,6\n")}
	p, err := i.Preview(t.Context(), site, f)
	if err != nil || !p.Open() || p.ID != 0 || p.File == 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	again, err := i.Again(t.Context(), site, p.File, File{Answers: Answers{Dates: DayFirst}})
	if err != nil || again.Open() || again.New != 2 || again.Name != "f.csv" {
		t.Fatalf("%+v, %v", again, err)
	}
	if _, err := i.Apply(t.Context(), site, again.ID); err != nil || s.followers() != "2:5 3:6" {
		t.Errorf("stored: %q, %v", s.followers(), err)
	}
	if _, err := i.Again(t.Context(), meta.Site{ID: site.ID + 1}, p.File, File{}); !errors.Is(err, meta.ErrNotFound) {
		t.Errorf("another site's file: %v", err)
	}
	if p, err := i.Preview(t.Context(), site, File{Name: "g.csv", Keep: true, Content: strings.NewReader("date,network,account,followers\n2026-01-04,x,a,5\n")}); err != nil || p.File != 0 {
		t.Errorf("a file that leaves nothing open is kept: %+v, %v", p, err)
	}
}
