package dashboards

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/earshot-analytics/earshot/internal/chart"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/study"
)

// Load reads every *.yaml of a folder, in the order of the tabs. Its error
// has a line for each fault: "growth.yaml:12: unknown metric "folowers"".
func Load(files fs.FS) ([]Dashboard, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list dashboards: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no dashboards: the folder has no *.yaml")
	}
	var list []Dashboard
	var faults []error
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read dashboard: %w", err)
		}
		d, err := parse(name, src)
		faults = append(faults, err)
		list = append(list, d)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Dashboard) int { return cmp.Compare(a.Order, b.Order) })
	return list, nil
}

// slug is what may stand in an address.
var slug = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// reserved names are addresses of something else: of settings beside the
// dashboards, of live figures and of all panels beside the panels.
func reserved() []string { return []string{"settings", "live", "panels"} }

func widths() []string { return []string{"", "full", "two-thirds", "half", "third"} }

// periods that a panel may have for itself.
func periods() []string { return []string{"", "28d", "91d", "12mo", "all"} }

// file is a dashboard under inspection.
type file struct {
	name   string
	root   *ast.File
	faults []error
}

func parse(name string, src []byte) (Dashboard, error) {
	f := &file{name: name}
	d := Dashboard{Name: strings.TrimSuffix(name, ".yaml")}
	dec := yaml.NewDecoder(bytes.NewReader(src), yaml.Strict())
	if err := dec.Decode(&d); err != nil {
		return d, f.syntax(err)
	}
	root, err := parser.ParseBytes(src, 0)
	if err != nil {
		return d, f.syntax(err)
	}
	f.root = root
	f.check(d)
	return d, errors.Join(f.faults...)
}

// syntax gives the YAML package's error our form.
func (f *file) syntax(err error) error {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", f.name, e.GetToken().Position.Line, e.GetMessage())
	}
	return fmt.Errorf("%s: %w", f.name, err)
}

// fault notes what is wrong at a place such as "$.panels[2].chart"; where the
// key isn't there, at what should hold it.
func (f *file) fault(place, format string, args ...any) {
	f.faults = append(f.faults, fmt.Errorf("%s:%d: %s", f.name, f.line(place), fmt.Sprintf(format, args...)))
}

func (f *file) line(place string) int {
	for place != "" {
		if path, err := yaml.PathString(place); err == nil {
			if node, err := path.FilterFile(f.root); err == nil && node != nil {
				// A mapping's own token is its first colon, in the same line
				// as its first key.
				return node.GetToken().Position.Line
			}
		}
		i := strings.LastIndexAny(place, ".[")
		if i < 1 {
			break
		}
		place = place[:i]
	}
	return 1
}

func (f *file) check(d Dashboard) {
	if !slug.MatchString(d.Name) || slices.Contains(reserved(), d.Name) {
		f.fault("$", "%q can't be a dashboard's name: use small letters, digits and hyphens, and not %s", d.Name, strings.Join(reserved(), " or "))
	}
	f.title("$.title", d.Title)
	if len(d.Panels) == 0 {
		f.fault("$", "no panels")
	}
	f.needs(d)
	seen := map[string]bool{}
	for i, p := range d.Panels {
		at := fmt.Sprintf("$.panels[%d]", i)
		if seen[p.ID] {
			f.fault(at+".id", "a second panel %q", p.ID)
		}
		seen[p.ID] = true
		f.panel(d, p, at)
	}
}

// needs checks that the thing that a dashboard is about can be chosen.
func (f *file) needs(d Dashboard) {
	if d.Needs == "" {
		if d.Choose != "" {
			f.fault("$.choose", "choose goes with needs")
		}
		return
	}
	if _, ok := dimension(d.Needs); !ok {
		f.fault("$.needs", "unknown dimension %q", d.Needs)
		return
	}
	if p, ok := d.Panel(d.Choose); !ok || p.Chart != "bars" || !slices.Equal(p.By, []string{d.Needs}) {
		f.fault("$.choose", "choose %q is no panel by %s", d.Choose, d.Needs)
	}
}

func (f *file) title(at string, t Title) {
	if t.EN == "" || t.FR == "" {
		f.fault(at, "a text needs both en and fr")
	}
}

func (f *file) panel(d Dashboard, p Panel, at string) {
	if !slug.MatchString(p.ID) || slices.Contains(reserved(), p.ID) {
		f.fault(at+".id", "%q can't be a panel's id: use small letters, digits and hyphens, and not %s", p.ID, strings.Join(reserved(), " or "))
	}
	f.title(at+".title", p.Title)
	if p.Note != (Title{}) {
		f.title(at+".note", p.Note)
	}
	if !slices.Contains(widths(), p.Width) {
		f.fault(at+".width", "unknown width %q: use full, two-thirds, half or third", p.Width)
	}
	if !slices.Contains(periods(), p.Period) {
		f.fault(at+".period", "unknown period %q: use 28d, 91d, 12mo or all", p.Period)
	}
	if p.Limit < 0 {
		f.fault(at+".limit", "a limit is above zero")
	}
	if p.Study != nil {
		f.study(p, at)
		if len(p.Metrics) == 0 {
			return
		}
	}
	f.data(d, p, at)
}

// study checks that figures of studies can be laid out and drawn.
func (f *file) study(p Panel, at string) {
	before := len(f.faults)
	s := *p.Study
	for i, by := range s.By {
		if !slices.Contains([]string{study.ByPeriod, study.BySubject, study.ByMeasure, study.BySegment}, by) || slices.Index(s.By, by) != i || by == study.ByPeriod && i > 0 {
			f.fault(fmt.Sprintf("%s.study.by[%d]", at, i), "%q can't stand here: use subject, measure and segment, each once, and period first", by)
		}
	}
	if !slices.Contains([]string{"", "percent", "count", "ratio", "rank"}, s.Unit) {
		f.fault(at+".study.unit", "unknown unit %q: use percent, count, ratio or rank", s.Unit)
	}
	for _, list := range [][]string{s.Measures, s.Subjects, s.Segments} {
		for _, pattern := range list {
			if _, err := path.Match(pattern, ""); err != nil {
				f.fault(at+".study", "%q is no pattern", pattern)
			}
		}
	}
	kind, ok := chart.Lookup(p.Chart)
	over := len(s.By) > 0 && s.By[0] == study.ByPeriod
	switch {
	case len(f.faults) > before:
	case !ok:
		f.fault(at+".chart", "unknown chart %q", p.Chart)
	case len(p.Filter) > 0 || p.Follows != "" || p.Limit > 0:
		f.fault(at+".study", "a study takes no filter, follows or limit")
	case s.Index && (p.Chart != "line" || len(s.By) > 0 || s.Unit != "" || len(p.Metrics) > 0):
		f.fault(at+".study.index", "an index is a line of percent, without by and metrics")
	case len(p.Metrics) > 0 && (p.Chart != "grouped" || !slices.Equal(s.By, []string{study.ByPeriod, study.BySubject}) || !slices.Equal(p.By, []string{"time:year", "account:network"})):
		f.fault(at+".study", "beside metrics a study is grouped by period and subject, the metrics by time:year and account:network")
	case !s.Index:
		if err := kind.FitsStudy(len(s.By), over); err != nil {
			f.fault(at+".chart", "%s %v", p.Chart, err)
		}
	}
}

// data checks that the metrics can be had by the dimensions, and drawn.
func (f *file) data(d Dashboard, p Panel, at string) {
	before := len(f.faults)
	var by []metric.Dimension
	var place metric.Place
	for i, name := range p.By {
		dim, ok := dimension(name)
		if !ok {
			f.fault(fmt.Sprintf("%s.by[%d]", at, i), "unknown dimension %q", name)
			continue
		}
		by = append(by, dim)
		place.By = append(place.By, metric.By{Name: name, Dimension: dim})
	}
	if p.Follows != "" {
		if from, ok := d.Panel(p.Follows); !ok || from.Chart != "figures" {
			f.fault(at+".follows", "%q is no panel of figures in this dashboard", p.Follows)
		}
	}
	for i, s := range p.Filter {
		filter, err := query.ParseFilter(s)
		if err != nil {
			f.fault(fmt.Sprintf("%s.filter[%d]", at, i), "%v", err)
			continue
		}
		place.Filters = append(place.Filters, filter.Dimensions()...)
	}
	var ms []metric.Metric
	for i, name := range d.Figures(p) {
		where := fmt.Sprintf("%s.metrics[%d]", at, i)
		if i >= len(p.Metrics) {
			where = at + ".follows"
		}
		m, ok := metric.Lookup(name)
		if !ok {
			f.fault(where, "unknown metric %q", name)
			continue
		}
		if i < len(p.Metrics) {
			ms = append(ms, m)
		}
		if o := m.Stands(place); o != nil {
			f.fault(where, "%s", o.Reason.EN)
		}
	}
	kind, ok := chart.Lookup(p.Chart)
	if len(p.Metrics) == 0 && !kind.Own {
		f.fault(at, "no metrics")
	}
	if kind.Own && (len(p.Filter) > 0 || p.Limit > 0) {
		f.fault(at+".chart", "%s asks its own question: it takes no filter and no limit", p.Chart)
	}
	if !ok {
		f.fault(at+".chart", "unknown chart %q", p.Chart)
	}
	if len(f.faults) > before {
		return
	}
	if p.Index && (p.Chart != "line" || !slices.Equal(p.Metrics, []string{"followers"}) || len(by) != 2 || by[1].Kind != metric.OfAccount) {
		f.fault(at+".index", "an index is a line of followers by time and what accounts have")
	}
	if err := kind.Fits(ms, by); err != nil {
		f.fault(at+".chart", "%s %v", p.Chart, err)
	}
}

// dimension finds a dimension; plain "time" is one whose bucket follows from
// the range, and can do what days can.
func dimension(name string) (metric.Dimension, bool) {
	if name == "time" {
		name = "time:day"
	}
	d, _, ok := metric.LookupDimension(name)
	return d, ok
}
