package social

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// Files of history are CSV: readings of accounts (history_followers.go) or of
// their posts (history_posts.go), one a line. The first line names the
// columns, in any order; they are separated by commas, semicolons or tabs; in
// UTF-8, with or without a byte-order mark. Dates are 2026-01-31,
// 2026-01-31 14:30 (the site's time zone), an RFC 3339 time, or 31/01/2026
// where the file itself shows which number is the day. A date without a time
// is that day's noon. The same file again changes nothing.

const (
	// MaxHistoryRows bounds one file; a longer history goes in several.
	MaxHistoryRows = 1_000_000
	// MaxHistoryErrors is how many bad lines are named before reading stops.
	MaxHistoryErrors = 100
)

// History is what a file holds, as readings of one kind. Bad lines are in
// Errors and the good ones in Rows: whether to take the good without the bad
// is the caller's choice.
type History[R any] struct {
	Rows   []R
	Errors []LineError
}

// LineError says what is wrong with a line, as a key with its values: the
// pages and the command line have the sentence under "history.<key>".
type LineError struct {
	Line   int    // 1 = the header
	Column string // "" = the line as a whole
	Key    string
	Text   string // what stands there
}

func (e LineError) Error() string {
	return fmt.Sprintf("line %d: %s: %s: %q", e.Line, e.Column, e.Key, e.Text)
}

// Keys of a LineError.
const (
	BadHeader  = "header"    // a column is missing; Text names it
	BadLine    = "line"      // not CSV
	BadDate    = "date"      // no date in a form that we know
	Ambiguous  = "ambiguous" // a date whose day and month can't be told apart
	FutureDate = "future"
	TooEarly   = "early" // a post read before it was published
	BadNetwork = "network"
	BadAccount = "account"
	BadPost    = "post"    // no ID, or too long
	BadCount   = "count"   // not a whole number of 0 or more
	NoFigures  = "figures" // not one figure of a post
	BadURL     = "url"     // not an address of the web
	BadPage    = "page"    // not one of the site's
	BadShare   = "share"   // not a share ID
	TooLong    = "long"    // more than MaxHistoryRows rows
	NoRows     = "empty"
)

// HistoryOptions say whose history it is.
type HistoryOptions struct {
	Site meta.Site
	Now  time.Time
	// Network turns a network's name, as people write it, into its key.
	Network func(name string) (key string, ok bool)
	Pages   Pages // where posts lead; nil = files of followers alone
}

// form is how the readings of one kind stand in a file.
type form[R any] struct {
	need  [][]string // columns, each of which may have others in its place
	dates []string   // the columns of dates
	parse func(l line, o HistoryOptions) (R, *LineError)
}

// read makes readings of a file's lines.
func (f form[R]) read(t *table, o HistoryOptions) *History[R] {
	h := &History[R]{}
	for _, names := range f.need {
		if len(t.place) > 0 && !slices.ContainsFunc(names, t.has) {
			h.Errors = append(h.Errors, LineError{Line: 1, Key: BadHeader, Text: strings.Join(names, " / ")})
		}
	}
	if len(h.Errors) > 0 {
		return h
	}
	h.Errors = t.errors
	order := t.dateOrder(f.dates)
	for _, record := range t.records {
		if len(h.Errors) >= MaxHistoryErrors {
			break
		}
		row, bad := f.parse(line{t, record, order}, o)
		if bad != nil {
			h.Errors = append(h.Errors, *bad)
			continue
		}
		h.Rows = append(h.Rows, row)
	}
	if len(t.records) == 0 && len(h.Errors) == 0 {
		h.Errors = append(h.Errors, LineError{Line: 1, Key: NoRows})
	}
	slices.SortStableFunc(h.Errors, func(a, b LineError) int { return a.Line - b.Line })
	return h
}

// table is a CSV file as it stands; lines that aren't CSV are in errors.
type table struct {
	place   map[string]int // columns by name, in lower case
	records []record
	errors  []LineError
}

type record struct {
	line  int
	cells []string
}

func (t *table) has(column string) bool { _, ok := t.place[column]; return ok }

// readTable reads a file whole. The error is of the reader alone.
func readTable(r io.Reader) (*table, error) {
	t, err := splitTable(r)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return t, nil
}

func splitTable(r io.Reader) (*table, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	first, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	c := csv.NewReader(in)
	c.Comma = delimiter(string(first))
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	t := &table{place: map[string]int{}}
	for {
		cells, err := c.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case errors.As(err, &bad):
			t.errors = append(t.errors, LineError{Line: bad.Line, Key: BadLine, Text: bad.Err.Error()})
			if len(t.place) == 0 || len(t.errors) >= MaxHistoryErrors {
				return t, nil
			}
			continue
		case err != nil:
			return nil, err
		}
		at, _ := c.FieldPos(0)
		switch {
		case len(t.place) == 0:
			for i, name := range cells {
				t.place[strings.ToLower(strings.TrimSpace(name))] = i
			}
		case len(cells) == 1 && strings.TrimSpace(cells[0]) == "":
		case len(t.records) == MaxHistoryRows:
			t.errors = append(t.errors, LineError{Line: at, Key: TooLong, Text: strconv.Itoa(MaxHistoryRows)})
			return t, nil
		default:
			t.records = append(t.records, record{at, cells})
		}
	}
}

// delimiter is the one that the header has most of.
func delimiter(start string) rune {
	header, _, _ := strings.Cut(start, "\n")
	best := ','
	for _, d := range []rune{';', '\t'} {
		if strings.Count(header, string(d)) > strings.Count(header, string(best)) {
			best = d
		}
	}
	return best
}

// cell is what stands in a column, "" where the line or the file lacks it.
func (t *table) cell(r record, column string) string {
	if i, ok := t.place[column]; ok && i < len(r.cells) {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// dateOrder finds out from all dates with slashes whether the day ("dmy") or
// the month ("mdy") comes first; "" = the file doesn't show it.
func (t *table) dateOrder(columns []string) string {
	dmy, mdy := false, false
	for _, r := range t.records {
		for _, column := range columns {
			parts := strings.FieldsFunc(t.cell(r, column), func(r rune) bool { return r == '/' || r == '.' })
			if len(parts) != 3 {
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
	default:
		return ""
	}
}

// line is one line of a file, with what the file shows of its dates.
type line struct {
	*table
	record
	order string
}

func (l line) cell(column string) string { return l.table.cell(l.record, column) }

func (l line) bad(column, key string) *LineError {
	return &LineError{Line: l.record.line, Column: column, Key: key, Text: l.cell(column)}
}

// time is the time in a column, to the second, as readings are stored.
func (l line) time(column string, o HistoryOptions) (time.Time, *LineError) {
	at, key := parseDate(l.cell(column), l.order, o.Site.Location())
	switch {
	case key != "":
		return at, l.bad(column, key)
	case at.Unix() < 0:
		return at, l.bad(column, BadDate)
	case at.After(o.Now.Add(24 * time.Hour)):
		return at, l.bad(column, FutureDate)
	}
	return at.UTC().Truncate(time.Second), nil
}

// whose is the account that the line is about.
func (l line) whose(o HistoryOptions) (network, account string, bad *LineError) {
	network, ok := o.Network(l.cell("network"))
	if !ok {
		return "", "", l.bad("network", BadNetwork)
	}
	account = unquoted(l.cell("account"))
	if c, ok := ByNetwork(network); ok {
		if a, ok := c.Parse(account); ok {
			account = a.Handle // so that polled readings go on where history ends
		}
	}
	if account == "" || len(account) > 500 {
		return "", "", l.bad("account", BadAccount)
	}
	return network, account, nil
}

// counts reads the columns that have a number; an empty one stays unknown.
func (l line) counts(columns []string, into ...**uint64) *LineError {
	for i, column := range columns {
		if l.cell(column) == "" {
			continue
		}
		n, ok := parseCount(l.cell(column))
		if !ok {
			return l.bad(column, BadCount)
		}
		*into[i] = &n
	}
	return nil
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
	slashed := strings.ReplaceAll(s, ".", "/")
	layout := map[string]string{"dmy": "2/1/2006", "mdy": "1/2/2006"}[order]
	if layout == "" {
		if _, err := time.Parse("2/1/2006", slashed); err == nil {
			return time.Time{}, Ambiguous
		}
		return time.Time{}, BadDate
	}
	t, err := time.ParseInLocation(layout, slashed, loc)
	if err != nil {
		return time.Time{}, BadDate
	}
	return noon(t), ""
}

func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, t.Location())
}
