package panel

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

const dbip = "https://db-ip.com"

// summary says what a picture shows to those who can't see it.
func (a *reply) summary(d *Answer) string {
	if len(a.Buckets) == 0 || a.dims != 1 {
		return a.p.T("dash.summary.rows", "title", d.Title, "count", len(d.Rows))
	}
	var high, low, last float64
	known := 0
	for _, row := range a.Rows {
		n, ok := rows.Float(row[a.dims])
		if !ok {
			continue
		}
		if known == 0 || n > high {
			high = n
		}
		if known == 0 || n < low {
			low = n
		}
		last = n
		known++
	}
	if known == 0 {
		return a.p.T("dash.summary.rows", "title", d.Title, "count", 0)
	}
	return a.p.T("dash.summary.time", "title", d.Title, "high", high, "low", low, "last", last)
}

// absence says why there are no rows: a sentence and, for those who may change the
// settings, a link to one of their pages.
type absence struct{ text, label, page string }

// absences are the sentences for what a metric waits for.
func absences() map[metric.Awaited]absence {
	return map[metric.Awaited]absence{
		metric.AwaitsShares:     {text: "dash.empty.shares"},
		metric.AwaitsRevenue:    {text: "dash.empty.revenue"},
		metric.AwaitsLeftOut:    {text: "dash.empty.left_out"},
		metric.AwaitsFollowers:  {"dash.empty.followers", "dash.empty.followers.link", "accounts"},
		metric.AwaitsPosts:      {"dash.empty.posts", "dash.empty.followers.link", "accounts"},
		metric.AwaitsPostVisits: {"dash.empty.post_visits", "dash.empty.followers.link", "accounts"},
	}
}

// empty says what to do if there are no rows, with a link for users.
func (a *reply) empty() Note {
	if why := a.Columns[a.dims].Missing.In(a.lang); why != "" {
		return Note{Text: why}
	}
	say := a.absent()
	n := Note{Text: a.p.T(say.text)}
	if say.page != "" && a.reader.Settings {
		n.Link, n.Label = a.reader.Root+"/settings/"+say.page, a.p.T(say.label)
	}
	return n
}

func (a *reply) absent() absence {
	m, ok := metric.Lookup(a.Columns[a.dims].Key)
	if !ok && len(a.panel.Metrics) > 0 {
		m, _ = metric.Lookup(a.panel.Metrics[0]) // a column that is computed from that metric
	}
	awaited := m.Awaited()
	if awaited == metric.AwaitsPostVisits && kindOf(a.panel).plain {
		awaited = metric.AwaitsPosts // its rows are the posts
	}
	of, known := absences()[awaited]
	if f := m.Facts(); !known && f != nil { // such figures can be imported
		of, known = absence{"dash.empty." + string(awaited), "dash.empty.import", "import"}, true
	}
	ofHits := awaited == metric.AwaitsHits || awaited == metric.AwaitsShares
	switch {
	case a.panel.AsksRole() && len(a.view.Site.Others) == 0:
		return absence{"dash.empty.competitors", "dash.empty.competitors.link", "accounts"}
	case a.panel.Study != nil:
		return absence{"study.empty", "study.empty.link", "studies"}
	case kindOf(a.panel).empty != "":
		return absence{text: kindOf(a.panel).empty}
	case len(a.view.Filters) > 0:
		return absence{text: "dash.empty.filtered"}
	case known && !ofHits:
		return of
	case a.first.IsZero() && a.panel.Follows == "":
		return absence{text: "dash.empty.new"} // the main chart has the link
	case a.first.IsZero():
		return absence{"dash.empty.new", "dash.empty.new.link", "snippet"}
	case known:
		return of
	case slices.Contains(a.query.Dimensions, "visit:share_network"):
		return absences()[metric.AwaitsShares]
	}
	return absence{text: "dash.empty"}
}

// notes are what a reader must know to read the panel right.
func (a *reply) notes(d *Answer) []Note {
	var list []Note
	if a.tell != nil {
		list = append(list, a.tell(a)...)
	}
	if a.panel.Period != "" {
		list = append(list, Note{Text: a.p.T("dash.own_period." + a.panel.Period)})
	}
	if n := a.panel.Note.In(a.lang); n != "" {
		list = append(list, Note{Text: n})
	}
	list = append(list, a.references()...)
	if kindOf(a.panel).figures {
		if m, _ := metric.Lookup(a.Columns[0].Key); m.Name == "posts" && a.Rows[0][0] == nil && len(a.view.Filters) == 0 {
			n := a.empty() // key figures always have rows, so Empty isn't shown
			list = append(list, Note{Text: n.Text, Link: n.Link})
		}
		if !a.first.IsZero() && (a.Cut || a.query.Range.From.Before(a.first)) {
			list = append(list, Note{Text: a.p.T("dash.began", "date", a.p.Date(a.first))})
		}
		list = append(list, a.missing()...)
	}
	list = append(list, a.pace()...)
	list = append(list, a.projected()...)
	if slices.Contains(d.Rounded, true) {
		list = append(list, Note{Text: a.p.T("dash.rounded_note")})
	}
	if a.Estimated {
		list = append(list, Note{Text: a.p.T("dash.estimated")})
	}
	if slices.Contains(a.query.Dimensions, "visit:country") && len(d.Rows) > 0 {
		list = append(list, Note{Text: a.p.T("dash.dbip"), Link: dbip})
	}
	return list
}

// references are known values to compare the panel's metrics with.
func (a *reply) references() []Note {
	var list []Note
	for _, c := range a.Columns {
		m, _ := metric.Lookup(c.Key)
		for _, r := range m.References {
			list = append(list, Note{Text: a.p.T("dash.reference", "title", c.Title.In(a.lang), "value", r.Value, "whose", r.Text.In(a.lang))})
		}
	}
	return list
}

// missing says why figures have no value, each reason once.
func (a *reply) missing() []Note {
	var list []Note
	for _, c := range a.Columns {
		n := Note{Text: c.Missing.In(a.lang)}
		if n.Text != "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}
