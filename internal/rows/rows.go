// Package rows is what the program says to a database of facts and what comes
// back: a statement with bound values goes in, rows whose cells are read by
// their columns' names come out. Ingestion and statistics both stand on it,
// internal/clickhouse answers; it knows neither of them.
package rows

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Arg is a value bound to {Name:Type} in the SQL: a string, a number, a
// time.Time, or a slice of strings or of numbers.
type Arg struct {
	Name  string
	Value any
}

// Bind is the Arg of a name and a value.
func Bind(name string, value any) Arg { return Arg{name, value} }

// ErrMemory says that a statement needs more memory than the database gives
// one: over a shorter period it may pass.
var ErrMemory = errors.New("the question needs more memory than one may have")

// Runner runs a statement and gives its rows one after the other, by Row.Give.
// The first error ends it: of the database, of each, or of a cell that was
// read as something that it isn't.
type Runner interface {
	Select(ctx context.Context, sql string, args []Arg, each func(*Row) error) error
}

// Row is a row of an answer. A cell is an int64 for every signed integer, a
// uint64 for every unsigned one, a float64 (decimals too), a bool, a string, a
// time.Time, a slice or a map of the column's own types, and nil for NULL and
// for NaN and infinities.
//
// Readers take the name of a column. One that meets no such column, another
// type or, unless it is a Maybe, NULL gives the zero value and notes the first
// error in Err: whoever keeps what was read looks there before, the Runner
// does after.
type Row struct {
	names []string
	cells []any
	next  int // columns are mostly read in order
	err   error
}

// New is a row without cells of columns with these names.
func New(names []string) *Row { return &Row{names: names} }

// Give hands each the row with these cells, which are its during the call only.
func (r *Row) Give(cells []any, each func(*Row) error) error {
	r.cells, r.next = cells, 0
	if len(cells) != len(r.names) {
		return fmt.Errorf("a row of %d cells under %d columns", len(cells), len(r.names))
	}
	if err := each(r); err != nil {
		return err
	}
	return r.err
}

// Cells are all cells, in the columns' order.
func (r *Row) Cells() []any { return r.cells }

// Names are the names of the columns.
func (r *Row) Names() []string { return r.names }

// Err is the first error of a reader.
func (r *Row) Err() error { return r.err }

// Cell is the cell of a column as it is.
func (r *Row) Cell(column string) any {
	at := r.next
	if at >= len(r.names) || r.names[at] != column {
		if at = slices.Index(r.names, column); at < 0 {
			r.note(fmt.Errorf("no column %q among %s", column, strings.Join(r.names, ", ")))
			return nil
		}
	}
	r.next = at + 1
	return r.cells[at]
}

func (r *Row) note(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Text reads a string.
func (r *Row) Text(column string) string { return must(r, column, Text) }

// Int reads a whole number.
func (r *Row) Int(column string) int64 { return must(r, column, Int) }

// Uint reads a whole number that is not below 0.
func (r *Row) Uint(column string) uint64 { return must(r, column, Uint) }

// Float reads any number.
func (r *Row) Float(column string) float64 { return must(r, column, Float) }

// Time reads a time.
func (r *Row) Time(column string) time.Time { return must(r, column, Time) }

// Bool reads a yes or no.
func (r *Row) Bool(column string) bool { return must(r, column, Bool) }

// MaybeText reads a string, not ok for NULL.
func (r *Row) MaybeText(column string) (string, bool) { return maybe(r, column, Text) }

// MaybeInt reads a whole number, not ok for NULL.
func (r *Row) MaybeInt(column string) (int64, bool) { return maybe(r, column, Int) }

// MaybeUint reads a whole number that is not below 0, not ok for NULL.
func (r *Row) MaybeUint(column string) (uint64, bool) { return maybe(r, column, Uint) }

// MaybeFloat reads any number, not ok for NULL.
func (r *Row) MaybeFloat(column string) (float64, bool) { return maybe(r, column, Float) }

// MaybeTime reads a time, not ok for NULL.
func (r *Row) MaybeTime(column string) (time.Time, bool) { return maybe(r, column, Time) }

func must[T any](r *Row, column string, read func(any) (T, bool)) T {
	v, ok := maybe(r, column, read)
	if !ok {
		r.note(fmt.Errorf("column %q is NULL", column)) // unless maybe noted more
	}
	return v
}

func maybe[T any](r *Row, column string, read func(any) (T, bool)) (T, bool) {
	cell := r.Cell(column)
	v, ok := read(cell)
	if !ok && cell != nil {
		r.note(fmt.Errorf("column %q is of the type %T, not a %T that holds it", column, cell, v))
	}
	return v, ok
}

// Text is a cell that is a string.
func Text(cell any) (s string, ok bool) {
	s, ok = cell.(string)
	return s, ok
}

// Int is a cell that is a whole number.
func Int(cell any) (int64, bool) {
	switch n := cell.(type) {
	case int64:
		return n, true
	case uint64:
		if n <= math.MaxInt64 {
			return int64(n), true
		}
	}
	return 0, false
}

// Uint is a cell that is a whole number, not below 0.
func Uint(cell any) (uint64, bool) {
	switch n := cell.(type) {
	case uint64:
		return n, true
	case int64:
		if n >= 0 {
			return uint64(n), true
		}
	}
	return 0, false
}

// Float is a cell that is a number.
func Float(cell any) (float64, bool) {
	switch n := cell.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	}
	return 0, false
}

// Bool is a cell that is a yes or no.
func Bool(cell any) (b, ok bool) {
	b, ok = cell.(bool)
	return b, ok
}

// Time is a cell that is a time.
func Time(cell any) (t time.Time, ok bool) {
	t, ok = cell.(time.Time)
	return t, ok
}
