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
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/earshot-analytics/earshot/internal/csvfile"
	"github.com/earshot-analytics/earshot/internal/event"
)

const (
	// MaxRows bounds one file, in lines and in readings; a longer history
	// goes in several.
	MaxRows = 1_000_000
	// MaxErrors is how many bad lines are named before reading stops.
	MaxErrors = 100
	// maxCells bounds a file in lines times columns: each is looked at.
	maxCells = 10_000_000
)

// table is a CSV file as it stands; lines that aren't CSV are in errors.
type table struct {
	title   string            // what stands alone above the columns
	header  int               // the line of the columns
	columns []string          // their names as written
	plain   []string          // and as plainTitle has them
	place   map[string]int    // columns by name: as written, in small letters, and as we call them
	twice   map[string]bool   // names that several columns have
	said    map[string]string // what people say of all lines: their network, their account
	given   map[string]string // and what the file shows of them
	comma   rune
	order   string // of numbers in dates, where nothing else shows it
	zone    string // of times, as the network has them; "" = the site's
	apart   []int  // columns that may tell apart lines of one key, though we know their names
	records []record
	errors  []LineError

	titlesRead bool
	networks   map[string]int // see titleNetworks
}

type record struct {
	line  int
	title string // of its part of the file
	cells []string
}

func (t *table) has(column string) bool {
	_, ok := t.place[column]
	return ok || t.said[column] != "" || t.given[column] != ""
}

// say gives lines that leave a column open what people say of all of them.
func (t *table) say(column, value string) {
	if value = strings.TrimSpace(value); value != "" {
		t.said[column] = value
	}
}

// titleOf is what the file calls a column.
func (t *table) titleOf(column string) string {
	if i, ok := t.place[column]; ok {
		return t.columns[i]
	}
	return column
}

// saidFor is what people say of the lines of one network, where they say it of
// each: "facebook=my.page, instagram=@me".
func (t *table) saidFor(column, network string) string {
	said := t.said[column]
	if !strings.Contains(said, "=") {
		return said
	}
	for part := range strings.SplitSeq(said, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return said
		}
		if strings.EqualFold(strings.TrimSpace(name), network) {
			return strings.TrimSpace(value)
		}
	}
	return said
}

// auto gives lines that leave a column open what the file shows of all of them.
func (t *table) auto(column, value string) {
	if _, ok := t.place[column]; !ok && t.given[column] == "" {
		t.given[column] = value
	}
}

// name takes a line for the names of the columns.
func (t *table) name(line int, cells []string) {
	t.header, t.columns, t.plain, t.place, t.twice = line, cells, nil, map[string]int{}, map[string]bool{}
	for i, name := range cells {
		t.columns[i] = strings.TrimSpace(visibleText(name))
		t.plain = append(t.plain, plainTitle(name))
		name = strings.ToLower(t.columns[i])
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
	t := &table{place: map[string]int{}, said: map[string]string{}, given: map[string]string{}}
	if bytes.HasPrefix(first, []byte("PK\x03\x04")) || bytes.HasPrefix(first, []byte("\xd0\xcf\x11\xe0")) {
		t.errors = []LineError{{Line: 1, Key: Workbook}}
		return t, nil
	}
	var skip int
	t.comma, skip = delimiter(string(first))
	above := 0  // lines
	title := "" // of the records that follow
	var top []record
	if skip > 0 {
		_, _ = in.Discard(skip)
		above = 1
	}
	c := csvfile.NewReader(in)
	c.Comma = t.comma
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	c.ReuseRecord = true
	for {
		cells, err := c.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			if len(t.place) == 0 {
				t.begin(top)
			}
			return t, nil
		case errors.As(err, &bad):
			t.errors = append(t.errors, LineError{Line: above + bad.Line, Key: BadLine, Text: bad.Err.Error()})
			if len(t.errors) >= MaxErrors {
				return t, nil
			}
			continue
		case errors.Is(err, csvfile.ErrLine), errors.Is(err, csvfile.ErrColumns):
			if len(t.place) == 0 {
				t.begin(top)
			}
			t.errors = append(t.errors, boundOf(err, above+c.Line()))
			return t, nil
		case errors.Is(err, csvfile.ErrCell):
			t.errors = append(t.errors, boundOf(err, above+c.Line()))
			if len(t.errors) >= MaxErrors {
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
			cells[i] = csvfile.Plain(cells[i]) // of our exports, and of others
		}
		if len(t.place) == 0 {
			if len(top) < maxTop {
				top = append(top, record{line: at, cells: cells})
				continue
			}
			title = t.begin(top)
		}
		if !t.add(record{at, title, cells}, &title) {
			return t, nil
		}
	}
}

// boundOf is a line's error that met a bound.
func boundOf(err error, line int) LineError {
	switch {
	case errors.Is(err, csvfile.ErrLine):
		return LineError{Line: line, Key: LongLine, Against: strconv.Itoa(csvfile.MaxLine >> 20)}
	case errors.Is(err, csvfile.ErrColumns):
		return LineError{Line: line, Key: ManyColumns, Against: strconv.Itoa(csvfile.MaxColumns)}
	}
	return LineError{Line: line, Key: LongCell, Against: strconv.Itoa(csvfile.MaxCell >> 10)}
}

// maxTop is how many lines there may be above the columns, and with them.
const maxTop = 20

// begin finds the columns' names among the first lines of a file: where one of
// them is a date's or a post's, or else in the first line that has two.
func (t *table) begin(top []record) (title string) {
	at := slices.IndexFunc(top, func(r record) bool {
		return len(r.cells) > 1 && slices.ContainsFunc(r.cells, func(cell string) bool { return isHeading[plainTitle(cell)] })
	})
	if at < 0 {
		at = max(0, slices.IndexFunc(top, func(r record) bool { return len(r.cells) > 1 }))
	}
	if len(top) == 0 {
		return ""
	}
	if at > 0 && len(top[at-1].cells) == 1 {
		t.title = strings.TrimSpace(visibleText(top[at-1].cells[0])) // Meta's files have one
	}
	t.name(top[at].line, top[at].cells)
	title = t.title
	for _, r := range top[at+1:] {
		r.title = title
		t.add(r, &title)
	}
	return title
}

// isHeading are titles that no line of another kind has beside another cell.
var isHeading = func() map[string]bool {
	all := map[string]bool{"insight": true}
	for _, h := range append([]heading{ownHeadings[0]}, headingsOf[event.Posts.Name][:2]...) {
		for _, title := range h.titles {
			all[title] = true
		}
	}
	return all
}()

// add takes a line behind the columns; false = there may be no more.
func (t *table) add(r record, title *string) bool {
	last := len(t.records) - 1
	switch {
	case t.title != "" && last >= 0 && len(t.records[last].cells) == 1 && slices.Equal(r.cells, t.columns):
		*title = strings.TrimSpace(visibleText(t.records[last].cells[0])) // some have another figure below
		t.records = t.records[:last]
	case (len(t.records)+1)*len(t.columns) > maxCells:
		t.errors = append(t.errors, LineError{Line: r.line, Key: ManyCells, Against: strconv.Itoa(maxCells)})
		return false
	case len(t.records) == MaxRows:
		t.errors = append(t.errors, LineError{Line: r.line, Key: TooLong, Text: strconv.Itoa(MaxRows)})
		return false
	default:
		t.records = append(t.records, r)
	}
	return true
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
// are to be skipped, or else the one that the first line with any has most of.
func delimiter(start string) (comma rune, skip int) {
	first, _, _ := strings.Cut(start, "\n")
	if sep, ok := strings.CutPrefix(strings.Trim(first, "\r\" "), "sep="); ok && len(sep) == 1 && strings.Contains(",;\t", sep) {
		return rune(sep[0]), min(len(first)+1, len(start))
	}
	for line := range strings.Lines(start) {
		counts := map[rune]int{}
		quoted := false
		for _, r := range line {
			if r == '"' {
				quoted = !quoted
			}
			if !quoted {
				counts[r]++
			}
		}
		best := ','
		for _, d := range []rune{';', '\t'} {
			if counts[d] > counts[best] {
				best = d
			}
		}
		if counts[best] > 0 {
			return best, 0
		}
	}
	return ',', 0
}

// cell is what stands in a column, or else what is said of all lines; "" where
// nothing is.
func (t *table) cell(r record, column string) string {
	if i, ok := t.place[column]; ok && i < len(r.cells) {
		if cell := strings.TrimSpace(r.cells[i]); cell != "" {
			return cell
		}
	}
	if value := t.said[column]; value != "" {
		return value
	}
	return t.given[column]
}
