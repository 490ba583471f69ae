// Package migration reads the numbered files that make a store's schema, and
// says which of them a store still needs, or why its past doesn't fit them.
// internal/clickhouse and internal/meta keep, run and record such files; this
// package knows neither database.
//
// A schema is made by the files migrations/NNNN_name.sql, in order, from
// number 1 up; numbers may be left out. A file that was released is never
// changed but for its comments and spacing, and there is no way back.
package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ErrSchema says that a store's schema is not one that this program can work
// with; the text around it says what to do.
var ErrSchema = errors.New("the schema does not fit this program")

// Migration is one file, or the record of one that ran.
type Migration struct {
	Version  int
	Name     string
	Text     string // "" of a record
	Checksum string // of the text without comments and spacing
}

var (
	fileName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)
	comment  = regexp.MustCompile(`(?m)(^|\s)--.*$`)
)

// Read reads the numbered files of one folder.
func Read(files fs.FS, dir string) ([]Migration, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var ms []Migration
	for _, e := range entries {
		parts := fileName.FindStringSubmatch(e.Name())
		if parts == nil {
			return nil, fmt.Errorf("migration %s: the name is not NNNN_name.sql", e.Name())
		}
		text, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		n, err := strconv.Atoi(parts[1])
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", e.Name(), err)
		}
		sum := sha256.Sum256([]byte(strings.Join(strings.Fields(comment.ReplaceAllString(string(text), "")), " ")))
		ms = append(ms, Migration{n, parts[2], string(text), hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(ms, func(a, b Migration) int { return a.Version - b.Version })
	before := 0
	for _, m := range ms {
		if m.Version <= before {
			return nil, fmt.Errorf("migration %s: its number is 0000 or there twice", m)
		}
		before = m.Version
	}
	return ms, nil
}

// String is the file's name without its end: "0001_events".
func (m Migration) String() string { return fmt.Sprintf("%04d_%s", m.Version, m.Name) }

// Newest is the version that the last of ms brings a store to, 0 for none.
func Newest(ms []Migration) int {
	if len(ms) == 0 {
		return 0
	}
	return ms[len(ms)-1].Version
}

// Missing are those of ms that a store needs where done have run, both in
// order. It is ErrSchema where something else than ms has run there.
func Missing(ms, done []Migration) ([]Migration, error) {
	if len(ms) > 0 && len(done) > 0 && (done[0].Version != ms[0].Version || done[0].Checksum != ms[0].Checksum) {
		// The first file is what the first release has, and never changes.
		return nil, fmt.Errorf("%w: a build of Earshot from before the first release made it, and this one can't read its data. "+
			"Keep that build to look at them, or take them along: `earshot export` with that build, `earshot import` with this one into a new data folder "+
			"(docs/operations.md, Upgrade, says what can be taken)", ErrSchema)
	}
	missing := slices.Clone(ms)
	for _, d := range done {
		i := slices.IndexFunc(missing, func(m Migration) bool { return m.Version == d.Version })
		switch {
		case i < 0:
			return nil, fmt.Errorf("%w: it has version %d and this Earshot knows %d: use the newer Earshot that made it", ErrSchema, Newest(done), Newest(ms))
		case missing[i].Checksum != d.Checksum:
			return nil, fmt.Errorf("%w: its migration %s is another than this Earshot's %s: restore a backup, or begin with an empty database or data folder", ErrSchema, d, missing[i])
		}
		missing = slices.Delete(missing, i, i+1)
	}
	return missing, nil
}
