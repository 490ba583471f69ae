package imports

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Files of history are CSV: readings of accounts (followers.go), of
// their posts (posts.go) or of what the network's own statistics say of
// their days (insights.go). The first line names the columns, in any
// order; they are separated by commas, semicolons or tabs; in UTF-8, in UTF-16
// with a byte-order mark, or in Windows-1252. Dates are 2026-01-31, 2026-01-31
// 14:30 (the site's time zone), an RFC 3339 time, "Sat, Jan 31, 2026", or
// 31/01/2026 where the file itself shows which number is the day. A date without
// a time is that day's noon. The same file again changes nothing.

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

// fileForm is how the readings of one kind stand in a file.
type fileForm[R any] struct {
	kind  string     // the name of an event.Entry
	help  string     // for a command
	need  [][]string // columns, each of which may have others in its place
	also  []string   // other columns that are read
	dates []string   // the columns of dates, the most telling first
	ours  bool       // columns are called as ours alone
	days  bool       // dates are days, whatever their time and zone
	// lines looks at the whole file for what makes readings of each line, for
	// what it leaves open, and for what is wrong with its columns.
	lines func(t *table, o options) (parse parser[R], asked []Question, wrong []LineError)
	// made says when a line's post was made, as its ID has it; nil = nothing does.
	made func(t *table) func(record) (time.Time, bool)
	when func(R) time.Time // of a reading, to show
}

// parser makes readings of a line.
type parser[R any] func(l fileLine, o options) ([]R, *LineError)

// oneEach is for files that have one reading a line.
func oneEach[R any](parse func(l fileLine, o options) (R, *LineError)) parser[R] {
	return func(l fileLine, o options) ([]R, *LineError) {
		r, bad := parse(l, o)
		return []R{r}, bad
	}
}

// read makes readings of a file's lines.
func (f fileForm[R]) read(t *table, o options) *readRows[R] {
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
	l := fileLine{table: t, calendar: &c, accounts: map[[2]string]accountCell{}, insights: map[string]string{}}
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
func (f fileForm[R]) columns(t *table, o options) (wrong []LineError) {
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
