package csvfile

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestBounds(t *testing.T) {
	cells := func(n int) string { return strings.Repeat(",", n-1) + "\n" }
	long := func(n int) string { return strings.Repeat("x", n) }
	const usual = "a,b\n"
	for _, tt := range []struct {
		name, file string
		lines      int // that are read
		err        error
		line       int // of err
	}{
		{"usual", usual + usual, 2, io.EOF, 2},
		{"2,000 columns", usual + cells(MaxColumns) + usual, 3, io.EOF, 3},
		{"one more", usual + cells(MaxColumns+1) + usual, 1, ErrColumns, 2},
		{"a million", usual + cells(1_000_000) + usual, 1, ErrColumns, 2},
		{"a long cell", usual + long(MaxCell) + ",b\n" + usual, 3, io.EOF, 3},
		{"one byte more", usual + long(MaxCell+1) + ",b\n", 1, ErrCell, 2},
		{"a long cell in quotes, with lines", usual + `"` + strings.Repeat("x\n", MaxCell/2) + "\",b\n" + usual, 3, io.EOF, 3 + MaxCell/2},
		{"a long line of cells", usual + strings.Repeat(long(MaxCell-1)+",", 3) + long(MaxCell-1) + "\n" + usual, 3, io.EOF, 3},
		{"a longer one", usual + usual + strings.Repeat(long(MaxCell-1)+",", 5) + "\n" + usual, 2, ErrLine, 3},
		{"quotes that never end", usual + `"` + strings.Repeat("x\n", 2*MaxLine), 1, ErrLine, 2},
		{"a line that never ends", long(64 << 20), 0, ErrLine, 1},
		{"many lines", strings.Repeat(usual, 2*MaxLine), 2 * MaxLine, io.EOF, 2 * MaxLine},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(tt.file))
			r.FieldsPerRecord, r.ReuseRecord = -1, true
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			lines, err := 0, error(nil)
			for {
				if _, err = r.Read(); err != nil {
					break
				}
				lines++
			}
			runtime.ReadMemStats(&after)
			if lines != tt.lines || !errors.Is(err, tt.err) || r.Line() != tt.line {
				t.Errorf("%d lines, then %v in line %d", lines, err, r.Line())
			}
			if used := after.TotalAlloc - before.TotalAlloc; lines < 10 && used > 200<<20 {
				t.Errorf("%d MB in all are used", used>>20)
			}
			if errors.Is(err, ErrLine) || errors.Is(err, ErrColumns) {
				if _, again := r.Read(); !errors.Is(again, err) {
					t.Errorf("goes on with %v", again)
				}
			}
		})
	}
}

// A long cell is one bad line among good ones.
func TestAfterALongCell(t *testing.T) {
	r := NewReader(strings.NewReader("a\n" + strings.Repeat("x", MaxCell+1) + "\nb\n"))
	var said []string
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		said = append(said, fmt.Sprint(len(cells[0]), err))
	}
	if got := strings.Join(said, "; "); got != fmt.Sprintf("1 <nil>; %d a cell is too long; 1 <nil>", MaxCell+1) {
		t.Error(got)
	}
}
