package chart

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

type fit = func([]metric.Metric, []metric.Dimension) error

func all(rules ...fit) fit {
	return func(ms []metric.Metric, by []metric.Dimension) error {
		for _, rule := range rules {
			if err := rule(ms, by); err != nil {
				return err
			}
		}
		return nil
	}
}

// numbers refuses amounts in currencies, which have no place on an axis.
func numbers(ms []metric.Metric, _ []metric.Dimension) error {
	for _, m := range ms {
		if m.Unit == metric.Money {
			return fmt.Errorf("takes no amounts of money such as %s; a table shows them", m.Name)
		}
	}
	return nil
}

func exactly(n int) fit {
	return func(ms []metric.Metric, _ []metric.Dimension) error {
		if len(ms) != n {
			return fmt.Errorf("takes %d metric, not %d", n, len(ms))
		}
		return nil
	}
}

func atLeast(n int) fit {
	return func(ms []metric.Metric, _ []metric.Dimension) error {
		if len(ms) < n {
			return fmt.Errorf("takes at least %d metric", n)
		}
		return nil
	}
}

func dims(n int) fit {
	return func(_ []metric.Metric, by []metric.Dimension) error {
		if len(by) != n {
			return fmt.Errorf("takes %d dimensions, not %d", n, len(by))
		}
		return nil
	}
}

func someDims(_ []metric.Metric, by []metric.Dimension) error {
	if len(by) == 0 {
		return errors.New("takes at least one dimension")
	}
	return nil
}

func only(name string) fit {
	return func(_ []metric.Metric, by []metric.Dimension) error {
		if by[0].Name != name {
			return fmt.Errorf("takes the dimension %s, not %s", name, by[0].Name)
		}
		return nil
	}
}

// metricsOf asks for metrics that a picture knows by name, in any order.
func metricsOf(names []string) fit {
	return func(ms []metric.Metric, _ []metric.Dimension) error {
		for _, name := range names {
			if !slices.ContainsFunc(ms, func(m metric.Metric) bool { return m.Name == name }) {
				return fmt.Errorf("takes the metrics %s: no %s here", strings.Join(names, ", "), name)
			}
		}
		return nil
	}
}

// overTime: buckets of time first, then at most one dimension that makes
// series; several metrics and several series at once would be unreadable.
func overTime(ms []metric.Metric, by []metric.Dimension) error {
	switch {
	case len(by) == 0 || !bucketed(by[0]):
		return errors.New("takes a dimension of time first, such as time:day")
	case len(by) > 2:
		return fmt.Errorf("takes time and one dimension more, not %d", len(by)-1)
	case len(by) == 2 && by[1].Kind == metric.OfTime:
		return errors.New("takes one dimension of time")
	case len(by) == 2 && len(ms) > 1:
		return errors.New("takes one metric where a second dimension makes the series")
	}
	for _, m := range ms[1:] {
		if m.Unit != ms[0].Unit {
			return fmt.Errorf("takes metrics of one unit: %s is a %s, %s a %s", ms[0].Name, ms[0].Unit, m.Name, m.Unit)
		}
	}
	return nil
}

// changing: what two periods and a country can be compared by.
func changing(ms []metric.Metric, _ []metric.Dimension) error {
	country, _, _ := metric.LookupDimension("visit:country")
	for _, m := range ms {
		if o := m.Stands(metric.Place{Filters: []metric.Filtered{{Dimension: country}}}); o != nil && o.Filter {
			return fmt.Errorf("compares countries: %s", o.Reason.EN)
		}
	}
	return nil
}

// FitsStudy says why rows of a study, laid out by so many dimensions, can't be
// drawn so; nil when they can. Over time the first of them is the year.
func (k Kind) FitsStudy(dims int, overTime bool) error {
	switch k.Name {
	case "grouped":
		if dims == 2 {
			return nil
		}
	case "diverging":
		if dims == 2 && !overTime {
			return nil
		}
	case "line":
		if overTime && dims <= 2 {
			return nil
		}
	case "bars":
		if dims == 1 && !overTime {
			return nil
		}
	case "table":
		return nil
	}
	return fmt.Errorf("can't show a study laid out so")
}

// following: what internal/forecast can continue.
func following(ms []metric.Metric, by []metric.Dimension) error {
	switch {
	case ms[0].Name != "followers":
		return fmt.Errorf("takes the metric followers, not %s", ms[0].Name)
	case len(by) == 2 && by[1].Name != "account:network":
		return fmt.Errorf("takes account:network beside time, not %s", by[1].Name)
	}
	return nil
}

func notTime(_ []metric.Metric, by []metric.Dimension) error {
	if bucketed(by[0]) {
		return errors.New("takes no dimension of time")
	}
	return nil
}

func cycles(_ []metric.Metric, by []metric.Dimension) error {
	if len(by) != 2 || len(by[0].Cycle) == 0 || len(by[1].Cycle) == 0 {
		return errors.New("takes two cycles of time: time:day_of_week and time:hour_of_day")
	}
	return nil
}

// bucketed tells whether a dimension is a line of time, not a cycle. Plain
// "time" is one: its bucket follows from the range.
func bucketed(d metric.Dimension) bool { return d.Kind == metric.OfTime && len(d.Cycle) == 0 }
