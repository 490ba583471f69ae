package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// The log trusts its disk: after a flipped bit in a group's frame it finds
// nothing more in its last file, and one in a file's header keeps it from
// opening at all. Groups can be recognised by themselves, so those that the log
// doesn't return are looked for here, and where it lost any, a new log is made
// of all whole groups. The old files are kept under damaged/.

// tail is what else openChecked found out.
type tail struct {
	lost   uint64   // groups in the middle that are in no file
	broken [][]byte // what begins like a group behind the last whole one
}

// groupsOf calls whole for each whole group in a file of the log, in the
// order of the file, and broken for what begins like one and isn't. The bytes
// are theirs only during the call; broken may be nil.
func groupsOf(path string, whole func(group []byte, t totals) error, broken func([]byte)) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(magic))
		if i < 0 {
			return nil
		}
		at += i
		g, t, _, err := parse(b[at:])
		if err != nil {
			if broken != nil {
				broken(b[at:])
			}
			at++
			continue
		}
		if err := whole(g, t); err != nil {
			return err
		}
		at += len(g)
	}
}

// segmentFiles are the log's files, oldest first.
func segmentFiles(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.wal"))
	sort.Strings(files) // their names begin with the first index, zero-padded
	return files, err
}

// lastWhole is the highest index of a whole group in the newest file that has
// one, whatever the log thinks of it, and what broken groups stand behind it.
func lastWhole(dir string) (last uint64, broken [][]byte, err error) {
	files, err := segmentFiles(dir)
	for i := len(files) - 1; i >= 0 && last == 0 && err == nil; i-- {
		err = groupsOf(files[i], func(_ []byte, t totals) error {
			last, broken = max(last, t.index), nil
			return nil
		}, func(b []byte) {
			if next := bytes.Index(b[1:], []byte(magic)); next >= 0 {
				b = b[:next+1]
			}
			broken = append(broken, bytes.Clone(bytes.TrimRight(b, "\x00")))
		})
	}
	return last, broken, err
}

// openChecked opens the log in dir, and salvages it into a new one where it
// doesn't open or has lost whole groups.
func openChecked(dir, damaged string, o Options, report func(msg string, args ...any)) (l *diskLog, tail tail, err error) {
	fresh := dir + ".new"
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		// Ended between the two renames below: the new one is complete.
		if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, tail, err
		}
	}
	if err := os.RemoveAll(fresh); err != nil {
		return nil, tail, err
	}
	whole, broken, err := lastWhole(dir)
	if err != nil {
		return nil, tail, err
	}
	tail.broken = broken
	l, openErr := openLog(dir, o)
	if openErr == nil {
		if whole <= l.last() {
			return l, tail, nil
		}
		openErr = fmt.Errorf("groups %d to %d are not in the log's list", l.last()+1, whole)
		if err := l.close(); err != nil {
			return nil, tail, err
		}
	} else if whole == 0 && !isDamage(openErr) {
		return nil, tail, openErr // nothing to save, and nothing says that files are damaged
	}

	report("the spool's log is damaged: taking what is whole into a new one", "cause", openErr)
	if tail.lost, err = rebuild(dir, fresh, o); err != nil {
		return nil, tail, fmt.Errorf("salvage: %w (because: %w)", err, openErr)
	}
	kept, err := os.MkdirTemp(damaged, "log-")
	if err != nil {
		return nil, tail, err
	}
	if err := os.Rename(dir, filepath.Join(kept, "log")); err != nil {
		return nil, tail, err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return nil, tail, err
	}
	report("salvaged the spool", "groups_lost", tail.lost, "old_files", kept)
	l, err = openLog(dir, o)
	return l, tail, err
}

// isDamage tells a damaged log from one that can't be opened for want of
// rights, memory or room.
func isDamage(err error) bool {
	var path *fs.PathError
	return !errors.As(err, &path) || errors.Is(err, fs.ErrNotExist)
}

// rebuild writes the whole groups of the log in from that are not acknowledged
// into a new log in to. An index that no whole group has gets an empty group,
// since the log allows no gap.
func rebuild(from, to string, o Options) (lost uint64, err error) {
	files, err := segmentFiles(from)
	if err != nil {
		return 0, err
	}
	l, err := openLog(to, o)
	if err != nil {
		return 0, err
	}
	defer l.close()
	at, err := ackedIn(from)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		err := groupsOf(file, func(g []byte, t totals) error {
			if t.index <= at.index {
				return nil // acknowledged, or a copy
			}
			if gap := t.index - at.index - 1; at.index > 0 && gap > 0 {
				lost += gap
				if _, err := l.fill(at, t.index-1); err != nil {
					return err
				}
			}
			at = t
			return l.append(t.index, g)
		}, nil)
		if err != nil {
			return lost, err
		}
	}
	// What was acknowledged, and under which ID, stays true.
	for _, name := range []string{"acked.0", "acked.1", endFile} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = writeSynced(filepath.Join(to, name), b)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return lost, err
		}
	}
	return lost, nil
}
