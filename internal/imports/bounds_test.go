package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/earshot-analytics/earshot/internal/csvfile"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// repeated is a text many times over, which is nowhere as a whole.
type repeated struct {
	head, text string
	n          int
	left       string
}

func (r *repeated) Read(b []byte) (int, error) {
	if r.left, r.head = r.head+r.left, ""; r.left == "" {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.left, r.n = r.text, r.n-1
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}

// Whatever a file is, it takes a bounded part of memory, and people are told
// which bound it met, in words that are few.
func TestFilesAreBounded(t *testing.T) {
	const head, good = "date,network,account,followers\n", "2026-01-01,x,a,1\n"
	long := strings.Repeat("x", csvfile.MaxCell+1)
	for _, tt := range []struct {
		name string
		kind string
		file io.Reader
		key  string
		line int
		rows int
	}{
		{"more columns than may be", event.Followers.Name, &repeated{head + good, good[:len(good)-1] + strings.Repeat(",x", csvfile.MaxColumns) + "\n", 3, ""}, ManyColumns, 3, 1},
		{"nothing but columns", "", &repeated{"", "a,", 30 << 20, ""}, LongLine, 1, 0},
		{"a long cell", event.Followers.Name, strings.NewReader(head + good + "2026-01-02,x," + long + ",1\n2026-01-03,x,a,1\n"), LongCell, 3, 2},
		{"a quotation mark that is never closed", event.Followers.Name, &repeated{head + good + `"`, "xxxxxxxxxxxxxxx\n", 4 << 20, ""}, LongLine, 3, 1},
		{"many wide lines", event.Followers.Name, &repeated{head[:len(head)-1] + strings.Repeat(",x", 996) + "\n", good, 1 << 20, ""}, ManyCells, maxCells/1000 + 2, maxCells / 1000},
		{"long names of columns", event.Followers.Name, strings.NewReader(strings.Repeat(strings.Repeat("y", 1000)+",", 900) + "z\n1,2\n"), BadHeader, 1, 0},
		{"a long account in every line", event.Followers.Name, &repeated{head, "2026-01-01,x," + long[:200_000] + ",1\n", 200, ""}, BadAccount, 2, 0},
		{"many figures of one day that can't be added up", event.Insights.Name, &figures{n: 20_000}, Repeated, 4, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, _, site := newImporter(t)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			table, err := readTable(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 100<<20 {
				t.Errorf("%d MB are held", used>>20)
			}
			k, err := kindOf(tt.kind)
			if tt.kind == "" {
				k, err = kindOf(table.kind())
			}
			if err != nil {
				t.Fatal(err)
			}
			p, err := k.preview(t.Context(), i, site, File{Name: "f.csv"}, table)
			if err != nil {
				t.Fatal(err)
			}
			p.shorten()
			if len(p.Errors) == 0 || len(p.Errors) > MaxErrors {
				t.Fatalf("%d errors", len(p.Errors))
			}
			at := p.Errors[0]
			for _, e := range p.Errors {
				if e.Key == tt.key {
					at = e
					break
				}
			}
			if at.Key != tt.key || at.Line != tt.line || p.New > tt.rows {
				t.Errorf("%s in line %d, %d readings", at.Key, at.Line, p.New)
			}
			if n := len(fmt.Sprint(p.Errors, p.Questions, p.LeftOut, p.Times)); n > MaxErrors*(4*maxEcho+200)+maxNames {
				t.Errorf("%d bytes are repeated", n)
			}
		})
	}
}

// figures are two different values each of many insights of a day.
type figures struct {
	n, at int
	left  string
}

func (f *figures) Read(b []byte) (int, error) {
	if f.left == "" {
		switch {
		case f.at == 0:
			f.left = "date,network,account,insight,value,by\n"
		case f.at > f.n:
			return 0, io.EOF
		default:
			f.left = fmt.Sprintf("2026-01-01,x,a,average no %d,%d,part %d\n", f.at/2, f.at, f.at)
		}
		f.at++
	}
	n := copy(b, f.left)
	f.left = f.left[n:]
	return n, nil
}

func TestFew(t *testing.T) {
	if got := firstFew(make([]string, maxFew)); len(got) != maxFew {
		t.Errorf("%d", len(got))
	}
	if got := firstFew(make([]string, maxFew+1)); len(got) != maxFew+1 || got[maxFew] != "…" {
		t.Errorf("%q", got)
	}
}

// slow is a file that comes a line a second.
type slow struct{ lines int }

func (s *slow) Read(b []byte) (int, error) {
	time.Sleep(time.Second)
	s.lines++
	return copy(b, fmt.Sprintf("%s\n", []string{"date,network,account,followers", "2026-01-01,x,a,1"}[min(s.lines-1, 1)])), nil
}

// A file that comes too slowly, or for ever, is given up in time, and nothing
// of it can be stored; so is one whose sender has gone.
func TestPreviewIsBoundedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &Importer{Readings: &shelf{}, Network: func(n string) (string, bool) { return n, true }, Now: time.Now, Limit: 3 * time.Minute}
		for _, kind := range []string{event.Followers.Name, "", FeedLog} {
			begun := time.Now()
			p, err := i.Preview(t.Context(), meta.Site{}, File{Name: "f.csv", Kind: kind, Account: "/feed.xml", Content: &slow{}})
			if err != nil || p.ID != 0 || len(p.Errors) != 1 || p.Errors[0].Key != TooSlow || p.Errors[0].Against != "3" {
				t.Errorf("%q: %+v, %v", kind, p, err)
			}
			if took := time.Since(begun); took > i.Limit+time.Second {
				t.Errorf("%q: %v", kind, took)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := i.Preview(ctx, meta.Site{}, File{Name: "f.csv", Content: &slow{}}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("gone: %v", err)
		}
	})
}

// Of a site the last few files are kept, others' aside.
func TestKeptFilesAreFew(t *testing.T) {
	i, _, site := newImporter(t)
	other, err := i.Book.(*meta.Store).AddSite(t.Context(), meta.Site{Domain: "other.example", Timezone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	day := 0
	keep := func(site meta.Site, n int) (files, previews []int64) {
		for range n {
			file, err := i.Book.KeepImportFile(t.Context(), meta.ImportFile{Site: site.ID, Name: "f.csv", Data: []byte("x")})
			if err != nil {
				t.Fatal(err)
			}
			day++
			p, err := i.Preview(t.Context(), site, File{Name: "f.csv", Content: strings.NewReader(fmt.Sprintf("date,network,account,followers\n2026-01-%02d,x,a,1\n", day))})
			if err != nil || p.ID == 0 {
				t.Fatal(p, err)
			}
			files, previews = append(files, file), append(previews, p.ID)
		}
		return files, previews
	}
	there := func(site meta.Site, files, previews []int64) (n, m int) {
		for _, id := range files {
			if _, err := i.Book.ImportFileByID(t.Context(), site.ID, id); err == nil {
				n++
			}
		}
		for _, id := range previews {
			if _, err := i.Book.ImportByID(t.Context(), site.ID, id); err == nil {
				m++
			}
		}
		return n, m
	}
	othersFiles, othersPreviews := keep(other, 1)
	files, previews := keep(site, 2)
	if _, err := i.Apply(t.Context(), site, previews[0]); err != nil {
		t.Fatal(err)
	}
	more, morePreviews := keep(site, 5)
	if n, m := there(other, othersFiles, othersPreviews); n != 1 || m != 1 {
		t.Errorf("of another site, %d files and %d previews", n, m)
	}
	if n, m := there(site, files, previews); n != 0 || m != 1 { // the one that is stored
		t.Errorf("of the first, %d files and %d previews", n, m)
	}
	if n, m := there(site, more, morePreviews); n != 5 || m != 5 {
		t.Errorf("of the last, %d files and %d previews", n, m)
	}
}
