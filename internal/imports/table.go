package imports

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// table is a CSV file as it stands; lines that aren't CSV are in errors.
type table struct {
	title   string          // what stands alone above the columns
	columns []string        // their names as written
	place   map[string]int  // columns by name, in lower case
	twice   map[string]bool // names that several columns have
	given   map[string]string
	comma   rune
	order   string // of day and month, "dmy" or "mdy", where the dates don't show it
	records []record
	errors  []LineError
}

type record struct {
	line  int
	title string // of its part of the file
	cells []string
}

func (t *table) has(column string) bool {
	_, ok := t.place[column]
	return ok || t.given[column] != ""
}

// add gives every line a value in a column that the file lacks.
func (t *table) add(column, value string) {
	if value = strings.TrimSpace(value); value != "" && !t.has(column) {
		t.given[column] = value
	}
}

// rename calls columns otherwise, where the file has none of that name.
func (t *table) rename(columns map[string]string) {
	for theirs, ours := range columns {
		if i, ok := t.place[theirs]; ok && !t.has(ours) {
			t.place[ours], t.twice[ours] = i, t.twice[theirs]
		}
	}
}

// name takes a line for the names of the columns.
func (t *table) name(cells []string) {
	t.columns, t.place, t.twice = cells, map[string]int{}, map[string]bool{}
	for i, name := range cells {
		name = strings.ToLower(strings.TrimSpace(name))
		_, t.twice[name] = t.place[name]
		t.place[name] = i
	}
}

// readTable reads a file whole. The error is of the reader alone.
func readTable(r io.Reader) (*table, error) {
	t, err := splitTable(r)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return t, nil
}

func splitTable(r io.Reader) (*table, error) {
	// A byte-order mark tells UTF-16 from UTF-8, and goes.
	in := bufio.NewReader(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	first, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	t := &table{place: map[string]int{}, given: map[string]string{}}
	if bytes.HasPrefix(first, []byte("PK\x03\x04")) || bytes.HasPrefix(first, []byte("\xd0\xcf\x11\xe0")) {
		t.errors = []LineError{{Line: 1, Key: Workbook}}
		return t, nil
	}
	var skip int
	t.comma, skip = delimiter(string(first))
	above := 0  // lines
	title := "" // of the records that follow
	if skip > 0 {
		_, _ = in.Discard(skip)
		above = 1
	}
	c := csv.NewReader(in)
	c.Comma = t.comma
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	c.ReuseRecord = true
	for {
		cells, err := c.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case errors.As(err, &bad):
			t.errors = append(t.errors, LineError{Line: above + bad.Line, Key: BadLine, Text: bad.Err.Error()})
			if len(t.place) == 0 || len(t.errors) >= MaxErrors {
				return t, nil
			}
			continue
		case err != nil:
			return nil, err
		}
		at, _ := c.FieldPos(0)
		at += above
		if cells = slices.Clone(filled(cells)); len(cells) == 0 {
			continue // spreadsheets leave such lines at the end
		}
		for i, cell := range cells {
			if !utf8.ValidString(cell) {
				cells[i] = fromWindows(cell)
			}
		}
		switch {
		case len(t.place) == 0:
			t.name(cells)
		case len(t.columns) == 1 && len(cells) > 1 && len(t.records) == 0:
			t.title = t.columns[0] // Meta's files have one
			title = t.title
			t.name(cells)
		case t.title != "" && len(t.records) > 0 && len(t.records[len(t.records)-1].cells) == 1 && slices.Equal(cells, t.columns):
			last := len(t.records) - 1
			title = t.records[last].cells[0] // and some have another below
			t.records = t.records[:last]
		case len(t.records) == MaxRows:
			t.errors = append(t.errors, LineError{Line: at, Key: TooLong, Text: strconv.Itoa(MaxRows)})
			return t, nil
		default:
			t.records = append(t.records, record{at, title, cells})
		}
	}
}

// filled are a line's cells without the empty ones at its end.
func filled(cells []string) []string {
	n := len(cells)
	for n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	return cells[:n]
}

// fromWindows reads a text as spreadsheets under Windows save it unless they are
// told to use UTF-8.
func fromWindows(text string) string {
	out, err := charmap.Windows1252.NewDecoder().String(text)
	if err != nil {
		return strings.ToValidUTF8(text, "")
	}
	return out
}

// delimiter is the one that a first line "sep=;" names, of which so many bytes
// are to be skipped, or else the one that the header has most of.
func delimiter(start string) (comma rune, skip int) {
	header, _, _ := strings.Cut(start, "\n")
	if sep, ok := strings.CutPrefix(strings.TrimRight(header, "\r"), "sep="); ok && len(sep) == 1 && strings.Contains(",;\t", sep) {
		return rune(sep[0]), min(len(header)+1, len(start))
	}
	best := ','
	for _, d := range []rune{';', '\t'} {
		if strings.Count(header, string(d)) > strings.Count(header, string(best)) {
			best = d
		}
	}
	return best, 0
}

// cell is what stands in a column, "" where the line or the file lacks it.
func (t *table) cell(r record, column string) string {
	if value := t.given[column]; value != "" {
		return value
	}
	if i, ok := t.place[column]; ok && i < len(r.cells) {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// dateOrder finds out from all dates with slashes whether the day ("dmy") or
// the month ("mdy") comes first; "" = nobody can tell.
func (t *table) dateOrder(columns []string) string {
	dmy, mdy := false, false
	for _, r := range t.records {
		for _, column := range columns {
			parts := strings.FieldsFunc(t.cell(r, column), func(r rune) bool { return r == '/' || r == '.' })
			if len(parts) != 3 || len(parts[0]) == 4 {
				continue
			}
			a, _ := strconv.Atoi(parts[0])
			b, _ := strconv.Atoi(parts[1])
			dmy = dmy || a > 12
			mdy = mdy || b > 12
		}
	}
	switch {
	case dmy && !mdy:
		return "dmy"
	case mdy && !dmy:
		return "mdy"
	case dmy:
		return ""
	default:
		return t.order
	}
}

// unquoted takes away the apostrophe by which our exports, like others, keep a
// spreadsheet from taking "@alice" for a formula.
func unquoted(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && strings.IndexAny(rest, "=+-@") == 0 {
		return rest
	}
	return cell
}

// parseCount takes digits, in groups of three if they are parted by spaces,
// apostrophes, commas or points. "12.5K" is not a count: it is a rounding.
func parseCount(s string) (uint64, bool) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \u00a0\u202f'’,.", r) })
	if len(groups) == 0 {
		return 0, false
	}
	for i, g := range groups {
		if (i > 0 && len(g) != 3) || (i == 0 && len(groups) > 1 && len(g) > 3) {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(strings.Join(groups, ""), 10, 63)
	return n, err == nil
}

func parseDate(s, order string, loc *time.Location) (time.Time, string) {
	if t, err := time.ParseInLocation(time.DateOnly, s, loc); err == nil {
		return noon(t), ""
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, ""
		}
	}
	for _, layout := range []string{"Mon, Jan 2, 2006", "Jan 2, 2006"} { // X's, YouTube's
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return noon(t), ""
		}
	}
	slashed := strings.ReplaceAll(s, ".", "/")
	layout := map[string]string{"dmy": "2/1/2006", "mdy": "1/2/2006"}[order]
	date, clock, timed := strings.Cut(slashed, " ")
	if strings.IndexByte(date, '/') == 4 {
		layout = "2006/1/2"
	}
	if layout == "" {
		if _, err := time.Parse("2/1/2006", date); err == nil {
			return time.Time{}, Ambiguous
		}
		return time.Time{}, BadDate
	}
	if timed {
		date, layout = date+" "+clock, layout+" 15:04"
	}
	t, err := time.ParseInLocation(layout, date, loc)
	if err != nil {
		return time.Time{}, BadDate
	}
	if timed {
		return t, ""
	}
	return noon(t), ""
}

func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, t.Location())
}
