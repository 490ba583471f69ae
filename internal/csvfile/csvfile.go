// Package csvfile reads CSV that strangers made: the standard library's
// reader, with bounds on what one line may take. internal/imports and
// internal/study read their files through it.
package csvfile

import (
	"encoding/csv"
	"errors"
	"io"
)

// Bounds of a line.
const (
	MaxLine    = 1 << 20 // bytes, of all its cells
	MaxColumns = 2000
	MaxCell    = 256 << 10 // bytes; the longest post of a network has 190,000
)

// What a line is that meets a bound. After ErrLine and ErrColumns there is
// nothing more to be read; after ErrCell the next line comes.
var (
	ErrLine    = errors.New("a line is too long")
	ErrColumns = errors.New("a line has too many columns")
	ErrCell    = errors.New("a cell is too long")
)

// readAhead is what the standard library's reader reads at once.
const readAhead = 4 << 10

// Reader is a csv.Reader whose lines are bounded.
type Reader struct {
	*csv.Reader
	in   *allowance
	line int
	err  error
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader {
	in := &allowance{Reader: r, left: MaxLine + readAhead}
	return &Reader{Reader: csv.NewReader(in), in: in}
}

// Read is csv.Reader's, with the errors above. With ErrCell it gives the line.
func (r *Reader) Read() ([]string, error) {
	if r.err != nil {
		return nil, r.err
	}
	cells, err := r.Reader.Read()
	r.in.left = MaxLine + readAhead
	if err != nil {
		if errors.Is(err, ErrLine) {
			r.err = ErrLine
			r.line++
			return nil, ErrLine
		}
		return cells, err
	}
	r.line, _ = r.FieldPos(0)
	if len(cells) > MaxColumns {
		r.err = ErrColumns
		return nil, ErrColumns
	}
	for _, cell := range cells {
		if len(cell) > MaxCell {
			return cells, ErrCell
		}
	}
	return cells, nil
}

// Line is where the last line began that Read gave or refused; of ErrLine, it
// is the one after the last that could be read.
func (r *Reader) Line() int { return r.line }

// allowance gives so many bytes, and then ErrLine.
type allowance struct {
	io.Reader
	left int
}

func (a *allowance) Read(b []byte) (int, error) {
	if a.left <= 0 {
		return 0, ErrLine
	}
	n, err := a.Reader.Read(b[:min(len(b), a.left)])
	a.left -= n
	return n, err
}
