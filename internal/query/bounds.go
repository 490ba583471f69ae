package query

import (
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// bounds say which rows of events, or of sharing, a range has. To unpack and
// compare each row's time costs as much as what most questions do with it. So
// days (in UTC) all of whose rows belong to the range are asked for by day
// alone, and the days at its ends, where it cuts them, as rows beside.
type bounds struct {
	all   []string // holds for all rows; by the key
	time  []string // and where days are cut, this
	whole []string // the days of which all rows belong to the range; nil = there are none
	cut   []string // the others; nil = there are none
}

const (
	ofSite   = "site_id = {site:UInt32}"
	fromTime = "{from:DateTime64(3, 'UTC')}"
	toTime   = "{to:DateTime64(3, 'UTC')}"
)

// inRange bounds rows by when they happened.
func (b *builder) inRange() *bounds {
	r := b.q.Range
	return b.bounds("ts", dayOf(r.From), dayOf(r.To.Add(-1)), dayUp(r.From), dayOf(r.To))
}

// begunInRange bounds rows to those of visits that began in the range. These
// have rows on the days after it, as visits from before it have in it.
func (b *builder) begunInRange() *bounds {
	r := b.q.Range
	return b.bounds("began", dayOf(r.From), addDays(dayOf(r.To.Add(-1)), event.VisitDays-1), addDays(dayUp(r.From), event.VisitDays-1), dayOf(r.To))
}

// aroundRange has all rows of visits that have one in the range.
func (b *builder) aroundRange() *bounds {
	r := b.q.Range
	return &bounds{all: []string{ofSite, b.days(addDays(dayOf(r.From), 1-event.VisitDays), addDays(dayOf(r.To.Add(-1)), event.VisitDays))}}
}

// bounds are those of rows from the day first to the day last by a time's
// column, of which the days from whole to before end have no others.
func (b *builder) bounds(column string, first, last, whole, end time.Time) *bounds {
	in := &bounds{all: []string{ofSite, b.days(first, addDays(last, 1))}}
	if !whole.Before(end) {
		in.cut = in.all
	} else {
		in.whole = []string{ofSite, b.days(whole, end)}
		if whole.After(first) || end.Before(addDays(last, 1)) {
			var either []string
			if whole.After(first) {
				either = append(either, b.days(first, whole))
			}
			if !end.After(last) {
				either = append(either, b.days(end, addDays(last, 1)))
			}
			in.cut = []string{ofSite, strings.Join(either, " OR ")}
			if len(either) > 1 {
				in.cut[1] = "(" + in.cut[1] + ")"
			}
		}
	}
	if in.cut != nil {
		in.time = []string{column + " >= " + fromTime + " AND " + column + " < " + toTime}
	}
	return in
}

// days holds for the days from first to before end.
func (b *builder) days(first, end time.Time) string {
	return "day >= " + b.arg("Date", inDate(first)) + " AND day < " + b.arg("Date", inDate(end))
}

// inDate writes a day, or the nearest that ClickHouse's Date has.
func inDate(day time.Time) string {
	const first, last = "1970-01-01", "2149-06-06"
	return min(max(day.Format(time.DateOnly), first), last)
}

// where are the bounds as conditions.
func (in *bounds) where() []string { return slices.Concat(in.all, in.time) }

// union is the table of the rows.
func (in *bounds) union() string {
	return "(\n" + indent("SELECT * FROM events WHERE "+strings.Join(in.whole, " AND ")+
		"\nUNION ALL\nSELECT * FROM events WHERE "+strings.Join(slices.Concat(in.cut, in.time), " AND ")) + "\n) AS events"
}

func (in *bounds) same(o *bounds) bool {
	return in == o || in != nil && o != nil && slices.Equal(in.where(), o.where()) && slices.Equal(in.whole, o.whole)
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// dayUp is the first day that begins at t or after it.
func dayUp(t time.Time) time.Time {
	if day := dayOf(t); !day.Equal(t.UTC()) {
		return addDays(day, 1)
	}
	return dayOf(t)
}

func addDays(day time.Time, n int) time.Time { return day.AddDate(0, 0, n) }
