package migration_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/earshot-analytics/earshot/internal/migration"
)

func file(names ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for _, n := range names {
		m["migrations/"+n] = &fstest.MapFile{Data: []byte("SELECT 1")}
	}
	return m
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"twice", file("0001_a.sql", "0001_b.sql"), "there twice"},
		{"from zero", file("0000_a.sql"), "its number is 0000"},
		{"no number", file("first.sql"), "NNNN_name.sql"},
		{"short number", file("1_a.sql"), "NNNN_name.sql"},
		{"no folder", nil, "list migrations"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if ms, err := migration.Read(c.files, "migrations"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v; want %q in the error", ms, err, c.want)
			}
		})
	}
	ms, err := migration.Read(file("0030_c.sql", "0002_b.sql", "0001_a.sql"), "migrations")
	if got := fmt.Sprint(ms); err != nil || got != "[0001_a 0002_b 0030_c]" || migration.Newest(ms) != 30 {
		t.Error(got, err)
	}
}

// A checksum is of what a file does, not of how it is written down.
func TestChecksum(t *testing.T) {
	of := func(text string) string {
		t.Helper()
		ms, err := migration.Read(fstest.MapFS{"0001_a.sql": {Data: []byte(text)}}, ".")
		if err != nil {
			t.Fatal(err)
		}
		return ms[0].Checksum
	}
	want := of("CREATE TABLE a (x Int8)")
	if of("-- Why.\nCREATE TABLE a\n  (x Int8) -- A number.\n  -- And so on.\n") != want {
		t.Error("comments and spacing count")
	}
	if of("CREATE TABLE a (x Int16)") == want {
		t.Error("another type doesn't count")
	}
}

func TestMissing(t *testing.T) {
	ms := []migration.Migration{{Version: 1, Name: "start", Checksum: "a"}, {Version: 3, Name: "b", Checksum: "b"}, {Version: 7, Name: "c", Checksum: "c"}}
	other := func(version int, checksum string) migration.Migration {
		return migration.Migration{Version: version, Name: "other", Checksum: checksum}
	}
	for _, c := range []struct {
		name string
		done []migration.Migration
		want string // the missing, or part of the error
	}{
		{"an empty store", nil, "[0001_start 0003_b 0007_c]"},
		{"an older program's", ms[:2], "[0007_c]"},
		{"this program's", ms, "[]"},
		{"without one in between", []migration.Migration{ms[0], ms[2]}, "[0003_b]"},
		{"a newer program's", append(ms[:3:3], other(9, "d")), "has version 9 and this Earshot knows 7: use the newer Earshot"},
		{"one with a migration in between that is unknown", []migration.Migration{ms[0], other(2, "x"), ms[1]}, "newer Earshot"},
		{"another text", []migration.Migration{ms[0], other(3, "x")}, "0003_other is another than this Earshot's 0003_b"},
		{"another start", append([]migration.Migration{other(1, "x")}, ms[1:]...), "`earshot export` with that build"},
		{"another start, of more versions", []migration.Migration{other(1, "x"), other(330, "y")}, "before the first release"},
		{"a start of another number", []migration.Migration{other(2, "x")}, "before the first release"},
	} {
		t.Run(c.name, func(t *testing.T) {
			missing, err := migration.Missing(ms, c.done)
			if err != nil {
				if !errors.Is(err, migration.ErrSchema) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v; want %q in it", err, c.want)
				}
				return
			}
			if got := fmt.Sprint(missing); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
