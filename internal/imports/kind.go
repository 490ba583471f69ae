package imports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// readingKind is readings of one kind: how they stand in files, in the book of imports
// and in the statistics. What an import does with them is the same for all.
type readingKind[R any] struct {
	fact facts[R]
	form fileForm[R]

	key    func(R) readingKey
	at     func(R) int64 // seconds since 1970; nil = the key's
	origin func(*R) *string
	size   func(R) float64 // followers or a value, for a preview; nil = none
	apart  bool            // a preview tells what the readings of an account are of
	// completed is r with what its file leaves open as old has it, which it
	// replaces; nil = it replaces nothing.
	completed func(r R, old *R) R
	// sum adds up what lines have of one key; false = that says nothing. nil =
	// never.
	sum func(a, b R) (R, bool)
}

// facts are what an entry of internal/event does with its rows.
type facts[R any] interface {
	About() *event.Entry
	Append(b []byte, r *R) []byte
	Decode(record string) (R, error)
	Scan(row *rows.Row, kept event.Texts) R
	Same(a, b *R) bool
	Of(rows []R) event.Rows
}

// readingKey is what a reading replaces another by.
type readingKey struct {
	network, account string
	of               string // a post's ID, an insight's name; "" = the account itself
	second           int64
}

// What a reading is to what is stored.
const (
	isNew = iota
	isSame
	isChanged
)

// change is what storing r over old would do, which may be nil: full is stored.
func (k readingKind[R]) change(r R, old *R) (full R, change int) {
	full = k.completed(r, old)
	switch {
	case old == nil:
		return full, isNew
	case k.fact.Same(old, &full):
		return full, isSame
	}
	return full, isChanged
}

// last orders readings, in place, by account and time, and leaves the file's
// last of those that replace each other.
func (k readingKind[R]) last(rows []R) []R {
	slices.SortStableFunc(rows, func(a, b R) int { return k.key(a).compare(k.key(b)) })
	n := 0
	for i, r := range rows {
		if i+1 < len(rows) && k.key(rows[i+1]) == k.key(r) {
			continue
		}
		rows[n] = r
		n++
	}
	return rows[:n]
}

func (k readingKey) compare(l readingKey) int {
	return cmp.Or(strings.Compare(k.network, l.network), strings.Compare(k.account, l.account),
		cmp.Compare(k.second, l.second), strings.Compare(k.of, l.of))
}

// when is the time of a reading; of a day, noon in the site's zone.
func (k readingKind[R]) when(r R, zone *time.Location) time.Time {
	second := k.key(r).second
	if k.at != nil {
		second = k.at(r)
	}
	at := time.Unix(second, 0).UTC()
	if k.form.days {
		y, m, d := at.Date()
		at = time.Date(y, m, d, 12, 0, 0, 0, zone)
	}
	return at
}

func importOrigin(id int64) string { return event.OriginImport + ":" + strconv.FormatInt(id, 10) }
