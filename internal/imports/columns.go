package imports

import (
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/social"
)

// A kind of fact that networks have no files of their own of needs no form here:
// a file has a column for each of its entry's, called as exports call them. The
// columns of its key and the time have to be there; an empty cell says nothing.

// oneRow is one row of a kind of fact, in a list of its own.
type oneRow = event.Rows

// entryColumns are an entry's rows whose type nobody here knows.
type entryColumns struct{ *event.Entry }

func (c entryColumns) About() *event.Entry                  { return c.Entry }
func (c entryColumns) Append(b []byte, r *oneRow) []byte    { return (*r).AppendRecord(b, 0) }
func (c entryColumns) Same(a, b *oneRow) bool               { return (*a).Same(0, *b) }
func (c entryColumns) Decode(record string) (oneRow, error) { r := c.List(); return r, r.Add(record) }
func (c entryColumns) Scan(row *rows.Row, kept event.Texts) oneRow {
	r := c.List()
	r.Scan(row)
	return r
}

func (c entryColumns) Of(list []oneRow) event.Rows {
	all := c.List()
	for _, r := range list {
		all.Join(r)
	}
	return all
}

func columnReadings(e *event.Entry) readingKind[oneRow] {
	return readingKind[oneRow]{
		fact: entryColumns{e}, form: columnForm(e),
		key:    func(r oneRow) readingKey { return columnKey(e, r) },
		at:     func(r oneRow) int64 { return columnTime(e, r).Unix() },
		origin: func(r *oneRow) *string { return (*r).Field(0, e.Place(event.Origin)).(*string) },
		completed: func(r oneRow, old *oneRow) oneRow {
			if old == nil {
				return r
			}
			full := e.List()
			full.Join(r)
			full.Complete(0, *old)
			return full
		},
	}
}

func columnTime(e *event.Entry, r oneRow) time.Time {
	return *r.Field(0, e.Place(event.When)).(*time.Time)
}

// columnKey is the key's time, the network and the account, and all else
// together; of a kind without accounts, the first of its texts is in the
// network's place.
func columnKey(e *event.Entry, r oneRow) (k readingKey) {
	var of []string
	for i, c := range e.Columns {
		if !c.Key || c.Name == event.Site {
			continue
		}
		switch v := r.Field(0, i).(type) {
		case *time.Time:
			k.second = v.Unix()
		case *string:
			switch {
			case c.Name == "network", !e.Accounts && k.network == "":
				k.network = *v
			case c.Name == "account":
				k.account = *v
			default:
				of = append(of, *v)
			}
		}
	}
	k.of = strings.Join(of, " ")
	return k
}

func columnForm(e *event.Entry) fileForm[oneRow] {
	f := fileForm[oneRow]{kind: e.Name, ours: true, when: func(r oneRow) time.Time { return columnTime(e, r) }}
	var whole []string
	for _, c := range e.Columns {
		switch {
		case c.Name == event.Site, c.Name == event.Origin:
			continue
		case c.Key, c.Name == event.When:
			f.need = append(f.need, []string{c.In()})
		default:
			f.also = append(f.also, c.In())
		}
		if c.Name == event.When {
			f.dates = append([]string{c.In()}, f.dates...)
		} else if c.Timed() {
			f.dates = append(f.dates, c.In())
		}
		if strings.Contains(c.Type, "UInt64") {
			whole = append(whole, c.In())
		}
	}
	f.help = "The file has the columns " + strings.Join(slices.Concat(f.need...), ", ") + " and may have " + strings.Join(f.also, ", ") + "."
	f.lines = func(t *table, o options) (parser[oneRow], []Question, []LineError) {
		decimal, asked := t.wholeSign(whole, o)
		return oneEach(func(l fileLine, o options) (oneRow, *LineError) {
			l.decimal = decimal
			return columnRow(e, l, o)
		}), asked, nil
	}
	return f
}

func columnRow(e *event.Entry, l fileLine, o options) (oneRow, *LineError) {
	r := e.List()
	r.Blank()
	for i, c := range e.Columns {
		if bad := l.field(e, c, r.Field(0, i), o); bad != nil {
			return r, bad
		}
	}
	for i := range e.Columns { // a time that isn't told
		if at, ok := r.Field(0, i).(*time.Time); ok && at.IsZero() {
			*at = columnTime(e, r)
		}
	}
	r.Complete(0, r)
	return r, nil
}

// field reads a column into its place in a row.
func (l fileLine) field(e *event.Entry, c event.Heading, into any, o options) (bad *LineError) {
	column := c.In()
	empty := l.cell(column) == ""
	if empty && c.Key && c.Name != event.Site {
		return l.bad(column, BadPost)
	}
	switch into := into.(type) {
	case *uint32:
		*into = o.Site.ID
	case *time.Time:
		if !empty || c.Name == event.When {
			*into, bad = l.time(column, o)
		}
	case *bool:
		*into = l.says(column)
	case **uint64:
		bad = l.counts([]string{column}, into)
	case *string:
		*into, bad = l.words(e, c, o)
	}
	return bad
}

// words is the text of a column.
func (l fileLine) words(e *event.Entry, c event.Heading, o options) (text string, bad *LineError) {
	column := c.In()
	text = l.cell(column)
	switch {
	case c.Name == event.Origin:
		return event.OriginImport, nil
	case e.Accounts && (c.Name == "network" || c.Name == "account"):
		network, account, bad := l.whose(o)
		return map[string]string{"network": network, "account": account}[c.Name], bad
	case text == "":
		return "", nil
	case c.Holds == event.Address:
		if text = social.WebAddress(text); text == "" {
			return "", l.bad(column, BadURL)
		}
		return text, nil
	case c.Holds == event.Page:
		if strings.HasPrefix(text, "/") {
			text = "https://" + o.Site.Domain + text
		}
		page, _, ok := o.Pages.Landing(text, o.Site.Domain, o.Site.Pages())
		if !ok {
			return "", l.bad(column, BadPage)
		}
		return page, nil
	case c.Key && len([]rune(text)) > c.Most:
		return "", l.bad(column, BadPost) // cut, it would be another's
	}
	return social.PlainText(text, c.Most), nil
}

func (k readingKind[R]) help() string { return k.form.help }

func (k readingKind[R]) named(t *table) bool {
	return k.form.ours && !slices.ContainsFunc(k.form.need, func(names []string) bool { return !t.has(names[0]) })
}
