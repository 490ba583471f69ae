package panel

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// postAddress is the dimension whose values are addresses on networks.
const postAddress = "post:url"

// away returns the addresses of the rows' posts, if the answer has them. Only
// http and https addresses become links.
func (a *reply) away() []string {
	at := slices.IndexFunc(a.Columns, func(c query.Column) bool { return c.Key == postAddress })
	if at < 1 {
		return nil
	}
	out := make([]string, len(a.Rows))
	for i, row := range a.Rows {
		s, _ := rows.Text(row[at])
		if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			out[i] = u.String()
		}
	}
	return out
}

// enoughReaders is how many visitors it takes to name a best hour: six for
// each of the week's hours. Below it the largest of 168 is mostly chance.
const enoughReaders = 1000

// byChance is how often a panel may name a best hour by chance alone, where
// there is none.
const byChance = 0.05

// bestRows adds up the visitors of all hours by the hour of the week, and has the
// reply name the best hours. Nobody is known for a week, so that no visitor of an
// hour of the week is there twice.
func bestRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	each := q.query
	each.Dimensions, each.Sparse, each.CountRows = []string{"time:hour"}, true, false
	if since := hourOf(each.Site, each.Site.Recorded.Events); each.Range.From.Before(since) {
		each.Range.From = since
	}
	if !q.first.IsZero() && each.Now.Before(each.Range.To) {
		// Whole hours are added up already; what is yet to come has nobody.
		each.Range.To = hourOf(each.Site, each.Now).Add(time.Hour)
	}
	st, err := query.Build(q.query)
	if err != nil {
		return nil, err
	}
	if q.first.IsZero() || !each.Range.From.Before(each.Range.To) || st.Columns[len(st.Columns)-1].Missing.EN != "" {
		res, err := query.Run(ctx, q.runner, q.query)
		if err != nil {
			return nil, err
		}
		return uncompared(res), nil // the panel says that there is nothing
	}
	hours, err := query.Run(ctx, q.runner, each)
	if err != nil {
		return nil, err
	}
	visitors := map[[2]int64]int64{}
	for row := range hours.All() {
		n, _ := row.MaybeInt(hours.Columns[1].Key)
		visitors[slot(row.Time("time:hour"))] += n
	}
	res := &query.Result{Query: q.query, Columns: st.Columns, SQL: hours.SQL, Estimated: hours.Estimated}
	for day := range int64(7) {
		for hour := range int64(24) {
			res.Rows = append(res.Rows, []any{day + 1, hour, visitors[[2]int64{day + 1, hour}]})
		}
	}
	res.TotalRows = len(res.Rows)
	if each.Now.Before(hours.Query.Range.To) {
		hours.Query.Range.To = each.Now // for how often there was each hour
	}
	q.tell = func(a *reply) []Note { return a.bestHours(hours) }
	return uncompared(res), nil
}

// weekHour is one of the 168 hours of a week. Its busiest day is left out of
// rate and chance, so that one busy evening doesn't make an hour the best.
type weekHour struct {
	day, hour      int64
	visitors, most float64 // in total, and on its busiest day
	times          float64 // how often the range contains it
}

func (h weekHour) rate() float64 { return (h.visitors - h.most) / (h.times - 1) }

// bestHours says in a sentence when most readers visit, if the difference is
// larger than chance. each has the visitors of every hour in the range.
func (a *reply) bestHours(each *query.Result) []Note {
	week := weekOf(each.Query.Range, a.view.Site.Location)
	all, times := 0.0, 0.0
	for row := range each.All() {
		n, _ := row.MaybeFloat(each.Columns[1].Key)
		all += n
		if h := week[slot(row.Time("time:hour"))]; h != nil {
			h.visitors += n
			h.most = max(h.most, n)
		}
	}
	switch {
	case all == 0:
		return nil
	case all < enoughReaders:
		return []Note{{Text: a.p.T("dash.best.short", "least", enoughReaders, "count", int64(all)), Lead: true}}
	}
	var best []weekHour
	for _, h := range week {
		times += h.times
	}
	for _, h := range week {
		mean := all / times * (h.times - 1)
		if n := h.visitors - h.most; n > mean && chance(n, mean) < byChance/float64(len(week)) {
			best = append(best, *h)
		}
	}
	if len(best) == 0 {
		return []Note{{Text: a.p.T("dash.best.even"), Lead: true}}
	}
	slices.SortFunc(best, func(a, b weekHour) int {
		return cmp.Or(cmp.Compare(b.rate(), a.rate()), cmp.Compare(a.day, b.day), cmp.Compare(a.hour, b.hour))
	})
	var list []Note
	for i, key := range []string{"dash.best", "dash.best.next"} {
		if i < len(best) {
			list = append(list, Note{Lead: i == 0, Text: a.p.T(key,
				"day", a.p.T(fmt.Sprintf("weekdays.%d", best[i].day)), "hour", a.names.number("time:hour_of_day", best[i].hour))})
		}
	}
	return list
}

// hourOf is the start of the hour that contains at, in the site's time zone.
func hourOf(site query.Site, at time.Time) time.Time {
	at = at.In(site.Location)
	return at.Add(-time.Duration(at.Minute())*time.Minute - time.Duration(at.Second())*time.Second - time.Duration(at.Nanosecond()))
}

// slot is the hour of the week of t: the day, 1 for Monday, and the hour.
func slot(t time.Time) [2]int64 {
	return [2]int64{int64(t.Weekday()+6)%7 + 1, int64(t.Hour())}
}

// weekOf returns the hours of the week in a range, with how often each occurs.
func weekOf(r query.Range, loc *time.Location) map[[2]int64]*weekHour {
	if loc == nil {
		loc = time.UTC
	}
	week := map[[2]int64]*weekHour{}
	for t := r.From.In(loc); t.Before(r.To); t = t.Add(time.Hour) {
		s := slot(t)
		if week[s] == nil {
			week[s] = &weekHour{day: s[0], hour: s[1]}
		}
		week[s].times++
	}
	return week
}

// chance is the probability of n or more events in a Poisson distribution with
// that mean; n must be above the mean.
func chance(n, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	lg, _ := math.Lgamma(n + 1)
	term, sum := math.Exp(n*math.Log(mean)-mean-lg), 0.0
	for k := n; term > sum*1e-9; k++ {
		sum += term
		term *= mean / (k + 1)
	}
	return sum
}
