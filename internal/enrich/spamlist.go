package enrich

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// SpamListName is the operator's list of referrer spam, in the data folder:
// one domain per line, its subdomains included; "#" begins a comment, and "!"
// a domain that is never spam.
const SpamListName = "referrer-spam.txt"

const (
	spamListCheck = time.Second
	maxSpamList   = 16 << 20 // bytes; a longer file is not read
)

// spamList is the list as it stands on disk. It is looked at once per second
// at most, by whoever asks for it then, and read again where it has changed.
type spamList struct {
	path string // "" is no list
	now  func() time.Time
	log  *slog.Logger

	next atomic.Int64 // when to look again, in Unix nanoseconds
	set  atomic.Pointer[spamSet]
	seen atomic.Pointer[spamFile]
}

type spamFile struct {
	size int64
	time time.Time
}

func newSpamList(path string, now func() time.Time, log *slog.Logger) *spamList {
	l := &spamList{path: path, now: now, log: log}
	l.set.Store(&spamSet{})
	l.seen.Store(&spamFile{})
	return l
}

func (l *spamList) get() *spamSet {
	if l.path == "" {
		return l.set.Load()
	}
	const wait = int64(spamListCheck)
	now, next := l.now().UnixNano(), l.next.Load()
	// Also where the clock was set back.
	if (now >= next || now < next-wait) && l.next.CompareAndSwap(next, now+wait) {
		l.look()
	}
	return l.set.Load()
}

// look reads the file where it has changed. What can't be read leaves the list
// as it was; a file that is gone empties it.
func (l *spamList) look() {
	file := spamFile{}
	info, err := os.Stat(l.path)
	if err == nil {
		file = spamFile{info.Size(), info.ModTime()}
	}
	if seen := l.seen.Load(); seen.size == file.size && seen.time.Equal(file.time) {
		return
	}
	l.seen.Store(&file)
	if errors.Is(err, fs.ErrNotExist) {
		l.set.Store(&spamSet{})
		l.log.Info("the list of referrer spam is gone", "file", l.path)
		return
	}
	set, err := readSpamList(l.path)
	if err != nil {
		l.log.Warn("the list of referrer spam stays as it was", "file", l.path, "err", err)
		return
	}
	l.set.Store(set)
	l.log.Info("read the list of referrer spam", "file", l.path, "domains", len(set.spam), "bad_lines", set.bad)
}

// spamSet are domains in ASCII.
type spamSet struct {
	spam, kept map[string]bool
	bad        int // lines that are no domain
}

// find is the listed domain that host is or is below, and whether the list
// says that it is none. The nearest entry wins.
func (s *spamSet) find(host string) (listed string, kept bool) {
	for h := host; h != "" && len(s.spam)+len(s.kept) > 0; {
		if s.kept[h] {
			return "", true
		}
		if s.spam[h] {
			return h, false
		}
		_, h, _ = strings.Cut(h, ".")
	}
	return "", false
}

func readSpamList(path string) (*spamSet, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	limit := &io.LimitedReader{R: f, N: maxSpamList + 1}
	s := &spamSet{spam: map[string]bool{}, kept: map[string]bool{}}
	in := bufio.NewScanner(limit)
	for in.Scan() {
		line, _, _ := strings.Cut(in.Text(), "#")
		line = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")))
		into := s.spam
		if rest, ok := strings.CutPrefix(line, "!"); ok {
			line, into = strings.TrimSpace(rest), s.kept
		}
		if line == "" {
			continue
		}
		domain := ASCIIHost(strings.TrimPrefix(strings.TrimSuffix(line, "."), "www."))
		if strings.IndexByte(domain, '.') <= 0 || strings.ContainsAny(domain, "/:@*? \t") || len(domain) > 253 {
			s.bad++
			continue
		}
		into[domain] = true
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if limit.N <= 0 {
		return nil, fmt.Errorf("has more than %d MiB", maxSpamList>>20)
	}
	return s, nil
}
