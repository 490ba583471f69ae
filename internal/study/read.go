package study

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/csvfile"
)

// Bounds of a file.
const (
	MaxRows   = 20_000
	MaxErrors = 100
	maxText   = 200 // characters of a cell
)

// File is what a file has.
type File struct {
	Rows   []Row
	Errors []LineError

	seen map[Row]bool // what there is a figure of
}

// LineError is a line that can't be taken. Key is one of the constants.
type LineError struct {
	Line int // from 1
	Key  string
	Text string // the cell at fault
}

// What can be wrong with a line.
const (
	BadHeader = "header" // a column is missing
	BadLine   = "csv"
	BadText   = "text"   // empty, too long or with control characters
	BadDate   = "date"   // not as 2006-01-31, or the end before the start
	BadValue  = "number" // no number
	BadFlag   = "flag"   // neither true nor false
	Twice     = "twice"  // a column, or a figure of the same
	TooLong   = "long"   // more than MaxRows rows
	TooWide   = "wide"   // a line of more bytes or columns than csvfile takes
	NoRows    = "empty"
)

// Read reads a file whole: the good lines are in Rows, the bad ones in
// Errors. Columns may stand in any order, separated by commas, semicolons or
// tabs; with semicolons numbers may have decimal commas. The error is the
// reader's alone.
func Read(r io.Reader) (*File, error) {
	f := &File{seen: map[Row]bool{}}
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	start, err := in.Peek(2048)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("read study: %w", err)
	}
	c := csvfile.NewReader(in)
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	header, _, _ := strings.Cut(string(start), "\n")
	for _, sep := range []rune{';', '\t'} {
		if strings.Count(header, string(sep)) > strings.Count(header, string(c.Comma)) {
			c.Comma = sep
		}
	}
	place := map[string]int{}
	for line := 0; ; line++ {
		record, err := c.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			if len(f.Rows)+len(f.Errors) == 0 {
				f.fail(1, NoRows, "")
			}
			return f, nil
		case errors.As(err, &bad):
			f.fail(bad.Line, BadLine, "")
		case errors.Is(err, csvfile.ErrCell):
			f.fail(c.Line(), BadText, "")
		case errors.Is(err, csvfile.ErrLine), errors.Is(err, csvfile.ErrColumns):
			f.fail(c.Line(), TooWide, "")
			return f, nil
		case err != nil:
			return nil, fmt.Errorf("read study: %w", err)
		case line == 0:
			for i, name := range record {
				name = strings.ToLower(strings.TrimSpace(name))
				if _, ok := place[name]; ok && slices.Contains(Columns(), name) {
					f.fail(1, Twice, name)
				}
				place[name] = i
			}
			for _, name := range Columns() {
				if _, ok := place[name]; !ok {
					f.fail(1, BadHeader, name)
				}
			}
			if len(f.Errors) > 0 {
				return f, nil
			}
		case len(f.Rows) == MaxRows:
			n, _ := c.FieldPos(0)
			f.fail(n, TooLong, strconv.Itoa(MaxRows))
			return f, nil
		default:
			n, _ := c.FieldPos(0)
			f.take(n, func(name string) string {
				if i := place[name]; i < len(record) {
					return strings.TrimSpace(record[i])
				}
				return ""
			}, c.Comma == ';')
		}
		if len(f.Errors) >= MaxErrors {
			return f, nil
		}
	}
}

func (f *File) fail(line int, key, text string) {
	if cut := []rune(text); len(cut) > maxText {
		text = string(cut[:maxText]) + "…"
	}
	f.Errors = append(f.Errors, LineError{line, key, text})
}

func (f *File) take(line int, cell func(string) string, decimalComma bool) {
	r := Row{Study: cell("study"), Subject: cell("subject"), Measure: cell("measure"), Segment: cell("segment"), Unit: cell("unit")}
	for _, text := range []string{r.Study, r.Subject, r.Measure, r.Segment, r.Unit} {
		if text == "" || utf8.RuneCountInString(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			f.fail(line, BadText, text)
			return
		}
	}
	var err error
	if from := cell("period_start"); from != "" {
		if r.Start, err = time.Parse(time.DateOnly, from); err != nil {
			f.fail(line, BadDate, from)
			return
		}
	}
	if r.End, err = time.Parse(time.DateOnly, cell("period_end")); err != nil || r.End.Before(r.Start) {
		f.fail(line, BadDate, cell("period_end"))
		return
	}
	number := cell("value")
	if decimalComma {
		number = strings.Replace(number, ",", ".", 1)
	}
	r.Value, err = strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(r.Value) || math.Abs(r.Value) > 1e15 {
		f.fail(line, BadValue, cell("value"))
		return
	}
	if flag := cell("estimate"); flag != "" {
		if r.Estimate, err = strconv.ParseBool(strings.ToLower(flag)); err != nil {
			f.fail(line, BadFlag, flag)
			return
		}
	}
	of := r
	of.Value, of.Estimate = 0, false
	if f.seen[of] {
		f.fail(line, Twice, cell("value"))
		return
	}
	f.seen[of] = true
	f.Rows = append(f.Rows, r)
}
