package study

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Rank is the unit of places in an order: 1 comes first.
const Rank metric.Unit = "rank"

// Dimensions that rows can be laid out by. Period is the year of a row's end.
const (
	ByPeriod  = "period"
	BySubject = "subject"
	ByMeasure = "measure"
	BySegment = "segment"
)

// Key is a dimension's key in an answer: "study:subject".
func Key(dimension string) string {
	if dimension == ByPeriod {
		return "time:year"
	}
	return "study:" + dimension
}

// Selection says which rows to show, and how. In patterns * stands for any
// text; no patterns are all.
type Selection struct {
	Measures []string
	Subjects []string
	Segments []string
	Unit     metric.Unit // rows of another unit don't fit one axis
	By       []string    // dimensions, the first is the axis
}

// unit is what a row's unit is to a picture.
func unit(text string) metric.Unit {
	word, _, _ := strings.Cut(strings.ToLower(text), " ")
	switch word {
	case "percent", "%":
		return metric.Percent
	case "count", "rank":
		return metric.Unit(word)
	}
	return metric.Ratio
}

func matches(patterns []string, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(strings.ToLower(p), strings.ToLower(strings.ReplaceAll(text, "/", "_")))
		return ok && err == nil
	})
}

// Pick are the rows of a selection.
func (s Selection) Pick(rows []Row) []Row {
	var list []Row
	for _, r := range rows {
		if unit(r.Unit) == s.Unit && matches(s.Measures, r.Measure) && matches(s.Subjects, r.Subject) && matches(s.Segments, r.Segment) {
			list = append(list, r)
		}
	}
	return list
}

// Table lays rows out as an answer: the dimensions of By, the study, whether
// it is an estimate, and the value. Years without a row are gaps.
func (s Selection) Table(rows []Row) *query.Result {
	list := s.Pick(rows)
	res := &query.Result{}
	for _, by := range s.By {
		res.Columns = append(res.Columns, column(by))
	}
	res.Columns = append(res.Columns, column("study"), column("estimate"),
		query.Column{Key: "value", Metric: true, Title: text.Text{EN: "Value", FR: "Valeur"}, Unit: s.Unit})
	if slices.Contains(s.By, ByPeriod) {
		res.Buckets = years(list)
	}
	slices.SortStableFunc(list, func(a, b Row) int {
		switch {
		case len(s.By) > 0 && s.By[0] == ByPeriod:
			return a.End.Compare(b.End)
		case len(s.By) == 1 && s.Unit == Rank:
			return cmp.Compare(a.Value, b.Value)
		case len(s.By) == 1:
			return cmp.Compare(b.Value, a.Value)
		}
		return 0
	})
	apart := s.apart(list)
	for _, r := range list {
		var row []any
		for i, by := range s.By {
			cell := r.cell(by)
			if i == len(s.By)-1 && apart[[2]any{cell, r.Study}] {
				cell = fmt.Sprintf("%v (%s)", cell, r.Study)
			}
			row = append(row, cell)
		}
		mark := "measured"
		if r.Estimate {
			mark = Estimate
		}
		res.Rows = append(res.Rows, append(row, r.Study, mark, r.Value))
	}
	res.TotalRows = len(res.Rows)
	return res
}

// apart are the values of the last dimension that need the name of a study
// beside them, by value and study: an earlier study has a figure of the same.
func (s Selection) apart(rows []Row) map[[2]any]bool {
	apart := map[[2]any]bool{}
	if len(s.By) == 0 || s.By[len(s.By)-1] == ByPeriod {
		return apart
	}
	first := map[[2]any]string{} // study, by place in the picture
	for _, r := range rows {
		last := r.cell(s.By[len(s.By)-1])
		place := [2]any{r.cell(s.By[0]), last}
		if study, ok := first[place]; !ok {
			first[place] = r.Study
		} else if study != r.Study {
			apart[[2]any{last, r.Study}] = true
		}
	}
	return apart
}

// Estimate is the mark of figures that were expected, not measured.
const Estimate = "estimate"

func (r Row) cell(by string) any {
	switch by {
	case ByPeriod:
		return year(r.End)
	case BySubject:
		return r.Subject
	case BySegment:
		return r.Segment
	}
	return r.Measure
}

func year(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC) }

// years are all years from the first row's to the last's.
func years(rows []Row) []query.Bucket {
	if len(rows) == 0 {
		return nil
	}
	first, last := year(rows[0].End), year(rows[0].End)
	for _, r := range rows {
		if y := year(r.End); y.Before(first) {
			first = y
		} else if y.After(last) {
			last = y
		}
	}
	var list []query.Bucket
	for y := first; !y.After(last) && len(list) < 200; y = y.AddDate(1, 0, 0) {
		list = append(list, query.Bucket{Start: y, From: y, To: y.AddDate(1, 0, 0)})
	}
	return list
}

func column(by string) query.Column {
	c := query.Column{Key: Key(by)}
	switch by {
	case ByPeriod:
		c.Bucket, c.Title = metric.Year, text.Text{EN: "Year", FR: "Année"}
	case BySubject:
		c.Title = text.Text{EN: "Subject", FR: "Sujet"}
	case ByMeasure:
		c.Title = text.Text{EN: "Measure", FR: "Mesure"}
	case BySegment:
		c.Title = text.Text{EN: "Group", FR: "Groupe"}
	case "study":
		c.Title = text.Text{EN: "Study", FR: "Étude"}
	case "estimate":
		c.Title = text.Text{EN: "Kind", FR: "Nature"}
	}
	return c
}

// Level is what yearly growth rates say of where growth ends.
type Level struct {
	Study, Subject     string
	CAGR               float64 // a part: 0.441
	Logistic, Gompertz growth.Fit
	Size               float64 // the last index, from 1
}

// Index turns yearly growth rates into sizes from 1, with the levels at which
// growth ends by both laws: those that the first study has of one subject and
// segment, three at least without a gap. Where no study has, ok is false and
// the answer without rows.
func (s Selection) Index(rows []Row) (res *query.Result, l Level, ok bool) {
	res = &query.Result{Columns: []query.Column{column(ByPeriod)}}
	for _, c := range []struct {
		key   string
		title text.Text
	}{
		{"size", text.Text{EN: "Size, first year = 1", FR: "Taille, première année = 1"}},
		{"level_logistic", text.Text{EN: "Level, logistic", FR: "Niveau, logistique"}},
		{"level_gompertz", text.Text{EN: "Level, Gompertz", FR: "Niveau, Gompertz"}},
	} {
		res.Columns = append(res.Columns, query.Column{Key: c.key, Metric: true, Title: c.title, Unit: metric.Ratio})
	}
	list := unbroken(s.Pick(rows))
	if list == nil {
		return res, Level{}, false
	}
	var rates []float64
	for _, r := range list {
		rates = append(rates, r.Value/100)
	}
	sizes := growth.Index(rates)
	l = Level{Study: list[0].Study, Subject: list[0].Subject, Size: sizes[len(sizes)-1]}
	l.CAGR, _ = growth.Compound(1, l.Size, float64(len(rates)))
	var err, err2 error
	l.Logistic, err = growth.New(growth.Logistic, sizes)
	l.Gompertz, err2 = growth.New(growth.Gompertz, sizes)
	if err != nil || err2 != nil {
		return res, Level{}, false
	}
	first := year(list[0].End).AddDate(-1, 0, 0)
	for i, size := range sizes {
		y := first.AddDate(i, 0, 0)
		estimate := i > 0 && list[i-1].Estimate
		res.Buckets = append(res.Buckets, query.Bucket{Start: y, From: y, To: y.AddDate(1, 0, 0), Incomplete: estimate})
		res.Rows = append(res.Rows, []any{y, round(size), level(l.Logistic), level(l.Gompertz)})
	}
	res.TotalRows = len(res.Rows)
	return res, l, true
}

// unbroken are the rates of the first study, subject and segment that has
// enough of them, year after year; nil = none has.
func unbroken(rows []Row) []Row {
	type series struct{ study, subject, segment string }
	of := map[series][]Row{}
	var order []series
	for _, r := range rows {
		k := series{r.Study, r.Subject, r.Segment}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], r)
	}
	for _, k := range order {
		list := of[k]
		slices.SortStableFunc(list, func(a, b Row) int { return a.End.Compare(b.End) })
		broken := false
		for i := range list {
			broken = broken || i > 0 && list[i].End.Year() != list[i-1].End.Year()+1
		}
		if !broken && len(list) >= growth.MinRates {
			return list
		}
	}
	return nil
}

func round(v float64) float64 { return math.Round(v*1000) / 1000 }

func level(f growth.Fit) any {
	if math.IsInf(f.Level, 1) {
		return nil
	}
	return round(f.Level)
}
