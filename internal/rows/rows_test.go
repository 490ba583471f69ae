package rows_test

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/rows"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	names = []string{"page", "visitors", "change", "share", "at", "none"}
	cells = []any{"/a", uint64(3), int64(-2), 0.5, noon, nil}
)

func TestCellsAreReadByName(t *testing.T) {
	row := rows.New(names)
	for range 2 { // in any order, and row after row
		err := row.Give(cells, func(r *rows.Row) error {
			if r.Time("at") != noon || r.Text("page") != "/a" || r.Uint("visitors") != 3 || r.Int("visitors") != 3 || r.Int("change") != -2 {
				t.Errorf("read %v otherwise", cells)
			}
			if r.Float("share") != 0.5 || r.Float("change") != -2 || r.Float("visitors") != 3 {
				t.Errorf("read %v otherwise", cells)
			}
			if _, ok := r.MaybeText("none"); ok {
				t.Error("NULL is a text")
			}
			if n, ok := r.MaybeInt("change"); !ok || n != -2 {
				t.Errorf("maybe %d, %t", n, ok)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAWrongReaderIsAnError(t *testing.T) {
	tests := []struct {
		name string
		read func(*rows.Row)
		want string
	}{
		{"no such column", func(r *rows.Row) { r.Text("pages") }, `no column "pages" among page, visitors`},
		{"another type", func(r *rows.Row) { r.Int("page") }, `"page" is of the type string`},
		{"another type, maybe", func(r *rows.Row) { r.MaybeTime("page") }, `"page" is of the type string`},
		{"NULL", func(r *rows.Row) { r.Float("none") }, `"none" is NULL`},
		{"below 0", func(r *rows.Row) { r.Uint("change") }, `"change" is of the type int64`},
		{"the first of two", func(r *rows.Row) { r.Int("page"); r.Text("visitors") }, `"page"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := rows.New(names).Give(cells, func(r *rows.Row) error {
				tt.read(r)
				if r.Err() == nil {
					t.Error("the reader can't see it")
				}
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, not %s", err, tt.want)
			}
		})
	}
	if _, ok := rows.Int(uint64(math.MaxUint64)); ok {
		t.Error("a number that no int64 holds is one")
	}
}

func TestTheReadersOwnErrorComesFirst(t *testing.T) {
	own := errors.New("enough")
	err := rows.New(names).Give(cells, func(r *rows.Row) error { r.Int("page"); return own })
	if !errors.Is(err, own) {
		t.Error(err)
	}
	if err := rows.New(names).Give(cells[:2], func(*rows.Row) error { return nil }); err == nil {
		t.Error("a row may have fewer cells than columns")
	}
}

// A row is read in the order of its statement nearly always.
func BenchmarkRow(b *testing.B) {
	row := rows.New(names)
	for b.Loop() {
		_ = row.Give(cells, func(r *rows.Row) error {
			r.Text("page")
			r.Uint("visitors")
			r.Int("change")
			r.Float("share")
			r.Time("at")
			return nil
		})
	}
}

// scalar is an assertion that something is of a scalar type.
var scalar = regexp.MustCompile(`\.\((string|bool|u?int(8|16|32|64)?|float(32|64)|time\.Time)\)`)

// Cells are read in this package alone.
func TestNobodyElseReadsCells(t *testing.T) {
	for _, dir := range []string{"cmd", "dashboards", "internal", "web"} {
		root := filepath.Join("..", "..", dir)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || path == filepath.Join("..", "..", "internal", "rows", "rows.go") {
				return err
			}
			src, err := os.ReadFile(path)
			for i, line := range strings.Split(string(src), "\n") {
				if scalar.MatchString(line) {
					t.Errorf("%s:%d: %s", path, i+1, strings.TrimSpace(line))
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
