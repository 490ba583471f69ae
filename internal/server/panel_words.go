package server

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

const dbip = "https://db-ip.com"

// summary says what a picture shows to those who can't see it.
func (a *reply) summary(d *panelData) string {
	if len(a.Buckets) == 0 || a.dims != 1 {
		return a.p.T("dash.summary.rows", "title", d.Title, "count", len(d.Rows))
	}
	var high, low, last float64
	known := 0
	for _, row := range a.Rows {
		n, ok := float(row[a.dims])
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

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// empty says what to do where there are no rows, with a link for users.
func (a *reply) empty(user bool) note {
	m, _ := metric.Lookup(a.Columns[a.dims].Key)
	settings := func(text, label, page string) note {
		n := note{Text: text}
		if user {
			n.Link, n.Label = a.root+"/settings/"+page, label
		}
		return n
	}
	why := a.Columns[a.dims].Missing.In(a.lang)
	switch {
	case why != "":
		return note{Text: why}
	case a.panel.AsksRole() && len(a.view.Site.Others) == 0:
		return settings(a.p.T("dash.empty.competitors"), a.p.T("dash.empty.competitors.link"), "accounts")
	case a.panel.Kind().Own:
		return note{Text: a.p.T("dash.empty.shares")}
	case a.panel.Study != nil:
		return settings(a.p.T("study.empty"), a.p.T("study.empty.link"), "studies")
	case a.panel.Chart == "diverging":
		return note{Text: a.p.T("study.no_before")}
	case len(a.view.Filters) > 0:
		return note{Text: a.p.T("dash.empty.filtered")}
	case slices.Contains([]string{"post_visits", "visits_per_post", "post_shares"}, m.Name) && a.panel.Chart != "table":
		return settings(a.p.T("dash.empty.post_visits"), a.p.T("dash.empty.followers.link"), "accounts")
	case m.OfPosts():
		return settings(a.p.T("dash.empty.posts"), a.p.T("dash.empty.followers.link"), "accounts")
	case m.OfInsights():
		return settings(a.p.T("dash.empty.insights"), a.p.T("dash.empty.insights.link"), "import")
	case m.Gauge():
		return settings(a.p.T("dash.empty.followers"), a.p.T("dash.empty.followers.link"), "accounts")
	case m.Unit == metric.Money:
		return note{Text: a.p.T("dash.empty.revenue")}
	case m.Name == "left_out":
		return note{Text: a.p.T("dash.empty.left_out")}
	case a.first.IsZero() && a.panel.Follows == "":
		return note{Text: a.p.T("dash.empty.new")} // the main chart has the link
	case a.first.IsZero():
		return settings(a.p.T("dash.empty.new"), a.p.T("dash.empty.new.link"), "snippet")
	case slices.Contains([]string{"shares", "sharers", "reshares", "share_visits"}, m.Name),
		slices.Contains(a.query.Dimensions, "visit:share_network"):
		return note{Text: a.p.T("dash.empty.shares")}
	}
	return note{Text: a.p.T("dash.empty")}
}

// notes are what a reader must know to read the panel right.
func (a *reply) notes(d *panelData, user bool) []note {
	var list []note
	if a.tell != nil {
		list = append(list, a.tell(a)...)
	}
	if a.panel.Period != "" {
		list = append(list, note{Text: a.p.T("dash.own_period." + a.panel.Period)})
	}
	if n := a.panel.Note.In(a.lang); n != "" {
		list = append(list, note{Text: n})
	}
	list = append(list, a.references()...)
	if a.panel.Chart == "figures" {
		if m, _ := metric.Lookup(a.Columns[0].Key); m.Name == "posts" && a.Rows[0][0] == nil && len(a.view.Filters) == 0 {
			n := a.empty(user) // figures are never without rows
			list = append(list, note{Text: n.Text, Link: n.Link})
		}
		if !a.first.IsZero() && (a.Cut || a.query.Range.From.Before(a.first)) {
			list = append(list, note{Text: a.p.T("dash.began", "date", a.p.Date(a.first))})
		}
		list = append(list, a.missing()...)
	}
	list = append(list, a.pace()...)
	list = append(list, a.projected()...)
	if slices.Contains(d.Rounded, true) {
		list = append(list, note{Text: a.p.T("dash.rounded_note")})
	}
	if a.Estimated {
		list = append(list, note{Text: a.p.T("dash.estimated")})
	}
	if slices.Contains(a.query.Dimensions, "visit:country") && len(d.Rows) > 0 {
		list = append(list, note{Text: a.p.T("dash.dbip"), Link: dbip})
	}
	return list
}

// references are known values to compare the panel's metrics with.
func (a *reply) references() []note {
	var list []note
	for _, c := range a.Columns {
		m, _ := metric.Lookup(c.Key)
		for _, r := range m.References {
			list = append(list, note{Text: a.p.T("dash.reference", "title", c.Title.In(a.lang), "value", r.Value, "whose", r.Text.In(a.lang))})
		}
	}
	return list
}

// missing says why figures have no value, each reason once.
func (a *reply) missing() []note {
	var list []note
	for _, c := range a.Columns {
		n := note{Text: c.Missing.In(a.lang)}
		if n.Text != "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// filterDimensions are what the reader can filter by, in the order of the
// list: what visits and events have, each by one name, without what they must
// name themselves.
func filterDimensions() []string {
	var list []string
	for _, d := range metric.Dimensions() {
		if (d.Kind == metric.OfVisit || d.Kind == metric.OfEvent) && !d.Keyed() && d.Twin == "" {
			list = append(list, d.Name)
		}
	}
	return list
}

// toggled is the view with the filter "dimension is value", or without it
// where it has it already.
func toggled(v query.View, dimension, value string) query.View {
	return v.With(func(v *query.View) {
		if i := slices.IndexFunc(v.Filters, func(f query.Filter) bool {
			return f.Op == query.Is && f.Dimension == dimension && slices.Equal(f.Values, []string{value})
		}); i >= 0 {
			v.Filters = slices.Delete(v.Filters, i, i+1)
			return
		}
		v.Filters = append(v.Filters, query.Filter{Op: query.Is, Dimension: dimension, Values: []string{value}})
	})
}
