package query

import (
	"encoding/csv"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// View is what a page's URL says of the statistics to show: a colleague who
// opens the URL sees the same. Its grammar:
//
//	period=28d                        see ParsePeriod; 28d where it is left out
//	from=2026-01-01&to=2026-01-31     for period=custom, both days included
//	compare=previous|year|none        previous where it is left out
//	interval=hour|day|week|month      by the range's length where it is left out
//	f=is,visit:source,Google,Bing     a filter as one CSV record; may repeat
//	f=contains/i,event:page,blog      the same without regard to case
//	metric=visitors                   the figure that the main chart shows
//	lang=fr
//
// Parameters that it doesn't know are other parts' and ignored.
type View struct {
	Site     Site
	Now      time.Time
	Range    Range
	Compare  CompareMode
	Interval metric.Bucket // NoBucket = DefaultInterval
	Filters  []Filter      // operators on values only
	Metric   string        // "" = the page's own choice
	Lang     string        // "" = the reader's own choice
}

const anyCaseSuffix = "/i"

// FromURL reads a URL's parameters. Errors are *InvalidError, with the
// parameter's name as Field.
func FromURL(site Site, v url.Values, now time.Time) (View, error) {
	view := View{Site: site, Now: now, Compare: Previous, Metric: v.Get("metric")}
	period := v.Get("period")
	if period == "" {
		period = DefaultPeriod
		if v.Has("from") || v.Has("to") {
			period = "custom"
		}
	}
	var err error
	if view.Range, err = ParsePeriod(site, period, v.Get("from"), v.Get("to"), now); err != nil {
		return View{}, err
	}
	if c := CompareMode(v.Get("compare")); c != "" {
		if c != Previous && c != YearBefore && c != NoComparison {
			return View{}, invalid("compare", "unknown comparison %q", "comparaison %q inconnue", c)
		}
		view.Compare = c
	}
	switch b := metric.Bucket(v.Get("interval")); b {
	case metric.NoBucket, metric.Hour, metric.Day, metric.Week, metric.Month:
		view.Interval = b
	default:
		return View{}, invalid("interval", "unknown interval %q", "intervalle %q inconnu", b)
	}
	if view.Metric != "" {
		if _, ok := metric.Lookup(view.Metric); !ok {
			return View{}, invalid("metric", "unknown metric %q", "indicateur %q inconnu", view.Metric)
		}
	}
	if lang := v.Get("lang"); lang == "en" || lang == "fr" {
		view.Lang = lang
	}
	all := size{}
	for _, s := range v["f"] {
		f, n, err := parseFilter(s)
		if all.add(n); err == nil {
			err = inURL(all.check())
		}
		if err != nil {
			return View{}, err
		}
		view.Filters = append(view.Filters, f)
	}
	return view, nil
}

// ParseFilter reads one filter as it stands in a URL: "is,visit:source,Google".
// Errors are *InvalidError.
func ParseFilter(s string) (Filter, error) {
	f, n, err := parseFilter(s)
	if err == nil {
		err = inURL(n.check())
	}
	return f, err
}

// inURL names a URL's parameter as the part at fault.
func inURL(err error) error {
	if e, ok := err.(*InvalidError); ok {
		e.Field = "f"
	}
	return err
}

func parseFilter(s string) (Filter, size, error) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return Filter{}, size{}, invalid("f", "%q has control characters", "%q contient des caractères de contrôle", s)
	}
	r := csv.NewReader(strings.NewReader(s))
	fields, err := r.Read()
	if err != nil || len(fields) < 3 {
		return Filter{}, size{}, invalid("f", "%q is not an operator, a dimension and values, separated by commas", "%q n’est pas un opérateur, une dimension et des valeurs, séparés par des virgules", s)
	}
	op, ignore := strings.CutSuffix(fields[0], anyCaseSuffix)
	f := Filter{Op: Op(op), Dimension: fields[1], Values: fields[2:], IgnoreCase: ignore}
	n, err := f.check(1)
	if err != nil {
		return Filter{}, n, inURL(err)
	}
	return f, n, nil
}

func (f Filter) encode() string {
	op := string(f.Op)
	if f.IgnoreCase {
		op += anyCaseSuffix
	}
	var s strings.Builder
	w := csv.NewWriter(&s)
	// A strings.Builder takes everything.
	_ = w.Write(append([]string{op, f.Dimension}, f.Values...))
	w.Flush()
	return strings.TrimSuffix(s.String(), "\n")
}

// Parameters gives the URL's parameters back, without those that say what is so
// anyway.
func (v View) Parameters() url.Values {
	u := url.Values{}
	set := func(key, value, standard string) {
		if value != standard {
			u.Set(key, value)
		}
	}
	set("period", v.Range.Period, DefaultPeriod)
	if v.Range.Period == "custom" {
		loc := v.Site.location()
		u.Set("from", v.Range.From.In(loc).Format(time.DateOnly))
		u.Set("to", v.Range.To.Add(-1).In(loc).Format(time.DateOnly))
	}
	set("compare", string(v.Compare), string(Previous))
	set("interval", string(v.Interval), "")
	set("metric", v.Metric, "")
	set("lang", v.Lang, "")
	for _, f := range v.Filters {
		u.Add("f", f.encode())
	}
	return u
}

// Encode gives the URL's query string back.
func (v View) Encode() string { return v.Parameters().Encode() }

// With returns the view changed, and leaves this one as it is: the target of
// a link.
func (v View) With(change func(*View)) View {
	v.Filters = slices.Clone(v.Filters)
	change(&v)
	return v
}

// InPeriod returns the view of another period, named as for ParsePeriod.
func (v View) InPeriod(name, from, to string) (View, error) {
	r, err := ParsePeriod(v.Site, name, from, to, v.Now)
	if err != nil {
		return View{}, err
	}
	return v.With(func(v *View) { v.Range = r; v.Interval = metric.NoBucket }), nil
}

// Query asks for metrics by dimensions in this view. The dimension "time" is
// by the view's interval, or by the default where that gives too many buckets.
func (v View) Query(metrics []string, dimensions ...string) Query {
	dims := slices.Clone(dimensions)
	for i, d := range dims {
		if d == "time" {
			dims[i] = "time:" + string(v.Bucket())
		}
	}
	return Query{Site: v.Site, Metrics: metrics, Dimensions: dims, Filter: v.Filters, Range: v.Range, Now: v.Now}
}

// Bucket is the view's interval, or the default for the range's length; that
// also where the interval would cut the range into more than 2,500 buckets.
func (v View) Bucket() metric.Bucket {
	const most = 2500
	hours := v.Range.To.Sub(v.Range.From).Hours()
	length := map[metric.Bucket]float64{metric.Hour: 1, metric.Day: 24, metric.Week: 7 * 24, metric.Month: 30 * 24}[v.Interval]
	if length == 0 || hours/length > most {
		return DefaultInterval(v.Range)
	}
	return v.Interval
}
