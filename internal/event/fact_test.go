package event

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// Every kind of fact comes back from its records as it was, field by field.
func TestRecordsKeepEveryField(t *testing.T) {
	for _, e := range Entries() {
		t.Run(e.Name, func(t *testing.T) {
			facts := e.List()
			for n := range 6 {
				facts.Example(n + 1)
			}
			if events, ok := facts.(*List[Row]); ok {
				events.Rows[0].Began = exampleTime // or its column is the event's time
			}
			for i := range rowOf(facts, 0).NumField() {
				full := false
				for n := range facts.Len() {
					full = full || !rowOf(facts, n).Field(i).IsZero()
				}
				if !full {
					t.Errorf("%s has no column, or its example is nothing", rowOf(facts, 0).Type().Field(i).Name)
				}
			}
			for i := range facts.Len() {
				rec := string(facts.AppendRecord(nil, i))
				back := e.List()
				if err := back.Add(rec); err != nil || back.Len() != 1 {
					t.Fatal(err)
				}
				if got, want := rowOf(back, 0).Interface(), rowOf(facts, i).Interface(); !reflect.DeepEqual(got, want) {
					t.Errorf(" got %+v\nwant %+v", got, want)
				}
				if RecordKind(rec) != e.Kind {
					t.Errorf("kind %d", RecordKind(rec))
				}
				for cut := range rec {
					if err := back.Add(rec[:cut]); !errors.Is(err, ErrRecord) {
						t.Errorf("%d of %d bytes of a record: %v", cut, len(rec), err)
					}
				}
			}
		})
	}
}

func rowOf(facts Rows, i int) reflect.Value {
	return reflect.ValueOf(facts).Elem().FieldByName("Rows").Index(i)
}

// What stores, files and pages tell kinds apart by is each kind's own.
func TestEntriesAreApart(t *testing.T) {
	seen := map[string]string{}
	for _, e := range Entries() {
		if found, err := ByKind(e.Kind); err != nil || found != e {
			t.Errorf("%s isn't found by its records' kind: %v", e.Name, err)
		}
		for _, id := range []string{fmt.Sprint("kind ", e.Kind), "name " + e.Name, "table " + e.Table} {
			if other := seen[id]; other != "" {
				t.Errorf("%s and %s have the same %s", other, e.Name, id)
			}
			seen[id] = e.Name
		}
		if e.Columns[0].Name != Site || e.Keeps != All && !e.Columns[0].Key {
			t.Errorf("%s don't begin with their site", e.Name)
		}
	}
	if _, err := ByKind(99); !errors.Is(err, ErrRecord) {
		t.Errorf("kind 99: %v", err)
	}
}

// Facts are the same when all but their origin is.
func TestSame(t *testing.T) {
	a, b := Posts.Example(2), Posts.Example(2)
	b.Origin = "import:7"
	if !Posts.Same(&a, &b) {
		t.Error("an origin makes another fact")
	}
	if b.Views = nil; Posts.Same(&a, &b) {
		t.Error("an unknown figure is a known one")
	}
	b = Posts.Example(2)
	*b.Likes++
	if Posts.Same(&a, &b) {
		t.Error("another figure is the same")
	}
}
