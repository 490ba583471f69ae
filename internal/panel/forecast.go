package panel

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/earshot-analytics/earshot/internal/forecast"
	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// forecastBuckets are the lengths of time to forecast by, the first that has
// enough readings: the panel's own; or the view's, then months, then weeks. A
// month of days says little about where growth ends, so days must be asked for.
func forecastBuckets(q *Question) []metric.Bucket {
	if d, _, ok := metric.LookupDimension(q.panel.By[0]); ok {
		return []metric.Bucket{d.Bucket}
	}
	list := []metric.Bucket{metric.Month, metric.Week}
	if b := q.view.Interval; b == metric.Day || b == metric.Week {
		list = append([]metric.Bucket{b}, list...)
	}
	return list
}

// forecastRows continues the history of the site's followings.
func forecastRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	ask := q.query
	ask.Limit, ask.CountRows = 0, false
	byNetwork := len(q.panel.By) > 1
	ask.Marks = true
	var o *forecast.Outlook
	for _, b := range forecastBuckets(q) {
		ask.Dimensions = forecast.Dimensions(b)
		res, err := query.Run(ctx, q.runner, ask)
		if err != nil {
			return nil, err
		}
		if o = forecast.Of(res, byNetwork); o.Ready() {
			break
		}
	}
	q.tell = func(a *reply) []Note {
		var list []Note
		for _, l := range o.Lines {
			list = append(list, a.outlook(l, o.Bucket)...)
		}
		return list
	}
	return uncompared(o.Result), nil
}

// outlook puts a forecast into words.
func (a *reply) outlook(l forecast.Line, b metric.Bucket) []Note {
	who := ""
	if l.Network != "" {
		who = a.p.T("forecast.who", "network", a.names.network(l.Network))
	}
	level := func(f growth.Fit) string {
		if math.IsInf(f.Level, 1) || f.Level > 1e12 {
			return a.p.T("forecast.no_level")
		}
		return a.p.Int(roundly(f.Level))
	}
	size := int64(math.Round(l.Size))
	text := ""
	switch l.State {
	case forecast.Short:
		text = a.p.T("forecast.short."+string(b), "who", who, "count", l.Missing)
	case forecast.Astray:
		text = a.p.T("forecast.astray."+string(b), "who", who, "count", l.Missing)
	case forecast.None:
		text = a.p.T("forecast.none", "who", who)
	case forecast.Still:
		text = a.p.T("forecast.still", "who", who, "count", size)
	case forecast.Falls:
		text = a.p.T("forecast.falls."+string(b), "who", who, "rate", a.growthRate(-l.Rate), "count", size)
	case forecast.Open:
		text = a.p.T("forecast.open."+string(b), "who", who, "rate", a.growthRate(l.Rate))
	case forecast.Ends:
		text = a.p.T("forecast.ends", "who", who, "level", level(l.Best), "date", a.until(l.End, b))
	case forecast.Far:
		text = a.p.T("forecast.far", "who", who, "level", level(l.Best))
	case forecast.Ended:
		text = a.p.T("forecast.ended", "who", who, "level", level(l.Best), "size", a.p.Int(size))
	}
	list := []Note{{Text: upper(text)}}
	if l.Network != "" {
		return list // one sentence per line of the forecast; the numbers are in the table
	}
	if l.Levels() && l.Between.Known() {
		values := []any{"low", a.p.Int(roundly(l.Between.Low)), "model", a.p.T("forecast.model." + string(l.Best.Model)),
			"other", a.p.T("forecast.model." + string(l.Other.Model)), "level", level(l.Other)}
		if l.Between.High > 20*l.Best.Level {
			list = append(list, Note{Text: a.p.T("forecast.above", values...)})
		} else {
			list = append(list, Note{Text: a.p.T("forecast.between", append(values, "high", a.p.Int(roundly(l.Between.High)))...)})
		}
	}
	if l.Left > 0 {
		list = append(list, Note{Text: a.p.T("forecast.left", "count", l.Left)})
	}
	return list
}

// growthRate formats a positive growth rate. A rate that would round to 0 is
// given as below the smallest rate that doesn't.
func (a *reply) growthRate(v float64) string {
	const least = 0.1
	if 100*v < least/2 {
		return a.p.T("forecast.little", "rate", a.p.Percent(least))
	}
	return a.p.Percent(100 * v)
}

// roundly rounds to two significant digits: a forecast is no more precise.
func roundly(v float64) int64 {
	if v < 10 {
		return int64(math.Round(v))
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	return int64(math.Round(v/unit) * unit)
}

// until names when growth ends, no more precisely than the forecast is: by a
// day or a month if it is by days or weeks, by a season if it is by months.
func (a *reply) until(t time.Time, b metric.Bucket) string {
	if b == metric.Month {
		return season(a.p, t)
	}
	return a.p.Date(t)
}

// season names a season of the northern hemisphere. Winter belongs to the year
// that it ends in.
func season(p *text.Printer, t time.Time) string {
	name := "winter"
	switch m := t.Month(); {
	case m >= 3 && m <= 5:
		name = "spring"
	case m >= 6 && m <= 8:
		name = "summer"
	case m >= 9 && m <= 11:
		name = "autumn"
	}
	year := t.Year()
	if t.Month() == time.December {
		year++
	}
	return p.T("forecast.season."+name, "year", fmt.Sprint(year))
}
