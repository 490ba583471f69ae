package imports

import "time"

// fileLine is one line of a file, with what the file shows of its dates.
type fileLine struct {
	*table
	record
	*calendar
	decimal rune // of counts; 0 = they have none
	// What is the same for many lines is found once.
	accounts map[[2]string]accountCell // by what the cells of network and account say
	insights map[string]string         // names of insights, by title
}

func (l fileLine) cell(column string) string { return l.table.cell(l.record, column) }

// firstOf is what stands in the first of the columns that isn't empty.
func (l fileLine) firstOf(columns []string) string {
	for _, column := range columns {
		if cell := l.cell(column); cell != "" {
			return cell
		}
	}
	return ""
}

func (l fileLine) bad(column, key string) *LineError {
	return &LineError{Line: l.record.line, Column: column, Key: key, Text: l.cell(column)}
}

// time is the time in a column, to the second, as readings are stored.
func (l fileLine) time(column string, o options) (time.Time, *LineError) {
	at, bad := l.written(column, o)
	return at.UTC().Truncate(time.Second), bad
}

// written is the time in a column, in the zone in which it is written.
func (l fileLine) written(column string, o options) (time.Time, *LineError) {
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
func (l fileLine) counts(columns []string, into ...**uint64) *LineError {
	for i, column := range columns {
		if tellsNothing(l.cell(column)) {
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

// accountCell is the account that cells name.
type accountCell struct {
	network, account string
	column, bad      string // what is wrong where; "" = nothing
	text, against    string // of bad, where a cell isn't it
}
