package server

// Dashboards: the page (panel_frame.go), each panel's rows as JSON for its
// picture (panel_data.go) and as CSV, and the live figures (panel_live.go).
// All three read the same View from the same URL parameters, so a picture, its
// table and its file are one question.

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/dashboards"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// panelTimeout bounds one panel's questions.
const panelTimeout = 30 * time.Second

// Rows of a list that the reader asked to see whole.
const (
	limitParam = "limit"
	wholeList  = "all"
	wholeRows  = 5000
)

// dashboardRoutes are for a group whose path ends with /:site, behind
// withSite.
func (s *Server) dashboardRoutes(site *gin.RouterGroup) {
	site.GET("", s.h(s.dashboardPage))
	site.GET("/:dashboard", s.h(s.dashboardPage))
	site.GET("/:dashboard/:panel", s.h(s.panelFile))
}

// dashboard is the one that the path names, the first where it names none.
func (s *Server) dashboard(c *gin.Context) (dashboards.Dashboard, error) {
	name := c.Param("dashboard")
	for i, d := range s.boards {
		if d.Name == name || i == 0 && name == "" {
			return d, nil
		}
	}
	return dashboards.Dashboard{}, errNotFound
}

// panelFile answers <panel>.json, <panel>.csv and live.json.
func (s *Server) panelFile(c *gin.Context) error {
	d, err := s.dashboard(c)
	if err != nil {
		return err
	}
	id, ending, ok := strings.Cut(c.Param("panel"), ".")
	if !ok || ending != "json" && ending != "csv" {
		return errNotFound
	}
	if s.Runner == nil {
		return &Error{Status: http.StatusServiceUnavailable}
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), panelTimeout)
	defer cancel()
	if id == "live" && ending == "json" {
		return s.live(ctx, c)
	}
	p, ok := d.Panel(id)
	if !ok {
		return errNotFound
	}
	ask, err := s.question(ctx, c, d, p)
	if err != nil {
		return err
	}
	if ending == "csv" {
		return s.panelCSV(ctx, c, ask)
	}
	return s.panelJSON(ctx, c, ask)
}

// question is a panel's query in the view of a URL.
type question struct {
	dashboard dashboards.Dashboard
	panel     dashboards.Panel
	view      query.View // of the page
	first     time.Time  // day of the site's first event; zero = none yet
	query     query.Query
	tell      told // what the source has to say; nil = nothing
}

func (s *Server) question(ctx context.Context, c *gin.Context, d dashboards.Dashboard, p dashboards.Panel) (question, error) {
	view, err := s.view(ctx, c)
	if err != nil {
		return question{}, err
	}
	if _, ok := d.Subject(view.Filters); d.Needs != "" && !ok && p.ID != d.Choose {
		dim, _, _ := metric.LookupDimension(d.Needs)
		return question{}, &query.InvalidError{Field: "f", Reason: metric.Text{
			EN: "this report is about one value of " + dim.Title.EN + "; choose it by a filter",
			FR: "ce rapport porte sur une seule valeur de " + dim.Title.FR + " ; choisissez-la par un filtre",
		}}
	}
	q := question{dashboard: d, panel: p, view: view}
	metrics := p.Metrics
	if p.Follows != "" {
		metrics = []string{figure(d, p, view.Metric)}
	}
	if err := s.recorded(ctx, &view.Site); err != nil {
		return question{}, err
	}
	q.view, q.first = view, startOf(view.Site, view.Site.Recorded.Events)
	own := view
	period := p.Period
	if period == "" {
		period = view.Range.Period
	}
	if period == "all" {
		if !slices.ContainsFunc(metrics, func(m string) bool { return !ofReaders(m) }) {
			own.Site.Since = q.first
		} else if own.Site, err = s.siteSince(ctx, own.Site); err != nil {
			return question{}, err
		}
	}
	if p.Period != "" || period == "all" {
		if own, err = own.InPeriod(period, "", ""); err != nil {
			return question{}, err
		}
		own.Interval = view.Interval
	}
	q.query = own.Query(metrics, p.By...)
	q.query.Filter = append(p.Filters(), q.query.Filter...)
	q.query.Limit = p.Limit
	if s.sourceOf(p, view.Site) == nil {
		q.query.Marks, q.query.Project = true, true
	}
	if c.Query(limitParam) == wholeList {
		q.query.Limit = 0
	}
	return q, nil
}

// figure is the metric that a panel shows of those that a click can bring to
// it: the asked one where it is among them.
func figure(d dashboards.Dashboard, p dashboards.Panel, asked string) string {
	list := d.Figures(p)
	for _, m := range list {
		if m == asked {
			return m
		}
	}
	return list[0]
}

// view reads the URL. What it gets wrong is said to the reader.
func (s *Server) view(ctx context.Context, c *gin.Context) (query.View, error) {
	site, err := s.querySite(ctx, *requestOf(c).site)
	if err != nil {
		return query.View{}, err
	}
	v := c.Request.URL.Query()
	if v.Get("period") == "all" && s.Runner != nil {
		if site, err = s.siteSince(ctx, site); err != nil {
			return query.View{}, err
		}
	}
	return query.FromURL(site, v, s.Now())
}

// siteSince adds the day of a site's first fact.
func (s *Server) siteSince(ctx context.Context, site query.Site) (query.Site, error) {
	since, err := query.Since(ctx, s.Runner, site)
	if err != nil {
		return site, err
	}
	site.Since = since
	return site, nil
}

// panelCSV gives the rows as a file. RFC 4180 unless csv=european asks for what
// French and most European spreadsheets open: semicolons, decimal commas and
// a byte order mark. header=keys names the columns as the Stats API does.
func (s *Server) panelCSV(ctx context.Context, c *gin.Context, q question) error {
	european := c.Query("csv") == "european"
	o := query.CSVOptions{
		Lang: string(requestOf(c).locale), Titles: c.Query("header") != "keys",
		European: european, BOM: european,
	}
	// The longest day of a range is its last; To is the instant after it.
	r, loc := q.query.Range, requestOf(c).site.Location()
	name := fmt.Sprintf("%s-%s-%s-%s-%s.csv", requestOf(c).site.Domain, q.dashboard.Name, q.panel.ID,
		r.From.In(loc).Format(time.DateOnly), r.To.Add(-1).In(loc).Format(time.DateOnly))
	return s.answer(ctx, c, csvHeader(name), func(w io.Writer) error { return s.writeCSV(ctx, w, &q, o) })
}
