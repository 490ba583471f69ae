package panel

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/study"
	"github.com/earshot-analytics/earshot/internal/text"
)

// studyRows are figures of the article's studies and of the site's own.
func studyRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	rows, err := q.engine.studies(ctx, q.view.Site.ID)
	if err != nil {
		return nil, err
	}
	pick := q.panel.Study.Selection()
	if !q.panel.Study.Index {
		res := pick.Table(rows)
		q.tell = studySources(pick.Pick(rows))
		return uncompared(res), nil
	}
	res, level, ok := pick.Index(rows)
	if !ok {
		return uncompared(res), nil
	}
	q.tell = func(a *reply) []Note {
		return append([]Note{{Text: a.p.T("study.level", "subject", level.Subject, "rate", a.p.Percent(100*level.CAGR))},
			{Text: a.headroom(level.Logistic, level.Size)}, {Text: a.headroom(level.Gompertz, level.Size)}}, studySources(study.Of(rows, level.Study))(a)...)
	}
	return uncompared(res), nil
}

// headroom says at which size a fitted law of growth sees the end of growth.
func (a *reply) headroom(f growth.Fit, size float64) string {
	law := a.p.T("forecast.model." + string(f.Model))
	if math.IsInf(f.Level, 1) {
		return upper(a.p.T("study.no_end", "model", law))
	}
	room := f.Headroom(size)
	if room <= 0 {
		return upper(a.p.T("study.passed", "model", law, "level", a.p.Float(f.Level, 2)))
	}
	return upper(a.p.T("study.headroom", "model", law, "level", a.p.Float(f.Level, 2), "room", a.p.Percent(100*room)))
}

// studySources names the studies that rows come from.
func studySources(rows []study.Row) notesOf {
	return func(a *reply) []Note {
		var list []Note
		for _, name := range study.Names(rows) {
			list = append(list, Note{Text: a.p.T("study.source", "study", name)})
		}
		return list
	}
}

// againstRows compares the site's own yearly growth with that in studies, each
// from its first year with a rate.
func againstRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	rows, err := q.engine.studies(ctx, q.view.Site.ID)
	if err != nil {
		return nil, err
	}
	own, err := query.Run(ctx, q.runner, q.query)
	if err != nil {
		return nil, err
	}
	type cell struct {
		series, source, mark string
		value                float64
	}
	type start struct {
		series, source string
	}
	first := map[start]int{}
	steps := map[int][]cell{}
	add := func(year int, c cell) {
		of := start{c.series, c.source}
		if _, ok := first[of]; !ok {
			first[of] = year
		}
		step := year - first[of] + 1
		steps[step] = append(steps[step], c)
	}
	for row := range own.All() {
		rate, ok := row.MaybeFloat(own.Columns[2].Key)
		if !ok {
			continue
		}
		when, network := row.Time(own.Columns[0].Key), row.Text(own.Columns[1].Key)
		mark := "measured"
		for _, b := range own.Buckets {
			if b.Start.Equal(when) && b.Incomplete {
				mark = "partial"
			}
		}
		add(when.Year(), cell{q.engine.networkName(network), q.view.Site.Domain, mark, rate})
	}
	list := q.panel.Study.Selection().Pick(rows)
	slices.SortStableFunc(list, func(a, b study.Row) int { return a.End.Compare(b.End) })
	for _, r := range list {
		mark := "measured"
		if r.Estimate {
			mark = study.Estimate
		}
		add(r.End.Year(), cell{r.Subject + " (" + r.Study + ")", r.Study, mark, r.Value})
	}
	res := &query.Result{Query: q.query, Columns: []query.Column{
		{Key: "study:step", Title: text.Text{EN: "Year of growth", FR: "Année de croissance"}},
		{Key: "study:series", Title: text.Text{EN: "Network or subject", FR: "Réseau ou sujet"}},
		{Key: "study:study", Title: text.Text{EN: "Study", FR: "Étude"}},
		{Key: "study:estimate", Title: text.Text{EN: "Kind", FR: "Nature"}},
		{Key: "value", Metric: true, Title: text.Text{EN: "Growth in the year", FR: "Croissance dans l’année"}, Unit: metric.Percent},
	}}
	var order []int
	for step := range steps {
		order = append(order, step)
	}
	slices.Sort(order)
	for _, step := range order {
		for _, c := range steps[step] {
			res.Rows = append(res.Rows, []any{strconv.Itoa(step), c.series, c.source, c.mark, c.value})
		}
	}
	res.TotalRows = len(res.Rows)
	q.tell = studySources(list)
	return uncompared(res), nil
}

// networkName is a network's name as its users write it.
func (e *Engine) networkName(key string) string {
	if name, ok := e.NetworkNames[key]; ok {
		return name
	}
	return key
}

// chosenCountries splits the countries off the view's filters: the panel compares
// them with the world, so they must not filter it.
func chosenCountries(filters []query.Filter) (rest []query.Filter, countries []string) {
	for _, f := range filters {
		if f.Dimension == "visit:country" && f.Op == query.Is && !f.IgnoreCase {
			countries = append(countries, f.Values...)
		} else {
			rest = append(rest, f)
		}
	}
	return rest, countries[:min(len(countries), regionsMost)]
}

// regionsMost is how many countries stand beside the world at most.
const regionsMost = 7

// changeRows are the changes of several metrics since the previous period (or the
// same one a year earlier), in the world and in the countries that the view is
// filtered by; without such a filter, in the country of most readers.
func changeRows(ctx context.Context, q *Question) (*query.Comparison, error) {
	mode := q.view.Compare
	if mode == query.NoComparison {
		mode = query.YearBefore
	}
	everywhere, countries := chosenCountries(q.query.Filter)
	top := q.query
	top.Metrics, top.Dimensions, top.CountRows = []string{"visitors"}, []string{"visit:country"}, false
	top.Filter = append(slices.Clone(q.query.Filter), query.Filter{Op: query.IsNot, Dimension: "visit:country", Values: []string{""}})
	top.Limit = 1
	if len(countries) == 0 {
		best, err := query.Run(ctx, q.runner, top)
		if err != nil {
			return nil, err
		}
		for _, row := range best.Rows {
			countries = append(countries, fmt.Sprint(row[0]))
		}
	}
	type region struct {
		name   string
		filter []query.Filter
	}
	regions := []region{{"world", everywhere}}
	for _, country := range countries {
		regions = append(regions, region{country, append(slices.Clone(everywhere),
			query.Filter{Op: query.Is, Dimension: "visit:country", Values: []string{country}})})
	}
	res := &query.Result{Query: q.query, Columns: []query.Column{
		{Key: "study:activity", Title: text.Text{EN: "Activity", FR: "Activité"}},
		{Key: "study:segment", Title: text.Text{EN: "Where", FR: "Où"}},
		{Key: "change", Metric: true, Title: text.Text{EN: "Change", FR: "Évolution"}, Unit: metric.Percent},
	}}
	changes := make([][]any, len(regions))
	known := false
	for i, r := range regions {
		ask := q.query
		ask.Filter, ask.Dimensions, ask.CountRows = r.filter, nil, false
		c, err := query.Compare(ctx, q.runner, ask, mode)
		if err != nil {
			return nil, err
		}
		changes[i] = make([]any, len(ask.Metrics))
		for j := range ask.Metrics {
			if len(c.Change) == 1 && c.Change[0] != nil && c.Change[0][j] != nil {
				changes[i][j], known = *c.Change[0][j], true
			}
		}
	}
	for j, name := range q.query.Metrics {
		for i, r := range regions {
			res.Rows = append(res.Rows, []any{name, r.name, changes[i][j]})
		}
	}
	if !known {
		res.Rows = nil
	}
	res.TotalRows = len(res.Rows)
	q.tell = func(a *reply) []Note {
		return []Note{{Text: a.p.T("study.compared", "before", a.p.T("dash.before."+string(mode)))}}
	}
	return uncompared(res), nil
}

// studies are the article's, and those that the site's users imported, which
// replace the article's of the same name.
func (e *Engine) studies(ctx context.Context, site uint32) ([]study.Row, error) {
	rows, err := study.Article()
	if err != nil {
		return nil, err
	}
	own, err := e.Studies.Studies(ctx, site)
	if err != nil {
		return nil, err
	}
	for _, st := range own {
		rows = slices.DeleteFunc(rows, func(r study.Row) bool { return r.Study == st.Name })
		f, err := study.Read(bytes.NewReader(st.CSV))
		if err != nil {
			return nil, fmt.Errorf("read study %q: %w", st.Name, err)
		}
		rows = append(rows, f.Rows...)
	}
	return rows, nil
}
