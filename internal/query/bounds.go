package query

import (
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

const (
	millis   = "2006-01-02 15:04:05.000"
	ofSite   = "site_id = {site:UInt32}"
	fromTime = "{from:DateTime64(3, 'UTC')}"
	toTime   = "{to:DateTime64(3, 'UTC')}"
)

// span is a range, and what its ends are called in SQL.
type span struct {
	Range
	from, to string
}

// whole is the query's range.
func (b *builder) whole() span { return span{b.q.Range, fromTime, toTime} }

// part is another range.
func (b *builder) part(r Range) span { return span{r, b.instant(r.From), b.instant(r.To)} }

// instant binds an instant.
func (b *builder) instant(t time.Time) string {
	return b.arg("DateTime64(3, 'UTC')", t.UTC().Format(millis))
}

// of has SQL of the whole range speak of the span.
func (s span) of(sql string) string {
	return strings.NewReplacer(fromTime, s.from, toTime, s.to).Replace(sql)
}

// happened bounds rows by when they happened.
func (b *builder) happened(r span) *bounds {
	return b.bounds("ts", r, dayOf(r.From), dayOf(r.To.Add(-1)), dayUp(r.From), dayOf(r.To))
}

// begun bounds rows to those of visits that began in a range. These have rows on
// the days after it, as visits from before it have in it.
func (b *builder) begun(r span) *bounds {
	return b.bounds("began", r, dayOf(r.From), addDays(dayOf(r.To.Add(-1)), event.VisitDays-1), addDays(dayUp(r.From), event.VisitDays-1), dayOf(r.To))
}

// aroundRange has all rows of visits that have one in the range.
func (b *builder) aroundRange() *bounds {
	r := b.q.Range
	return &bounds{all: []string{ofSite, b.days(addDays(dayOf(r.From), 1-event.VisitDays), addDays(dayOf(r.To.Add(-1)), event.VisitDays))}}
}

// bounds are those of rows from the day first to the day last by a time's
// column, of which the days from whole to before end have no others.
func (b *builder) bounds(column string, r span, first, last, whole, end time.Time) *bounds {
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
		in.time = []string{column + " >= " + r.from + " AND " + column + " < " + r.to}
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

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// dayUp is the first day that begins at t or after it.
func dayUp(t time.Time) time.Time {
	if day := dayOf(t); !day.Equal(t.UTC()) {
		return addDays(day, 1)
	}
	return dayOf(t)
}

func addDays(day time.Time, n int) time.Time { return day.AddDate(0, 0, n) }
