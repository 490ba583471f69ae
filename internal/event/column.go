package event

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Column is a column of a kind's table: what it is called, and where a row has
// its value.
type Column[R any] struct {
	Heading
	field[R]
}

// field is a value of rows of the type R, whatever its own type.
type field[R any] interface {
	append(b []byte, r *R) []byte
	take(d *decoder, r *R)
	scan(row *rows.Row, r *R, kept Texts)
	same(a, b *R) bool
	place(r *R) any
	complete(r, from *R)
	example(r *R, n int)
	values(rs []R, m *Memory) any
}

// of makes a column of a type of values.
func of[R, V any](name string, t *typ[V], at func(*R) *V) Column[R] {
	return Column[R]{Heading{Name: name, Type: t.sql, Most: mostText}, &fieldOf[R, V]{t, name, at}}
}

// key makes the column part of what a row replaces others by.
func (c Column[R]) key() Column[R] {
	c.Key = true
	return c
}

// titled gives the column another name in files.
func (c Column[R]) titled(title string) Column[R] {
	c.Title = title
	return c
}

// holding says what the column's texts are.
func (c Column[R]) holding(what Holds) Column[R] {
	c.Holds = what
	return c
}

// most bounds the column's texts, in characters, where files have longer ones.
func (c Column[R]) most(characters int) Column[R] {
	c.Most = characters
	return c
}

// mostText is what a text has where nothing else is said.
const mostText = 500

type fieldOf[R, V any] struct {
	*typ[V]
	name string
	at   func(*R) *V
}

func (f *fieldOf[R, V]) append(b []byte, r *R) []byte { return f.typ.append(b, *f.at(r)) }
func (f *fieldOf[R, V]) take(d *decoder, r *R)        { *f.at(r) = f.typ.take(d) }
func (f *fieldOf[R, V]) same(a, b *R) bool            { return f.typ.same(*f.at(a), *f.at(b)) }
func (f *fieldOf[R, V]) place(r *R) any               { return f.at(r) }
func (f *fieldOf[R, V]) example(r *R, n int)          { *f.at(r) = f.typ.example(f.name, n) }

func (f *fieldOf[R, V]) complete(r, from *R) {
	if reflect.ValueOf(f.at(r)).Elem().IsZero() {
		*f.at(r) = *f.at(from)
	}
}

func (f *fieldOf[R, V]) scan(row *rows.Row, r *R, kept Texts) {
	*f.at(r) = f.typ.scan(row, f.name, kept)
}

func (f *fieldOf[R, V]) values(rs []R, m *Memory) any {
	if f.lay != nil {
		return f.lay(len(rs), func(i int) *V { return f.at(&rs[i]) }, m)
	}
	vs := slice[V](m, len(rs))
	for i := range rs {
		vs[i] = *f.at(&rs[i])
	}
	return vs
}

// typ is a type of values: how ClickHouse calls it, a record has it, the driver
// takes and gives it.
type typ[V any] struct {
	sql     string
	append  func(b []byte, v V) []byte
	take    func(d *decoder) V
	scan    func(row *rows.Row, column string, kept Texts) V
	same    func(a, b V) bool
	example func(column string, n int) V
	lay     func(n int, at func(i int) *V, m *Memory) any // nil = a slice of V
}

// Memory is what the columns of an insert use one after the other, a slice for
// each type of value: the driver copies what it is given.
type Memory struct{ slices []any }

func slice[V any](m *Memory, n int) []V {
	for _, s := range m.slices {
		if vs, ok := s.([]V); ok {
			return vs[:n]
		}
	}
	vs := make([]V, n)
	m.slices = append(m.slices, vs)
	return vs
}

// Texts are texts that many rows have, each kept once.
type Texts map[string]string

func (t Texts) of(s string) string {
	if kept, ok := t[s]; ok {
		return kept
	}
	t[s] = s
	return s
}

// Types of values.
var (
	text = &typ[string]{
		sql: "String", append: appendText, take: (*decoder).text, same: equal[string], example: exampleText,
		scan: func(row *rows.Row, column string, _ Texts) string { return row.Text(column) },
	}
	// few is a text with few different values. The driver takes each value of
	// these as an interface and looks it up in a map; equal texts in a row share
	// one here, which saves an allocation a cell, and an empty text, which most
	// are, is nil: the driver's way to say that it is the default, without a look.
	few = &typ[string]{
		sql: "LowCardinality(String)", append: appendText, take: (*decoder).text, same: equal[string], example: exampleText,
		scan: func(row *rows.Row, column string, kept Texts) string { return kept.of(row.Text(column)) },
		lay: func(n int, at func(int) *string, m *Memory) any {
			vs := slice[any](m, n)
			var last any
			lastText := ""
			for i := range vs {
				if s := *at(i); s != lastText {
					if last, lastText = s, s; s == "" {
						last = nil
					}
				}
				vs[i] = last
			}
			return vs
		},
	}
	uint8s  = number[uint8]("UInt8")
	uint32s = number[uint32]("UInt32")
	uint64s = number[uint64]("UInt64")
	wide    = &typ[uint32]{ // in a wider column
		sql: "UInt64", append: uint32s.append, take: uint32s.take, scan: uint32s.scan, same: uint32s.same, example: uint32s.example,
		lay: func(n int, at func(int) *uint32, m *Memory) any {
			vs := slice[uint64](m, n)
			for i := range vs {
				vs[i] = uint64(*at(i))
			}
			return vs
		},
	}
	int8s = &typ[int8]{
		sql: "Int8", append: func(b []byte, v int8) []byte { return append(b, byte(v)) }, take: func(d *decoder) int8 { return int8(d.byte()) },
		scan: func(row *rows.Row, column string, _ Texts) int8 { return int8(row.Int(column)) }, same: equal[int8],
		example: func(_ string, n int) int8 { return int8(n) },
	}
	maybe = &typ[*uint64]{ // nil = unknown
		sql: "Nullable(UInt64)",
		append: func(b []byte, v *uint64) []byte {
			if v == nil {
				return append(b, 0)
			}
			return binary.AppendUvarint(append(b, 1), *v)
		},
		take: func(d *decoder) *uint64 {
			if d.byte() == 0 {
				return nil
			}
			n := d.uvarint()
			return &n
		},
		scan: func(row *rows.Row, column string, _ Texts) *uint64 {
			if n, ok := row.MaybeUint(column); ok {
				return &n
			}
			return nil
		},
		same: func(a, b *uint64) bool { return a == b || a != nil && b != nil && *a == *b },
		example: func(column string, n int) *uint64 {
			if (n+len(column))%3 == 0 {
				return nil
			}
			v := uint64(n)
			return &v
		},
	}
	decimal = &typ[float64]{
		sql:    "Float64",
		append: func(b []byte, v float64) []byte { return binary.LittleEndian.AppendUint64(b, math.Float64bits(v)) },
		take:   func(d *decoder) float64 { return math.Float64frombits(d.uint64()) },
		scan:   func(row *rows.Row, column string, _ Texts) float64 { return row.Float(column) },
		same:   equal[float64], example: func(_ string, n int) float64 { return float64(n) + 0.5 },
	}
	yes = &typ[bool]{
		sql: "Bool", append: appendYes, take: func(d *decoder) bool { return d.byte() != 0 },
		scan: func(row *rows.Row, column string, _ Texts) bool { return row.Bool(column) },
		same: equal[bool], example: func(_ string, n int) bool { return n%2 == 1 },
	}
	millis  = instants("DateTime64(3, 'UTC')", time.Millisecond)
	seconds = instants("DateTime('UTC')", time.Second)
	days    = instants("Date", 24*time.Hour)
)

func equal[V comparable](a, b V) bool { return a == b }

func exampleText(column string, n int) string { return column + "_" + strconv.Itoa(n) }

func appendYes(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func number[V uint8 | uint32 | uint64](sql string) *typ[V] {
	return &typ[V]{
		sql: sql, append: func(b []byte, v V) []byte { return binary.AppendUvarint(b, uint64(v)) }, take: func(d *decoder) V { return V(d.uvarint()) },
		scan: func(row *rows.Row, column string, _ Texts) V { return V(row.Uint(column)) }, same: equal[V],
		example: func(_ string, n int) V { return V(n) },
	}
}

// instants are times; ClickHouse keeps what is whole of a unit.
func instants(sql string, unit time.Duration) *typ[time.Time] {
	return &typ[time.Time]{
		sql: sql, append: appendTime, take: (*decoder).time,
		scan: func(row *rows.Row, column string, _ Texts) time.Time {
			at := row.Time(column)
			if unit == 24*time.Hour { // of the date, whatever the zone
				y, m, d := at.Date()
				return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
			}
			return at.UTC()
		},
		same:    time.Time.Equal,
		example: func(_ string, n int) time.Time { return exampleTime.Add(time.Duration(n) * unit).Truncate(unit) },
	}
}

// exampleTime is in no future: files of examples are read again.
var exampleTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
