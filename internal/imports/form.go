// Package imports takes in files of readings that others have made: histories
// of followers, figures of posts, networks' own statistics, and access logs
// whose readers of a feed are counted. cmd/earshot makes its Importer, the
// settings page and the command line call it. It stores nothing that was not
// looked at first, and nothing that can't be taken back.
package imports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/social"
)

// Files of history are CSV: readings of accounts (followers.go), of
// their posts (posts.go) or of what the network's own statistics say of
// their days (insights.go). The first line names the columns, in any
// order; they are separated by commas, semicolons or tabs; in UTF-8, in UTF-16
// with a byte-order mark, or in Windows-1252. Dates are 2026-01-31, 2026-01-31
// 14:30 (the site's time zone), an RFC 3339 time, "Sat, Jan 31, 2026", or
// 31/01/2026 where the file itself shows which number is the day. A date without
// a time is that day's noon. The same file again changes nothing.

const (
	// MaxRows bounds one file, in lines and in readings; a longer history
	// goes in several.
	MaxRows = 1_000_000
	// MaxErrors is how many bad lines are named before reading stops.
	MaxErrors = 100
	// maxCells bounds a file in lines times columns: each is looked at.
	maxCells = 10_000_000
)

// readRows is what a file holds, as readings of one kind. Bad lines are in
// Errors and the good ones in Rows: whether to take the good without the bad
// is the caller's choice. Where a question is open there are no Rows.
type readRows[R any] struct {
	Rows      []R
	Lines     []int // of Rows
	Errors    []LineError
	Questions []Question
	Times     []WrittenTime // of the first lines
}

// LineError says what is wrong with a line, as a key with its values: the
// pages and the command line have the sentence under "history.<key>".
type LineError struct {
	Line    int    // 1 = the first
	Other   int    // the line that it contradicts; 0 = none
	Column  string // "" = the line as a whole
	Key     string
	Text    string // what stands there
	Against string // what it contradicts, or what is wanted
}

func (e LineError) Error() string {
	return fmt.Sprintf("line %d: %s: %s: %q", e.Line, e.Column, e.Key, e.Text)
}

// Keys of a LineError.
const (
	BadHeader    = "header"    // columns are missing; Text has those found, Against those wanted
	NoOwner      = "owner"     // nothing says whose the file is: Against is network, account or both
	WrongKind    = "kind"      // a file of posts as statistics of days
	DaysOfPosts  = "days"      // statistics of days as a file of posts
	BadLine      = "line"      // not CSV
	Workbook     = "workbook"  // not CSV, but a spreadsheet's own file
	BadDate      = "date"      // no date in a form that we know
	Ambiguous    = "ambiguous" // a date whose day and month can't be told apart
	MixedOrders  = "orders"    // one date has the day first, another the month
	OtherOrder   = "order"     // not a date in the order that was answered
	BadZone      = "zone"      // not a zone's name
	FutureDate   = "future"
	TooEarly     = "early" // a post read before it was published
	BadNetwork   = "network"
	BadAccount   = "account"
	OtherNetwork = "other_network" // the line's network is Text, Against was said
	OtherAccount = "other_account" // the line's account is Text, Against was said
	OtherPage    = "other_page"    // posts of two Pages under one account
	Repeated     = "repeated"      // another value for what Other has; Text is what it is of
	BadPost      = "post"          // no ID, or too long
	BadCount     = "count"         // not a whole number of 0 or more
	BadNumber    = "number"        // not a number
	NoSeries     = "series"        // no column with numbers
	Twice        = "twice"         // two columns of the same name
	BadInsight   = "insight"       // no name, or too long
	NoFigures    = "figures"       // not one figure of a post
	BadURL       = "url"           // not an address of the web
	BadPage      = "page"          // not one of the site's
	BadShare     = "share"         // not a share ID
	BadPath      = "path"          // not a feed's path
	NoLog        = "log"           // no access log
	BigLog       = "large"         // one of more than maxLog
	Spreadsheet  = "spreadsheet"   // a number of many digits that a spreadsheet has rounded
	TooLong      = "long"          // more than MaxRows rows
	ManyColumns  = "columns"       // more of them than csvfile takes: Against
	LongCell     = "cell"          // a cell of more KiB than Against
	LongLine     = "bytes"         // a line of more MiB than Against
	ManyCells    = "cells"         // more than Against, in lines times columns
	TooSlow      = "slow"          // not read within Against minutes
	NoRows       = "empty"
)

// options say whose history it is.
type options struct {
	Site    meta.Site
	Now     time.Time
	Answers Answers
	// Network turns a network's name, as people write it, into its key.
	Network func(name string) (key string, ok bool)
	Pages   social.Pages // where posts lead; nil = no files of posts
	// Stopped says that nobody waits for the file any more; nil = never.
	Stopped func() bool
}

// form is how the readings of one kind stand in a file.
type form[R any] struct {
	kind  string     // as meta.Import has it
	need  [][]string // columns, each of which may have others in its place
	also  []string   // other columns that are read
	dates []string   // the columns of dates, the most telling first
	days  bool       // dates are days, whatever their time and zone
	// lines looks at the whole file for what makes readings of each line, for
	// what it leaves open, and for what is wrong with its columns.
	lines func(t *table, o options) (parse parser[R], asked []Question, wrong []LineError)
	// made says when a line's post was made, as its ID has it; nil = nothing does.
	made func(t *table) func(record) (time.Time, bool)
	when func(R) time.Time // of a reading, to show
}

// parser makes readings of a line.
type parser[R any] func(l line, o options) ([]R, *LineError)

// one is for files that have one reading a line.
func one[R any](parse func(l line, o options) (R, *LineError)) parser[R] {
	return func(l line, o options) ([]R, *LineError) {
		r, bad := parse(l, o)
		return []R{r}, bad
	}
}

// read makes readings of a file's lines.
func (f form[R]) read(t *table, o options) *readRows[R] {
	h := &readRows[R]{}
	t.recognise(f.kind)
	if h.Errors = f.columns(t, o); len(h.Errors) > 0 {
		return h
	}
	var madeAt func(record) (time.Time, bool)
	if f.made != nil {
		madeAt = f.made(t)
	}
	c, asked, wrong := t.calendarOf(f.dates, o, madeAt)
	parse, more, wrong2 := f.lines(t, o)
	h.Questions = append(asked, more...)
	if wrong = append(wrong, wrong2...); len(wrong) == 0 && !f.days {
		q, bad := c.findZone(t, f.dates, o, madeAt)
		if q != nil {
			h.Questions = append(h.Questions, *q)
		}
		wrong = bad
	}
	if len(wrong) > 0 {
		h.Errors = wrong
		return h
	}
	if slices.ContainsFunc(h.Questions, func(q Question) bool { return q.Open }) {
		return h
	}
	h.Errors = t.errors
	l := line{table: t, calendar: &c, accounts: map[[2]string]accountCell{}, insights: map[string]string{}}
	for _, l.record = range t.records {
		if len(h.Errors) >= MaxErrors || o.Stopped != nil && o.Stopped() {
			break
		}
		if t.total(l.record, f.dates) {
			continue
		}
		rows, bad := parse(l, o)
		if bad == nil && len(h.Rows)+len(rows) > MaxRows {
			h.Errors = append(h.Errors, LineError{Line: l.record.line, Key: TooLong, Text: strconv.Itoa(MaxRows)})
			break
		}
		if bad != nil {
			h.Errors = append(h.Errors, *bad)
			continue
		}
		for range rows {
			h.Lines = append(h.Lines, l.record.line)
		}
		if len(rows) > 0 && len(h.Times) < 3 {
			h.Times = append(h.Times, WrittenTime{l.record.line, l.firstOf(f.dates), f.when(rows[0])})
		}
		h.Rows = append(h.Rows, rows...)
	}
	if len(t.records) == 0 && len(h.Errors) == 0 {
		h.Errors = append(h.Errors, LineError{Line: 1, Key: NoRows})
	}
	slices.SortStableFunc(h.Errors, func(a, b LineError) int { return a.Line - b.Line })
	return h
}

// columns is what is wrong with the names of the columns, and with what people
// say of all lines.
func (f form[R]) columns(t *table, o options) (wrong []LineError) {
	if len(t.place) == 0 {
		if len(t.errors) > 0 {
			return t.errors
		}
		return []LineError{{Line: 1, Key: NoRows}}
	}
	var missing []string
	whose := true
	for _, names := range f.need {
		if !slices.ContainsFunc(names, t.has) && !(slices.Contains(names, "network") && t.titleNetworks() != nil) {
			missing = append(missing, strings.Join(names, " / "))
			whose = whose && (names[0] == "network" || names[0] == "account")
		}
	}
	if len(missing) > 0 {
		e := LineError{Line: t.header, Key: BadHeader, Text: strings.Join(t.columns, "; "), Against: strings.Join(missing, ", ")}
		if whose {
			e.Key, e.Text = NoOwner, ""
		}
		return []LineError{e}
	}
	for _, name := range slices.Concat(append(f.need, f.also)...) {
		if t.twice[name] {
			wrong = append(wrong, LineError{Line: t.header, Column: name, Key: Twice})
		}
	}
	if name := t.said["network"]; name != "" && len(wrong) == 0 {
		network, ok := o.Network(name)
		if !ok { // once, not for every line
			return []LineError{{Line: 1, Column: "network", Key: BadNetwork, Text: name}}
		}
		if titles := t.titleNetworks(); titles != nil && titles[network] == 0 {
			for other, line := range titles {
				wrong = append(wrong, LineError{Line: line, Column: "network", Key: OtherNetwork, Text: other, Against: network})
			}
			slices.SortFunc(wrong, func(a, b LineError) int { return a.Line - b.Line })
		}
	}
	return wrong
}

// line is one line of a file, with what the file shows of its dates.
type line struct {
	*table
	record
	*calendar
	decimal rune // of counts; 0 = they have none
	// What is the same for many lines is found once.
	accounts map[[2]string]accountCell // by what the cells of network and account say
	insights map[string]string         // names of insights, by title
}

func (l line) cell(column string) string { return l.table.cell(l.record, column) }

// firstOf is what stands in the first of the columns that isn't empty.
func (l line) firstOf(columns []string) string {
	for _, column := range columns {
		if cell := l.cell(column); cell != "" {
			return cell
		}
	}
	return ""
}

func (l line) bad(column, key string) *LineError {
	return &LineError{Line: l.record.line, Column: column, Key: key, Text: l.cell(column)}
}

// time is the time in a column, to the second, as readings are stored.
func (l line) time(column string, o options) (time.Time, *LineError) {
	at, bad := l.written(column, o)
	return at.UTC().Truncate(time.Second), bad
}

// written is the time in a column, in the zone in which it is written.
func (l line) written(column string, o options) (time.Time, *LineError) {
	w, ok := parseWritten(l.cell(column))
	if ok && w.open && l.calendar.order == "" {
		return time.Time{}, l.bad(column, Ambiguous)
	}
	if _, _, _, is := w.in(l.calendar.order); !ok || !is {
		return time.Time{}, l.bad(column, BadDate)
	}
	at := w.at(l.calendar.order, l.years[cellAt{l.record.line, column}], l.calendar.zone)
	switch {
	case at.Unix() < 0:
		return at, l.bad(column, BadDate)
	case at.After(o.latest()):
		return at, l.bad(column, FutureDate)
	}
	return at, nil
}

// counts reads the columns that have a number; an empty one stays unknown.
func (l line) counts(columns []string, into ...**uint64) *LineError {
	for i, column := range columns {
		if untold(l.cell(column)) {
			continue
		}
		n, ok := parseWhole(l.cell(column), l.decimal)
		if !ok || n > maxValue {
			return l.bad(column, BadCount)
		}
		*into[i] = &n
	}
	return nil
}
