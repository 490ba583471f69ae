package server

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

// pageFrame is a dashboard's page without figures: the panels' frames, and the
// controls that change the view. After each change of the view, the script fetches
// this frame again and replaces the controls, so links and texts are made only
// here; the figures then come from panels.json.
type pageFrame struct {
	Title string
	Name  string // of the dashboard
	Path  string // of the dashboard, without the view
	// Subject is the page that a report about one page is about; "" = none chosen
	// yet.
	Subject string
	Needs   bool   // the dashboard needs a Subject
	Open    string // the blog's own page that is the subject
	Tabs    []choice
	Sites   []meta.Site // to switch to

	Period   string
	Periods  []choice
	Range    string // the days, in words
	Zone     string
	Today    bool // the range reaches until now
	Compares []choice
	Filters  []chip
	Clear    string // link without filters

	Dates  dates
	Whats  []choice // what can be filtered
	Hows   []choice
	Cards  []card
	Demo   demoBanner
	Hidden []field // the view as fields of a form
}

// demoBanner is what a stranger is told on the demo's dashboards.
type demoBanner struct {
	Show bool
	Blog bool // the demo's blog is served
}

type choice struct {
	Text    string
	Href    string
	Value   string
	Key     string // keyboard shortcut
	Current bool
}

type chip struct{ Text, Remove string }

type field struct{ Name, Value string }

// dates is the form for a custom range.
type dates struct{ From, To, Last string }

type card struct {
	Width  string
	Panels []panelFrame
}

type panelFrame struct {
	ID, Title, Kind string
	Src             string // address without its ending
	CSV             string
	Figure          bool // shows the key figure that was clicked
	// What stands there until the answer does, as high as that: the names of key
	// figures, or so many rows.
	Names []string
	Rows  []struct{}
}

// shown are the ids of the panels in sight, in the page's order: the first tab of
// each card.
func (f pageFrame) shown() []string {
	ids := make([]string, len(f.Cards))
	for i, cd := range f.Cards {
		ids[i] = cd.Panels[0].ID
	}
	return ids
}

// periodKeys are the keyboard shortcuts of periods.
func periodKeys() map[string]string {
	return map[string]string{"today": "t", "7d": "7", "28d": "2", "91d": "9", "month": "m", "12mo": "y", "all": "a"}
}

func (s *Server) dashboardPage(c *gin.Context) error {
	d, ok := s.panels.Dashboard(c.Param("dashboard"))
	if !ok {
		return errNotFound
	}
	ctx := c.Request.Context()
	view, err := s.panels.View(ctx, *requestOf(c).site, c.Request.URL.Query())
	if err != nil {
		return err
	}
	site, p := *requestOf(c).site, s.printer(c)
	f := s.dashboardFrame(site, d, view, p)
	if s.user(c) != nil {
		if f.Sites, err = s.Meta.Sites(ctx); err != nil {
			return err
		}
	} else if site.Demo {
		f.Demo = demoBanner{Show: true, Blog: s.Demo != nil}
	}
	body, err := s.page(c, "dashboard", Page{Data: f})
	if err != nil {
		return err
	}
	if s.Runner == nil || c.GetHeader(partHeader) == framePart {
		c.Data(http.StatusOK, htmlType, body)
		return nil
	}
	s.sendWithAnswers(c, body, f.shown())
	return nil
}

func (s *Server) dashboardFrame(site meta.Site, d dashboards.Dashboard, view query.View, p *text.Printer) pageFrame {
	lang := p.Locale
	root := s.link("/" + site.Domain)
	f := pageFrame{
		Title: d.Title.In(lang), Name: d.Name, Path: root + "/" + d.Name,
		Period: view.Range.Period, Range: panel.RangeText(p, view), Zone: site.Timezone,
		Today: view.Now.Before(view.Range.To) && !view.Now.Before(view.Range.From),
	}
	// Links to other dashboards don't carry the main chart's metric.
	elsewhere := view.With(func(v *query.View) { v.Metric = "" }).Encode()
	for _, other := range s.panels.Boards {
		f.Tabs = append(f.Tabs, choice{Text: other.Title.In(lang), Href: panel.Address(root+"/"+other.Name, elsewhere), Current: other.Name == d.Name})
	}
	f.Periods = periods(view, p)
	for _, mode := range []query.CompareMode{query.Previous, query.YearBefore, query.NoComparison} {
		f.Compares = append(f.Compares, choice{
			Text: p.T("dash.compare." + string(mode)), Current: view.Compare == mode,
			Href: panel.Href(view.With(func(v *query.View) { v.Compare = mode })),
		})
	}
	names := s.panels.Namer(p.Locale)
	f.filters(names, view, p)
	loc := site.Location()
	f.Dates = dates{
		From: view.Range.From.In(loc).Format(time.DateOnly),
		To:   view.Range.To.Add(-1).In(loc).Format(time.DateOnly),
		Last: view.Now.In(loc).Format(time.DateOnly),
	}
	for name, values := range view.Parameters() {
		for _, v := range values {
			if !slices.Contains([]string{"period", "from", "to", "interval"}, name) {
				f.Hidden = append(f.Hidden, field{name, v})
			}
		}
	}
	if f.Subject, _ = d.Subject(view.Filters); f.Subject != "" {
		f.Title = names.Of(query.Column{Key: d.Needs}, f.Subject)
		if d.Needs == "event:page" && strings.HasPrefix(f.Subject, "/") {
			f.Open = (&url.URL{Scheme: "https", Host: site.Domain, Path: f.Subject}).String()
		}
	}
	f.Needs = d.Needs != ""
	for _, cd := range d.Cards(view.Filters) {
		f.Cards = append(f.Cards, cardFrame(cd, f.Path, view, lang))
	}
	return f
}

func periods(view query.View, p *text.Printer) []choice {
	var list []choice
	for _, name := range query.Periods() {
		ch := choice{Text: p.T("dash.period." + name), Value: name, Key: periodKeys()[name], Current: view.Range.Period == name}
		// Dates are chosen in a form; yesterday is for links that name it.
		if name == "custom" || name == "yesterday" && !ch.Current {
			continue
		}
		of, err := view.InPeriod(name, "", "")
		if err != nil {
			continue // the list's own names are all known
		}
		ch.Href = panel.Href(of)
		list = append(list, ch)
	}
	return list
}

func (f *pageFrame) filters(n panel.Namer, view query.View, p *text.Printer) {
	for i, filter := range view.Filters {
		without := view.With(func(v *query.View) { v.Filters = slices.Delete(v.Filters, i, i+1) })
		f.Filters = append(f.Filters, chip{Text: n.Filter(filter), Remove: panel.Href(without)})
	}
	f.Clear = panel.Href(view.With(func(v *query.View) { v.Filters = nil }))
	for _, name := range panel.FilterDimensions() {
		d, _, _ := metric.LookupDimension(name)
		f.Whats = append(f.Whats, choice{Text: d.Title.In(p.Locale), Value: name})
	}
	for _, op := range []query.Op{query.Is, query.IsNot, query.Contains, query.ContainsNot} {
		f.Hows = append(f.Hows, choice{Text: p.T("dash.op." + string(op)), Value: string(op)})
	}
}

func cardFrame(cd dashboards.Card, path string, view query.View, lang text.Locale) card {
	out := card{Width: cd.Width}
	if out.Width == "" {
		out.Width = "full"
	}
	for _, p := range cd.Panels {
		src := path + "/" + p.ID
		frame := panelFrame{
			ID: p.ID, Title: p.Title.In(lang), Kind: p.Chart, Src: src,
			CSV:    panel.Address(src+".csv", view.Encode()),
			Figure: p.Follows != "" || p.Chart == "figures",
		}
		switch p.Chart {
		case "figures":
			for _, name := range p.Metrics {
				m, _ := metric.Lookup(name)
				frame.Names = append(frame.Names, m.Title.In(lang))
			}
		case "bars", "table":
			frame.Rows = make([]struct{}, cmp.Or(p.Limit, usualRows))
		}
		out.Panels = append(out.Panels, frame)
	}
	return out
}

// usualRows is how many rows a list without a limit is expected to have.
const usualRows = 5
