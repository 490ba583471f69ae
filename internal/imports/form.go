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
)

// history is what a file holds, as readings of one kind. Bad lines are in
// Errors and the good ones in Rows: whether to take the good without the bad
// is the caller's choice.
type readRows[R any] struct {
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
	BadHeader   = "header"    // a column is missing; Text names it
	BadLine     = "line"      // not CSV
	Workbook    = "workbook"  // not CSV, but a spreadsheet's own file
	BadDate     = "date"      // no date in a form that we know
	Ambiguous   = "ambiguous" // a date whose day and month can't be told apart
	FutureDate  = "future"
	TooEarly    = "early" // a post read before it was published
	BadNetwork  = "network"
	BadAccount  = "account"
	BadPost     = "post"        // no ID, or too long
	BadCount    = "count"       // not a whole number of 0 or more
	BadNumber   = "number"      // not a number
	NoSeries    = "series"      // no column with numbers
	Twice       = "twice"       // two columns of the same name
	BadInsight  = "insight"     // no name, or too long
	NoFigures   = "figures"     // not one figure of a post
	BadURL      = "url"         // not an address of the web
	BadPage     = "page"        // not one of the site's
	BadShare    = "share"       // not a share ID
	BadPath     = "path"        // not a feed's path
	NoLog       = "log"         // no access log
	BigLog      = "large"       // one of more than maxLog
	Spreadsheet = "spreadsheet" // a number of many digits that a spreadsheet has rounded
	TooLong     = "long"        // more than MaxRows rows
	NoRows      = "empty"
)

// options say whose history it is.
type options struct {
	Site meta.Site
	Now  time.Time
	// Network turns a network's name, as people write it, into its key.
	Network func(name string) (key string, ok bool)
	Pages   social.Pages // where posts lead; nil = no files of posts
}

// form is how the readings of one kind stand in a file.
type form[R any] struct {
	need  [][]string // columns, each of which may have others in its place
	also  []string   // other columns that are read
	dates []string   // the columns of dates
	// lines looks at the whole file for what makes readings of each line, and
	// for what is wrong with its columns.
	lines func(t *table) (parse parser[R], wrong []LineError)
}

// parser makes readings of a line.
type parser[R any] func(l line, o options) ([]R, *LineError)

// one is for files that have one reading a line.
func one[R any](parse func(l line, o options) (R, *LineError)) func(*table) (parser[R], []LineError) {
	return func(*table) (parser[R], []LineError) {
		return func(l line, o options) ([]R, *LineError) {
			r, bad := parse(l, o)
			return []R{r}, bad
		}, nil
	}
}

// read makes readings of a file's lines.
func (f form[R]) read(t *table, o options) *readRows[R] {
	h := &readRows[R]{}
	parse, wrong := f.lines(t)
	for _, names := range f.need {
		if len(t.place) > 0 && !slices.ContainsFunc(names, t.has) {
			h.Errors = append(h.Errors, LineError{Line: 1, Key: BadHeader, Text: strings.Join(names, " / ")})
		}
	}
	for _, name := range slices.Concat(append(f.need, f.also)...) {
		if t.twice[name] {
			h.Errors = append(h.Errors, LineError{Line: 1, Column: name, Key: Twice})
		}
	}
	if len(t.place) > 0 && len(h.Errors) == 0 {
		h.Errors = wrong
	}
	if name := t.given["network"]; name != "" && len(h.Errors) == 0 {
		if _, ok := o.Network(name); !ok { // once, not for every line
			h.Errors = []LineError{{Line: 1, Column: "network", Key: BadNetwork, Text: name}}
		}
	}
	if len(h.Errors) > 0 {
		return h
	}
	h.Errors = t.errors
	l := line{table: t, order: t.dateOrder(f.dates), zone: o.Site.Location(), accounts: map[[2]string]accountCell{}, insights: map[string]string{}}
	for _, l.record = range t.records {
		if len(h.Errors) >= MaxErrors {
			break
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
		h.Rows = append(h.Rows, rows...)
	}
	if len(t.records) == 0 && len(h.Errors) == 0 {
		h.Errors = append(h.Errors, LineError{Line: 1, Key: NoRows})
	}
	slices.SortStableFunc(h.Errors, func(a, b LineError) int { return a.Line - b.Line })
	return h
}

// line is one line of a file, with what the file shows of its dates.
type line struct {
	*table
	record
	order string
	// What is the same for many lines is found once.
	zone     *time.Location            // the site's, which is read from disk
	accounts map[[2]string]accountCell // by what the cells of network and account say
	insights map[string]string         // names of insights, by title
}

// accountCell is the account that cells name.
type accountCell struct {
	network, account string
	column, bad      string // what is wrong where; "" = nothing
}

func (l line) cell(column string) string { return l.table.cell(l.record, column) }

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
	at, key := parseDate(l.cell(column), l.order, l.zone)
	switch {
	case key != "":
		return at, l.bad(column, key)
	case at.Unix() < 0:
		return at, l.bad(column, BadDate)
	case at.After(o.Now.Add(24 * time.Hour)):
		return at, l.bad(column, FutureDate)
	}
	return at, nil
}

// whose is the account that the line is about.
func (l line) whose(o options) (network, account string, bad *LineError) {
	cells := [2]string{l.cell("network"), l.cell("account")}
	a, known := l.accounts[cells]
	if !known {
		a = accountNamed(cells[0], cells[1], o)
		l.accounts[[2]string{strings.Clone(cells[0]), strings.Clone(cells[1])}] = a // cells are parts of whole lines
	}
	if a.bad != "" {
		return "", "", l.bad(a.column, a.bad)
	}
	return a.network, a.account, nil
}

func accountNamed(network, account string, o options) accountCell {
	network, ok := o.Network(network)
	if !ok {
		return accountCell{column: "network", bad: BadNetwork}
	}
	account = unquoted(account)
	if c, ok := social.ByNetwork(network); ok {
		if a, ok := social.Parse(c, account); ok {
			account = a.Handle // so that polled readings go on where history ends
		}
	}
	if account == "" || len(account) > 500 {
		return accountCell{column: "account", bad: BadAccount}
	}
	return accountCell{network: strings.Clone(network), account: strings.Clone(account)}
}

// counts reads the columns that have a number; an empty one stays unknown.
func (l line) counts(columns []string, into ...**uint64) *LineError {
	for i, column := range columns {
		if l.cell(column) == "" {
			continue
		}
		n, ok := parseCount(l.cell(column))
		if !ok || n > maxValue {
			return l.bad(column, BadCount)
		}
		*into[i] = &n
	}
	return nil
}
