package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Entry is what the program knows of a kind of fact: all else (the spool's
// records, the writer's batches, inserts, the schema's test, files out and in,
// their headings, undoing) reads it. Entries lists them.
type Entry struct {
	Kind  Kind   // of a row's records
	Name  string // in commands, files' names and pages
	Noun  string // what they are called in commands' help
	Note  string // sentences on a file of them
	Table string
	Keeps Keeps
	// Order is SQL that the rows of a file are sorted by.
	Order string
	// Time is SQL of when a row was, over the table's columns; it may read
	// {tz:String}, the site's time zone. "" = the column When.
	Time string
	// First is SQL of when the first of a site's rows was, for those that a site's
	// record may begin with; "" = it doesn't, or events' totals tell.
	First string
	// Accounts says that the rows are of accounts: they have the columns network
	// and account, and some may be somebody else's.
	Accounts bool

	Columns []Heading // of the table, in the order of files
	List    func() Rows
}

// Keeps says what becomes of rows of one key.
type Keeps int

// Ways to keep them. But for All, the table is read with FINAL.
const (
	All    Keeps = iota // all of them
	Sums                // they are added up
	Latest              // the one that was recorded last: the table has the column Recorded too
)

// Recorded is the column that says when a row of Latest was stored. No record
// and no file has it.
const Recorded = "recorded"

// Heading is a column without its rows.
type Heading struct {
	Name  string // in the table
	Type  string // in ClickHouse
	Title string // in files; "" = Name
	Key   bool   // part of what a row replaces others by
	Holds Holds  // of a text
	Most  int    // characters of a text in files that are imported
}

// Holds says what a text is.
type Holds int

// What texts are.
const (
	Words   Holds = iota
	Address       // of the web, http(s) only
	Page          // path of the site; files have the link to it
	ShareOf       // a share's ID
)

// In is the column's name in files.
func (h Heading) In() string {
	if h.Title != "" {
		return h.Title
	}
	return h.Name
}

// Timed says that the column is a time.
func (h Heading) Timed() bool { return strings.HasPrefix(h.Type, "Date") }

// Columns of a meaning. Every table has Site, whose the row is; When is when it
// was; Origin, of kinds that can be imported, says where it is from: OriginPoll,
// or the import.
const (
	Site   = "site_id"
	When   = "ts"
	Origin = "origin"
)

// Place is a column's place among Columns, -1 where the table doesn't have it.
func (e *Entry) Place(column string) int {
	return slices.IndexFunc(e.Columns, func(h Heading) bool { return h.Name == column })
}

// Listed are the columns for a SELECT whose rows Scan reads.
func (e *Entry) Listed() string {
	names := make([]string, len(e.Columns))
	for i, c := range e.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// Imported says that files of the kind can be imported, and taken back.
func (e *Entry) Imported() bool { return e.Place(Origin) >= 0 }

// From is what the table's rows are selected from.
func (e *Entry) From() string {
	if e.Keeps == All {
		return e.Table
	}
	return e.Table + " FINAL"
}

// Rows are facts of one kind on their way.
type Rows interface {
	Entry() *Entry
	Len() int
	Reset() // lets go of all
	// Add decodes a record.
	Add(record string) error
	// AppendRecord appends the record of one of them.
	AppendRecord(b []byte, row int) []byte
	// Scan adds a row of the table, of which Entry.Listed was selected.
	Scan(row *rows.Row)
	// Example adds a made-up row; see Fact.Example.
	Example(n int)
	// Blank adds a row without anything.
	Blank()
	// Field is where a row has a column: a *string, a *time.Time, …
	Field(row, column int) any
	// Complete gives a row what the first of others of its kind has and it hasn't,
	// as far as such a row has it at all.
	Complete(row int, others Rows)
	// Same says that a row is the same fact as the first of others; see Fact.Same.
	Same(row int, others Rows) bool
	// Join adds others of its kind.
	Join(others Rows)
	// Values are those of a column, as the slice that ClickHouse's driver wants.
	// They are good until the next column's of the same memory.
	Values(column int, m *Memory) any
}

// Fact is the Entry of a kind whose rows are of the type R.
type Fact[R any] struct {
	Entry
	columns []Column[R]
	append  func(b []byte, r *R) []byte
	decode  func(record string, r *R) error
	tidy    func(r *R) // nil = nothing
}

// first is the first row of some of the kind.
func first[R any](others Rows) *R { return &others.(*List[R]).Rows[0] }

// define makes an entry. Its records are the columns in order.
func define[R any](e Entry, columns ...Column[R]) *Fact[R] {
	f := &Fact[R]{Entry: e, columns: columns}
	for _, c := range columns {
		f.Columns = append(f.Columns, c.Heading)
	}
	f.Entry.List = func() Rows { return f.Of(nil) }
	f.append, f.decode = f.appendColumns, f.decodeColumns
	return f
}

// coded gives an entry records of another form.
func (f *Fact[R]) coded(append func(b []byte, r *R) []byte, decode func(record string, r *R) error) *Fact[R] {
	f.append, f.decode = append, decode
	return f
}

// About is the entry, without its rows' type.
func (f *Fact[R]) About() *Entry { return &f.Entry }

// tidied has every row that comes in, by a record or a file, put in order first.
func (f *Fact[R]) tidied(tidy func(r *R)) *Fact[R] {
	f.tidy = tidy
	return f
}

// Of are rows as whoever takes any kind takes them.
func (f *Fact[R]) Of(rows []R) Rows { return &List[R]{Rows: rows, fact: f} }

// Append appends r as a record.
func (f *Fact[R]) Append(b []byte, r *R) []byte { return f.append(b, r) }

// Decode reads what Append made. The texts of the row share the record's
// memory.
func (f *Fact[R]) Decode(record string) (r R, err error) {
	if err = f.decode(record, &r); err != nil {
		var none R
		return none, err
	}
	if f.tidy != nil {
		f.tidy(&r)
	}
	return r, nil
}

func (f *Fact[R]) appendColumns(b []byte, r *R) []byte {
	b = append(b, byte(f.Kind), columnsVersion)
	for _, c := range f.columns {
		b = c.append(b, r)
	}
	return b
}

func (f *Fact[R]) decodeColumns(record string, r *R) error {
	d := decoder{s: record}
	d.header(f.Kind, columnsVersion)
	for _, c := range f.columns {
		c.take(&d, r)
	}
	return d.end(f.Name)
}

// Scan reads a row of the table, of which Entry.Listed was selected.
func (f *Fact[R]) Scan(row *rows.Row, kept Texts) (r R) {
	for _, c := range f.columns {
		c.scan(row, &r, kept)
	}
	return r
}

// Same says that two rows of one key are the same fact, wherever they are from.
func (f *Fact[R]) Same(a, b *R) bool {
	return !slices.ContainsFunc(f.columns, func(c Column[R]) bool { return !c.Key && c.Name != Origin && !c.same(a, b) })
}

// Example is a made-up row, another for each n from 1 up; of six in a row, one
// has something in a column.
func (f *Fact[R]) Example(n int) (r R) {
	for _, c := range f.columns {
		c.example(&r, n)
		switch text, _ := c.place(&r).(*string); c.Holds {
		case Address:
			*text = "https://example.org/" + *text
		case Page:
			*text = "/" + *text
		case ShareOf:
			*text = fmt.Sprintf("s%09d", n)
		}
	}
	if f.tidy != nil {
		f.tidy(&r)
	}
	return r
}

// List is rows of one kind.
type List[R any] struct {
	Rows []R
	fact *Fact[R]
	kept Texts
}

// Entry is the rows' kind.
func (l *List[R]) Entry() *Entry { return &l.fact.Entry }

// Len is how many there are.
func (l *List[R]) Len() int { return len(l.Rows) }

// Reset keeps the memory, but for what the rows hold.
func (l *List[R]) Reset() {
	clear(l.Rows)
	l.Rows = l.Rows[:0]
}

// Add adds a record's row.
func (l *List[R]) Add(record string) error {
	r, err := l.fact.Decode(record)
	if err == nil {
		l.Rows = append(l.Rows, r)
	}
	return err
}

// AppendRecord appends the record of a row.
func (l *List[R]) AppendRecord(b []byte, row int) []byte { return l.fact.append(b, &l.Rows[row]) }

// Scan adds a row of the table.
func (l *List[R]) Scan(row *rows.Row) {
	if l.kept == nil {
		l.kept = Texts{}
	}
	l.Rows = append(l.Rows, l.fact.Scan(row, l.kept))
}

// Example adds a made-up row.
func (l *List[R]) Example(n int) { l.Rows = append(l.Rows, l.fact.Example(n)) }

// Blank adds a row without anything.
func (l *List[R]) Blank() {
	var r R
	l.Rows = append(l.Rows, r)
}

// Field is where a row has a column.
func (l *List[R]) Field(row, column int) any { return l.fact.columns[column].field.place(&l.Rows[row]) }

// Complete gives a row what the first of others has and it hasn't.
func (l *List[R]) Complete(row int, others Rows) {
	for _, c := range l.fact.columns {
		c.complete(&l.Rows[row], first[R](others))
	}
	if l.fact.tidy != nil {
		l.fact.tidy(&l.Rows[row])
	}
}

// Same says that a row is the same fact as the first of others.
func (l *List[R]) Same(row int, others Rows) bool {
	return l.fact.Same(&l.Rows[row], first[R](others))
}

// Join adds others.
func (l *List[R]) Join(others Rows) { l.Rows = append(l.Rows, others.(*List[R]).Rows...) }

// Values are those of a column.
func (l *List[R]) Values(column int, m *Memory) any { return l.fact.columns[column].values(l.Rows, m) }

// ByName finds the entry of a name, as commands and pages have it.
func ByName(name string) (*Entry, bool) {
	for _, e := range Entries() {
		if e.Name == name {
			return e, true
		}
	}
	return nil, false
}

// ByKind finds the entry of a record's kind.
func ByKind(k Kind) (*Entry, error) {
	for _, e := range Entries() {
		if e.Kind == k {
			return e, nil
		}
	}
	return nil, fmt.Errorf("kind %d: %w", k, ErrRecord)
}
