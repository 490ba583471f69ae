package server

import (
	"cmp"
	"context"
	"math"
	"net/url"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// postAddress is the dimension whose values are addresses on networks.
const postAddress = "post:url"

// away are the addresses of the rows' posts, where the answer has them. What
// isn't an address of the web is no link.
func (a *reply) away() []string {
	at := slices.IndexFunc(a.Columns, func(c query.Column) bool { return c.Key == postAddress })
	if at < 1 {
		return nil
	}
	out := make([]string, len(a.Rows))
	for i, row := range a.Rows {
		s, _ := row[at].(string)
		if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			out[i] = u.String()
		}
	}
	return out
}

// enoughReaders is how many visitors it takes to name a best hour: six for
// each of the week's hours. Below it the largest of 168 is mostly chance.
const enoughReaders = 1000

// bestRows asks when readers are there, and says which hours are best.
func (s *Server) bestRows(ctx context.Context, q *question) (*query.Comparison, error) {
	res, err := query.Run(ctx, s.Runner, q.query)
	if err != nil {
		return nil, err
	}
	q.tell = func(a *reply) []note { return a.bestHours() }
	return alone(res), nil
}

// hour is one of the week's, with the visitors that it had.
type hour struct {
	day, hour int64
	visitors  float64
	times     float64 // that it has been
}

func (h hour) rate() float64 { return h.visitors / h.times }

// bestHours says in a sentence when readers are most there, as far as it is
// more than chance.
func (a *reply) bestHours() []note {
	r := a.query.Range
	if r.From.Before(a.first) {
		r.From = a.first
	}
	if a.query.Now.Before(r.To) {
		r.To = a.query.Now
	}
	times := hoursOf(r, a.view.Site.Location)
	var hours []hour
	all, span := 0.0, 0.0
	for _, row := range a.Rows {
		h := hour{times: 1}
		h.day, _ = row[0].(int64)
		h.hour, _ = row[1].(int64)
		h.visitors, _ = float(row[2])
		all += h.visitors
		if n := times[[2]int64{h.day, h.hour}]; n > 0 {
			h.times = float64(n)
			span += h.times
			hours = append(hours, h)
		}
	}
	if all == 0 || span == 0 {
		return nil // the panel says so
	}
	if all < enoughReaders {
		return []note{{Text: a.p.T("dash.best.short", "least", enoughReaders, "count", int64(all))}}
	}
	slices.SortStableFunc(hours, func(a, b hour) int { return cmp.Compare(b.rate(), a.rate()) })
	// If readers came at all hours alike, an hour's number would stray from
	// the mean by its square root; by four of them about once in 30,000.
	hours = slices.DeleteFunc(hours, func(h hour) bool {
		mean := all / span * h.times
		return h.visitors <= mean+4*math.Sqrt(mean)
	})
	if len(hours) == 0 {
		return []note{{Text: a.p.T("dash.best.even")}}
	}
	var list []note
	for i, key := range []string{"dash.best", "dash.best.next"} {
		if i < len(hours) {
			list = append(list, note{Text: a.p.T(key, "day", a.p.T("weekdays."+a.p.Int(hours[i].day)), "hour", a.names.number("time:hour_of_day", hours[i].hour))})
		}
	}
	return list
}

// hoursOf counts how often a range has each hour of each day of the week.
func hoursOf(r query.Range, loc *time.Location) map[[2]int64]int {
	if loc == nil {
		loc = time.UTC
	}
	day, _, _ := metric.LookupDimension("time:day_of_week")
	times := map[[2]int64]int{}
	for t := r.From.In(loc); t.Before(r.To); t = t.Add(time.Hour) {
		weekday := (int(t.Weekday())+len(day.Cycle)-1)%len(day.Cycle) + 1
		times[[2]int64{int64(weekday), int64(t.Hour())}]++
	}
	return times
}
